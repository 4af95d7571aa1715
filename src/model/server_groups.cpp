#include "model/server_groups.hpp"

#include <algorithm>
#include <cstring>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// Empty groups that are kept: this many, or twice the live ones.
constexpr std::uint32_t kEmptyKept = 512;
constexpr std::size_t kLogAtLeast = 4096;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
  return hash ^ (hash >> 32);
}

}  // namespace

ServerGroups::ServerGroups(const Fleet& fleet) : fleet_(fleet) {
  for (const FleetBlock& block : fleet.blocks()) {
    const auto it = std::find(types_.begin(), types_.end(), block.shape);
    type_of_.push_back(static_cast<std::uint32_t>(it - types_.begin()));
    if (it == types_.end()) types_.push_back(block.shape);
    stride_ = std::max<std::size_t>(stride_, block.shape.accelerators);
  }
  group_of_.assign(fleet.servers(), kNone);
  log_.assign(kLogAtLeast, GroupId{});
  table_.assign(64, 0);
  build();
}

void ServerGroups::build() {
  // In falling order, for which OrderSet fills its chunks.
  std::uint32_t id = kNone;
  for (std::uint32_t place = fleet_.servers(); place-- > 0;) {
    const ServerId server = fleet_.server_at(place);
    const bool again = id != kNone && same(groups_[id], id, server, groups_[id].hash);
    if (!again) id = find_or_make(server);
    groups_[id].members.insert(place, fleet_.memory_left(server));
    group_of_[server.value] = id;
    if (groups_[id].live_at == kNone) make_live(id);
  }
  for (const GroupId group : live_) note_first(group.value);
}

std::uint64_t ServerGroups::hash_of(ServerId server) const {
  std::uint64_t hash = mix(type_of_[fleet_.block_of(server)],
                           static_cast<std::uint64_t>(fleet_.cores_left_milli(server)));
  hash = mix(hash, fleet_.holds(server));
  const auto left = fleet_.accelerators_left_milli(server);
  std::size_t i = 0;
  for (; i + 4 <= left.size(); i += 4) {
    std::uint64_t word = 0;
    std::memcpy(&word, left.data() + i, sizeof word);
    hash = mix(hash, word);
  }
  for (; i < left.size(); ++i) hash = mix(hash, left[i]);
  return hash;
}

bool ServerGroups::same(const Group& group, std::uint32_t id, ServerId server,
                        std::uint64_t hash) const {
  if (group.hash != hash || group.cores_left != fleet_.cores_left_milli(server) ||
      group.holds != fleet_.holds(server) || group.type != type_of_[fleet_.block_of(server)]) {
    return false;
  }
  const auto left = fleet_.accelerators_left_milli(server);
  return std::equal(left.begin(), left.end(), devices_.data() + id * stride_);
}

std::uint32_t ServerGroups::find_or_make(ServerId server) {
  const std::uint64_t hash = hash_of(server);
  const std::size_t last = table_.size() - 1;
  for (std::size_t at = hash & last; table_[at] != 0; at = (at + 1) & last) {
    const std::uint32_t id = table_[at] - 1;
    if (same(groups_[id], id, server, hash)) return id;
  }
  return make(server, hash);
}

std::uint32_t ServerGroups::make(ServerId server, std::uint64_t hash) {
  if (empty_ > std::max<std::size_t>(kEmptyKept, 2 * live_.size())) recycle_oldest();
  std::uint32_t id = kNone;
  if (unused_.empty()) {
    id = id_end();
    groups_.emplace_back();
    standing_.emplace_back();
    devices_.resize(devices_.size() + stride_);
  } else {
    id = unused_.back();
    unused_.pop_back();
  }
  Group& group = groups_[id];
  group.hash = hash;
  group.cores_left = fleet_.cores_left_milli(server);
  group.holds = fleet_.holds(server);
  group.type = type_of_[fleet_.block_of(server)];
  const auto left = fleet_.accelerators_left_milli(server);
  std::copy(left.begin(), left.end(), devices_.begin() + std::ptrdiff_t(id * stride_));
  standing_[id].version += 1;
  if (2 * (groups_.size() - unused_.size()) > table_.size()) {
    rehash();  // enters this group too
  } else {
    place_in_table(id);
  }
  return id;
}

void ServerGroups::place_in_table(std::uint32_t id) {
  const std::size_t last = table_.size() - 1;
  std::size_t at = groups_[id].hash & last;
  while (table_[at] != 0) at = (at + 1) & last;
  table_[at] = id + 1;
}

