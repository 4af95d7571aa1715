// Rates by hand; and, on thousands of random graphs and after each change, against textbook filling
// and against the certificate of max-min fairness.
#include "network/flow/max_min.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "support/slow_max_min.hpp"

namespace hyperdc {
namespace {

using Path = std::vector<LinkId>;

MaxMin::Options attempt(double times) {
  MaxMin::Options options;
  options.attempt = times;
  options.least_attempt = 16;
  return options;
}

constexpr double kAlways = 1e9;  // never give up
constexpr double kNever = 0;     // fill each time

TEST_CASE("flows share a link equally, by weight, and below their caps") {
  for (const double times : {kNever, kAlways}) {
    MaxMin shared({12}, attempt(times));
    shared.add({0}, Path{{0}}, 1, kNoCap_Bps);
    shared.add({1}, Path{{0}}, 1, kNoCap_Bps);
    shared.settle();
    CHECK(shared.rate_Bps({0}) == 6);
    CHECK(shared.rate_Bps({1}) == 6);
    shared.add({2}, Path{{0}}, 2, kNoCap_Bps);
    shared.settle();
    CHECK(shared.rate_Bps({0}) == 3);
    CHECK(shared.rate_Bps({2}) == 6);
    shared.add({3}, Path{{0}}, 1, 2);
    shared.settle();
    CHECK(shared.rate_Bps({3}) == 2);
    CHECK(shared.rate_Bps({0}) == 2.5);
    CHECK(shared.rate_Bps({2}) == 5);
    CHECK(shared.load_Bps({0}) == 12);
    shared.remove({0});
    shared.remove({2});
    shared.settle();
    CHECK(shared.rate_Bps({1}) == 10);
    shared.remove({1});
    shared.settle();
    CHECK(shared.rate_Bps({3}) == 2);
    CHECK(shared.load_Bps({0}) == 2);
    CHECK_FALSE(shared.full({0}));
  }
}

TEST_CASE("a flow held elsewhere leaves the rest to others") {
  for (const double times : {kNever, kAlways}) {
    // Link 0 has three flows, one of which goes on over link 1, which has one more.
    MaxMin row({1, 1, 1}, attempt(times));
    row.add({0}, Path{{0}, {1}}, 1, kNoCap_Bps);
    row.add({1}, Path{{0}}, 1, kNoCap_Bps);
    row.add({2}, Path{{0}}, 1, kNoCap_Bps);
    row.add({3}, Path{{1}, {2}}, 1, kNoCap_Bps);
    row.settle();
    CHECK(row.rate_Bps({0}) == Approx(1.0 / 3).epsilon(1e-15));
    CHECK(row.rate_Bps({3}) == Approx(2.0 / 3).epsilon(1e-15));
    CHECK(row.load_Bps({2}) == Approx(2.0 / 3).epsilon(1e-15));
    row.set_capacity({2}, 0.25);  // flow 3 falls; flow 0 is still held by link 0
    CHECK(row.settle().size() == 1);
    CHECK(row.rate_Bps({3}) == 0.25);
    row.set_capacity({0}, 0);
    CHECK(row.settle().size() == 3);
    CHECK(row.rate_Bps({0}) == 0);
    CHECK(row.rate_Bps({1}) == 0);
    row.set_capacity({0}, 3);  // flow 0 takes the 3/4 that link 1 has left
    row.settle();
    CHECK(row.rate_Bps({0}) == 0.75);
    CHECK(row.rate_Bps({1}) == 1.125);
  }
}

TEST_CASE("a flow that is spread is held by its share of a link") {
  for (const double times : {kNever, kAlways}) {
    // Half of flow 0 on each of links 0 and 1; flow 1 on link 1 alone. Link 1 is full when
    // x0 / 2 + x1 = 6 with x0 = x1: 4 each.
    MaxMin shared({6, 6}, attempt(times));
    const std::vector<LinkShare> halves{{{0}, 0.5}, {{1}, 0.5}};
    shared.add_spread({0}, halves, 1, kNoCap_Bps);
    shared.settle();
    CHECK(shared.rate_Bps({0}) == 12);
    shared.add({1}, Path{{1}}, 1, kNoCap_Bps);
    shared.settle();
    CHECK(shared.rate_Bps({0}) == 4);
    CHECK(shared.rate_Bps({1}) == 4);
    CHECK(shared.load_Bps({0}) == 2);
    CHECK(shared.load_Bps({1}) == 6);
    shared.remove({1});
    shared.set_capacity({0}, 1);
    shared.settle();
    CHECK(shared.rate_Bps({0}) == 2);
    CHECK(shared.load_Bps({1}) == 1);
  }
}

TEST_CASE("only flows whose rate changed are reported, and a few links looked at") {
  // A thousand pairs of links in a row, each pair with its own two flows.
  MaxMin apart(std::vector<double>(2000, 10), attempt(1));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    apart.add({2 * i}, Path{{2 * i}, {2 * i + 1}}, 1, kNoCap_Bps);
    apart.add({2 * i + 1}, Path{{2 * i}}, 1, kNoCap_Bps);
  }
  CHECK(apart.settle().size() == 2000);
  CHECK(apart.settle().empty());
  const std::uint64_t before = apart.counts().evaluations;
  const std::uint64_t filled = apart.counts().filled;
  apart.remove({501});
  const std::span<const FlowId> changed = apart.settle();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0] == FlowId{500});
  CHECK(apart.rate_Bps({500}) == 10);
  CHECK(apart.counts().evaluations - before <= 4);
  CHECK(apart.counts().filled == filled);
}

