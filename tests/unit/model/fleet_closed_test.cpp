// Servers and devices out of service: amounts by hand, and against a fleet that never closes.
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "model/fit_index.hpp"
#include "model/residents.hpp"
#include "model/server_groups.hpp"
#include "support/random_pool.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

const ServerShape kFourGpus{32000, 128 * kGiB, 4, 1};

}  // namespace

TEST_CASE("what jobs hold is the same on servers and devices that are closed") {
  const std::array<FleetBlock, 2> blocks = {{{{8000, kGiB, 0, 0}, 3}, {kFourGpus, 3}}};
  Fleet fleet(blocks, {}, true);
  fleet.take({3000, 0, 0, 0, 0}, {ServerId{1}, 0});
  fleet.take({4000, kGiB, 2, kWholeAccelerator, 0}, {ServerId{3}, 0b0011});
  fleet.take({1000, kGiB, 1, 250, 0}, {ServerId{4}, 0b0100});
  const auto check = [&] {
    CHECK(fleet.used(ServerId{0}, 3) == Resources{3000, 0, 0});
    CHECK(fleet.used(ServerId{3}, 1) == Resources{4000, 0, 2000});
    CHECK(fleet.used(ServerId{4}, 1) == Resources{1000, 0, 250});
    CHECK(fleet.used(ServerId{3}, 3) == Resources{5000, 0, 2250});
    CHECK(fleet.used(ServerId{5}, 1) == Resources{});
    CHECK(fleet.used(ServerId{5}, 0) == Resources{});
  };
  check();
  fleet.close_device(ServerId{4}, 2);
  fleet.close_device(ServerId{3}, 3);
  check();
  for (const std::uint32_t server : {1U, 3U, 4U, 5U}) fleet.close(ServerId{server});
  check();
  fleet.open(ServerId{4});
  check();
  CHECK_THROWS_AS(fleet.used(ServerId{2}, 2), InvariantError);  // of two blocks
}

TEST_CASE("what a closed server has left is down, and what is given back to it too") {
  const std::array<FleetBlock, 1> blocks = {{{kFourGpus, 2}}};
  Fleet fleet(blocks, {}, true);
  const Request two{4000, 8 * kGiB, 2, kWholeAccelerator, 0};
  const Share share{ServerId{1}, 0b0011};
  fleet.take(two, share);
  fleet.close(ServerId{1});
  // 32 - 4 cores, 128 - 8 GiB and 4 - 2 devices of server 1 are down; server 0 is free.
  CHECK(fleet.down() == Resources{28000, 120 * kGiB, 2000});
  CHECK(fleet.free() == Resources{32000, 128 * kGiB, 4000});
  CHECK(fleet.is_closed(ServerId{1}));
  CHECK(fleet.cores_left_milli(ServerId{1}) < 0);
  CHECK_THROWS_AS(fleet.take({0, 0, 0, 0, 0}, {ServerId{1}, 0}), InvariantError);
  CHECK_THROWS_AS(fleet.close(ServerId{1}), InvariantError);
  fleet.give_back(two, share);
  CHECK(fleet.down() == Resources{32000, 128 * kGiB, 4000});
  CHECK(fleet.used_in_block(0) == Resources{});
  CHECK_THROWS_AS(fleet.give_back(two, share), InvariantError);
  fleet.open(ServerId{1});
  CHECK(fleet.free() == fleet.capacity());
  CHECK(fleet.down() == Resources{});
  CHECK_THROWS_AS(fleet.open(ServerId{1}), InvariantError);
}

