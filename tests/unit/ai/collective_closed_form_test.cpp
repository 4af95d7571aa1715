// Closed forms by hand, by published value, by law.
#include <catch2/catch.hpp>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/steps.hpp"

namespace hyperdc {
namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

CollectiveLevel level(std::uint32_t ranks, double rate_Bps, std::int64_t alpha_ns = 0,
                      LevelKind kind = LevelKind::network) {
  CollectiveLevel made;
  made.kind = kind;
  made.ranks = ranks;
  made.bandwidth_Bps = rate_Bps;
  made.alpha = {alpha_ns};
  return made;
}

CollectiveLevel inside(std::uint32_t ranks, double rate_Bps, std::int64_t alpha_ns = 0) {
  return level(ranks, rate_Bps, alpha_ns, LevelKind::scale_up);
}

CollectiveLevel dimension(std::uint32_t ranks, double rate_Bps, std::int64_t alpha_ns = 0) {
  return level(ranks, rate_Bps, alpha_ns, LevelKind::torus);
}

using LevelList = std::vector<CollectiveLevel>;

std::int64_t ns(Op op, Algorithm algorithm, std::uint64_t bytes, const LevelList& levels) {
  return closed_form(op, algorithm, bytes, levels).time.ns;
}

TEST_CASE("V1: ring all-reduce of 1 GiB, 8 ranks of 450 GB/s and 16,384 of 50 GB/s with 2 us") {
  // 2 * 7 * 2^30 / 8 / 450e9 s = 4.17566236... ms
  CHECK(ns(Op::all_reduce, Algorithm::ring, kGiB, {level(8, 450e9)}) == 4'175'663);
  // 2 * 16383 * 2 us + 2 * 16383 / 16384 * 2^30 / 50e9 s = 65.532 + 42.947 ms
  const CollectiveCost many =
      closed_form(Op::all_reduce, Algorithm::ring, kGiB, LevelList{level(16384, 50e9, 2000)});
  CHECK(many.latency.ns == 65'532'000);
  CHECK(to_seconds(many.time) == Approx(0.108479).epsilon(1e-6));
  CHECK(closed_form(Op::all_reduce, Algorithm::ring, kGiB, LevelList{level(8, 450e9)}).bus_Bps ==
        Approx(450e9).epsilon(1e-6));
}

TEST_CASE("one level by hand: 8 ranks, 8000 bytes, 1 GB/s, 100 ns") {
  const LevelList eight = {level(8, 1e9, 100)};
  CHECK(ns(Op::all_reduce, Algorithm::ring, 8000, eight) == 1400 + 14000);
  CHECK(ns(Op::reduce_scatter, Algorithm::ring, 8000, eight) == 700 + 7000);
  CHECK(ns(Op::all_gather, Algorithm::ring, 8000, eight) == 700 + 7000);
  CHECK(ns(Op::broadcast, Algorithm::ring, 8000, eight) == 700 + 8000);
  CHECK(ns(Op::reduce, Algorithm::ring, 8000, eight) == 700 + 8000);
  CHECK(ns(Op::all_reduce, Algorithm::tree, 8000, eight) == 600 + 16000);
  CHECK(ns(Op::broadcast, Algorithm::tree, 8000, eight) == 300 + 8000);
  CHECK(ns(Op::all_reduce, Algorithm::halving_doubling, 8000, eight) == 600 + 14000);
  CHECK(ns(Op::all_gather, Algorithm::halving_doubling, 8000, eight) == 300 + 7000);
  CHECK(ns(Op::all_to_all, Algorithm::pairwise, 8000, eight) == 700 + 7000);
  CHECK(ns(Op::all_to_all, Algorithm::direct, 8000, eight) == 100 + 7000);
  CHECK(ns(Op::send_recv, Algorithm::direct, 8000, {level(2, 1e9, 100)}) == 100 + 8000);
  // 6 ranks: 2 of them hand their bytes to the other 4 before and get them back after.
  CHECK(ns(Op::all_reduce, Algorithm::halving_doubling, 8000, {level(6, 1e9, 100)}) ==
        400 + 12000 + 2 * (100 + 8000));
  // Few ranks do not send twice the bytes in two trees.
  CHECK(ns(Op::all_reduce, Algorithm::tree, 8000, {level(2, 1e9)}) == 8000);
  CHECK(ns(Op::all_reduce, Algorithm::tree, 8000, {level(3, 1e9)}) == 12000);
  CHECK(ns(Op::all_reduce, Algorithm::tree, 8000, {level(4, 1e9)}) == 16000);
}

TEST_CASE("two levels by hand: 4 ranks of 4 GB/s and 10 ns in 4 groups of 1 GB/s and 100 ns") {
  const LevelList two = {inside(4, 4e9, 10), level(4, 1e9, 100)};
  // Scatter 3/4 of 16 kB at 4 GB/s, all-reduce of 4 kB in 4 ranks at 1 GB/s, gather.
  CHECK(ns(Op::all_reduce, Algorithm::hierarchical, 16000, two) ==
        2 * (3 * 10 + 3000) + 6 * 100 + 6000);
  CHECK(ns(Op::reduce_scatter, Algorithm::hierarchical, 16000, two) == 30 + 3000 + 300 + 3000);
  CHECK(ns(Op::all_gather, Algorithm::hierarchical, 16000, two) == 30 + 3000 + 300 + 3000);
  // 30 of 32 edges of two laps: 8 between groups, 22 within. 2 * 15/16 * 16 kB at 4 GB/s.
  CHECK(ns(Op::all_reduce, Algorithm::rail_aligned, 16000, two) == 8 * 100 + 22 * 10 + 7500);
  // The same bytes through one port out of each group at a time.
  CHECK(ns(Op::all_reduce, Algorithm::ring, 16000, two) == 8 * 100 + 22 * 10 + 30000);
  // Chains of 3 hops there and back, 3/4 S each way; trees over 4 with 2 S / 4 at 1 GB/s.
  CHECK(ns(Op::all_reduce, Algorithm::tree, 16000, two) == 2 * 30 + 2 * 2 * 100 + 8000);
  CHECK(ns(Op::all_to_all, Algorithm::rail_aligned, 16000, two) == 110 + 12000);
  // 12 of 16 partners are elsewhere.
  CHECK(ns(Op::all_to_all, Algorithm::direct, 16000, two) == 100 + 12000);
  // Distances 1, 2 within: 8 and 4 kB at 4 GB/s; 4, 8 across: 2 and 1 kB at 1 GB/s.
  CHECK(ns(Op::all_reduce, Algorithm::halving_doubling, 16000, two) ==
        2 * (20 + 2000 + 1000 + 200 + 2000 + 1000));
}

TEST_CASE("what crosses a rack goes through the same port: the fullest of port and uplinks") {
  LevelList racks = {level(4, 4e9), level(4, 2e9)};  // 2:1 above the racks
  racks[1].own_port = false;
  CHECK(ns(Op::all_to_all, Algorithm::direct, 16000, racks) == 6000);  // 12 kB at 2 GB/s
  racks[1].bandwidth_Bps = 4e9;
  CHECK(ns(Op::all_to_all, Algorithm::direct, 16000, racks) == 3750);  // 15 kB at 4 GB/s
  racks[1].bandwidth_Bps = 2e9;
  racks[1].alone_Bps = 4e9;  // one rank of a rack alone is not slowed
  CHECK(ns(Op::all_reduce, Algorithm::ring, 16000, racks) == 7500);
}

TEST_CASE("in-network: each byte goes up and down once") {
  LevelList one = {inside(8, 4e9, 10)};
  one[0].reduction_Bps = 2e9;
  CHECK(ns(Op::all_reduce, Algorithm::in_network, 8000, one) == 20 + 4000);
  CHECK(ns(Op::all_gather, Algorithm::in_network, 8000, one) == 10 + 4000);
  one[0].reduction_Bps = 8e9;  // the port has 4 GB/s
  CHECK(ns(Op::all_reduce, Algorithm::in_network, 8000, one) == 20 + 2000);
  LevelList two = {one[0], level(4, 1e9, 100)};
  CHECK(ns(Op::all_reduce, Algorithm::in_network, 16000, two) == 20 + 400 + 4000);
  two[1].reduction_Bps = 1e9;
  CHECK(ns(Op::all_reduce, Algorithm::in_network, 16000, two) == 20 + 200 + 4000);
  two[1].reduction_Bps = 250e6;
  CHECK(ns(Op::all_reduce, Algorithm::in_network, 16000, two) == 20 + 200 + 8000);
}

TEST_CASE("a torus: buckets in all dimensions at once, all-to-all bounded by the bisection") {
  // 4 x 4, links of 1 GB/s: 2(n-1)/n S over the sum of four links.
  const LevelList square = {dimension(4, 2e9, 10), dimension(4, 2e9, 10)};
  CHECK(ns(Op::all_reduce, Algorithm::torus, 16000, square) == 4 * 30 + 7500);
  CHECK(ns(Op::all_gather, Algorithm::torus, 16000, square) == 2 * 30 + 3750);
  const LevelList cube(3, dimension(4, 2e9));
  CHECK(ns(Op::all_reduce, Algorithm::torus, 64 * 3000, cube) == 63 * 1000);
  // Bisection of 4 x 4 x 8: 2 * 16 links of 1 GB/s; n/2 ranks send half of S through them.
  const LevelList block = {dimension(4, 2e9), dimension(4, 2e9), dimension(8, 2e9)};
  CHECK(ns(Op::all_to_all, Algorithm::torus, 128'000, block) == 64 * 64'000 / 32);
  // Odd rings: hops 0, 1, 1 of 3: mean 2/3, over two links of 1 GB/s.
  CHECK(ns(Op::all_to_all, Algorithm::torus, 9000, {dimension(3, 2e9, 7)}) == 7 + 3000);
  // Unequal dimensions: the long one is the slowest of its phase. 2 x 8 ranks, 16 kB, two parts:
  // phase 1: 1/2 and 7/8 of 8 kB; phase 2: 7/8 of 4 kB and 1/2 of 1 kB; half each way at 1 GB/s.
  const LevelList oblong = {dimension(2, 2e9), dimension(8, 2e9)};
  CHECK(ns(Op::all_reduce, Algorithm::torus, 16000, oblong) == 2 * (3500 + 1750));
}

TEST_CASE("the latency of a ring is that of the byte whose hops are slowest") {
  // Against walking each byte around, hop by hop.
  for (const LevelList& levels :
       {LevelList{level(5, 1e9, 7)}, LevelList{level(2, 1e9, 7)},
        LevelList{level(2, 1e9, 7), level(3, 1e9, 90)},
        LevelList{level(4, 1e9, 7), level(3, 1e9, 90), level(2, 1e9, 1000)},
        LevelList{level(3, 1e9, 50), level(2, 1e9, 10), level(2, 1e9, 30)},
        LevelList{level(2, 1e9, 50), level(2, 1e9, 80), level(3, 1e9, 10)}}) {
    const std::uint64_t n = collective_ranks(levels);
    std::vector<std::int64_t> edge(n, levels.back().alpha.ns);
    for (std::uint64_t r = 0; r + 1 < n; ++r) {
      std::uint64_t group = 1;
      for (const CollectiveLevel& l : levels) {
        group *= l.ranks;
        edge[r] = l.alpha.ns;
        if (r / group == (r + 1) / group) break;
      }
    }
    for (const std::uint32_t laps : {1U, 2U}) {
      std::int64_t slowest = 0;
      for (std::uint64_t first = 0; first < n; ++first) {
        std::int64_t walk = 0;
        for (std::uint64_t h = 0; h < laps * (n - 1); ++h) walk += edge[(first + h) % n];
        slowest = std::max(slowest, walk);
      }
      CHECK(steps::ring(levels, laps).ns == slowest);
    }
  }
}

TEST_CASE("laws: all-reduce is scatter and gather; levels of one rank do not matter") {
  const LevelList two = {inside(4, 4e9, 10), level(8, 1e9, 100)};
  const LevelList square = {dimension(4, 2e9, 10), dimension(8, 2e9, 10)};
  for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{12'345'678}, kGiB}) {
    for (const auto& [algorithm, levels] : {std::pair{Algorithm::hierarchical, two},
                                            {Algorithm::halving_doubling, two},
                                            {Algorithm::torus, square}}) {
      const std::int64_t scatter = ns(Op::reduce_scatter, algorithm, bytes, levels);
      CHECK(ns(Op::all_gather, algorithm, bytes, levels) == scatter);
      const std::int64_t both = ns(Op::all_reduce, algorithm, bytes, levels);
      CHECK(std::abs(both - 2 * scatter) <= 2);
      LevelList more = levels;
      more.insert(more.begin() + 1, level(1, 1e9, 5, levels[0].kind));
      CHECK(ns(Op::all_reduce, algorithm, bytes, more) == both);
    }
    // No all-reduce beats the least bytes that must leave a rank (Patarasuk and Yuan 2009).
    const LevelList flat = {level(24, 3e9)};
    const double bound_ns = 2 * 23.0 / 24 * static_cast<double>(bytes) / 3;
    for (const Algorithm algorithm :
         {Algorithm::ring, Algorithm::tree, Algorithm::halving_doubling, Algorithm::hierarchical}) {
      CHECK(static_cast<double>(ns(Op::all_reduce, algorithm, bytes, flat)) >= bound_ns);
    }
  }
}

