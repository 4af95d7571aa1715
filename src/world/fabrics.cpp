#include "world/fabrics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "world/collectives.hpp"

namespace hyperdc {

namespace {

void build_transfers(World& world) {
  Recorder& recorder = *world.recorder;
  for (const TransfersWorkload& spec : world.scenario->transfers) {
    const std::string prefix = "workloads." + spec.name + ".";
    TransfersState state;
    state.spec = &spec;
    state.time =
        recorder.declare({prefix + "flow_time", "s", "from the start until the last byte arrives",
                          MetricKind::sample});
    state.slowdown =
        recorder.declare({prefix + "flow_slowdown", "1", "flow time over that on an idle fabric",
                          MetricKind::sample});
    for (const FlowSizeClass& size : kFlowSizes) {
      state.slowdown_by_size.push_back(recorder.declare(
          {fmt::format("{}sizes.{}.flow_slowdown", prefix, size.name), "1",
           "flow time over that on an idle fabric, of flows of this size", MetricKind::sample}));
    }
    state.offered_count =
        recorder.declare({prefix + "flows", "flows", "flows started", MetricKind::counter});
    state.completed_count = recorder.declare(
        {prefix + "flows_completed", "flows", "flows completed", MetricKind::counter});
    state.bytes = recorder.declare(
        {prefix + "flow_bytes", "B", "bytes of completed flows", MetricKind::counter});
    world.transfers.push_back(std::move(state));
  }
}

void build_collectives(World& world) {
  Recorder& recorder = *world.recorder;
  for (const CollectivesWorkload& spec : world.scenario->collectives) {
    CollectivesState state;
    state.spec = &spec;
    state.exchanges = declare_exchanges(recorder, spec.name);
    state.iteration = recorder.declare({"workloads." + spec.name + ".iteration", "s",
                                        "computation and collective", MetricKind::sample});
    world.collectives.push_back(state);
  }
}

}  // namespace

void build_fabrics(World& world) {
  Recorder& recorder = *world.recorder;
  for (const FabricSpec& spec : world.scenario->fabrics) {
    const std::string prefix = "fabrics." + spec.name + ".";
    FabricState state;
    state.spec = &spec;
    SharedFabric::Options options;
    options.seed = hash_combine(world.seed, hash_bytes(prefix + "paths"));
    options.efficiency = spec.efficiency;
    options.rules = spec.rules;
    state.fabric = std::make_unique<SharedFabric>(spec.topology, options);
    state.flows = recorder.declare(
        {prefix + "flows", "flows", "flows that have not ended", MetricKind::level});
    state.waiting = recorder.declare(
        {prefix + "waiting", "flows", "flows without a path that is alive", MetricKind::level});
    state.delivered =
        recorder.declare({prefix + "delivered", "B", "bytes of ended flows", MetricKind::counter});
    recorder.level(state.flows, SimTime{}, 0);
    recorder.level(state.waiting, SimTime{}, 0);
    world.fabrics.push_back(std::move(state));
  }
  build_transfers(world);
  build_collectives(world);
}

std::vector<std::uint32_t> first_servers(const Scenario& scenario) {
  std::vector<std::uint32_t> servers(scenario.regions.size(), 0);
  std::vector<std::uint32_t> first;
  for (const RackGroup& rack : scenario.racks) {
    first.push_back(servers[rack.region]);
    for (const RackGroup::Run& run : rack.servers) servers[rack.region] += run.count;
  }
  return first;
}

void attach_servers(World& world) {
  const Scenario& scenario = *world.scenario;
  const std::vector<std::uint32_t> first_of_rack = first_servers(scenario);
  for (PoolState& pool : world.pools) {
    std::uint32_t in_rack = 0;
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      const std::uint32_t rack = pool.block_racks[block];
      if (block == 0 || pool.block_racks[block - 1] != rack) in_rack = 0;
      const auto fabric = fabric_of_region(scenario.fabrics, pool.block_region[block]);
      const std::uint32_t each =
          fabric ? scenario.fabrics[*fabric].topology->endpoints_per_server() : 0;
      pool.block_endpoint.push_back((first_of_rack[rack] + in_rack) * each);
      in_rack += pool.blocks[block].count;
    }
  }
}

std::uint32_t first_endpoint(const PoolState& pool, ServerId server, std::uint32_t each) {
  const std::uint32_t block = pool.fleet->block_of(server);
  return pool.block_endpoint[block] + (server.value - pool.block_first[block]) * each;
}

