// The placer against a search that scores every server anew, for every placement.
#include "world/placer.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "support/random_pool.hpp"
#include "unit/policy/placement_cases.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

NodeView view_of(const Fleet& fleet, ServerId server) {
  return {&fleet.shape(server), fleet.cores_left_milli(server),
          fleet.accelerators_left_milli(server), fleet.holds(server)};
}

bool fits_with_memory(const Fleet& fleet, const Request& request, ServerId server) {
  return fleet.memory_left(server) >= request.memory_bytes && fits(request, view_of(fleet, server));
}

/// Scores every server; highest score, then first in order. False where it fits on none.
bool slow_choice(const Fleet& fleet, const Placement& policy, const Request& request,
                 Share& share) {
  bool found = false;
  std::int64_t best = 0;
  for (std::uint32_t place = 0; place < fleet.servers(); ++place) {
    const ServerId server = fleet.server_at(place);
    if (!fits_with_memory(fleet, request, server)) continue;
    const std::int64_t score = policy.score(request, view_of(fleet, server));
    if (found && score <= best) continue;
    found = true;
    best = score;
    share = {server, policy.devices(request, view_of(fleet, server), 0)};
  }
  return found;
}

/// Members one after the other on a copy of the fleet; nothing where one finds no server.
std::vector<Share> slow_place(Fleet fleet, const Placement& policy, const Request& request,
                              std::uint32_t members) {
  std::vector<Share> shares;
  for (std::uint32_t i = 0; i < members; ++i) {
    Share share;
    if (!slow_choice(fleet, policy, request, share)) return {};
    fleet.take(request, share);
    shares.push_back(share);
  }
  return shares;
}

std::vector<JobMixEntry> mix_of(const std::vector<Request>& kinds) {
  std::vector<JobMixEntry> mix;
  double share = 1;
  for (const Request& kind : kinds) mix.push_back({kind, share *= 0.9});
  return mix;
}

struct Pool {
  Pool(std::string_view name, std::span<const FleetBlock> blocks, std::vector<std::uint32_t> order,
       std::vector<JobMixEntry> of)
      : mix(std::move(of)),
        policy(make_placement(name, mix)),
        fleet(blocks, std::move(order), policy->uses_holds()),
        placer(fleet, make_placement(name, mix), RandomStream(1, "placement")) {}
  std::vector<JobMixEntry> mix;
  std::unique_ptr<Placement> policy;
  Fleet fleet;
  Placer placer;
};

bool same_state(const Fleet& a, const Fleet& b) {
  for (std::uint32_t i = 0; i < a.servers(); ++i) {
    const ServerId s{i};
    const auto left_a = a.accelerators_left_milli(s), left_b = b.accelerators_left_milli(s);
    if (a.cores_left_milli(s) != b.cores_left_milli(s) || a.memory_left(s) != b.memory_left(s) ||
        a.holds(s) != b.holds(s) ||
        !std::equal(left_a.begin(), left_a.end(), left_b.begin(), left_b.end())) {
      return false;
    }
  }
  return a.free() == b.free();
}

struct Running {
  Request request;
  std::vector<Share> shares;
};

/// `kinds` decides which paths the score board takes: few kinds keep heaps, many are scanned,
/// hundreds are forgotten again.
void compare_with_rescoring(std::string_view name, std::uint64_t seed, std::size_t kinds, int steps,
                            std::uint32_t servers = 50) {
  Dice dice(seed);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < kinds; ++i) {
    requests.push_back(random_request(dice));
    if (kinds > 50) requests.back().cores_milli += static_cast<std::int64_t>(i);
  }
  const std::vector<FleetBlock> blocks = random_blocks(dice, servers);
  Pool pool(name, blocks, random_order(dice, blocks), mix_of(requests));
  std::vector<Running> running;
  int placed = 0, refused = 0;
  for (int step = 0; step < steps; ++step) {
    if (!running.empty() && dice.below(5) < 2) {
      std::swap(running[dice.below(static_cast<std::uint32_t>(running.size()))], running.back());
      pool.placer.release(running.back().request, running.back().shares);
      running.pop_back();
      continue;
    }
    Request request = dice.one_of(requests);
    // Memory does not make a kind: the same kind comes with different amounts.
    request.memory_bytes = dice.one_of<std::int64_t>({0, 1, 8, 30, 60}) * kGiB;
    const std::uint32_t members = dice.below(8) == 0 ? 2 + dice.below(12) : 1;
    const std::vector<Share> expected = slow_place(pool.fleet, *pool.policy, request, members);
    Running job{request, {}};
    const bool ok =
        pool.placer.place(request, members, static_cast<std::uint64_t>(step), job.shares);
    REQUIRE(ok == !expected.empty());
    REQUIRE(job.shares == expected);
    ok ? ++placed : ++refused;
    if (ok) running.push_back(std::move(job));
  }
  CHECK(placed > steps / 5);
  CHECK((refused > 0 || servers > 50));
  for (const Running& job : running) pool.placer.release(job.request, job.shares);
  CHECK(pool.fleet.free() == pool.fleet.capacity());
}

}  // namespace

