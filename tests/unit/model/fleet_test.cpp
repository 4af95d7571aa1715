#include "model/fleet.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <map>

#include <hyperdc/core/assert.hpp>

#include "support/random_pool.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

const ServerShape kGpuServer{32000, 128 * kGiB, 4, 1};
const ServerShape kCpuServer{16000, 64 * kGiB, 0, 0};

Request whole(std::int32_t n) {
  return {4000, 8 * kGiB, n, kWholeAccelerator, 0};
}

/// One server as nested values: what the arrays must agree with.
struct SlowServer {
  ServerShape shape;
  std::uint32_t block = 0;
  std::int64_t cores = 0, memory = 0;
  std::vector<int> devices;
  std::map<int, int> kinds;  // 0: shares a device, k: k whole ones

  void change(const Request& r, std::uint32_t mask, int sign) {
    cores -= sign * r.cores_milli;
    memory -= sign * r.memory_bytes;
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if ((mask >> i & 1) != 0) devices[i] -= sign * r.accelerator_milli;
    }
    if (r.accelerators > 0) {
      kinds[r.accelerators == 1 && r.accelerator_milli < 1000 ? 0 : r.accelerators] += sign;
    }
  }
  std::uint64_t holds() const {
    std::uint64_t bits = 0;
    for (const auto& [kind, count] : kinds) bits |= std::uint64_t{count > 0} << kind;
    return bits;
  }
};

std::vector<SlowServer> slow_copy(const std::vector<FleetBlock>& blocks) {
  std::vector<SlowServer> servers;
  for (std::uint32_t b = 0; b < blocks.size(); ++b) {
    for (std::uint32_t i = 0; i < blocks[b].count; ++i) {
      const ServerShape& s = blocks[b].shape;
      servers.push_back(
          {s, b, s.cores_milli, s.memory_bytes, std::vector<int>(s.accelerators, 1000), {}});
    }
  }
  return servers;
}

bool agree(const Fleet& fleet, const std::vector<SlowServer>& slow) {
  Resources free;
  for (std::uint32_t i = 0; i < slow.size(); ++i) {
    const ServerId id{i};
    const SlowServer& s = slow[i];
    const auto left = fleet.accelerators_left_milli(id);
    if (fleet.block_of(id) != s.block || !(fleet.shape(id) == s.shape) ||
        fleet.cores_left_milli(id) != s.cores || fleet.memory_left(id) != s.memory ||
        fleet.holds(id) != s.holds() ||
        !std::equal(left.begin(), left.end(), s.devices.begin(), s.devices.end())) {
      return false;
    }
    free += {s.cores, s.memory, std::accumulate(s.devices.begin(), s.devices.end(), 0)};
  }
  return fleet.free() == free;
}

}  // namespace

TEST_CASE("an idle fleet has all of its blocks") {
  const std::array<FleetBlock, 2> blocks = {{{kGpuServer, 2}, {kCpuServer, 3}}};
  const Fleet fleet(blocks, {}, false);
  CHECK(fleet.servers() == 5);
  CHECK(fleet.capacity() == Resources{112000, 448 * kGiB, 8000});
  CHECK(fleet.free() == fleet.capacity());
  CHECK(fleet.block_of(ServerId{1}) == 0);
  CHECK(fleet.block_of(ServerId{2}) == 1);
  CHECK(fleet.accelerators_left_milli(ServerId{1}).size() == 4);
  CHECK(fleet.accelerators_left_milli(ServerId{4}).empty());
  CHECK(fleet.order_of(ServerId{3}) == 3);
  CHECK(fleet.server_at(3) == ServerId{3});
}

TEST_CASE("a share is taken from its devices and given back") {
  const std::array<FleetBlock, 1> blocks = {{{kGpuServer, 2}}};
  Fleet fleet(blocks, {}, true);
  const Request two = whole(2);
  const Request part{1000, kGiB, 1, 300, 1};
  fleet.take(two, {ServerId{1}, 0b0101});
  fleet.take(part, {ServerId{1}, 0b0010});
  const auto left = fleet.accelerators_left_milli(ServerId{1});
  CHECK(std::vector<int>(left.begin(), left.end()) == std::vector<int>{0, 700, 0, 1000});
  CHECK(fleet.cores_left_milli(ServerId{1}) == 27000);
  CHECK(fleet.memory_left(ServerId{1}) == 119 * kGiB);
  CHECK(fleet.holds(ServerId{1}) == 0b101);
  CHECK(fleet.holds(ServerId{0}) == 0);
  CHECK(fleet.used_in_block(0) == Resources{5000, 9 * kGiB, 2300});
  fleet.give_back(two, {ServerId{1}, 0b0101});
  CHECK(fleet.holds(ServerId{1}) == 0b001);
  fleet.give_back(part, {ServerId{1}, 0b0010});
  CHECK(fleet.holds(ServerId{1}) == 0);
  CHECK(fleet.free() == fleet.capacity());
  CHECK(fleet.used_in_block(0) == Resources{});
}

