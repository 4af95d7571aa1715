// Checkers: laws that hold at the end of every run, in release too. Each compares two accounts
// that were kept apart. A broken one stops the run; it never becomes a number.
#pragma once

#include <string>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

struct CheckOutcome {
  std::string name;  // "jobs workloads.batch"
  std::string text;  // both sides, for people
  double error = 0;  // relative
};

/// Throws InvariantError naming every law that is broken.
std::vector<CheckOutcome> run_checkers(const World& world, SimTime end);

}  // namespace hyperdc
