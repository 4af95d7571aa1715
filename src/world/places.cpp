#include "world/places.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();

constexpr std::size_t kAllocated = 0, kDown = 1, kPower = 2;  // of PlaceMap::quantities

std::string what_is_shared(const Scenario& scenario, const RackGroup& group) {
  bool with = false, without = false;
  for (const RackGroup::Run& run : group.servers) {
    (scenario.server_types[run.type].shape.accelerators > 0 ? with : without) = true;
  }
  return with && without ? "accelerators or cores" : with ? "accelerators" : "cores";
}

/// Servers of one type in one rack group, at a moment.
class BlockNow {
 public:
  BlockNow(const PowerMeter& power, const PoolState& pool, std::uint32_t block)
      : pool_(pool), shape_(pool.blocks[block].shape), part_(power.part(pool.power_part[block])) {
    const Resources& held = pool.fleet->used_in_block(block);
    if (held.cores_milli > 0) per_core_ = part_.cores_w / static_cast<double>(held.cores_milli);
    if (held.accelerator_milli > 0) {
      per_accelerator_ = part_.accelerators_w / static_cast<double>(held.accelerator_milli);
    }
  }

  /// `count` servers of the block, all in one rack.
  void add(ServerId first, std::uint32_t count, RackNow& now) const {
    const Resources used = pool_.fleet->used(first, count);
    now.all.cores_milli += shape_.cores_milli * count;
    now.all.accelerator_milli += std::int64_t{kWholeAccelerator} * shape_.accelerators * count;
    now.used += used;
    now.servers += count;
    now.watts += per_core_ * static_cast<double>(used.cores_milli) +
                 per_accelerator_ * static_cast<double>(used.accelerator_milli);
    if (pool_.availability == nullptr) {
      now.watts += part_.idle_each_w * count;
      return;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const ServerStatus status = pool_.availability->status[first.value + i];
      now.out += status == ServerStatus::up ? 0 : 1;
      now.watts += watts_of(status);
    }
  }

 private:
  double watts_of(ServerStatus status) const {
    if (status == ServerStatus::down) return 0;
    if (status == ServerStatus::booting) return part_.boot_each_w;
    return status == ServerStatus::off ? part_.off_each_w : part_.idle_each_w;
  }

  const PoolState& pool_;
  const ServerShape& shape_;
  PartPowerNow part_;
  double per_core_ = 0, per_accelerator_ = 0;
};

}  // namespace

std::vector<std::uint32_t> places_per_row(std::span<const std::uint32_t> sizes, std::size_t most) {
  const auto each = [](std::uint32_t size, std::uint64_t rows) {
    return static_cast<std::uint32_t>((size + rows - 1) / rows);
  };
  const auto rows_of_all = [&](std::uint64_t most_of_one) {
    std::uint64_t all = 0;
    for (const std::uint32_t size : sizes) {
      const std::uint32_t places = each(size, most_of_one);
      all += (size + places - 1) / places;
    }
    return all;
  };
  std::uint64_t low = 1, high = most;  // rows of the largest group; one at least
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (rows_of_all(middle) <= most) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  std::vector<std::uint32_t> out;
  for (const std::uint32_t size : sizes) out.push_back(each(size, low));
  return out;
}

PlaceRecorder::PlaceRecorder(const World& world, std::optional<std::uint64_t> steps)
    : world_(world) {
  build_groups();
  add_rack_rows();
  maps_.links.keys = {"fabric", "tier", "way", "from", "to"};
  maps_.links.quantities.push_back({"use", "1", {}, {}});
  for (const FabricState& fabric : world.fabrics) {
    links_.push_back(add_link_rows(*fabric.spec, maps_.links));
    maps_.fabrics.push_back(plan_of(*fabric.spec));
  }
  // More rows than one map may have, of many groups or fabrics, leave room for fewer moments.
  const std::size_t rows = std::max(maps_.racks.rows.size(), maps_.links.rows.size());
  if (rows > kMostPlaceRows) {
    most_moments_ = std::max<std::size_t>(24, kMostMoments * kMostPlaceRows / rows / 2 * 2);
  }
  if (steps) stride_ = std::max<std::uint64_t>(1, (*steps + most_moments_ - 1) / most_moments_);
}

