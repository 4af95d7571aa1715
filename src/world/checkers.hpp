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

/// Sums of doubles agree to rounding; integer accounts agree exactly.
inline constexpr double kRoundingTolerance = 1e-9;
/// Of the larger of both.
double relative_error(double a, double b);

/// Throws InvariantError naming every law that is broken.
std::vector<CheckOutcome> run_checkers(const World& world, SimTime end);

}  // namespace hyperdc
