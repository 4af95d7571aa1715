// ChoiceProgram: one choice for each item, the least sum of costs, and no more of any resource than
// there is (a multiple-choice knapsack over several resources).
//
// Computes: minimise sum c(i, x_i) with sum of amounts of each resource <= its capacity.
//   bound   the Lagrangian dual: prices of resources by subgradient steps (Polyak); the best plan
//           that rounding the choices at those prices, and moves of one item, came upon is kept
//   fixing  a choice whose reduced cost reaches from the bound to that plan is in no better one
//   exact   what is left, item by item: of states that use the same amounts the cheapest is kept,
//           and none whose reduced costs reach the plan
// `gap`, of the cost, may be left between plan and bound; 0: an optimum. More than `states` states
// of an item are cut to the cheapest, and the bound says what that may have lost.
// Source: Lagrangian relaxation and variable fixing (Fisher 1981); dynamic programming over states
// that do not dominate each other (Weingartner and Ness 1967).
// Cost: O(passes x choices), and O(states x choices left); states are at most the product of the
// capacities + 1. Valid: each item has a choice that takes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hyperdc {

struct Choice {
  double cost = 0;
  std::uint32_t resource = 0, amount = 0;
};

struct ChoiceProgram {
  std::vector<std::uint32_t> capacity;     // by resource
  std::vector<std::vector<Choice>> items;  // choices of each
  double gap = 0;                          // of the cost
  std::size_t states = 100'000;            // at most, of an item
};

struct ChoicePlan {
  std::vector<std::size_t> chosen;  // by item
  double cost = 0;
  double bound = 0;  // no plan costs less
};

ChoicePlan solve(const ChoiceProgram& program);

}  // namespace hyperdc
