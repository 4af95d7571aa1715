// Durability two ways, and losses of many nodes at once as published.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/math.hpp"
#include "model/storage/durability.hpp"
#include "model/storage/loss_splitting.hpp"
#include "model/storage/placement.hpp"
#include "support/intervals.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

constexpr double kHoursOfYear = 8760;

struct Case {
  const char* code;
  double afr, repair_h;
  RepairOrder order = RepairOrder::each;
};

test::Interval simulated(const LossSimulation& of, int replications) {
  const RandomStream stream(7, "validation");
  std::vector<double> rates;
  for (int r = 0; r < replications; ++r) {
    rates.push_back(simulated_loss_rate(of, stream, static_cast<std::uint64_t>(r)));
  }
  return test::interval_999(rates);
}

LossSimulation exponential_case(const Case& c, std::uint32_t effort) {
  LossSimulation of;
  of.code = *StorageCode::named(c.code);
  of.life.mean = kHoursOfYear / c.afr;
  of.repair.mean = c.repair_h;
  of.order = c.order;
  of.effort = effort;
  return of;
}

/// Chain and simulation: the 99.9 % interval of 30 replications, within 2 %, holds the chain's
/// rate.
void check_agree(const Case& c, std::uint32_t effort) {
  const LossSimulation of = exponential_case(c, effort);
  const double chain = 1 / group_mttdl(of.code, 1 / of.life.mean, 1 / c.repair_h, c.order);
  const test::Interval rate = simulated(of, 30);
  INFO(c.code << " AFR " << c.afr << " repair " << c.repair_h << " h: MTTDL by the chain "
              << 1 / chain << " h, simulated " << 1 / rate.mean << " h, half-width "
              << 100 * rate.half_width / rate.mean << " %");
  CHECK(rate.half_width <= 0.02 * rate.mean);
  CHECK(std::fabs(rate.mean - chain) <= rate.half_width);
}

TEST_CASE("importance splitting and the Markov chain agree on the MTTDL of four codes") {
  for (const char* code : {"replication-3", "rs-6-3", "rs-10-4", "lrc-12-2-2"}) {
    const std::uint32_t effort = std::string_view(code) == "lrc-12-2-2" ? 20'000 : 10'000;
    check_agree({code, 0.015, 12}, effort);
    check_agree({code, 0.04, 48}, effort);
  }
}