TEST_CASE("every placement takes the server and the devices that scoring all servers gives") {
  for (const std::string_view name : kDeterministicPlacements) {
    INFO(std::string(name));
    compare_with_rescoring(name, 1, 3, 2000, 300);
    compare_with_rescoring(name, 2, 8, 2000);
    compare_with_rescoring(name, 3, 40, 2000);
  }
}

TEST_CASE("so it is with more kinds of request than are remembered") {
  compare_with_rescoring("best-fit", 3, 1200, 8000);
  compare_with_rescoring("first-fit", 3, 1200, 4000);
}

TEST_CASE("equal scores go to the first in the tie order") {
  const std::array<FleetBlock, 1> blocks = {{{{16000, 64 * kGiB, 0, 0}, 4}}};
  for (const std::string_view name : {"first-fit", "best-fit", "worst-fit", "fgd"}) {
    Pool pool(name, blocks, {2, 0, 3, 1}, {});
    std::vector<Share> shares;
    REQUIRE(pool.placer.place({1000, 40 * kGiB, 0, 0, 0}, 4, 1, shares));
    std::vector<std::uint32_t> servers;
    for (const Share& share : shares) servers.push_back(share.server.value);
    CHECK(servers == std::vector<std::uint32_t>{2, 0, 3, 1});
  }
}

TEST_CASE("a job of which one member finds no server changes nothing") {
  for (const PlacementEntry& entry : placements()) {
    Dice dice(11);
    const std::vector<FleetBlock> blocks = random_blocks(dice, 40);
    std::vector<Request> requests;
    for (int i = 0; i < 10; ++i) requests.push_back(random_request(dice));
    Pool pool(entry.name, blocks, random_order(dice, blocks), mix_of(requests));
    std::vector<Share> shares;
    for (std::uint64_t job = 0; job < 60; ++job) {
      pool.placer.place(requests[job % requests.size()], 1, job, shares);
    }
    const Fleet before = pool.fleet;
    std::vector<Share> none;
    int refused = 0;
    for (std::uint32_t members = 1; members < 400; members += 7) {
      for (const Request& request : requests) {
        std::vector<Share> taken;
        if (pool.placer.place(request, members, 1000 + members, taken)) {
          pool.placer.release(request, taken);
        } else {
          REQUIRE(taken.empty());
          ++refused;
        }
        REQUIRE(same_state(pool.fleet, before));
      }
    }
    CHECK(refused > 50);
  }
}

TEST_CASE("would_fit tells what place would do and leaves no trace") {
  for (const PlacementEntry& entry : placements()) {
    INFO(std::string(entry.name));
    Dice dice(21);
    const std::vector<FleetBlock> blocks = random_blocks(dice, 25);
    std::vector<Request> requests;
    for (int i = 0; i < 8; ++i) requests.push_back(random_request(dice));
    const auto order = random_order(dice, blocks);
    Pool asked(entry.name, blocks, order, mix_of(requests));
    Pool unasked(entry.name, blocks, order, mix_of(requests));
    std::vector<Running> running;
    int yes = 0, no = 0;
    for (std::uint64_t step = 0; step < 600; ++step) {
      const Request request = dice.one_of(requests);
      const std::uint32_t members = 1 + dice.below(14);
      std::vector<Placer::Held> without;
      for (const Running& job : running) {
        if (dice.below(3) == 0) without.push_back({job.request, job.shares});
      }
      const Fleet before = asked.fleet;
      const bool could = asked.placer.would_fit(request, members, step, without);
      REQUIRE(same_state(asked.fleet, before));
      // The answer, on a copy of the fleet.
      Fleet copy = asked.fleet;
      for (const Placer::Held& held : without) {
        for (const Share& share : held.shares) copy.give_back(held.request, share);
      }
      const bool scored = entry.name != "random";  // any order of random members may fail
      if (scored) REQUIRE(could == !slow_place(copy, *asked.policy, request, members).empty());
      could ? ++yes : ++no;
      // A placer that was never asked places the same.
      Running job{request, {}};
      std::vector<Share> other;
      const bool ok = asked.placer.place(request, members, step, job.shares);
      REQUIRE(ok == unasked.placer.place(request, members, step, other));
      REQUIRE(job.shares == other);
      if (ok) running.push_back(std::move(job));
      if (running.size() > 30) {
        const Running& gone = running[step % running.size()];
        asked.placer.release(gone.request, gone.shares);
        unasked.placer.release(gone.request, gone.shares);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(step % running.size()));
      }
    }
    CHECK(yes > 20);
    CHECK(no > 20);
  }
}

