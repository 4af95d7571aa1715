// NodesPicture: the view of a node autoscaler, built anew at each decision.
#include <algorithm>
#include <map>
#include <tuple>

#include "world/nodes/nodes.hpp"

namespace hyperdc {

namespace {

NodeState node_state(ServerStatus status) {
  switch (status) {
    case ServerStatus::up:
      return NodeState::up;
    case ServerStatus::draining:
      return NodeState::draining;
    case ServerStatus::booting:
      return NodeState::booting;
    case ServerStatus::down:
    case ServerStatus::off:
      break;
  }
  return NodeState::down;
}

}  // namespace

NodesPicture::NodesPicture(const World& world, PoolState& pool, SimTime now) {
  const NodesState& nodes = *pool.nodes;
  view_.now = now;
  view_.min = nodes.spec->min;
  view_.max = nodes.spec->max;
  view_.fresh = nodes.fresh;
  add_groups(world, pool);
  add_servers(pool);
  add_pending(pool);
}

void NodesPicture::add_groups(const World& world, const PoolState& pool) {
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    NodeGroup group;
    group.name = world.scenario->racks[pool.block_racks[block]].name;
    group.shape = pool.blocks[block].shape;
    const auto& price = world.scenario->server_types[pool.block_type[block]].price;
    if (price) group.price_usd_per_s = price->mean_usd_per_s();
    group.off = static_cast<std::uint32_t>(pool.nodes->off[block].size());
    groups_.push_back(group);
  }
  view_.groups = groups_;
}

namespace {

/// What a job asks of servers that may be switched on. The zone of a replica is no condition: one
/// that finds no room there is asked for anew, anywhere.
Request wanted_of(const JobView& job) {
  Request each = job.each;
  each.zones = 0;
  return each;
}

}  // namespace

void NodesPicture::add_residents(PoolState& pool, ServerId server) {
  scratch_.clear();
  pool.availability->residents.list(server, 0, scratch_);
  std::sort(scratch_.begin(), scratch_.end(), [&](JobId a, JobId b) {
    return pool.jobs[a.value].number < pool.jobs[b.value].number;
  });
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    if (i > 0 && scratch_[i] == scratch_[i - 1]) {
      ++residents_.back().members;
      continue;
    }
    const bool movable = pool.states[scratch_[i].value].owned || pool.nodes->spec->jobs_move;
    residents_.push_back({wanted_of(pool.jobs[scratch_[i].value]), 1, movable});
  }
}

void NodesPicture::add_servers(PoolState& pool) {
  const NodesState& nodes = *pool.nodes;
  std::vector<std::size_t> first_resident;
  std::vector<std::size_t> first_device;
  for (const std::uint32_t id : nodes.on) {
    const ServerId server{id};
    const NodesState::Server& of = nodes.servers[id];
    const std::uint32_t block = pool.fleet->block_of(server);
    const ServerShape& shape = pool.blocks[block].shape;
    NodeServer out;
    out.server = server;
    out.group = block;
    out.state = node_state(pool.availability->status[id]);
    out.since = of.since;
    out.asked_for = of.asked_for;
    out.changed = of.changed;
    first_device.push_back(devices_.size());
    first_resident.push_back(residents_.size());
    devices_.resize(devices_.size() + shape.accelerators, 0);
    const auto left = devices_.end() - static_cast<std::ptrdiff_t>(shape.accelerators);
    if (out.state == NodeState::up) {
      out.cores_left_milli = pool.fleet->cores_left_milli(server);
      out.memory_left = pool.fleet->memory_left(server);
      const auto now = pool.fleet->accelerators_left_milli(server);
      std::copy(now.begin(), now.end(), left);
    } else if (out.state == NodeState::booting) {
      out.cores_left_milli = shape.cores_milli;
      out.memory_left = shape.memory_bytes;
      std::fill(left, devices_.end(), std::uint16_t{kWholeAccelerator});
    }
    add_residents(pool, server);
    servers_.push_back(out);
  }
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const bool last = i + 1 == servers_.size();
    const std::size_t devices_end = last ? devices_.size() : first_device[i + 1];
    const std::size_t residents_end = last ? residents_.size() : first_resident[i + 1];
    servers_[i].accelerators_left_milli = {devices_.data() + first_device[i],
                                           devices_end - first_device[i]};
    servers_[i].residents = {residents_.data() + first_resident[i],
                             residents_end - first_resident[i]};
  }
  view_.servers = servers_;
}

void NodesPicture::add_pending(const PoolState& pool) {
  using Kind =
      std::tuple<std::int64_t, std::int64_t, std::int32_t, std::int32_t, ModelSet, std::uint32_t>;
  std::map<Kind, std::size_t> known;
  for (const auto& [number, waiting] : pool.nodes->waiting) {
    const JobView& job = pool.jobs[waiting.job.value];
    const Request each = wanted_of(job);
    const Kind kind{each.cores_milli,       each.memory_bytes, each.accelerators,
                    each.accelerator_milli, each.models,       job.members};
    const auto [at, fresh] = known.try_emplace(kind, pending_.size());
    if (fresh) pending_.push_back({each, job.members, 0, waiting.since});
    NodePending& pending = pending_[at->second];
    ++pending.jobs;
    pending.oldest = std::min(pending.oldest, waiting.since);
  }
  view_.pending = pending_;
}

}  // namespace hyperdc
