// Codes, placement and the chain of durability, by hand.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "model/storage/burst.hpp"
#include "model/storage/code.hpp"
#include "model/storage/durability.hpp"
#include "model/storage/loss_splitting.hpp"
#include "model/storage/placement.hpp"

namespace hyperdc {
namespace {

StorageCode code_named(const char* text) {
  const auto code = StorageCode::named(text);
  REQUIRE(code);
  return *code;
}

/// Sets of `size` lost fragments: all, and those that are decodable.
std::pair<int, int> patterns(const StorageCode& code, int size) {
  int all = 0, decodable = 0;
  for (FragmentSet set = 0; set <= code.all(); ++set) {
    if (std::popcount(set) != size) continue;
    ++all;
    decodable += code.decodable(set) ? 1 : 0;
  }
  return {all, decodable};
}

TEST_CASE("codes have the fragments, the overhead and the reads of one repair that are published") {
  struct Row {
    const char* name;
    std::uint32_t fragments;
    double overhead, reads;
  };
  for (const Row& row : {Row{"replication-3", 3, 3, 1}, Row{"rs-6-3", 9, 1.5, 6},
                         Row{"rs-10-4", 14, 1.4, 10}, Row{"lrc-12-2-2", 16, 16.0 / 12, 6.75}}) {
    INFO(row.name);
    const StorageCode code = code_named(row.name);
    CHECK(code.fragments() == row.fragments);
    CHECK(code.overhead() == Approx(row.overhead).epsilon(1e-15));
    CHECK(code.mean_reads() == row.reads);
  }
  const StorageCode lrc = code_named("lrc-12-2-2");
  CHECK(lrc.reads(1U << 0, 1U << 0) == 6);     // data
  CHECK(lrc.reads(1U << 6, 1U << 6) == 6);     // a local parity
  CHECK(lrc.reads(1U << 15, 1U << 15) == 12);  // a global parity
}

TEST_CASE("LRC(12,2,2) decodes any three losses and 86 % of four") {
  const StorageCode lrc = code_named("lrc-12-2-2");
  CHECK(patterns(lrc, 3) == std::pair{560, 560});
  // Huang et al., ATC'12, section 2: 86 %.
  const auto [all, decodable] = patterns(lrc, 4);
  CHECK(all == 1820);
  CHECK(decodable == 1568);
  CHECK(patterns(lrc, 5).second == 0);
  CHECK(patterns(code_named("rs-10-4"), 4) == std::pair{1001, 1001});
  CHECK(patterns(code_named("rs-10-4"), 5).second == 0);
  CHECK(patterns(code_named("replication-3"), 2) == std::pair{3, 3});
}

TEST_CASE("several losses are read for together where they can be") {
  const StorageCode lrc = code_named("lrc-12-2-2");
  CHECK(lrc.reads(0b1000'0001, 0b1000'0001) == 12);  // one in each group: 6 + 6
  CHECK(lrc.reads(0b11, 0b01) == 12);                // two in a group: all is decoded
  CHECK(lrc.reads(0b1000'0001, 0b0000'0001) == 6);   // the other is not wanted yet
  CHECK(code_named("rs-10-4").reads(0b1111, 0b1111) == 10);
  CHECK_THROWS(lrc.reads(0b1111, 1));  // not decodable

  std::vector<std::uint32_t> order(16);
  std::iota(order.begin(), order.end(), 0U);
  for (FragmentSet missing = 1; missing <= lrc.all(); ++missing) {
    if (!lrc.decodable(missing)) continue;
    const FragmentSet read = lrc.sources(missing, missing, order);
    CHECK(static_cast<std::uint32_t>(std::popcount(read)) == lrc.reads(missing, missing));
    CHECK((read & missing) == 0);
  }
  CHECK(lrc.sources(1, 1, order) == 0b111'1110);
  // Those that come first are left out if any may be.
  CHECK(code_named("rs-6-3").sources(1, 1, {1, 2, 3, 4, 5, 6, 7, 8}) == 0b1'1111'1000);
}

TEST_CASE("what is no code has no name") {
  for (const char* text : {"", "rs", "rs-10", "rs-10-4-2", "rs-30-4", "lrc-12-5-2", "lrc-12-2",
                           "replication-0", "replication-3 ", "RS-10-4", "rs--4", "rs-10-4-"}) {
    INFO(text);
    CHECK(!StorageCode::named(text));
  }
  CHECK(StorageCode::named("replication-32"));
  CHECK(StorageCode::problem_of("rs") == "\"rs\" is no code");
  CHECK(StorageCode::problem_of("lrc-12-2") == "\"lrc-12-2\" is no code");
  CHECK(StorageCode::problem_of("rs-30-4") == "\"rs-30-4\" has 34 fragments");
  CHECK(StorageCode::problem_of("lrc-12-5-2") == "12 data fragments are not divided by 5 groups");
}

/// 40 drives of 10 racks of 2 servers.
std::vector<SpreadRule> racks_of_four(std::uint32_t most) {
  SpreadRule rule{{}, most};
  for (std::uint32_t d = 0; d < 40; ++d) rule.domain_of.push_back(d / 4);
  return {rule};
}

void check_spread(const PlacedGroups& placed, std::span<const SpreadRule> rules) {
  for (std::size_t g = 0; g < placed.size(); ++g) {
    const auto group = placed.group(g);
    CHECK(std::set<std::uint32_t>(group.begin(), group.end()).size() == group.size());
    for (const SpreadRule& rule : rules) {
      std::map<std::uint32_t, std::uint32_t> in;
      for (const std::uint32_t d : group) CHECK(++in[rule.domain_of[d]] <= rule.most);
    }
  }
}

TEST_CASE("no placement breaks its spread, and drives are used evenly") {
  const RandomStream stream(1, "placement");
  const auto rules = racks_of_four(1);
  const PlacedGroups random = place_at_random(40, 9, 2000, rules, stream);
  REQUIRE(random.size() == 2000);
  check_spread(random, rules);
  std::vector<int> used(40, 0);
  for (const std::uint32_t d : random.drives) ++used[d];
  for (const int n : used) CHECK(std::abs(n - 450) < 5 * 21);  // 5 standard deviations

  const PlacedGroups sets = copysets(40, 5, 8, 100, rules, stream);
  CHECK(sets.size() <= 2 * 8);  // ceil(8 / 4) permutations of 40 / 5
  CHECK(sets.size() >= 2 * 7);  // the rules may leave the last drives of each over
  CHECK(copysets(40, 5, 8, 100, {}, stream).size() == 2 * 8);
  CHECK(copysets(40, 5, 8, 8, {}, stream).size() == 8);  // one permutation is enough
  check_spread(sets, rules);
  const PlacedGroups dealt = place_on_copysets(sets, 100);
  CHECK(dealt.size() == 100);
  CHECK(std::ranges::equal(dealt.group(17), sets.group(17 % sets.size())));
  CHECK(distinct_sets(dealt) == sets.size());
  std::set<std::set<std::uint32_t>> sets_of_random;
  for (std::size_t g = 0; g < random.size(); ++g) {
    sets_of_random.insert({random.group(g).begin(), random.group(g).end()});
  }
  CHECK(distinct_sets(random) == sets_of_random.size());
  CHECK(distinct_sets({3, {0, 1, 2, 2, 0, 1, 1, 2, 3}}) == 2);

  CHECK(place_at_random(40, 11, 1, rules, stream).drives.empty());  // 10 racks
  CHECK(place_at_random(40, 11, 5, racks_of_four(2), stream).size() == 5);
}

TEST_CASE("where few drives are allowed each of them is as likely") {
  // Two large racks and one of two drives, which every group needs.
  SpreadRule rule{{}, 1};
  for (std::uint32_t d = 0; d < 1002; ++d) rule.domain_of.push_back(d < 2 ? 0 : 1 + d % 2);
  const std::vector<SpreadRule> rules{rule};
  const PlacedGroups placed = place_at_random(1002, 3, 1000, rules, RandomStream(1, "few"));
  CHECK(placed.size() == 1000);
  CHECK(std::abs(std::ranges::count(placed.drives, 0U) - 500) < 80);  // 5 standard deviations
}

TEST_CASE("the chain is that of the textbooks for one parity") {
  // MTTDL = ((2n - 1) lambda + mu) / (n (n - 1) lambda^2), Gibson 1992.
  const double lambda = 0.02 / 8760, mu = 1.0 / 12;
  for (const std::uint32_t n : {2U, 5U, 9U}) {
    const StorageCode code =
        n == 2 ? StorageCode::replication(2) : StorageCode::reed_solomon(n - 1, 1);
    const double known = ((2 * n - 1) * lambda + mu) / (n * (n - 1) * lambda * lambda);
    CHECK(group_mttdl(code, lambda, mu, RepairOrder::each) == Approx(known).epsilon(1e-12));
  }
  // Three copies, repaired at the same time: by hand from the three equations.
  const double a = lambda;
  const double h2 = 1 / (3 * a) + 1 / (2 * a) + mu / (6 * a * a);  // 0 -> 2 losses
  const double first = 1 / (3 * a);
  const double to_loss = (h2 * a + 1 + 2 * mu * (h2 - first)) / a;
  CHECK(group_mttdl(StorageCode::replication(3), a, mu, RepairOrder::each) ==
        Approx(to_loss).epsilon(1e-12));
}

TEST_CASE("an LRC lasts longer than by the losses that it always survives, and less than by four") {
  const double lambda = 0.02 / 8760, mu = 1.0 / 24;
  const auto mttdl = [&](const StorageCode& code) {
    return group_mttdl(code, lambda, mu, RepairOrder::each);
  };
  CHECK(mttdl(code_named("lrc-12-2-2")) > mttdl(code_named("rs-13-3")));
  CHECK(mttdl(code_named("lrc-12-2-2")) < mttdl(code_named("rs-12-4")));
  CHECK(group_mttdl(code_named("rs-10-4"), lambda, mu, RepairOrder::one_by_one) <
        mttdl(code_named("rs-10-4")));
  CHECK(mttdl(StorageCode::replication(1)) == Approx(1 / lambda));
}

/// That a set of 12 servers of which `failed` fail loses any of these groups, by all their sets.
double any_loss(const StorageCode& code, std::uint32_t failed,
                const std::vector<std::uint32_t>& servers) {
  int all = 0, lost = 0;
  for (FragmentSet down = 0; down < FragmentSet{1} << 12; ++down) {
    if (std::popcount(down) != static_cast<int>(failed)) continue;
    ++all;
    bool any = false;
    for (std::size_t first = 0; first < servers.size(); first += code.fragments()) {
      FragmentSet gone = 0;
      for (std::uint32_t f = 0; f < code.fragments(); ++f) {
        gone |= (down >> servers[first + f] & 1) << f;
      }
      any = any || !code.decodable(gone);
    }
    lost += any ? 1 : 0;
  }
  return static_cast<double>(lost) / all;
}

TEST_CASE("loss in a burst of servers is that of all sets of them") {
  struct Row {
    const char* code;
    std::uint32_t failed;
  };
  for (const Row& row : {Row{"replication-3", 3}, Row{"replication-3", 6}, Row{"rs-4-2", 4},
                         Row{"lrc-4-2-1", 3}, Row{"lrc-4-2-1", 5}, Row{"rs-4-2", 2}}) {
    const StorageCode code = code_named(row.code);
    const RandomStream stream(5, "groups");
    const PlacedGroups placed = place_at_random(12, code.fragments(), 7, {}, stream);
    const std::vector<std::uint32_t> one(placed.drives.begin(),
                                         placed.drives.begin() + code.fragments());
    const Burst burst{12, row.failed};
    INFO(row.code << ", " << row.failed);
    CHECK(burst_loss_of_group(code, burst) == Approx(any_loss(code, row.failed, one)));
    const BurstLoss loss = simulated_burst_loss(code, burst, placed.drives, 4000, stream);
    const double known = any_loss(code, row.failed, placed.drives);
    CHECK(std::fabs(loss.any - known) <= 5 * loss.error + 1e-9 * known);
    CHECK(loss.error <= 0.02 * loss.any);
  }
}

TEST_CASE("a burst loses copysets as rarely as the closed form says, and as many bytes") {
  // Cidon et al.: 50 of 5,000 nodes, S = 10: 0.78 %.
  const RandomStream stream(3, "copysets");
  const PlacedGroups sets = copysets(5000, 3, 10, 100'000, {}, stream);
  const double one = all_fail(5000, 50, 3);
  const Burst burst{5000, 50};
  CHECK(burst_loss_of_group(code_named("replication-3"), burst) == Approx(one));
  const BurstLoss loss =
      simulated_burst_loss(code_named("replication-3"), burst, sets.drives, 2000, stream);
  const double closed = 1 - std::exp(-static_cast<double>(sets.size()) * one);
  CHECK(std::fabs(loss.any - closed) <= 5 * loss.error + 0.001 * closed);
  CHECK(loss.any == Approx(0.0078).epsilon(0.02));
}

TEST_CASE("a simulated loss rate is a function of seed and replication") {
  LossSimulation of;
  of.code = code_named("rs-4-2");
  of.life = {400'000, 1.3};
  of.wait = 2;
  of.repair = {10, 2};
  of.effort = 50;
  const RandomStream stream(1, "losses");
  const double one = simulated_loss_rate(of, stream, 0);
  CHECK(one > 0);
  CHECK(one == simulated_loss_rate(of, stream, 0));
  CHECK(one != simulated_loss_rate(of, stream, 1));
}

}  // namespace
}  // namespace hyperdc