void add_endpoints(const PoolState& pool, const Share& share, std::uint32_t each,
                   std::vector<EndpointId>& endpoints) {
  const std::uint32_t first = first_endpoint(pool, share.server, each);
  if (each == 1 || share.devices == 0) {
    endpoints.push_back({first});
    return;
  }
  for (std::uint32_t device = 0; device < each; ++device) {
    if ((share.devices >> device & 1) != 0) endpoints.push_back({first + device});
  }
}

void publish_flows(const World& world, const FabricState& state, SimTime now) {
  world.recorder->level(state.flows, now, static_cast<double>(state.fabric->live()));
  world.recorder->level(state.waiting, now, static_cast<double>(state.fabric->waiting()));
}

void fabric_changed(FabricState& state, Engine& engine) {
  if (state.settles_at == engine.now()) return;
  state.settles_at = engine.now();
  engine.schedule(engine.now(), Phase::workload, state.process, 0);
}

FlowId start_flow(World& world, std::uint32_t fabric, const FlowSpec& spec, const FlowOwner& owner,
                  Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  const FlowId flow = state.fabric->start(spec, engine.now());
  if (flow.value >= state.owners.size()) state.owners.resize(flow.value + 1);
  state.owners[flow.value] = owner;
  fabric_changed(state, engine);
  return flow;
}

namespace {

/// Sets links to what their causes leave them.
void set_links(FabricState& state, std::span<const LinkId> links, Engine& engine) {
  std::vector<LinkId> each(links.begin(), links.end());
  std::ranges::sort(each, {}, &LinkId::value);
  each.erase(std::unique(each.begin(), each.end()), each.end());
  std::vector<LinkFraction> set;
  set.reserve(each.size());
  for (const LinkId link : each) {
    const auto at = state.link_faults.find(link.value);
    const bool whole = at == state.link_faults.end();
    set.push_back({link, whole ? 1 : *std::ranges::min_element(at->second)});
  }
  ++state.fault_changes;
  state.fabric->set_capacities(set, engine.now());
  fabric_changed(state, engine);
}

}  // namespace

void degrade_links(World& world, std::uint32_t fabric, std::span<const LinkId> links, double share,
                   Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  for (const LinkId link : links) state.link_faults[link.value].push_back(share);
  set_links(state, links, engine);
}

void restore_links(World& world, std::uint32_t fabric, std::span<const LinkId> links, double share,
                   Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  for (const LinkId link : links) {
    const auto at = state.link_faults.find(link.value);
    HYPERDC_CHECK(at != state.link_faults.end(), "a link comes back that was not down");
    std::vector<double>& shares = at->second;
    shares.erase(std::ranges::find(shares, share));
    if (shares.empty()) state.link_faults.erase(at);
  }
  set_links(state, links, engine);
}

void free_flow_group(FabricState& state, std::uint32_t group) {
  state.groups[group].flows.clear();
  state.groups[group].sent_event = kNoEvent;
  state.free_groups.push_back(group);
}

void count_sent(FabricState& state, std::uint32_t group, Engine& engine) {
  FlowGroup& all = state.groups[group];
  HYPERDC_CHECK(all.left > 0, "more flows of a group ended than began");
  if (--all.left > 0) return;
  all.sent_event = engine.schedule(engine.now(), Phase::workload, all.owner.process, all.owner.kind,
                                   all.owner.arg);
}

std::uint64_t cancel_flow(World& world, std::uint32_t fabric, FlowId flow, Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  const std::uint64_t sent = state.fabric->cancel(flow, engine.now());
  state.owners[flow.value] = {};
  world.recorder->add(state.delivered, engine.now(), static_cast<double>(sent));
  fabric_changed(state, engine);
  return sent;
}

std::uint32_t start_flow_group(World& world, std::uint32_t fabric, std::span<const FlowSpec> flows,
                               const FlowOwner& owner, Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  auto group = static_cast<std::uint32_t>(state.groups.size());
  if (state.free_groups.empty()) {
    state.groups.emplace_back();
  } else {
    group = state.free_groups.back();
    state.free_groups.pop_back();
  }
  state.groups[group].owner = owner;
  state.groups[group].left = flows.size();
  FlowOwner member;
  member.group = group;
  for (const FlowSpec& flow : flows) {
    const FlowId id = start_flow(world, fabric, flow, member, engine);
    state.groups[group].flows.push_back(id);
  }
  return group;
}

void cancel_flow_group(World& world, std::uint32_t fabric, std::uint32_t group, Engine& engine) {
  FabricState& state = world.fabrics[fabric];
  for (const FlowId flow : state.groups[group].flows) {
    if (state.owners[flow.value].group == group) cancel_flow(world, fabric, flow, engine);
  }
  if (state.groups[group].sent_event != kNoEvent) engine.cancel(state.groups[group].sent_event);
  free_flow_group(state, group);
}

