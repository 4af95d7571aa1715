#include "model/server_groups.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <tuple>

#include "support/random_pool.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

using GroupState = std::tuple<std::int64_t, std::int64_t, std::uint32_t, ModelSet, std::int64_t,
                              std::vector<std::uint16_t>, std::uint64_t>;

GroupState state_of(const Fleet& fleet, ServerId server) {
  const ServerShape& s = fleet.shape(server);
  const auto left = fleet.accelerators_left_milli(server);
  return {s.cores_milli,
          s.memory_bytes,
          s.accelerators,
          s.model,
          fleet.cores_left_milli(server),
          {left.begin(), left.end()},
          fleet.holds(server)};
}

GroupState state_of(const ServerGroups::State& s) {
  return {s.shape->cores_milli,
          s.shape->memory_bytes,
          s.shape->accelerators,
          s.shape->model,
          s.cores_left_milli,
          {s.accelerators_left_milli.begin(), s.accelerators_left_milli.end()},
          s.holds};
}

/// The partition and every accessor, against one made from scratch.
void check_groups(const Fleet& fleet, const ServerGroups& groups) {
  std::map<GroupState, std::map<std::uint32_t, std::int64_t>> slow;  // state -> place -> memory
  for (std::uint32_t i = 0; i < fleet.servers(); ++i) {
    slow[state_of(fleet, ServerId{i})][fleet.order_of(ServerId{i})] =
        fleet.memory_left(ServerId{i});
  }
  REQUIRE(groups.live().size() == slow.size());
  std::set<std::uint32_t> seen;
  for (const GroupId group : groups.live()) {
    REQUIRE(seen.insert(group.value).second);
    REQUIRE(group.value < groups.id_end());
    const auto it = slow.find(state_of(groups.state(group)));
    REQUIRE(it != slow.end());
    std::map<std::uint32_t, std::int64_t> members;
    groups.members(group).for_each(
        [&](std::uint32_t place, std::int64_t memory) { members[place] = memory; });
    REQUIRE(members == it->second);
    REQUIRE(groups.standing(group).first == members.begin()->first);
    for (const auto& [place, memory] : members) {
      REQUIRE(groups.group_of(fleet.server_at(place)) == group);
    }
    for (const std::int64_t gib : {0, 20, 60, 500}) {
      std::uint32_t first = OrderSet::kNone;
      for (const auto& [place, memory] : members) {
        if (memory >= gib * kGiB) first = std::min(first, place);
      }
      REQUIRE(groups.first_with_memory(group, gib * kGiB) == first);
    }
  }
}

}  // namespace

TEST_CASE("idle servers of one shape are one group, wherever they stand") {
  const ServerShape gpu{32000, 128 * kGiB, 4, 1};
  const ServerShape cpu{16000, 64 * kGiB, 0, 0};
  const std::array<FleetBlock, 3> blocks = {{{gpu, 2}, {cpu, 3}, {gpu, 1}}};
  Fleet fleet(blocks, {}, false);
  ServerGroups groups(fleet);
  REQUIRE(groups.live().size() == 2);
  CHECK(groups.group_of(ServerId{0}) == groups.group_of(ServerId{5}));
  CHECK(groups.group_of(ServerId{0}) != groups.group_of(ServerId{2}));

  const Request job{1000, kGiB, 1, 500, 0};
  const Share on_first{ServerId{1}, 0b01}, on_second{ServerId{5}, 0b10};
  fleet.take(job, on_first);
  groups.update(ServerId{1});
  fleet.take(job, on_second);
  groups.update(ServerId{5});
  // The same amounts left on other devices are another state.
  CHECK(groups.live().size() == 4);
  fleet.give_back(job, on_first);
  groups.update(ServerId{1});
  fleet.give_back(job, on_second);
  groups.update(ServerId{5});
  CHECK(groups.live().size() == 2);
  check_groups(fleet, groups);
}

TEST_CASE("groups agree with a partition made from scratch") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Dice dice(seed);
    const std::vector<FleetBlock> blocks = random_blocks(dice, 60);
    const bool holds = seed % 2 == 0;
    Fleet fleet(blocks, seed % 3 == 0 ? std::vector<std::uint32_t>() : random_order(dice, blocks),
                holds);
    ServerGroups groups(fleet);
    check_groups(fleet, groups);
    struct Held {
      Request request;
      Share share;
    };
    std::vector<Held> held;
    std::map<std::pair<std::uint32_t, std::uint32_t>, GroupState> meaning;
    std::map<std::uint32_t, ServerGroups::Standing> known;
    std::uint64_t read = groups.changes();
    for (const GroupId g : groups.live()) known[g.value] = groups.standing(g);
    for (int step = 0; step < 1500; ++step) {
      Held h{random_request(dice), {ServerId{dice.below(fleet.servers())}, 0}};
      if (!held.empty() && dice.below(6) == 0) {
        std::swap(held[dice.below(static_cast<std::uint32_t>(held.size()))], held.back());
        h = held.back();
        held.pop_back();
        fleet.give_back(h.request, h.share);
      } else {
        h.request.models = 0;
        if (fleet.cores_left_milli(h.share.server) < h.request.cores_milli ||
            fleet.memory_left(h.share.server) < h.request.memory_bytes ||
            !usual_devices(h.request, fleet, h.share.server, h.share.devices)) {
          continue;
        }
        fleet.take(h.request, h.share);
        held.push_back(h);
      }
      groups.update(h.share.server);
      if (step % 100 == 0) check_groups(fleet, groups);
      // (id, version) means one state for ever.
      const GroupId g = groups.group_of(h.share.server);
      const auto [it, fresh] =
          meaning.try_emplace({g.value, groups.standing(g).version}, state_of(groups.state(g)));
      REQUIRE(it->second == state_of(groups.state(g)));
      // Who reads the changes knows each live group, by a first place that is not too high.
      REQUIRE(read >= groups.changes_kept_from());
      for (; read < groups.changes(); ++read) {
        const GroupId c = groups.changed(read);
        known[c.value] = groups.standing(c);
      }
      for (const GroupId live : groups.live()) {
        REQUIRE(known[live.value].version == groups.standing(live).version);
        REQUIRE(known[live.value].first <= groups.standing(live).first);
      }
    }
    check_groups(fleet, groups);
    for (const Held& h : held) {
      fleet.give_back(h.request, h.share);
      groups.update(h.share.server);
    }
    check_groups(fleet, groups);
  }
}

TEST_CASE("memory does not grow with the number of states that were met") {
  const std::array<FleetBlock, 1> blocks = {{{{1'000'000'000, 64 * kGiB, 0, 0}, 10}}};
  Fleet fleet(blocks, {}, false);
  ServerGroups groups(fleet);
  const auto meet_states = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t cores = from; cores < to; ++cores) {
      const Request job{cores, 0, 0, 0, 0};
      const Share share{ServerId{static_cast<std::uint32_t>(cores % 10)}, 0};
      fleet.take(job, share);
      groups.update(share.server);
      fleet.give_back(job, share);
      groups.update(share.server);
    }
  };
  meet_states(1, 10'000);
  const std::size_t before = groups.memory_used();
  meet_states(10'000, 60'000);
  CHECK(groups.memory_used() <= before);
  check_groups(fleet, groups);
}
