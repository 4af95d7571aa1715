// What flows would get that ask for all: by hand, and by the definition on random instances.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "core/rng.hpp"
#include "network/flow/constant.hpp"
#include "network/flow/max_min.hpp"
#include "support/slow_max_min.hpp"

namespace hyperdc {
namespace {

using Path = std::vector<LinkId>;

TEST_CASE("a flow that asks for all leaves others what they want, or an equal share", "[greedy]") {
  MaxMin shared({12, 100}, {});
  shared.add({0}, Path{{0}}, 1, 1);
  shared.add({1}, Path{{0}, {1}}, 1, 2);
  shared.add({2}, Path{{0}}, 1, 3);
  shared.settle();
  const std::vector<FlowId> all{{0}, {1}, {2}};
  // 12 less 2 and 3; less 1 and 3; less 1 and 2.
  CHECK(shared.greedy_Bps(all) == std::vector<double>{7, 8, 9});
  shared.add({3}, Path{{0}}, 1, kNoCap_Bps);
  shared.settle();
  // The fourth has 6 and would have had all: 5 or 4 or 4.5 for both.
  CHECK(shared.greedy_Bps(all) == std::vector<double>{3.5, 4, 4.5});
  CHECK(shared.greedy_Bps(std::vector<FlowId>{{3}}) == std::vector<double>{6});
  CHECK(shared.greedy_Bps({}).empty());
}

TEST_CASE("flows that do not share get what their links carry", "[greedy]") {
  ConstantRates apart({12, 5});
  apart.add({0}, Path{{0}}, 1, 1);
  apart.add({1}, Path{{0}, {1}}, 1, 2);
  apart.settle();
  CHECK(apart.greedy_Bps(std::vector<FlowId>{{1}, {0}}) == std::vector<double>{5, 12});
}

/// By the definition, from rates by slow filling: levels of full links, what others may have
/// elsewhere, and then one after the other.
std::vector<double> slow_greedy(const std::vector<double>& capacity_Bps,
                                const std::vector<SlowFlow>& flows) {
  const std::vector<double> rate = slow_max_min(capacity_Bps, flows);
  std::vector<double> load(capacity_Bps.size(), 0);
  std::vector<double> level(capacity_Bps.size(), 0);
  for (std::size_t f = 0; f < flows.size(); ++f) {
    for (std::size_t i = 0; i < flows[f].path.size(); ++i) {
      load[flows[f].path[i]] += rate[f] * flows[f].share(i);
      level[flows[f].path[i]] = std::max(level[flows[f].path[i]], rate[f] / flows[f].weight);
    }
  }
  for (std::size_t l = 0; l < load.size(); ++l) {
    if (load[l] < capacity_Bps[l] * (1 - 1e-9)) level[l] = kNoCap_Bps;
  }
  const auto elsewhere = [&](const SlowFlow& flow, std::uint32_t link) {
    double most = flow.cap_Bps / flow.weight;
    for (const std::uint32_t other : flow.path) {
      if (other != link) most = std::min(most, level[other]);
    }
    return most;
  };
  std::vector<double> greedy;
  for (std::size_t f = 0; f < flows.size(); ++f) {
    double least = kNoCap_Bps;
    for (std::size_t i = 0; i < flows[f].path.size(); ++i) {
      const std::uint32_t link = flows[f].path[i];
      std::vector<std::pair<double, double>> others;
      double weights = flows[f].weight * flows[f].share(i);
      for (std::size_t g = 0; g < flows.size(); ++g) {
        for (std::size_t j = 0; g != f && j < flows[g].path.size(); ++j) {
          if (flows[g].path[j] != link) continue;
          others.emplace_back(elsewhere(flows[g], link), flows[g].weight * flows[g].share(j));
          weights += others.back().second;
        }
      }
      std::sort(others.begin(), others.end());
      double spare = capacity_Bps[link];
      for (const auto& [wants, weight] : others) {
        if (wants >= spare / weights) break;
        spare -= wants * weight;
        weights -= weight;
      }
      least = std::min(least, spare / weights * flows[f].weight);
    }
    greedy.push_back(least);
  }
  return greedy;
}

SlowFlow random_flow(const RandomStream& draws, std::uint64_t key, std::uint32_t links) {
  SlowFlow flow;
  std::uint64_t attribute = 0;
  const bool spread = draws.uniform(key, attribute++) < 0.3;
  for (std::uint32_t l = 0; l < links; ++l) {
    if (draws.uniform(key, attribute++) > 0.4) continue;
    flow.path.push_back(l);
    if (spread) flow.shares.push_back(0.1 + 0.9 * draws.uniform(key, attribute++));
  }
  if (flow.path.empty()) {
    flow.path.push_back(0);
    if (spread) flow.shares.push_back(0.5);
  }
  flow.weight = draws.uniform(key, attribute++) < 0.5 ? 1 : 0.1 + draws.uniform(key, attribute++);
  const bool capped = draws.uniform(key, attribute++) < 0.6;
  flow.cap_Bps = capped ? 20 * draws.uniform(key, attribute++) + 0.01 : kNoCap_Bps;
  return flow;
}

TEST_CASE("the shares of many flows at once are those of the definition", "[greedy]") {
  const RandomStream draws(7, "greedy");
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const auto links = 1 + static_cast<std::uint32_t>(draws.below(6, round, 1));
    const auto number = 1 + static_cast<std::uint32_t>(draws.below(25, round, 2));
    std::vector<double> capacities;
    for (std::uint32_t l = 0; l < links; ++l) {
      capacities.push_back(1 + 100 * draws.uniform(round, 10 + l));
    }
    std::vector<SlowFlow> flows;
    MaxMin shared(capacities, {});
    std::vector<FlowId> asked;
    for (std::uint32_t f = 0; f < number; ++f) {
      flows.push_back(random_flow(draws, round * 100 + f + (std::uint64_t{1} << 40), links));
      const SlowFlow& flow = flows.back();
      std::vector<LinkShare> shares;
      for (std::size_t i = 0; i < flow.path.size(); ++i) {
        shares.push_back({{flow.path[i]}, flow.share(i)});
      }
      shared.add_spread({f}, shares, flow.weight, flow.cap_Bps);
      if (draws.uniform(round, 100 + f) < 0.7) asked.push_back({f});
    }
    shared.settle();
    const std::vector<double> expected = slow_greedy(capacities, flows);
    const std::vector<double> got = shared.greedy_Bps(asked);
    REQUIRE(got.size() == asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      INFO("round " << round << ", flow " << asked[i].value);
      REQUIRE(got[i] == Approx(expected[asked[i].value]).epsilon(1e-9));
      REQUIRE(got[i] >= shared.rate_Bps(asked[i]) * (1 - 1e-9));
    }
  }
}

}  // namespace
}  // namespace hyperdc
