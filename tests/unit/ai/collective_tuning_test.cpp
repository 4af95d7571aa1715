// The choice of algorithm and protocol: by hand from the table, by law.
#include <catch2/catch.hpp>

#include <hyperdc/core/assert.hpp>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/tuning.hpp"
#include "support/tuning_file.hpp"

namespace hyperdc {
namespace {

using Op = CollectiveOp;
using Algorithm = CollectiveAlgorithm;

const test::TuningFile& tuning_file() {
  static const test::TuningFile file(HYPERDC_SOURCE_DIR "/scenarios/catalog/collectives/nccl.json");
  return file;
}

std::int64_t predicted_ns(Op op, Algorithm algorithm, Protocol protocol, std::uint64_t bytes,
                          std::span<const CollectiveLevel> levels, const TuningTable& table) {
  const auto choice = predict(op, algorithm, protocol, bytes, levels, table);
  REQUIRE(choice.has_value());
  return choice->time.ns;
}

TEST_CASE("one node of 8 H100 by hand") {
  const TuningTable table = tuning_file().table("hopper", "intel");
  const auto h100 = tuning_file().levels("h100", 8, 1, "cx7");
  const auto ns = [&](Op op, Algorithm algorithm, Protocol protocol, std::uint64_t bytes) {
    return predicted_ns(op, algorithm, protocol, bytes, h100, table);
  };
  // 14 steps; 18 x 20.6 = 370.8 GB/s of bus, n / steps of it as S / time.
  CHECK(ns(Op::all_reduce, Algorithm::ring, Protocol::simple, 0) == 8400 + 14 * 3400);
  CHECK(ns(Op::all_reduce, Algorithm::ring, Protocol::ll, 0) == 6600 + 14 * 600);
  CHECK(ns(Op::all_gather, Algorithm::ring, Protocol::ll128, 0) == 14000 + 7 * 1900);
  CHECK(ns(Op::broadcast, Algorithm::ring, Protocol::simple, 0) == 8400 + 3400);
  CHECK(ns(Op::all_reduce, Algorithm::tree, Protocol::ll, 0) == 6800 + 14 * 600);
  CHECK(ns(Op::all_reduce, Algorithm::in_network, Protocol::simple, 0) == 25000);
  const std::uint64_t bytes = 2'119'000'000;  // 10 ms of 370.8 * 4/7
  CHECK(ns(Op::all_reduce, Algorithm::ring, Protocol::simple, bytes) ==
        Approx(56000 + 1e9 * 2.119 / 370.8 * 14 / 8).epsilon(0).margin(1));
  // LL: 141 GB/s; LL128: 0.92 x 370.8 = 341.1 below 12 x 36.7.
  CHECK(ns(Op::all_reduce, Algorithm::ring, Protocol::ll, bytes) ==
        Approx(15000 + 1e9 * 2.119 / 141 * 14 / 8).epsilon(0).margin(1));
  CHECK(ns(Op::all_reduce, Algorithm::ring, Protocol::ll128, bytes) ==
        Approx(40600 + 1e9 * 2.119 / (0.92 * 370.8) * 14 / 8).epsilon(0).margin(1));
  // Trees carry half of the bus bandwidth; 2 GB is beyond the corrections by size.
  CHECK(ns(Op::all_reduce, Algorithm::tree, Protocol::simple, bytes) ==
        Approx(8400 + 14 * 4000 + 1e9 * 2.119 / (0.92 * 370.8) * 2).epsilon(0).margin(1));
  // 1 MiB = 64 x 2^14: Simple 0.5.
  CHECK(ns(Op::all_reduce, Algorithm::tree, Protocol::simple, 1 << 20) ==
        Approx(64400 + 1.048576e6 / (0.5 * 0.92 * 370.8) * 2).epsilon(0).margin(1));
  CHECK_FALSE(predict(Op::all_reduce, Algorithm::in_network, Protocol::ll, 1, h100, table));
  CHECK_FALSE(predict(Op::all_gather, Algorithm::tree, Protocol::ll, 1, h100, table));
}

TEST_CASE("16 nodes of 8 H100 by hand") {
  const TuningTable table = tuning_file().table("hopper", "amd");
  const auto many = tuning_file().levels("h100", 8, 16, "cx7");
  const auto ns = [&](Algorithm algorithm, Protocol protocol, std::uint64_t bytes) {
    return predicted_ns(Op::all_reduce, algorithm, protocol, bytes, many, table);
  };
  // 2 * 127 steps, 30 between nodes; Simple posts three messages of 2 us a step.
  CHECK(ns(Algorithm::rail_aligned, Protocol::ll, 0) == 6600 + 224 * 2000 + 30 * 2700);
  CHECK(ns(Algorithm::rail_aligned, Protocol::simple, 0) == 8400 + 224 * 6000 + 30 * 14000);
  CHECK(ns(Algorithm::tree, Protocol::ll128, 0) == 14000 + 14 * 1250 + 8 * 8500);
  CHECK(ns(Algorithm::in_network, Protocol::simple, 0) == 25000 + 8 * 20900);
  const std::uint64_t large = std::uint64_t{1} << 33;
  CHECK(ns(Algorithm::rail_aligned, Protocol::simple, large) ==
        Approx(1.4 * 1'772'400 + 8.589934592e9 / 370.8 * 254 / 128).epsilon(0).margin(1));
  CHECK_FALSE(predict(Op::all_reduce, Algorithm::ring, Protocol::ll, 1, many, table));
}

TEST_CASE("what is chosen: latency for small sizes, bandwidth for large ones") {
  const TuningTable table = tuning_file().table("hopper", "intel");
  const auto h100 = tuning_file().levels("h100", 8, 1, "cx7");
  const auto many = tuning_file().levels("h100", 8, 16, "cx7");
  const auto chosen = [&](Op op, std::uint64_t bytes, std::span<const CollectiveLevel> levels) {
    const auto choice = choose(op, bytes, levels, table);
    REQUIRE(choice.has_value());
    return std::pair{choice->algorithm, choice->protocol};
  };
  using Pair = std::pair<Algorithm, Protocol>;
  CHECK(chosen(Op::all_reduce, 1024, h100) == Pair{Algorithm::ring, Protocol::ll});
  CHECK(chosen(Op::all_reduce, 1 << 30, h100) == Pair{Algorithm::in_network, Protocol::simple});
  CHECK(chosen(Op::all_gather, 1 << 30, h100) == Pair{Algorithm::ring, Protocol::simple});
  CHECK(chosen(Op::broadcast, 1 << 30, h100) == Pair{Algorithm::ring, Protocol::simple});
  CHECK(chosen(Op::all_reduce, 1024, many) == Pair{Algorithm::tree, Protocol::ll});
  CHECK(chosen(Op::all_gather, std::uint64_t{1} << 33, many) ==
        Pair{Algorithm::rail_aligned, Protocol::simple});
  CHECK(chosen(Op::all_to_all, 1 << 20, many) == Pair{Algorithm::direct, Protocol::simple});
}

TEST_CASE("laws: the choice is the least prediction, and time grows with size") {
  for (const std::string machine : {"a100", "h100", "h800"}) {
    const TuningTable table = tuning_file().table(machine == "a100" ? "ampere" : "hopper", "amd");
    REQUIRE(tuning_problem(table).empty());
    for (const std::uint32_t nodes : {1U, 2U, 3U, 64U}) {
      const auto levels = tuning_file().levels(machine, 8, nodes, "cx7");
      for (const Op op : {Op::all_reduce, Op::reduce_scatter, Op::all_gather}) {
        for (std::uint64_t bytes = 64; bytes < std::uint64_t{1} << 34; bytes *= 4) {
          const auto choice = choose(op, bytes, levels, table);
          REQUIRE(choice.has_value());
          for (const Algorithm algorithm : kCollectiveAlgorithms) {
            for (const Protocol protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
              const auto other = predict(op, algorithm, protocol, bytes, levels, table);
              if (other) CHECK(choice->time <= other->time);
            }
          }
        }
      }
      const auto ring = nodes == 1 ? Algorithm::ring : Algorithm::rail_aligned;
      CHECK(predict(Op::all_reduce, ring, Protocol::simple, 2000, levels, table)->time >=
            predict(Op::all_reduce, ring, Protocol::simple, 1000, levels, table)->time);
    }
  }
}

TEST_CASE("without a table: the least closed form, of equal ones the first") {
  CollectiveLevel level;
  level.ranks = 8;
  level.bandwidth_Bps = 1e9;
  level.alpha = {1000};
  const std::vector<CollectiveLevel> flat = {level};
  CHECK(fastest(Op::all_reduce, 0, flat)->algorithm == Algorithm::tree);  // 6 steps each
  CHECK(fastest(Op::all_reduce, 1 << 20, flat)->algorithm == Algorithm::halving_doubling);
  CHECK(fastest(Op::send_recv, 8, flat) == std::nullopt);
  level.alpha = {};
  const std::vector<CollectiveLevel> no_latency = {level};
  CHECK(fastest(Op::all_reduce, 1 << 20, no_latency)->algorithm == Algorithm::ring);
  level.kind = LevelKind::torus;
  const std::vector<CollectiveLevel> torus = {level, level};
  CHECK(fastest(Op::all_to_all, 1 << 20, torus)->algorithm == Algorithm::torus);
  const TuningTable table = tuning_file().table("hopper", "amd");
  CHECK(choose(Op::all_reduce, 1 << 20, torus, table)->algorithm == Algorithm::torus);
  CHECK(choose(Op::broadcast, 1 << 20, torus, table) == std::nullopt);
}

TEST_CASE("a table that is not complete is refused") {
  const auto levels = tuning_file().levels("h100", 8, 1, "cx7");
  CHECK(tuning_problem(TuningTable{}) == "a tuning table has no channels");
  TuningTable table = tuning_file().table("hopper", "amd");
  table.ring_ll = 1.5;
  CHECK(tuning_problem(table) == "a share of a tuning table is not above 0 and at most 1");
  CHECK_THROWS_AS(choose(Op::all_reduce, 8, levels, table), InvariantError);
  table = tuning_file().table("hopper", "amd");
  table.tree_channel_Bps[2] = 0;
  CHECK(tuning_problem(table) == "a bandwidth of a tuning table is not above 0");
  table = tuning_file().table("hopper", "amd");
  table.tree_correction[1][3] = 0;
  CHECK(tuning_problem(table) == "a tree correction is not above 0 and at most 1");
  table.ring_plateau = 0;
  CHECK_FALSE(tuning_problem(table).empty());
}

}  // namespace
}  // namespace hyperdc
