// The laws of a run as they are checked, one after the other, and those of money and energy.
#pragma once

#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "world/checkers.hpp"

namespace hyperdc {

struct LawBook {
  std::vector<CheckOutcome> outcomes;
  std::string broken;

  void note(std::string name, std::string text, double error, bool holds) {
    if (!holds) broken += fmt::format("{}{}: {}", broken.empty() ? "" : "; ", name, text);
    outcomes.push_back({std::move(name), std::move(text), error});
  }
};

/// Energy and carbon as they were booked.
void check_energy_books(const World& world, LawBook& book);
/// Growth plans, markets and buyers.
void check_plans(const World& world, LawBook& book);

}  // namespace hyperdc