void PlaceRecorder::build_groups() {
  const Scenario& scenario = *world_.scenario;
  std::vector<Group> by_group(scenario.racks.size());
  for (const PoolState& pool : world_.pools) {
    for (std::uint32_t block = 0; block < pool.blocks.size(); ++block) {
      Group& group = by_group[pool.block_racks[block]];
      if (group.pool == nullptr) group.first_block = block;
      group.pool = &pool;
      ++group.blocks;
    }
  }
  for (std::uint32_t i = 0; i < scenario.racks.size(); ++i) {
    std::uint32_t servers = 0;
    for (const RackGroup::Run& run : scenario.racks[i].servers) servers += run.count;
    const std::uint32_t each = scenario.racks[i].servers_per_rack;
    by_group[i].rack_group = i;
    by_group[i].racks = (servers + each - 1) / each;
    if (by_group[i].racks > 0) groups_.push_back(by_group[i]);
  }
}

void PlaceRecorder::add_rack_rows() {
  const Scenario& scenario = *world_.scenario;
  PlaceMap& map = maps_.racks;
  map.keys = {"group", "zone", "of"};
  std::vector<std::uint32_t> sizes;
  for (const Group& group : groups_) sizes.push_back(group.racks);
  const std::vector<std::uint32_t> each = places_per_row(sizes, kMostPlaceRows);
  bool powered = false;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Group& group = groups_[g];
    group.racks_per_row = each[g];
    const RackGroup& spec = scenario.racks[group.rack_group];
    powered = powered || world_.power.regions()[spec.region].known;
    group.first_row = static_cast<std::uint32_t>(map.rows.size());
    for (std::uint32_t rack = 0; rack < group.racks; rack += group.racks_per_row) {
      map.rows.push_back({{spec.name, world_.zones[world_.zone_of_rack[group.rack_group]],
                           what_is_shared(scenario, spec)},
                          rack,
                          std::min(group.racks_per_row, group.racks - rack)});
    }
  }
  map.quantities = {{"allocated", "1", {}, {}}, {"down", "1", {}, {}}};
  if (powered) map.quantities.push_back({"power", "W", {}, {}});
  choose_holders();
}

/// Names of workloads where there are several, else of tenants.
void PlaceRecorder::choose_holders() {
  const Scenario& scenario = *world_.scenario;
  PlaceMap& map = maps_.racks;
  for (const JobsWorkload& workload : scenario.workloads) {
    const std::string& name =
        workload.service ? scenario.services[*workload.service].name : workload.name;
    const auto known = std::find(map.holders.begin(), map.holders.end(), name);
    label_of_.push_back(static_cast<std::uint32_t>(known - map.holders.begin()));
    if (known == map.holders.end()) map.holders.push_back(name);
  }
  only_.assign(world_.pools.size(), kNobody);
  std::vector<bool> seen(world_.pools.size(), false);
  for (std::size_t w = 0; w < scenario.workloads.size(); ++w) {
    const std::uint32_t pool = scenario.workloads[w].pool;
    only_[pool] = seen[pool] && only_[pool] != label_of_[w] ? kNobody : label_of_[w];
    seen[pool] = true;
  }
  by_tenant_ = map.holders.size() < 2;
  holders_ = !map.holders.empty() && map.holders.size() <= kMostHolders;
  map.holder_kind = holders_ ? by_tenant_ ? "tenant" : "workload" : "";
  if (by_tenant_ || !holders_) map.holders.clear();
  for (const PoolState& pool : world_.pools) {
    row_of_.emplace_back(pool.fleet->servers(), 0);
  }
  has_accelerators_.assign(map.rows.size(), false);
  for (const Group& group : groups_) {
    if (group.pool == nullptr) continue;
    const std::uint32_t per_rack = scenario.racks[group.rack_group].servers_per_rack;
    const std::uint32_t first = group.pool->block_first[group.first_block];
    std::uint32_t servers = 0;
    for (std::uint32_t b = 0; b < group.blocks; ++b) {
      servers += group.pool->blocks[group.first_block + b].count;
    }
    for (std::uint32_t s = 0; s < servers; ++s) {
      const std::uint32_t row = group.first_row + s / per_rack / group.racks_per_row;
      row_of_[group.pool->index][first + s] = row;
      if (group.pool->fleet->shape({first + s}).accelerators > 0) has_accelerators_[row] = true;
    }
  }
}