TEST_CASE("changes of a sharing that cannot be are refused") {
  MaxMin solver({1, 1}, attempt(1));
  CHECK_THROWS_AS(solver.add({0}, Path{}, 1, 1), InvariantError);
  CHECK_THROWS_AS(solver.add({0}, Path{{0}}, 0, 1), InvariantError);
  CHECK_THROWS_AS(solver.add({0}, Path{{0}}, 1, 0), InvariantError);
  CHECK_THROWS_AS(solver.remove({0}), InvariantError);
  CHECK_THROWS_AS(solver.set_capacity({0}, -1), InvariantError);
  solver.add({0}, Path{{0}}, 1, 1);
  CHECK_THROWS_AS(solver.add({0}, Path{{0}}, 1, 1), InvariantError);
  const std::vector<LinkShare> more{{{0}, 1.5}};
  CHECK_THROWS_AS(solver.add_spread({1}, more, 1, 1), InvariantError);
}

/// A random graph that changes: flows come and go, capacities move.
class Churn {
 public:
  struct Shape {
    std::uint32_t links;
    std::uint32_t longest;  // path
    std::uint32_t flows;    // about as many at a time
    bool ties;              // capacities, weights and caps of few whole values
    bool chain;             // paths are stretches of a row of links
    bool spread = false;    // of half of the flows only shares cross each link
  };

  Churn(std::uint64_t seed, const Shape& shape) : chance_(seed, "churn"), shape_(shape) {
    for (std::uint32_t l = 0; l < shape.links; ++l) capacity_Bps.push_back(capacity());
  }

  /// One change, told to each of `solvers`.
  void change(std::span<MaxMin*> solvers) {
    const double kind = uniform();
    if (kind < 0.1) {
      const std::uint32_t link = below(shape_.links);
      capacity_Bps[link] = uniform() < 0.3 ? 0 : capacity();
      for (MaxMin* solver : solvers) solver->set_capacity({link}, capacity_Bps[link]);
    } else if (!live.empty() &&
               kind < 0.1 + 0.9 * static_cast<double>(live.size()) / (2.0 * shape_.flows)) {
      auto it = live.begin();
      std::advance(it, below(static_cast<std::uint32_t>(live.size())));
      for (MaxMin* solver : solvers) solver->remove({it->first});
      free_.push_back(it->first);
      live.erase(it);
    } else {
      arrive(solvers);
    }
  }

  std::vector<SlowFlow> flows() const {
    std::vector<SlowFlow> all;
    for (const auto& [id, flow] : live) all.push_back(flow);
    return all;
  }

  std::vector<double> capacity_Bps;
  std::map<std::uint32_t, SlowFlow> live;

 private:
  double uniform() { return chance_.uniform(draw_++); }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(chance_.below(n, draw_++));
  }
  double capacity() { return shape_.ties ? 1 + below(3) : std::exp(6 * uniform()); }

  void arrive(std::span<MaxMin*> solvers) {
    SlowFlow flow;
    const std::uint32_t length = 1 + below(std::min(shape_.longest, shape_.links));
    if (shape_.chain) {
      const std::uint32_t first = below(shape_.links - length + 1);
      for (std::uint32_t i = 0; i < length; ++i) flow.path.push_back(first + i);
    } else {
      std::set<std::uint32_t> links;
      while (links.size() < length) links.insert(below(shape_.links));
      flow.path.assign(links.begin(), links.end());
      if (uniform() < 0.5) std::reverse(flow.path.begin(), flow.path.end());
    }
    flow.weight = uniform() < 0.5 ? 1 : shape_.ties ? 1 + below(3) : std::exp(4 * uniform() - 2);
    flow.cap_Bps = uniform() < 0.6 ? kNoCap_Bps : shape_.ties ? 0.5 * (1 + below(4)) : capacity();
    std::uint32_t id = static_cast<std::uint32_t>(live.size() + free_.size());
    if (!free_.empty()) {
      id = free_.back();
      free_.pop_back();
    }
    if (shape_.spread && uniform() < 0.5) {
      arrive_spread(solvers, id, flow);
    } else {
      Path path;
      for (const std::uint32_t l : flow.path) path.push_back({l});
      for (MaxMin* solver : solvers) solver->add({id}, path, flow.weight, flow.cap_Bps);
    }
    live[id] = flow;
  }

  void arrive_spread(std::span<MaxMin*> solvers, std::uint32_t id, SlowFlow& flow) {
    std::vector<LinkShare> links;
    for (const std::uint32_t l : flow.path) {
      const double share = shape_.ties ? 1.0 / (1 + below(4)) : 0.01 + 0.99 * uniform();
      links.push_back({{l}, share});
      flow.shares.push_back(share);
    }
    for (MaxMin* solver : solvers) solver->add_spread({id}, links, flow.weight, flow.cap_Bps);
  }

  RandomStream chance_;
  Shape shape_;
  std::uint64_t draw_ = 0;
  std::vector<std::uint32_t> free_;
};