TEST_CASE("they agree where fragments are repaired one at a time") {
  for (const char* code : {"replication-3", "rs-6-3", "lrc-12-2-2"}) {
    check_agree({code, 0.04, 24, RepairOrder::one_by_one}, 10'000);
  }
}

/// Fragments that are repaired each on its own are independent alternating renewal processes, away
/// q = R / (L + R) of the time whatever the shapes of L and R. The (m + 1)th is lost so often:
/// n / (L + R) times that of the others just m are away.
double crossings(std::uint32_t n, std::uint32_t m, double life, double repair) {
  const double q = repair / (life + repair);
  double rate = n / (life + repair);
  for (std::uint32_t i = 0; i < m; ++i) rate *= q * (n - 1 - i) / (i + 1);
  return rate * std::pow(1 - q, n - 1 - m);
}

TEST_CASE("shapes of lives and repairs do not matter where each fragment is repaired on its own") {
  struct Shapes {
    double life, wait, repair;
  };
  for (const Shapes& shapes :
       {Shapes{1, 23.999, 1}, Shapes{1, 12, 0.7}, Shapes{0.8, 0, 1}, Shapes{1.5, 6, 2}}) {
    for (const auto& [name, n, m] :
         {std::tuple{"replication-3", 3U, 2U}, std::tuple{"rs-6-3", 9U, 3U}}) {
      LossSimulation of = exponential_case({name, 0.02, 24}, shapes.life == 1 ? 10'000 : 2000);
      of.life.shape = shapes.life;
      of.wait = shapes.wait;
      of.repair = {24 - shapes.wait, shapes.repair};
      const double known = crossings(n, m, of.life.mean, 24);
      const test::Interval rate = simulated(of, 30);
      INFO(name << ", shapes " << shapes.life << ", " << shapes.wait << " + " << shapes.repair
                << ": " << rate.mean / known << " +- " << rate.half_width / rate.mean);
      CHECK(rate.half_width <= 0.05 * rate.mean);
      // What is lost twice in a cycle counts once: less than 0.1 %.
      CHECK(std::fabs(rate.mean - known) <= rate.half_width + 0.001 * known);
    }
  }
}

TEST_CASE("they do where one is repaired at a time") {
  // Three copies: 3 lambda * 2 lambda * lambda * E[R^2] / 2, to first order: half of the
  // exponential rate where repairs are of one length.
  LossSimulation of = exponential_case({"replication-3", 0.02, 24}, 10'000);
  of.order = RepairOrder::one_by_one;
  const double lambda = 1 / of.life.mean;
  const double exponential = 6 * lambda * lambda * lambda * 24 * 24;
  CHECK(group_mttdl(of.code, lambda, 1.0 / 24, of.order) * exponential == Approx(1).epsilon(1e-3));
  of.wait = 24 - 1e-6;
  of.repair.mean = 1e-6;
  const test::Interval rate = simulated(of, 30);
  CHECK(std::fabs(rate.mean - exponential / 2) <= rate.half_width + 0.001 * rate.mean);
  CHECK(rate.half_width <= 0.02 * rate.mean);
}

TEST_CASE("a storage system in a run loses the groups that the chain expects") {
  // Drives that fail twice a year, so that groups are lost; a fragment is back a day after its loss
  // and its move takes no time. What is lost is gone, so that fewer are there later.
  struct Row {
    const char* code;
    const char* afr;
  };
  for (const Row& row : {Row{"\"replication-2\"", "2"}, Row{"\"rs-4-2\"", "6"}}) {
    const Scenario scenario = test::load_example(
        "blob-storage",
        {{"drive_types.quick",
          std::string(R"({"capacity": "1 TB", "bandwidth": "1 TB/s", "afr": )") + row.afr + "}"},
         {"regions.us-east.racks.store.count", "40"},
         {"regions.us-east.storage.blob.code", row.code},
         {"regions.us-east.storage.blob.drive", "\"quick\""},
         {"regions.us-east.storage.blob.drives_per_server", "1"},
         {"regions.us-east.storage.blob.used", "0.01"},
         {"regions.us-east.storage.blob.groups", "2000"},
         {"regions.us-east.storage.blob.replace", "\"1 h\""},
         {"regions.us-east.storage.blob.repair",
          R"({"detect": "24 h", "streams": 64, "rate": null})"},
         {"objectives", "[]"}});
    std::vector<double> lost;
    double expected = 0;
    for (const RunResult& run : test::run_seeds(scenario, 40)) {
      const double mttdl_s = test::metric(run, "storage.us-east.blob.mttdl");
      expected = -2000 * math::expm1(-365 * 86'400.0 / mttdl_s / 2000);
      lost.push_back(test::metric(run, "storage.us-east.blob.groups.lost"));
    }
    const test::Interval mean = test::interval_999(lost);
    INFO(row.code << ": lost " << mean.mean << " +- " << mean.half_width << ", expected "
                  << expected);
    // Each group counts from the first failure on, and repairs last a day: below 1.5 %.
    CHECK(std::fabs(mean.mean - expected) <= mean.half_width + 0.015 * expected);
    CHECK(mean.half_width <= 0.15 * mean.mean);
  }
}

/// Losses when `failed` of `nodes` fail at once: the share of trials in which any group has all its
/// copies among them, and the mean number of such groups.
struct Burst {
  double any = 0, groups = 0, any_error = 0, groups_error = 0;
};

Burst burst(const PlacedGroups& placed, std::uint32_t nodes, std::uint32_t failed, int trials) {
  std::vector<std::vector<std::uint32_t>> of_node(nodes);
  for (std::size_t g = 0; g < placed.size(); ++g) {
    // Each group is looked at from its first drive alone.
    of_node[placed.group(g)[0]].push_back(static_cast<std::uint32_t>(g));
  }
  const RandomStream stream(11, "burst");
  std::vector<std::uint32_t> down(nodes, 0);
  std::vector<std::uint32_t> chosen;
  double any = 0, sum = 0, squares = 0;
  for (int t = 1; t <= trials; ++t) {
    const auto mark = static_cast<std::uint32_t>(t);
    chosen.clear();
    for (std::uint64_t draw = 0; chosen.size() < failed; ++draw) {
      const auto node = static_cast<std::uint32_t>(stream.below(nodes, mark, draw));
      if (down[node] == mark) continue;
      down[node] = mark;
      chosen.push_back(node);
    }
    double lost = 0;
    for (const std::uint32_t node : chosen) {
      for (const std::uint32_t g : of_node[node]) {
        const auto group = placed.group(g);
        lost += std::ranges::all_of(group, [&](std::uint32_t d) { return down[d] == mark; });
      }
    }
    any += lost > 0 ? 1 : 0;
    sum += lost;
    squares += lost * lost;
  }
  const double mean = sum / trials, p = any / trials;
  return {p, mean, 3.29 * std::sqrt(p * (1 - p) / trials),
          3.29 * std::sqrt((squares / trials - mean * mean) / trials)};
}

constexpr std::uint32_t kNodes = 5000, kFailed = 50, kCopies = 3;

double any_of(double sets) {
  return -math::expm1(-sets * all_fail(kNodes, kFailed, kCopies));
}

TEST_CASE("1 % of 5,000 nodes fail at once: copysets lose data as published") {
  // Cidon et al., Copysets, ATC'13, abstract: 0.15 % (RAMCloud, S = 2) and 0.78 % (HDFS, S = 10).
  struct Row {
    std::uint32_t scatter;
    double published;
  };
  for (const Row& row : {Row{2, 0.0015}, Row{10, 0.0078}}) {
    const RandomStream stream(3, "copysets");
    const PlacedGroups sets = copysets(kNodes, kCopies, row.scatter, kNodes * 100, {}, stream);
    REQUIRE(sets.size() == row.scatter / 2 * (kNodes / kCopies));
    const double closed = any_of(static_cast<double>(sets.size()));
    const Burst found = burst(sets, kNodes, kFailed, 1'500'000);
    INFO("S = " << row.scatter << ": closed form " << closed << ", simulated " << found.any
                << " +- " << found.any_error << ", published " << row.published);
    CHECK(std::fabs(found.any - closed) <= found.any_error);
    CHECK(std::fabs(found.groups - static_cast<double>(sets.size()) *
                                       all_fail(kNodes, kFailed, kCopies)) <= found.groups_error);
    CHECK(closed == Approx(row.published).epsilon(0.06));  // published with two digits
  }
}

TEST_CASE("1 % of 5,000 nodes fail at once: groups at random lose data as published") {
  // RAMCloud as Cidon et al. take it: 8,000 chunks a node, 3 copies: 99.99 %.
  const double groups = kNodes * 8000.0 / kCopies;
  CHECK(any_of(groups) >= 0.9999);
  // A fortieth of them, placed and failed: the closed form holds.
  const auto some = static_cast<std::uint64_t>(groups / 40);
  const RandomStream stream(3, "random");
  const PlacedGroups placed = place_at_random(kNodes, kCopies, some, {}, stream);
  const Burst found = burst(placed, kNodes, kFailed, 20'000);
  const double closed = any_of(static_cast<double>(some));
  INFO("closed form " << closed << ", simulated " << found.any << " +- " << found.any_error);
  CHECK(std::fabs(found.any - closed) <= found.any_error);
}

/// The first drive is random, the others are among the `window` next ones: HDFS at Facebook.
PlacedGroups place_in_window(std::uint32_t drives, std::uint32_t width, std::uint64_t groups,
                             std::uint32_t window, const RandomStream& stream) {
  PlacedGroups placed{width, {}};
  placed.drives.reserve(groups * width);
  for (std::uint64_t g = 0; g < groups; ++g) {
    std::uint64_t attribute = 0;
    const auto primary = static_cast<std::uint32_t>(stream.below(drives, g, attribute++));
    const std::size_t begin = placed.drives.size();
    placed.drives.push_back(primary);
    while (placed.drives.size() < begin + width) {
      const auto step = static_cast<std::uint32_t>(1 + stream.below(window, g, attribute++));
      const std::uint32_t drive = (primary + step) % drives;
      const std::span<const std::uint32_t> members{placed.drives.data() + begin,
                                                   placed.drives.size() - begin};
      if (fits_beside({}, members, drive)) placed.drives.push_back(drive);
    }
  }
  return placed;
}

TEST_CASE("1 % of 5,000 nodes fail at once: copies within a window, beside the published number") {
  // HDFS at Facebook: 22.8 %, which is the closed form with C(11, 2) = 55 sets a node. Sets within
  // windows overlap, so that losses come together: as many sets are lost, in fewer bursts.
  const double published = 0.228;
  CHECK(any_of(55.0 * kNodes) == Approx(published).epsilon(0.01));
  std::vector<std::uint32_t> all;  // every set that a window of the 11 next nodes allows
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    for (std::uint32_t a = 1; a <= 11; ++a) {
      for (std::uint32_t b = a + 1; b <= 11; ++b) {
        all.insert(all.end(), {node, (node + a) % kNodes, (node + b) % kNodes});
      }
    }
  }
  const PlacedGroups every{kCopies, all};
  const Burst whole = burst(every, kNodes, kFailed, 60'000);
  const double expected = 55.0 * kNodes * all_fail(kNodes, kFailed, kCopies);
  INFO("every set of the windows: any " << whole.any << ", sets " << whole.groups << " +- "
                                        << whole.groups_error << ", expected " << expected);
  CHECK(std::fabs(whole.groups - expected) <= whole.groups_error);
  CHECK(whole.any < published);
  CHECK(whole.any > 0.7 * published);
  // So many groups placed that nearly every set is used.
  const RandomStream stream(3, "window");
  const PlacedGroups placed = place_in_window(kNodes, kCopies, 2'000'000, 11, stream);
  const Burst found = burst(placed, kNodes, kFailed, 10'000);
  INFO("placed: any " << found.any << " +- " << found.any_error);
  CHECK(std::fabs(found.any - whole.any) <= found.any_error + whole.any_error);
}

}  // namespace
}  // namespace hyperdc