TEST_CASE("a closed device is down alone, also while its server is closed") {
  const std::array<FleetBlock, 1> blocks = {{{kFourGpus, 1}}};
  Fleet fleet(blocks, {}, false);
  const ServerId server{0};
  const Request part{1000, kGiB, 1, 300, 0};
  fleet.take(part, {server, 0b0100});
  fleet.close_device(server, 2);
  CHECK(fleet.down() == Resources{0, 0, 700});
  CHECK(fleet.accelerators_left_milli(server)[2] == 0);
  CHECK(fleet.closed_devices(server) == 0b0100);
  CHECK_FALSE(fleet.is_closed(server));
  fleet.give_back(part, {server, 0b0100});
  CHECK(fleet.down() == Resources{0, 0, 1000});
  CHECK(fleet.free() == Resources{32000, 128 * kGiB, 3000});
  fleet.close(server);
  CHECK(fleet.down() == fleet.capacity());
  fleet.open_device(server, 2);
  CHECK(fleet.down() == fleet.capacity());
  fleet.close_device(server, 0);
  fleet.open(server);
  CHECK(fleet.down() == Resources{0, 0, 1000});
  CHECK(fleet.accelerators_left_milli(server)[0] == 0);
  CHECK(fleet.accelerators_left_milli(server)[2] == 1000);
  CHECK_THROWS_AS(fleet.close_device(server, 4), InvariantError);
  CHECK_THROWS_AS(fleet.open_device(server, 1), InvariantError);
}

namespace {

struct Held {
  Request request;
  Share share;
};

/// A fleet that is never closed, and beside it what is.
struct Slow {
  Fleet plain;
  std::set<std::uint32_t> servers;
  std::map<std::uint32_t, std::uint32_t> devices;