TEST_CASE("nobody to talk to, nothing to say, 131,072 ranks") {
  CHECK(closed_form(Op::all_reduce, Algorithm::ring, kGiB, LevelList{level(1, 1e9, 5)}).time.ns ==
        0);
  const CollectiveCost empty =
      closed_form(Op::all_reduce, Algorithm::ring, 0, LevelList{level(4, 1e9, 5)});
  CHECK(empty.time.ns == 30);
  CHECK(empty.bus_Bps == 0);
  const LevelList large = {inside(8, 370.8e9, 1000), level(16384, 48.5e9, 5000)};
  const CollectiveCost cost = closed_form(Op::all_reduce, Algorithm::rail_aligned, kGiB, large);
  CHECK(cost.time - cost.latency == Duration{5'791'444});  // 2 (n-1)/n 2^30 / 370.8e9
}

TEST_CASE("what cannot be computed says why") {
  const LevelList flat = {level(8, 1e9)};
  const LevelList ring = {dimension(8, 1e9)};
  const LevelList three = {inside(2, 1e9), level(2, 1e9), level(2, 1e9)};
  const auto why = [](Op op, Algorithm algorithm, const LevelList& levels) {
    return collective_problem(op, algorithm, levels);
  };
  CHECK(why(Op::all_reduce, Algorithm::ring, flat).empty());
  CHECK(why(Op::all_reduce, Algorithm::ring, ring) == "ring does not run on a torus");
  CHECK(why(Op::all_reduce, Algorithm::torus, flat) == "torus does not run on switched levels");
  CHECK(why(Op::all_to_all, Algorithm::ring, flat) == "there is no all-to-all by ring");
  CHECK(why(Op::send_recv, Algorithm::direct, flat) == "send-recv is between two ranks");
  CHECK(why(Op::all_gather, Algorithm::halving_doubling, {level(6, 1e9)}) ==
        "all-gather by halving-doubling needs powers of two of ranks");
  CHECK(why(Op::all_reduce, Algorithm::tree, three) ==
        "all-reduce by tree takes at most 2 levels of more than one rank");
  CHECK(why(Op::all_reduce, Algorithm::in_network, flat) ==
        "in-network needs switches that reduce on the inner level");
  CHECK(why(Op::all_reduce, Algorithm::ring, {level(8, 0)}) ==
        "a bandwidth of a level is not between 1 MB/s and 1 EB/s");
  CHECK(why(Op::all_reduce, Algorithm::ring, {level(8, std::nan(""))}) ==
        "a bandwidth of a level is not between 1 MB/s and 1 EB/s");
  CHECK(why(Op::all_reduce, Algorithm::ring, {level(8, 1e9, -1)}) ==
        "the latency of a step is not between 0 and 1000 s");
  CHECK(why(Op::all_reduce, Algorithm::ring, {level(0, 1e9)}) == "a level has no ranks");
  CHECK(why(Op::all_reduce, Algorithm::ring, {level(1 << 30, 1e9), level(4, 1e9)}) ==
        "there are more than 2^31 ranks");
  LevelList shared = {level(4, 1e9), level(4, 1e9)};
  shared[1].own_port = false;
  CHECK(why(Op::all_reduce, Algorithm::rail_aligned, shared) ==
        "rail-aligned on two levels needs a port of its own for the outer one");
  CHECK_THROWS_AS(closed_form(Op::all_to_all, Algorithm::ring, 1, flat), InvariantError);
}

}  // namespace
}  // namespace hyperdc
