// Plans on a fabric that is otherwise idle take the time of the closed form; bytes by law.
#include <catch2/catch.hpp>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/levels.hpp"
#include "ai/collective/plan.hpp"
#include "ai/collective/trees.hpp"
#include "network/topology/clos.hpp"
#include "support/collective_topologies.hpp"
#include "support/run_plan.hpp"

namespace hyperdc {
namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;
using LevelList = std::vector<CollectiveLevel>;

constexpr double kRate_Bps = 50e9;

/// One big switch.
std::shared_ptr<const Topology> star(std::uint32_t hosts) {
  ClosSpec spec;
  spec.leaves = 1;
  spec.hosts = hosts;
  spec.spines = 1;
  spec.host = {kRate_Bps, {100}};
  spec.leaf = {kRate_Bps, {100}};
  return std::make_shared<Clos>(spec);
}

/// One switch above racks, with `above` times the bandwidth of their hosts.
std::shared_ptr<const Topology> racks(std::uint32_t leaves, std::uint32_t hosts, double above) {
  ClosSpec spec;
  spec.leaves = leaves;
  spec.hosts = hosts;
  spec.spines = 1;
  spec.host = {kRate_Bps, {100}};
  spec.leaf = {kRate_Bps * hosts * above, {300}};
  return std::make_shared<Clos>(spec);
}

LevelList torus_levels(std::initializer_list<std::uint32_t> dims) {
  LevelList levels;
  for (const std::uint32_t d : dims) {
    CollectiveLevel level;
    level.kind = LevelKind::torus;
    level.ranks = d;
    level.bandwidth_Bps = 2 * kRate_Bps;
    level.alpha = {700};
    levels.push_back(level);
  }
  return levels;
}

LevelList found_levels(const Topology& topology) {
  return std::get<0>(levels_of(topology, test::first_endpoints(topology.hosts()), {1000}));
}

/// Every operation and algorithm that runs on the levels; returns how many.
int agree(const std::shared_ptr<const Topology>& topology, const LevelList& levels) {
  const std::uint64_t n = collective_ranks(levels);
  const std::vector<EndpointId> ranks = test::first_endpoints(n);
  int compared = 0;
  for (const Op op : kCollectiveOps) {
    for (const Algorithm algorithm : kCollectiveAlgorithms) {
      if (!collective_problem(op, algorithm, levels).empty()) continue;
      for (const std::uint64_t bytes :
           {std::uint64_t{0}, std::uint64_t{999'983}, std::uint64_t{1} << 30}) {
        const CollectivePlan plan(op, algorithm, bytes, levels);
        SharedFabric fabric(topology, {});
        const Duration flows = test::run_plan(plan, fabric, ranks).time;
        const Duration form = closed_form(op, algorithm, bytes, levels).time;
        CAPTURE(name(op), name(algorithm), bytes, n, flows.ns, form.ns);
        const double allowed_ns =
            1e-9 * static_cast<double>(form.ns) + static_cast<double>(plan.phases());
        CHECK(std::abs(static_cast<double>((flows - form).ns)) <= allowed_ns);
        ++compared;
      }
    }
  }
  return compared;
}

TEST_CASE("plans take the time of the closed form: one switch") {
  for (const std::uint32_t n : {2U, 3U, 4U, 5U, 6U, 7U, 8U, 13U, 16U}) {
    LevelList levels = found_levels(*star(n));
    REQUIRE(levels.size() == 1);
    levels[0].reduction_Bps = 0.7 * kRate_Bps;
    CHECK(agree(star(n), levels) >= 3 * 17);
  }
}

TEST_CASE("plans take the time of the closed form: racks that are not oversubscribed") {
  const LevelList levels = found_levels(*racks(4, 4, 1));
  REQUIRE(levels.size() == 2);
  CHECK(agree(racks(4, 4, 1), levels) == 3 * 12);
  CHECK(agree(racks(3, 5, 1), found_levels(*racks(3, 5, 1))) == 3 * 9);
}

TEST_CASE("plans take the time of the closed form: racks oversubscribed 4 to 1") {
  const LevelList levels = found_levels(*racks(4, 8, 0.25));
  REQUIRE(levels.size() == 2);
  CHECK(levels[1].bandwidth_Bps == Approx(kRate_Bps / 4));
  CHECK(agree(racks(4, 8, 0.25), levels) == 3 * 12);
}

TEST_CASE("plans take the time of the closed form: islands with NICs") {
  for (const auto& [islands, ranks] : {std::pair{2U, 2U}, {2U, 8U}, {3U, 4U}, {5U, 2U}, {4U, 8U}}) {
    const auto topology =
        std::make_shared<test::Islands>(test::IslandSpec{islands, ranks, 400e9, kRate_Bps});
    LevelList levels = found_levels(*topology);
    REQUIRE(levels.size() == 2);
    CHECK(levels[1].own_port);
    levels[0].reduction_Bps = 250e9;
    CHECK(agree(topology, levels) >= 3 * 15);
    levels[1].reduction_Bps = 40e9;
    CHECK(agree(topology, levels) >= 3 * 15);
  }
}

TEST_CASE("plans take the time of the closed form: tori") {
  CHECK(agree(std::make_shared<test::SmallTorus>(std::vector{7U}, kRate_Bps), torus_levels({7})) ==
        12);
  CHECK(agree(std::make_shared<test::SmallTorus>(std::vector{4U, 6U}, kRate_Bps),
              torus_levels({4, 6})) == 12);
  CHECK(agree(std::make_shared<test::SmallTorus>(std::vector{4U, 4U, 4U}, kRate_Bps),
              torus_levels({4, 4, 4})) == 12);
}

TEST_CASE("a ring as one phase takes as long as its 2(n-1) steps one by one") {
  constexpr std::uint64_t kPart = 1'000'000;
  const std::uint32_t n = 6;
  LevelList levels = found_levels(*star(n));
  levels[0].alpha = {};
  SharedFabric together(star(n), {});
  const CollectivePlan plan(Op::all_reduce, Algorithm::ring, n * kPart, levels);
  const Duration time = test::run_plan(plan, together, test::first_endpoints(n)).time;
  SharedFabric apart(star(n), {});
  SimTime now;
  for (std::uint32_t step = 0; step < 2 * (n - 1); ++step) {
    for (std::uint32_t r = 0; r < n; ++r) {
      FlowSpec flow;
      flow.from = {r};
      flow.to = {(r + 1) % n};
      flow.bytes = kPart;
      apart.start(flow, now);
    }
    while (const auto next = apart.next_end()) apart.advance(now = next->at);
  }
  CHECK(time == now - SimTime{});
}

TEST_CASE("flow by flow the bytes of an all-to-all on a torus load no link more than the plan") {
  // Each pair for itself by dimension order, the two ways around a ring of even size by turns.
  const std::vector<std::uint32_t> dims = {4, 5};
  const test::SmallTorus torus(dims, kRate_Bps);
  const std::uint64_t bytes = 20 * 20'000;  // 20 kB a pair
  const CollectivePlan plan(Op::all_to_all, Algorithm::torus, bytes, torus_levels({4, 5}));
  std::vector<CollectiveFlow> flows;
  plan.write(0, flows);
  std::uint64_t planned = 0;
  for (const CollectiveFlow& flow : flows) planned += flow.bytes;
  std::uint64_t hops = 0;
  LinkPath path;
  for (std::uint32_t a = 0; a < 20; ++a) {
    for (std::uint32_t b = 0; b < 20; ++b) {
      torus.path({a}, {b}, 0, path);
      hops += path.links().size();
    }
  }
  CHECK(planned == hops * 20'000);
}

TEST_CASE("the slowest link of a ring decides, and other traffic") {
  const auto topology = star(4);
  const LevelList levels = found_levels(*topology);
  const CollectivePlan plan(Op::all_reduce, Algorithm::ring, 4'000'000, levels);
  const Duration alpha = plan.latency(0);
  SharedFabric slow(topology, {});
  slow.set_capacity({2}, 0.25, {});  // the port of rank 2
  const Duration time = test::run_plan(plan, slow, test::first_endpoints(4)).time;
  CHECK(time - alpha == Duration{4 * 120'000});  // 6 MB at 12.5 GB/s
  SharedFabric busy(topology, {});
  FlowSpec other;
  other.from = {1};
  other.to = {3};
  other.bytes = 3'000'000;
  busy.start(other, {});
  // Shares the port of rank 1 until it has sent 3 MB: 6 + 3 MB at 50 GB/s.
  CHECK(test::run_plan(plan, busy, test::first_endpoints(4)).time - alpha == Duration{180'000});
}

TEST_CASE("bytes by law") {
  const std::uint64_t bytes = 16 * 3 * 5 * 1'000;
  const LevelList flat = found_levels(*star(16));
  const LevelList two = found_levels(test::Islands({4, 4, 400e9, kRate_Bps}));
  const auto each = [&](Op op, Algorithm algorithm, const LevelList& levels) {
    const auto topology =
        levels.size() == 1
            ? star(16)
            : std::make_shared<test::Islands>(test::IslandSpec{4, 4, 400e9, kRate_Bps});
    SharedFabric fabric(topology, {});
    const test::PlanRun run = test::run_plan(CollectivePlan(op, algorithm, bytes, levels), fabric,
                                             test::first_endpoints(16));
    CHECK(fabric.bytes().delivered == std::accumulate(run.sent.begin(), run.sent.end(), 0ULL));
    CHECK(run.sent == run.received);
    CHECK(std::count(run.sent.begin(), run.sent.end(), run.sent[0]) == 16);
    return run.sent[0];
  };
  const std::uint64_t part = bytes / 16;
  CHECK(each(Op::all_reduce, Algorithm::ring, flat) == 30 * part);
  CHECK(each(Op::reduce_scatter, Algorithm::ring, flat) == 15 * part);
  CHECK(each(Op::all_reduce, Algorithm::halving_doubling, flat) == 30 * part);
  CHECK(each(Op::all_gather, Algorithm::halving_doubling, flat) == 15 * part);
  CHECK(each(Op::all_to_all, Algorithm::pairwise, flat) == 15 * part);
  CHECK(each(Op::all_to_all, Algorithm::direct, flat) == 15 * part);
  // 2 * 3/4 S within, 2 * 3/4 S/4 across.
  CHECK(each(Op::all_reduce, Algorithm::hierarchical, two) == 24 * part + 6 * part);
  CHECK(each(Op::all_reduce, Algorithm::rail_aligned, two) == 30 * part + 30 * part / 4);
  CHECK(each(Op::all_to_all, Algorithm::rail_aligned, two) == 12 * part + 12 * part);
}

TEST_CASE("two trees: every place once, ceil(log2 n) hops, children in one tree only") {
  for (std::uint64_t n = 2; n <= 300; ++n) {
    for (const std::uint32_t which : {0U, 1U}) {
      std::vector<std::uint64_t> parent(n, n);
      trees::for_each_edge(n, [&](std::uint64_t up, std::uint64_t down, std::uint32_t tree) {
        if (tree != which) return;
        REQUIRE(parent[down] == n);  // has no other
        parent[down] = up;
      });
      std::uint32_t depth = 0;
      for (std::uint64_t p = 1; p < n; ++p) {
        std::uint32_t hops = 0;
        for (std::uint64_t at = p; at != 0; at = parent[at], ++hops) REQUIRE(hops < n);
        depth = std::max(depth, hops);
      }
      std::uint32_t log2 = 0;
      while ((std::uint64_t{1} << log2) < n) ++log2;
      CHECK(depth == log2);
    }
    std::vector<std::uint32_t> ends(n);  // edges of a place in both trees
    std::vector<std::uint32_t> in_tree(2 * n);
    trees::for_each_edge(n, [&](std::uint64_t up, std::uint64_t down, std::uint32_t tree) {
      ++ends[up];
      ++ends[down];
      ++in_tree[2 * up + tree];
    });
    for (std::uint64_t p = 1; p < n; ++p) {
      CHECK((in_tree[2 * p] == 0 || in_tree[2 * p + 1] == 0));
    }
    CHECK(*std::max_element(ends.begin(), ends.end()) == trees::most_halves(n));
  }
}

TEST_CASE("131,072 ranks: phases are written one at a time, and refuse what is too much") {
  CollectiveLevel inner;
  inner.kind = LevelKind::scale_up;
  inner.ranks = 8;
  inner.bandwidth_Bps = 370.8e9;
  CollectiveLevel outer;
  outer.ranks = 16384;
  outer.bandwidth_Bps = kRate_Bps;
  const LevelList levels = {inner, outer};
  std::vector<CollectiveFlow> flows;
  const CollectivePlan ring(Op::all_reduce, Algorithm::rail_aligned, 1 << 30, levels);
  CHECK(ring.phases() == 1);
  CHECK(ring.flows(0) == 2 * 131'072);
  ring.write(0, flows);
  CHECK(flows.size() == 2 * 131'072);
  CHECK(flows.back().from == 131'071);
  CHECK(flows.back().to == 7);
  const CollectivePlan swaps(Op::all_reduce, Algorithm::halving_doubling, 1 << 30, levels);
  CHECK(swaps.phases() == 34);
  const CollectivePlan pairs(Op::all_to_all, Algorithm::direct, 1 << 30, levels);
  CHECK(pairs.flows(0) == 131'072ULL * 131'071);
  CHECK_THROWS_AS(pairs.write(0, flows), InvariantError);
  CHECK_THROWS_AS(ring.write(1, flows), InvariantError);
  const CollectivePlan shifts(
      Op::all_to_all, Algorithm::pairwise, 1 << 30,
      LevelList{CollectiveLevel{LevelKind::network, 5, kRate_Bps, {}, {}, {}, true}});
  CHECK(shifts.phases() == 4);
  shifts.write(3, flows);
  CHECK(flows[0].to == 4);
}

}  // namespace
}  // namespace hyperdc