void PlaceRecorder::step_closed(SimTime at) {
  if (++closed_ < stride_) return;
  moment(at);
}

void PlaceRecorder::close(SimTime end) {
  if (end > last_) moment(end);
}

void PlaceRecorder::moment(SimTime at) {
  if (std::max(maps_.racks.moments(), maps_.links.moments()) >= most_moments_) {
    join_moments(maps_.racks);
    join_moments(maps_.links);
    stride_ *= 2;
  }
  closed_ = 0;
  for (PlaceMap* map : {&maps_.racks, &maps_.links}) {
    if (map->rows.empty()) continue;
    map->from_s.push_back(to_seconds(last_));
    map->to_s.push_back(to_seconds(at));
  }
  if (!maps_.racks.rows.empty()) sample_racks();
  if (!maps_.links.rows.empty()) sample_links(at);
  last_ = at;
}

void PlaceRecorder::sample_racks() {
  PlaceMap& map = maps_.racks;
  for (PlaceQuantity& quantity : map.quantities) {
    quantity.mean.resize(quantity.mean.size() + map.rows.size(), 0);
    quantity.greatest.resize(quantity.mean.size(), kNoValue);
  }
  for (const Group& group : groups_) sample_group(group);
  if (holders_) sample_holders();
}

void PlaceRecorder::sample_group(const Group& group) {
  const RackGroup& spec = world_.scenario->racks[group.rack_group];
  const bool known = world_.power.regions()[spec.region].known;
  if (group.pool == nullptr) {  // servers in no pool idle
    RackNow idle;
    idle.all.cores_milli = 1;
    idle.servers = 1;
    idle.watts =
        known ? world_.power.rack(group.rack_group).drawn_w / group.racks : double{kNoValue};
    for (std::uint32_t rack = 0; rack < group.racks; ++rack) put_rack(group, rack, idle);
    return;
  }
  const PoolState& pool = *group.pool;
  RackNow now;
  std::uint32_t rack = 0;
  for (std::uint32_t b = group.first_block; b < group.first_block + group.blocks; ++b) {
    const BlockNow block(world_.power, pool, b);
    std::uint32_t next = 0;
    while (next < pool.blocks[b].count) {
      const std::uint32_t here =
          std::min(spec.servers_per_rack - now.servers, pool.blocks[b].count - next);
      block.add(ServerId{pool.block_first[b] + next}, here, now);
      next += here;
      if (now.servers < spec.servers_per_rack) continue;
      if (!known) now.watts = kNoValue;
      put_rack(group, rack++, now);
      now = {};
    }
  }
  if (!known) now.watts = kNoValue;
  if (now.servers > 0) put_rack(group, rack, now);
}

void PlaceRecorder::put_rack(const Group& group, std::uint32_t rack, const RackNow& now) {
  PlaceMap& map = maps_.racks;
  const std::size_t row = group.first_row + rack / group.racks_per_row;
  const std::size_t at = (map.moments() - 1) * map.rows.size() + row;
  const auto put = [&](std::size_t which, double value) {
    PlaceQuantity& quantity = map.quantities[which];
    quantity.mean[at] += static_cast<float>(value / map.rows[row].count);
    quantity.greatest[at] = std::fmax(quantity.greatest[at], static_cast<float>(value));
  };
  const bool cores = now.all.accelerator_milli == 0;
  const auto used = static_cast<double>(cores ? now.used.cores_milli : now.used.accelerator_milli);
  const auto all = static_cast<double>(cores ? now.all.cores_milli : now.all.accelerator_milli);
  put(kAllocated, all > 0 ? used / all : 0);
  put(kDown, static_cast<double>(now.out) / now.servers);
  if (map.quantities.size() > kPower) put(kPower, now.watts);
}