/// Rates as told by settle(): a change that is not reported is an error here.
struct Told {
  MaxMin* solver;
  std::map<std::uint32_t, double> rate;

  void settle() {
    for (const FlowId flow : solver->settle()) rate[flow.value] = solver->rate_Bps(flow);
  }
};

void compare(const Churn& churn, const std::vector<double>& right, Told& told) {
  std::vector<double> rates;
  std::vector<double> load(churn.capacity_Bps.size(), 0);
  for (const auto& [id, flow] : churn.live) {
    rates.push_back(told.rate.at(id));
    REQUIRE(told.solver->rate_Bps({id}) == told.rate.at(id));
    for (std::size_t i = 0; i < flow.path.size(); ++i) {
      load[flow.path[i]] += rates.back() * flow.share(i);
    }
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    REQUIRE(std::fabs(rates[i] - right[i]) <= 1e-9 * right[i]);
  }
  REQUIRE(not_max_min(churn.capacity_Bps, churn.flows(), rates, 1e-9).empty());
  for (std::uint32_t l = 0; l < load.size(); ++l) {
    REQUIRE(std::fabs(told.solver->load_Bps({l}) - load[l]) <= 1e-9 * churn.capacity_Bps[l]);
  }
}

/// Returns how often the bounded attempt was given up.
std::uint64_t churn_and_compare(std::uint64_t seed, const Churn::Shape& shape, int changes) {
  Churn churn(seed, shape);
  MaxMin always(churn.capacity_Bps, attempt(kAlways));
  MaxMin never(churn.capacity_Bps, attempt(kNever));
  MaxMin bounded(churn.capacity_Bps, attempt(0.3));
  std::vector<MaxMin*> solvers{&always, &never, &bounded};
  std::vector<Told> told{{&always, {}}, {&never, {}}, {&bounded, {}}};
  for (int i = 0; i < changes; ++i) {
    CAPTURE(seed, i);
    // Now and then several changes are settled together.
    for (int together = i % 7 == 6 ? 4 : 1; together > 0; --together) churn.change(solvers);
    const std::vector<double> right = slow_max_min(churn.capacity_Bps, churn.flows());
    for (Told& one : told) {
      one.settle();
      compare(churn, right, one);
    }
  }
  CHECK(always.counts().filled == 0);
  CHECK(never.counts().evaluations == 0);
  return bounded.counts().filled;
}

TEST_CASE("rates are those of textbook filling on random graphs, after each change") {
  for (std::uint64_t seed = 0; seed < 2400; ++seed) {
    const auto links = static_cast<std::uint32_t>(1 + seed % 12);
    const auto flows = static_cast<std::uint32_t>(1 + seed % 17);
    churn_and_compare(seed, {links, 6, flows, seed % 2 == 0, false}, 30);
  }
}

TEST_CASE("and where only shares of flows cross links") {
  for (std::uint64_t seed = 3000; seed < 3500; ++seed) {
    const auto links = static_cast<std::uint32_t>(1 + seed % 12);
    const auto flows = static_cast<std::uint32_t>(1 + seed % 17);
    churn_and_compare(seed, {links, 12, flows, seed % 2 == 0, false, true}, 30);
  }
  churn_and_compare(4200, {40, 30, 200, true, false, true}, 20);
  churn_and_compare(4201, {40, 30, 200, false, false, true}, 20);
}

TEST_CASE("and on long chains, where one change may reach the other end") {
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) {
    churn_and_compare(seed, {24, 5, 30, seed % 2 == 0, true}, 25);
  }
}

TEST_CASE("and on larger graphs, where the attempt is given up") {
  std::uint64_t given_up = 0;
  for (std::uint64_t seed = 2000; seed < 2006; ++seed) {
    given_up += churn_and_compare(seed, {40, 6, 200, seed % 2 == 0, false}, 20);
  }
  CHECK(given_up > 10);
}