TEST_CASE("what does not fit is an error and changes nothing") {
  const std::array<FleetBlock, 2> blocks = {{{kGpuServer, 1}, {kCpuServer, 1}}};
  Fleet fleet(blocks, {}, true);
  const ServerId gpu{0}, cpu{1};
  fleet.take(whole(1), {gpu, 0b0001});
  const Resources before = fleet.free();
  CHECK_THROWS_AS(fleet.take(whole(1), {gpu, 0b0001}), InvariantError);   // taken already
  CHECK_THROWS_AS(fleet.take(whole(2), {gpu, 0b0010}), InvariantError);   // one device for two
  CHECK_THROWS_AS(fleet.take(whole(1), {gpu, 0b10000}), InvariantError);  // no fifth device
  CHECK_THROWS_AS(fleet.take(whole(1), {cpu, 0b0001}), InvariantError);
  CHECK_THROWS_AS(fleet.take({16001, 0, 0, 0, 0}, {cpu, 0}), InvariantError);
  CHECK_THROWS_AS(fleet.take({1, 65 * kGiB, 0, 0, 0}, {cpu, 0}), InvariantError);
  CHECK_THROWS_AS(fleet.take({1, 1, 1, 1000, 2}, {gpu, 0b0010}), InvariantError);  // model
  CHECK_THROWS_AS(fleet.give_back(whole(1), {gpu, 0b0010}), InvariantError);
  CHECK_THROWS_AS(fleet.give_back({1, 0, 0, 0, 0}, {cpu, 0}), InvariantError);
  CHECK(fleet.free() == before);
}

TEST_CASE("the tie order is a permutation") {
  const std::array<FleetBlock, 1> blocks = {{{kCpuServer, 3}}};
  const Fleet fleet(blocks, {2, 0, 1}, false);
  CHECK(fleet.server_at(0) == ServerId{2});
  CHECK(fleet.order_of(ServerId{0}) == 1);
  CHECK_THROWS_AS(Fleet(blocks, {0, 1}, false), InvariantError);
  CHECK_THROWS_AS(Fleet(blocks, {0, 1, 1}, false), InvariantError);
  CHECK_THROWS_AS(Fleet(blocks, {0, 1, 3}, false), InvariantError);
}

TEST_CASE("a fleet agrees with nested values over random takes and returns") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Dice dice(seed);
    const std::vector<FleetBlock> blocks = random_blocks(dice, 30);
    Fleet fleet(blocks, random_order(dice, blocks), true);
    std::vector<SlowServer> slow = slow_copy(blocks);
    struct Held {
      Request request;
      Share share;
    };
    std::vector<Held> held;
    for (int step = 0; step < 2000; ++step) {
      if (!held.empty() && dice.below(6) == 0) {
        std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
        const Held h = held.back();
        held.pop_back();
        fleet.give_back(h.request, h.share);
        slow[h.share.server.value].change(h.request, h.share.devices, -1);
      } else {
        Held h{random_request(dice), {ServerId{dice.below(fleet.servers())}, 0}};
        h.request.models = 0;
        const SlowServer& s = slow[h.share.server.value];
        if (s.cores < h.request.cores_milli || s.memory < h.request.memory_bytes ||
            !usual_devices(h.request, fleet, h.share.server, h.share.devices)) {
          continue;
        }
        fleet.take(h.request, h.share);
        slow[h.share.server.value].change(h.request, h.share.devices, +1);
        held.push_back(h);
      }
      if (step % 50 == 0) REQUIRE(agree(fleet, slow));
    }
    REQUIRE(held.size() > 10);
    for (std::uint32_t b = 0; b < blocks.size(); ++b) {
      Resources used;
      for (const Held& h : held) {
        if (fleet.block_of(h.share.server) == b) used += total_of(h.request, 1);
      }
      CHECK(fleet.used_in_block(b) == used);
    }
    for (const Held& h : held) fleet.give_back(h.request, h.share);
    CHECK(fleet.free() == fleet.capacity());
  }
}
