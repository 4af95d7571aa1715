#include "core/choice_program.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

bool choices_fit(const ChoiceProgram& program, const std::vector<std::size_t>& plan) {
  std::vector<std::uint64_t> used(program.capacity.size(), 0);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    used[program.items[i][plan[i]].resource] += program.items[i][plan[i]].amount;
  }
  for (std::size_t r = 0; r < used.size(); ++r) {
    if (used[r] > program.capacity[r]) return false;
  }
  return true;
}

double choices_cost(const ChoiceProgram& program, const std::vector<std::size_t>& plan) {
  double sum = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) sum += program.items[i][plan[i]].cost;
  return sum;
}

double by_trying_all(const ChoiceProgram& program) {
  std::vector<std::size_t> plan(program.items.size(), 0);
  double best = 1e300;
  const std::function<void(std::size_t)> from = [&](std::size_t i) {
    if (i == plan.size()) {
      if (choices_fit(program, plan)) best = std::min(best, choices_cost(program, plan));
      return;
    }
    for (plan[i] = 0; plan[i] < program.items[i].size(); ++plan[i]) from(i + 1);
  };
  from(0);
  return best;
}

/// Items of up to `choices`, that cost less the more they take.
ChoiceProgram random_choices(std::uint64_t seed, std::size_t items, std::uint64_t choices) {
  const RandomStream chance(seed, "choices");
  ChoiceProgram out;
  const auto draw = [&](std::uint64_t n, std::uint64_t a, std::uint64_t b) {
    return chance.below(n, a, b);
  };
  const std::uint64_t resources = 1 + draw(3, 1000, 0);
  for (std::uint64_t r = 0; r < resources; ++r) {
    out.capacity.push_back(static_cast<std::uint32_t>(draw(2 * items, 1001, r)));
  }
  for (std::uint64_t i = 0; i < items; ++i) {
    auto& item = out.items.emplace_back();
    item.push_back({1.1, 0, 0});
    for (std::uint64_t c = draw(choices, i, 0); c > 0; --c) {
      const auto amount = static_cast<std::uint32_t>(1 + draw(6, i, 3 * c + 1));
      const double cost = static_cast<double>(draw(1000, i, 3 * c + 2)) / 1000 - 0.2 * amount;
      item.push_back({cost, static_cast<std::uint32_t>(draw(resources, i, 3 * c + 3)), amount});
    }
  }
  return out;
}

TEST_CASE("choices cost the least that there is, as trying all shows") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    ChoiceProgram program = random_choices(seed, 1 + seed % 6, 5);
    const double least = by_trying_all(program);
    const ChoicePlan plan = solve(program);
    REQUIRE(choices_fit(program, plan.chosen));
    CHECK(plan.cost == Approx(choices_cost(program, plan.chosen)));
    CHECK(plan.cost == Approx(least).margin(1e-8));
    CHECK(plan.bound == Approx(least).margin(1e-8));
    program.gap = 0.05;
    const ChoicePlan near = solve(program);
    CHECK(choices_fit(program, near.chosen));
    CHECK(near.bound <= least + 1e-8);
    CHECK(near.cost - near.bound <= 0.05 * std::max(1.0, std::abs(near.cost)) + 1e-8);
  }
}

TEST_CASE("a search that is cut short says what it may have lost") {
  std::size_t cut = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    ChoiceProgram program = random_choices(seed, 60, 12);
    const ChoicePlan whole = solve(program);
    program.states = 1;
    const ChoicePlan plan = solve(program);
    CHECK(choices_fit(program, plan.chosen));
    CHECK(plan.bound <= whole.cost + 1e-8);
    CHECK(plan.cost >= whole.cost - 1e-8);
    CHECK(whole.cost - whole.bound <= 1e-8 * std::abs(whole.cost));
    cut += plan.bound < plan.cost - 1e-6 ? 1 : 0;
  }
  CHECK(cut > 0);
}

}  // namespace
}  // namespace hyperdc