  bool hides(std::uint32_t server, std::uint32_t device) const {
    const auto it = devices.find(server);
    return servers.contains(server) || (it != devices.end() && (it->second >> device & 1) != 0);
  }
  /// What is left where jobs may go (`visible`), or where they may not.
  Resources left(bool visible) const {
    Resources sum;
    for (std::uint32_t s = 0; s < plain.servers(); ++s) {
      const ServerId id{s};
      if (servers.contains(s) != visible) {
        sum += {plain.cores_left_milli(id), plain.memory_left(id), 0};
      }
      const auto left = plain.accelerators_left_milli(id);
      for (std::uint32_t d = 0; d < left.size(); ++d) {
        if (hides(s, d) != visible) sum.accelerator_milli += left[d];
      }
    }
    return sum;
  }
  std::vector<std::uint32_t> fitting(const Request& request) const {
    std::vector<std::uint32_t> places;
    for (std::uint32_t place = 0; place < plain.servers(); ++place) {
      const ServerId id = plain.server_at(place);
      if (servers.contains(id.value)) continue;
      if (plain.cores_left_milli(id) < request.cores_milli) continue;
      if (plain.memory_left(id) < request.memory_bytes) continue;
      if (request.accelerators > 0 && request.models != 0 &&
          (request.models & plain.shape(id).model) == 0) {
        continue;
      }
      const auto left = plain.accelerators_left_milli(id);
      std::int32_t enough = 0;
      for (std::uint32_t d = 0; d < left.size(); ++d) {
        enough += !hides(id.value, d) && left[d] >= request.accelerator_milli;
      }
      if (enough >= request.accelerators) places.push_back(place);
    }
    return places;
  }
};

/// Closes or opens a server or a device at random, in both.
ServerId change_service(Dice& dice, Fleet& fleet, Slow& slow) {
  const std::uint32_t s = dice.below(fleet.servers());
  const ServerId id{s};
  const std::uint32_t devices = fleet.shape(id).accelerators;
  if (devices > 0 && dice.below(2) == 0) {
    const std::uint32_t d = dice.below(devices);
    const std::uint32_t bit = std::uint32_t{1} << d;
    const bool closed = (slow.devices[s] & bit) != 0;
    closed ? fleet.open_device(id, d) : fleet.close_device(id, d);
    slow.devices[s] ^= bit;
  } else if (slow.servers.erase(s) == 0) {
    slow.servers.insert(s);
    fleet.close(id);
  } else {
    fleet.open(id);
  }
  return id;
}

void compare_while_closing(std::uint64_t seed, std::uint32_t servers) {
  Dice dice(seed);
  const std::vector<FleetBlock> blocks = random_blocks(dice, servers);
  const std::vector<std::uint32_t> order = random_order(dice, blocks);
  Fleet fleet(blocks, order, true);
  Slow slow{Fleet(blocks, order, true), {}, {}};
  FitIndex index(fleet);
  ServerGroups groups(fleet);
  std::vector<Held> held;
  std::vector<Request> requests;
  for (int i = 0; i < 12; ++i) requests.push_back(random_request(dice));
  requests.push_back({0, 0, 0, 0, 0});
  const auto changed = [&](ServerId server) {
    index.update(server);
    groups.update(server);
  };
  for (int step = 0; step < 3000; ++step) {
    const std::uint32_t what = dice.below(10);
    if (what < 3) {
      changed(change_service(dice, fleet, slow));
    } else if (what < 5 && !held.empty()) {
      std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
      const Held h = held.back();
      fleet.give_back(h.request, h.share);
      if (dice.below(3) == 0) {
        fleet.take_again(h.request, h.share);
      } else {
        slow.plain.give_back(h.request, h.share);
        held.pop_back();
      }
      changed(h.share.server);
    } else {
      const Request request = dice.one_of(requests);
      const std::vector<std::uint32_t> expected = slow.fitting(request);
      std::vector<std::uint32_t> places;
      index.all(request, places);
      REQUIRE(places == expected);
      REQUIRE(index.first(request) == (expected.empty() ? OrderSet::kNone : expected.front()));
      if (expected.empty()) continue;
      Held h{request, {fleet.server_at(dice.one_of(expected)), 0}};
      REQUIRE(usual_devices(request, fleet, h.share.server, h.share.devices));
      fleet.take(request, h.share);
      slow.plain.take(request, h.share);
      changed(h.share.server);
      held.push_back(h);
    }
    if (step % 20 != 0) continue;
    REQUIRE(fleet.free() == slow.left(true));
    REQUIRE(fleet.down() == slow.left(false));
    for (std::uint32_t s = 0; s < fleet.servers(); ++s) {
      const ServerGroups::State state = groups.state(groups.group_of(ServerId{s}));
      REQUIRE(state.cores_left_milli == fleet.cores_left_milli(ServerId{s}));
      REQUIRE(fleet.is_closed(ServerId{s}) == slow.servers.contains(s));
      REQUIRE(fleet.holds(ServerId{s}) == slow.plain.holds(ServerId{s}));
    }
  }
  REQUIRE(held.size() > 10);
  for (std::uint32_t b = 0; b < blocks.size(); ++b) {
    CHECK(fleet.used_in_block(b) == slow.plain.used_in_block(b));
  }
}

}  // namespace

TEST_CASE("a fleet and its indexes agree with one that never closes, less what is closed") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) compare_while_closing(seed, 40);
  compare_while_closing(5, 300);
}

TEST_CASE("residents of a server are those that hold a share of it") {
  Residents residents(3);
  const JobId a{7}, b{2};
  CHECK_FALSE(residents.any(ServerId{1}));
  residents.add(a, {ServerId{1}, 0b01});
  residents.add(b, {ServerId{1}, 0b10});
  residents.add(a, {ServerId{1}, 0b00});
  std::vector<JobId> jobs;
  residents.list(ServerId{1}, 0b10, jobs);
  CHECK(jobs == std::vector<JobId>{b});
  jobs.clear();
  residents.list(ServerId{1}, 0, jobs);
  CHECK(jobs == std::vector<JobId>{a, b, a});  // newest first
  residents.remove(a, {ServerId{1}, 0b01});
  residents.remove(b, {ServerId{1}, 0b10});
  CHECK_THROWS_AS(residents.remove(b, {ServerId{1}, 0b10}), InvariantError);
  residents.remove(a, {ServerId{1}, 0b00});
  CHECK_FALSE(residents.any(ServerId{1}));
  residents.add(b, {ServerId{0}, 0});
  CHECK(residents.any(ServerId{0}));
}