void PlaceRecorder::hold(const PoolState& pool, JobId job) {
  const JobView& view = pool.jobs[job.value];
  const std::uint32_t holder =
      by_tenant_ ? view.tenant : label_of_[pool.states[job.value].workload];
  for (const Share& share : shares_of(pool, job)) {
    const std::uint32_t at = row_of_[pool.index][share.server.value];
    std::vector<std::int64_t>& row = held_[at];
    if (holder >= row.size()) row.resize(holder + 1, 0);
    // Of what the row shows as allocated.
    row[holder] +=
        has_accelerators_[at] ? view.each.total_accelerator_milli() : view.each.cores_milli;
  }
}

/// Racks of pools of one workload: nobody else can hold anything there.
void PlaceRecorder::hold_by_only() {
  const PlaceMap& map = maps_.racks;
  const std::vector<float>& allocated = map.quantities[kAllocated].greatest;
  const std::size_t base = allocated.size() - map.rows.size();
  for (const Group& group : groups_) {
    const std::uint32_t only = group.pool == nullptr ? kNobody : only_[group.pool->index];
    if (only == kNobody) continue;
    const std::uint32_t rows = (group.racks + group.racks_per_row - 1) / group.racks_per_row;
    for (std::uint32_t row = group.first_row; row < group.first_row + rows; ++row) {
      held_[row].resize(map.holders.size(), 0);
      held_[row][only] = allocated[base + row] > 0 ? 1 : 0;
    }
  }
}

void PlaceRecorder::sample_holders() {
  PlaceMap& map = maps_.racks;
  if (by_tenant_ && world_.tenants.size() > kMostHolders) {
    holders_ = false;
    map.holder_kind.clear();
    map.holders.clear();
    map.holder.clear();
    return;
  }
  if (by_tenant_) map.holders = world_.tenants;
  held_.resize(map.rows.size());
  for (std::vector<std::int64_t>& row : held_) std::fill(row.begin(), row.end(), 0);
  for (std::size_t p = 0; p < world_.pools.size() && map.holders.size() > 1; ++p) {
    if (!by_tenant_ && only_[p] != kNobody) continue;
    for (const JobId job : world_.pools[p].running) hold(world_.pools[p], job);
  }
  if (!by_tenant_) hold_by_only();
  for (const std::vector<std::int64_t>& row : held_) {
    const auto most = std::max_element(row.begin(), row.end());
    const bool any = most != row.end() && *most > 0;
    map.holder.push_back(any ? static_cast<std::uint32_t>(most - row.begin()) : kNobody);
  }
}

void PlaceRecorder::sample_links(SimTime at) {
  const double seconds = to_seconds(at) - to_seconds(last_);
  PlaceMap& map = maps_.links;
  PlaceQuantity& use = map.quantities.front();
  const std::size_t base = use.mean.size();
  sums_.assign(map.rows.size(), 0);
  use.greatest.resize(base + map.rows.size(), 0);
  for (std::size_t f = 0; f < links_.size(); ++f) {
    SharedFabric& fabric = *world_.fabrics[f].fabric;
    LinkRows& rows = links_[f];
    const std::vector<std::uint64_t>& counted = fabric.link_bytes();
    bytes_.assign(counted.begin(), counted.end());
    fabric.add_live_bytes(at, bytes_);
    for (std::uint32_t l = 0; l < bytes_.size(); ++l) {
      const double share = (bytes_[l] - rows.before[l]) / rows.capacity_Bps[l] / seconds;
      sums_[rows.row_of[l]] += share;
      float& greatest = use.greatest[base + rows.row_of[l]];
      greatest = std::max(greatest, static_cast<float>(share));
    }
    std::swap(rows.before, bytes_);
  }
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    use.mean.push_back(static_cast<float>(sums_[row] / map.rows[row].count));
  }
}

PlaceMaps PlaceRecorder::take() {
  PlaceMap& racks = maps_.racks;
  if (racks.holders.size() < 2) {  // everything is held by the same one
    racks.holder_kind.clear();
    racks.holders.clear();
    racks.holder.clear();
  }
  return std::move(maps_);
}

}  // namespace hyperdc