/// Linear probing without tombstones: entries behind the hole move up when their home allows.
void ServerGroups::remove_from_table(std::uint32_t id) {
  const std::size_t last = table_.size() - 1;
  std::size_t hole = groups_[id].hash & last;
  while (table_[hole] != id + 1) hole = (hole + 1) & last;
  for (std::size_t at = (hole + 1) & last; table_[at] != 0; at = (at + 1) & last) {
    const std::size_t home = groups_[table_[at] - 1].hash & last;
    if (((at - home) & last) < ((at - hole) & last)) continue;
    table_[hole] = table_[at];
    hole = at;
  }
  table_[hole] = 0;
}

void ServerGroups::rehash() {
  table_.assign(table_.size() * 2, 0);
  std::vector<bool> out(groups_.size(), false);
  for (const std::uint32_t id : unused_) out[id] = true;
  for (std::uint32_t id = 0; id < id_end(); ++id) {
    if (!out[id]) place_in_table(id);
  }
}

void ServerGroups::recycle_oldest() {
  const std::uint32_t id = oldest_;
  unlink(id);
  remove_from_table(id);
  groups_[id].members = OrderSet();
  unused_.push_back(id);
}

void ServerGroups::make_live(std::uint32_t id) {
  Group& group = groups_[id];
  if (group.older != kNone || group.newer != kNone || oldest_ == id) unlink(id);
  group.live_at = static_cast<std::uint32_t>(live_.size());
  live_.push_back(GroupId{id});
  grow_log();
}

void ServerGroups::make_empty(std::uint32_t id) {
  Group& group = groups_[id];
  groups_[live_.back().value].live_at = group.live_at;
  live_[group.live_at] = live_.back();
  live_.pop_back();
  group.live_at = kNone;
  group.older = newest_;
  (newest_ == kNone ? oldest_ : groups_[newest_].newer) = id;
  newest_ = id;
  ++empty_;
}

void ServerGroups::unlink(std::uint32_t id) {
  Group& group = groups_[id];
  (group.older == kNone ? oldest_ : groups_[group.older].newer) = group.newer;
  (group.newer == kNone ? newest_ : groups_[group.newer].older) = group.older;
  group.older = group.newer = kNone;
  --empty_;
}

void ServerGroups::note_first(std::uint32_t id) {
  const std::uint32_t first = groups_[id].members.first();
  const bool lower = first < standing_[id].first;
  standing_[id].first = first;
  if (!lower) return;
  log_[changes_ & (log_.size() - 1)] = GroupId{id};
  ++changes_;
}

/// Entry i sits at i modulo the size: doubling copies each to its new place.
void ServerGroups::grow_log() {
  if (live_.size() <= log_.size()) return;
  std::vector<GroupId> larger(log_.size() * 2);
  for (std::uint64_t i = changes_kept_from(); i < changes_; ++i) {
    larger[i & (larger.size() - 1)] = changed(i);
  }
  log_ = std::move(larger);
}

void ServerGroups::update(ServerId server) {
  const std::uint32_t place = fleet_.order_of(server);
  const std::uint32_t from = group_of_[server.value];
  const std::uint32_t to = find_or_make(server);
  groups_[from].members.erase(place);
  groups_[to].members.insert(place, fleet_.memory_left(server));
  if (from == to) return;  // only its memory changed: the same place is in the set again
  group_of_[server.value] = to;
  if (groups_[from].members.empty()) make_empty(from);
  if (groups_[to].live_at == kNone) make_live(to);
  note_first(from);
  note_first(to);
}

ServerGroups::State ServerGroups::state(GroupId group) const {
  const Group& g = groups_[group.value];
  const ServerShape& shape = types_[g.type];
  return {
      &shape, g.cores_left, {devices_.data() + group.value * stride_, shape.accelerators}, g.holds};
}

std::size_t ServerGroups::memory_used() const {
  const auto bytes = [](const auto& v) { return v.capacity() * sizeof(v[0]); };
  std::size_t sum = bytes(types_) + bytes(type_of_) + bytes(group_of_) + bytes(groups_) +
                    bytes(devices_) + bytes(standing_) + bytes(live_) + bytes(unused_) +
                    bytes(table_) + bytes(log_);
  for (const Group& group : groups_) sum += group.members.memory_used();
  return sum;
}

}  // namespace hyperdc