TEST_CASE("attempts that fail get shorter, and a long one is made now and then") {
  // Each pair of neighbours on the chain shares flows: a change at one end reaches the other.
  Churn churn(1, {60, 3, 3000, false, true});
  MaxMin solver(churn.capacity_Bps, attempt(0.5));
  std::vector<MaxMin*> one{&solver};
  for (int i = 0; i < 3000; ++i) churn.change(one);
  std::uint64_t least = ~std::uint64_t{0};
  std::uint64_t most = 0;
  for (int i = 0; i < 100; ++i) {
    churn.change(one);
    const MaxMin::Counts before = solver.counts();
    solver.settle();
    if (solver.counts().filled == before.filled) continue;
    const std::uint64_t looked = solver.counts().evaluations - before.evaluations;
    least = std::min(least, looked);
    most = std::max(most, looked);
  }
  CHECK(solver.counts().filled > 20);
  CHECK(most > 4 * least);
}

struct Drift {
  double mean = 0;      // error of a rate, relative
  double largest = 0;   // the same
  double overload = 0;  // largest load over capacity, less 1
};

/// Of a solver that leaves alone what moves by less than 0.1 %, and never fills.
Drift drift_of_approximate(std::uint64_t seed, const Churn::Shape& shape) {
  Churn churn(seed, shape);
  MaxMin::Options options = attempt(kAlways);
  options.tolerance = 1e-3;
  MaxMin nearly(churn.capacity_Bps, options);
  std::vector<MaxMin*> one{&nearly};
  for (std::uint32_t i = 0; i < 2 * shape.flows; ++i) churn.change(one);
  Drift drift;
  double rates = 0;
  for (int i = 0; i < 300; ++i) {
    churn.change(one);
    nearly.settle();
    if (i % 10 != 0) continue;
    const std::vector<double> right = slow_max_min(churn.capacity_Bps, churn.flows());
    std::vector<double> load(churn.capacity_Bps.size(), 0);
    std::size_t at = 0;
    for (const auto& [id, flow] : churn.live) {
      const double rate = nearly.rate_Bps({id});
      for (const std::uint32_t l : flow.path) load[l] += rate;
      if (right[at] > 0) {
        const double off = std::fabs(rate / right[at] - 1);
        drift.mean += off;
        drift.largest = std::max(drift.largest, off);
        ++rates;
      }
      ++at;
    }
    for (std::size_t l = 0; l < load.size(); ++l) {
      if (churn.capacity_Bps[l] == 0) continue;
      drift.overload = std::max(drift.overload, load[l] / churn.capacity_Bps[l] - 1);
    }
  }
  drift.mean /= rates;
  return drift;
}

TEST_CASE("with a tolerance of 0.1 % rates are near and links nearly keep to their capacity") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Drift drift = drift_of_approximate(seed, {40, 6, 120, false, false});
    CAPTURE(seed, drift.mean, drift.largest, drift.overload);
    CHECK(drift.mean < 2e-4);
    CHECK(drift.largest < 1e-2);
    CHECK(drift.largest > 1e-6);
    CHECK(drift.overload < 1.1e-3);
  }
}

TEST_CASE("the certificate finds rates that are not max-min") {
  const std::vector<double> capacity{2, 1};
  const std::vector<SlowFlow> flows{{{0}, 1, kNoCap_Bps}, {{0, 1}, 1, kNoCap_Bps}};
  CHECK(not_max_min(capacity, flows, {1, 1}, 1e-9).empty());
  CHECK(not_max_min(capacity, flows, {1, 0.9}, 1e-9) == "flow 0 could have more");
  CHECK(not_max_min(capacity, flows, {1.2, 0.8}, 1e-9) == "flow 1 could have more");
  CHECK_FALSE(not_max_min(capacity, flows, {1.2, 1}, 1e-9).empty());
}

TEST_CASE("the same changes give the same bits, whatever happened to the memory before") {
  const Churn::Shape shape{20, 5, 40, false, false};
  Churn one(7, shape);
  Churn two(7, shape);
  MaxMin first(one.capacity_Bps, attempt(1));
  MaxMin second(two.capacity_Bps, attempt(1));
  std::vector<MaxMin*> a{&first};
  std::vector<MaxMin*> b{&second};
  for (int i = 0; i < 300; ++i) {
    one.change(a);
    two.change(b);
    const std::vector<int> hole(static_cast<std::size_t>(i) * 13 + 1);
    const std::span<const FlowId> left = first.settle();
    const std::span<const FlowId> right = second.settle();
    REQUIRE(std::equal(left.begin(), left.end(), right.begin(), right.end()));
    for (const FlowId flow : left) REQUIRE(first.rate_Bps(flow) == second.rate_Bps(flow));
  }
}

}  // namespace
}  // namespace hyperdc