namespace {

void miss_tier(const std::string& prefix, const std::string& reason,
               std::vector<MetricValue>& values) {
  for (const char* what : {"mean", "p50", "p99", "max"}) {
    values.push_back({prefix + "utilization." + what, "1", std::nullopt, reason});
  }
}

/// What crossed the links of one tier, as shares of what could have.
void read_tier(const FabricState& state, std::uint32_t tier, const std::string& prefix,
               double measured_s, std::vector<MetricValue>& values) {
  const SharedFabric& fabric = *state.fabric;
  std::vector<double> shares;
  double bytes = 0;
  double capacity = 0;
  for (std::uint32_t l = 0; l < fabric.topology().links(); ++l) {
    if (fabric.topology().link({l}).tier != tier) continue;
    const std::uint64_t before = state.link_bytes_before.empty() ? 0 : state.link_bytes_before[l];
    const auto crossed = static_cast<double>(fabric.link_bytes({l}) - before);
    bytes += crossed;
    capacity += fabric.capacity_Bps({l});
    shares.push_back(crossed / fabric.capacity_Bps({l}) / measured_s);
  }
  if (shares.empty()) {
    return miss_tier(prefix, "the fabric has no such links", values);
  }
  std::sort(shares.begin(), shares.end());
  const auto quantile = [&](std::size_t percent) {
    return shares[(shares.size() * percent + 99) / 100 - 1];
  };
  values.push_back({prefix + "utilization.mean", "1", bytes / capacity / measured_s, {}});
  values.push_back({prefix + "utilization.p50", "1", quantile(50), {}});
  values.push_back({prefix + "utilization.p99", "1", quantile(99), {}});
  values.push_back({prefix + "utilization.max", "1", shares.back(), {}});
}

void read_fabric(const FabricState& state, double measured_s, std::vector<MetricValue>& values) {
  const std::string name = "fabrics." + state.spec->name;
  const auto tiers = state.fabric->topology().link_tiers();
  for (std::uint32_t tier = 0; tier < tiers.size(); ++tier) {
    const std::string prefix = fmt::format("{}.tiers.{}.", name, tiers[tier]);
    if (measured_s > 0) {
      read_tier(state, tier, prefix, measured_s, values);
      continue;
    }
    miss_tier(prefix, "the warm-up is the whole run", values);
  }
}

void read_collectives(const CollectivesState& state, std::vector<MetricValue>& values) {
  const std::string prefix = "workloads." + state.spec->name + ".";
  const PreparedCollective& prepared = state.spec->prepared;
  values.push_back({prefix + "exchange_alone", "s", to_seconds(prepared.alone), {}});
  if (state.exchanging_ns == 0) {
    const std::string reason = "no collective that took time completed after the warm-up";
    values.push_back({prefix + "bus_bandwidth", "B/s", std::nullopt, reason});
    values.push_back({prefix + "exchange_share", "1", std::nullopt, reason});
    return;
  }
  // The bus bandwidth of the closed form, less by what the collectives took longer.
  const auto exchanging = static_cast<double>(state.exchanging_ns);
  const auto times = static_cast<double>(state.measured);
  const double alone = static_cast<double>(prepared.alone.ns) * times;
  values.push_back({prefix + "bus_bandwidth", "B/s", prepared.bus_Bps * alone / exchanging, {}});
  values.push_back(
      {prefix + "exchange_share", "1", exchanging / static_cast<double>(state.all_ns), {}});
}

}  // namespace

void close_fabrics(World& world, SimTime end) {
  for (FabricState& state : world.fabrics) state.fabric->count_live(end);
}

void read_fabrics(const World& world, SimTime end, std::vector<MetricValue>& values) {
  const double measured_s = to_seconds(end) - to_seconds(world.scenario->warmup);
  for (const TransfersState& state : world.transfers) {
    const std::string prefix = "workloads." + state.spec->name + ".";
    values.push_back({prefix + "flows_unfinished",
                      "flows",
                      static_cast<double>(state.offered - state.completed),
                      {}});
    if (measured_s > 0) {
      values.push_back(
          {prefix + "flow_throughput", "B/s", world.recorder->total(state.bytes) / measured_s, {}});
    } else {
      values.push_back(
          {prefix + "flow_throughput", "B/s", std::nullopt, "the warm-up is the whole run"});
    }
  }
  for (const CollectivesState& state : world.collectives) read_collectives(state, values);
  for (const FabricState& state : world.fabrics) read_fabric(state, measured_s, values);
}

}  // namespace hyperdc