TEST_CASE("random takes each server on which the job fits equally often") {
  // Of 400 servers the job fits on 5 (too few to be met by drawing) or on 390, by memory.
  for (const std::uint32_t fitting : {5u, 390u}) {
    const ServerShape small{16000, 8 * kGiB, 2, 1}, large{16000, 64 * kGiB, 2, 1};
    const std::array<FleetBlock, 3> blocks = {{{small, (400 - fitting) / 2},
                                               {large, fitting},
                                               {small, 400 - fitting - (400 - fitting) / 2}}};
    Pool pool("random", blocks, {}, {});
    const Request request{1000, 16 * kGiB, 1, 500, 0};
    std::map<std::uint32_t, int> taken, devices;
    constexpr int kJobs = 39000;
    for (std::uint64_t job = 0; job < kJobs; ++job) {
      std::vector<Share> shares;
      REQUIRE(pool.placer.place(request, 1, job, shares));
      taken[shares[0].server.value] += 1;
      devices[shares[0].devices] += 1;
      pool.placer.release(request, shares);
    }
    REQUIRE(taken.size() == fitting);
    const double p = 1.0 / fitting;
    double chi2 = 0;
    for (const auto& [server, count] : taken) {
      chi2 += (count - kJobs * p) * (count - kJobs * p) / (kJobs * p);
    }
    // Mean fitting - 1, variance 2 (fitting - 1); five sigma, and a bit for the skew of few.
    CHECK(chi2 < fitting - 1 + 5 * std::sqrt(2.0 * (fitting - 1)) + 8);
    CHECK(std::abs(devices[1] - kJobs / 2) < 4.5 * std::sqrt(kJobs) / 2);
  }
}

TEST_CASE("random draws depend on the job and not on what came before") {
  const std::array<FleetBlock, 1> blocks = {{{{16000, 64 * kGiB, 0, 0}, 100}}};
  Pool a("random", blocks, {}, {}), b("random", blocks, {}, {});
  const Request request{1000, 0, 0, 0, 0};
  std::vector<Share> of_a, of_b;
  for (std::uint64_t job = 0; job < 20; ++job) REQUIRE(a.placer.place(request, 1, job, of_a));
  a.placer.release(request, of_a);
  of_a.clear();
  REQUIRE(a.placer.place(request, 1, 99, of_a));
  REQUIRE(b.placer.place(request, 1, 99, of_b));
  CHECK(of_a == of_b);
}

TEST_CASE("what is possible on an empty pool") {
  const std::array<FleetBlock, 3> blocks = {{{{16000, 64 * kGiB, 0, 0}, 2},
                                             {{32000, 128 * kGiB, 4, 1}, 1},
                                             {{16000, 64 * kGiB, 0, 0}, 1}}};
  Pool pool("best-fit", blocks, {}, {});
  const auto most = [&](const Request& request) {
    std::uint32_t members = 0;
    while (members < 1000 && pool.placer.possible(request, members + 1)) ++members;
    return members;
  };
  CHECK(most({4000, 0, 0, 0, 0}) == 3 * 4 + 8);
  CHECK(most({4000, 33 * kGiB, 0, 0, 0}) == 3 * 1 + 3);
  CHECK(most({1000, 0, 1, 1000, 0}) == 4);
  CHECK(most({1000, 0, 1, 400, 0}) == 8);
  CHECK(most({1000, 0, 1, 501, 0}) == 4);
  CHECK(most({1000, 0, 3, 1000, 0}) == 1);
  CHECK(most({1000, 0, 1, 1000, 2}) == 0);
  CHECK(most({12000, 0, 1, 100, 1}) == 2);
  CHECK(most({33000, 0, 0, 0, 0}) == 0);
  CHECK(pool.placer.possible({0, 0, 0, 0, 0}, 1'000'000));
  // What possible() promises, an empty pool holds.
  std::vector<Share> shares;
  CHECK(pool.placer.place({4000, 33 * kGiB, 0, 0, 0}, 6, 1, shares));
}

TEST_CASE("why a job was refused") {
  const std::array<FleetBlock, 2> blocks = {
      {{{16000, 64 * kGiB, 0, 0}, 1}, {{32000, 128 * kGiB, 4, 1}, 1}}};
  Pool pool("best-fit", blocks, {}, {});
  std::vector<Share> shares;
  REQUIRE(pool.placer.place({1000, 100 * kGiB, 3, 1000, 0}, 1, 1, shares));
  const auto why = [&](const Request& r) { return pool.placer.why_refused(r); };
  CHECK(why({1000, 0, 2, 1000, 0}) == "no server has 2 devices free (largest: 1)");
  CHECK(why({1000, 0, 1, 1000, 2}) == "no server has an allowed accelerator model");
  CHECK(why({32000, 0, 0, 0, 0}) == "no server has 32 cores free (largest: 31)");
  CHECK(why({31500, 0, 1, 1000, 0}) ==
        "no server has 31.5 cores free and the devices (largest: 31)");
  CHECK(why({1000, 65 * kGiB, 0, 0, 0}) ==
        "no server has 69793218560 bytes of memory free with the cores (largest: 68719476736)");
  CHECK(why({1000, 0, 0, 0, 0}) == "not all members fit at the same time");
  REQUIRE(pool.placer.place({1000, 0, 1, 600, 0}, 1, 2, shares));
  CHECK(why({1000, 0, 1, 500, 0}) == "no device has 500/1000 left");
}
