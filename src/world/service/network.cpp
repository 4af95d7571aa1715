#include "world/service/network.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "world/fabrics.hpp"
#include "world/pool.hpp"
#include "world/service/answers.hpp"

namespace hyperdc {

namespace {

constexpr double kMostOffered = 0x1p52;  // bytes
constexpr std::uint32_t kIn = 0;         // and 1: out

std::uint64_t arg_of(std::uint32_t deployment, std::uint32_t replica, std::uint32_t way) {
  return std::uint64_t{deployment} << 40 | std::uint64_t{replica} << 1 | way;
}

/// Where the job of a replica is attached: its first accelerator, or its server.
EndpointId endpoint_of(const World& world, const ServiceNetwork& net, const PoolState& pool,
                       JobId job) {
  const std::uint32_t each = world.scenario->fabrics[net.fabric].topology->endpoints_per_server();
  std::vector<EndpointId> endpoints;
  add_endpoints(pool, shares_of(pool, job).front(), each, endpoints);
  return endpoints.front();
}

/// Takes the flow of before out; the bytes that it had still to send.
std::uint64_t take_back(World& world, const ServiceNetwork& net, ReplicaTraffic::Way& way,
                        Engine& engine) {
  if (!way.group) return 0;
  FabricState& state = world.fabrics[net.fabric];
  if (state.groups[*way.group].left == 0) {  // sent in this moment
    cancel_flow_group(world, net.fabric, *way.group, engine);
    way.group.reset();
    return 0;
  }
  const FlowId flow = state.groups[*way.group].flows.front();
  const std::uint64_t sent = cancel_flow(world, net.fabric, flow, engine);
  free_flow_group(state, *way.group);
  way.group.reset();
  return way.bytes - sent;
}

FlowSpec flow_of(const ServiceState& service, const ReplicaTraffic& traffic, std::uint32_t gateway,
                 std::uint32_t way, std::uint64_t bytes) {
  const ServiceNetworkSpec& spec = *service.spec->network;
  FlowSpec flow;
  flow.from = way == kIn ? EndpointId{gateway} : traffic.endpoint;
  flow.to = way == kIn ? traffic.endpoint : EndpointId{gateway};
  flow.bytes = bytes;
  flow.cap_Bps = static_cast<double>(bytes) / to_seconds(spec.interval);
  flow.weight = spec.weight;
  flow.label = static_cast<std::uint32_t>(hash_combine(service.index, traffic.number));
  return flow;
}

/// What a way will take until the next tick; its flow has been started.
struct Offer {
  std::uint64_t bytes = 0;    // of the interval
  std::uint64_t backlog = 0;  // of before
  double share_Bps = 0;       // that its flow could have
};

Duration way_delay(World& world, const ServiceState& service, const ReplicaTraffic& traffic,
                   std::uint32_t gateway, std::uint32_t way, const Offer& offer) {
  const ServiceNetworkSpec& spec = *service.spec->network;
  SharedFabric& fabric = *world.fabrics[service.network->fabric].fabric;
  const double message = way == kIn ? spec.request_bytes : spec.response_bytes;
  FlowSpec alone = flow_of(service, traffic, gateway, way, 0);
  if (!traffic.ways[way].group) {  // nothing was moved: as if alone
    alone.bytes = static_cast<std::uint64_t>(std::ceil(message));
    alone.cap_Bps = kNoCap_Bps;
    return fabric.alone(alone);
  }
  const auto& flows = world.fabrics[service.network->fabric].groups[*traffic.ways[way].group].flows;
  const Duration latency = fabric.latency(flows.front());
  constexpr double kLongest_s = 3600;
  const double share_Bps = offer.share_Bps;
  const double interval_s = to_seconds(spec.interval);
  if (share_Bps <= 0) return latency + seconds(kLongest_s);  // too small for a double
  const double load = static_cast<double>(offer.bytes) / (share_Bps * interval_s);
  const double own_s = message / share_Bps;
  const double longest_s = own_s + interval_s;
  const double shared_s = load < 1 ? std::min(own_s / (1 - load), longest_s) : longest_s;
  const double queued_s = static_cast<double>(offer.backlog) / share_Bps;
  return latency + seconds(std::min(shared_s + queued_s, kLongest_s));
}

/// By deployment, replica and way.
using Offers = std::vector<std::vector<std::array<Offer, 2>>>;

/// All at once: what flows of one gateway share is worked out once.
void find_shares(World& world, const ServiceNetwork& net, Offers& offers) {
  std::vector<FlowId> flows;
  std::vector<Offer*> of_flow;
  for (std::size_t d = 0; d < offers.size(); ++d) {
    for (std::size_t i = 0; i < offers[d].size(); ++i) {
      for (std::uint32_t way = 0; way < 2; ++way) {
        const auto group = net.replicas[d][i].ways[way].group;
        if (!group) continue;
        flows.push_back(world.fabrics[net.fabric].groups[*group].flows.front());
        of_flow.push_back(&offers[d][i][way]);
      }
    }
  }
  const std::vector<double> shares_Bps = world.fabrics[net.fabric].fabric->greedy_Bps(flows);
  for (std::size_t i = 0; i < flows.size(); ++i) of_flow[i]->share_Bps = shares_Bps[i];
}

std::uint32_t gateway_of(const ServiceState& service, std::uint32_t replica) {
  return service.network->gateway + replica % service.spec->network->gateways;
}

/// Both ways, on a fabric that is whole and has nothing else to do.
Duration delay_alone(const World& world, const ServiceState& service, const ReplicaTraffic& traffic,
                     std::uint32_t gateway) {
  Duration both;
  for (std::uint32_t way = 0; way < 2; ++way) {
    const double bytes =
        way == kIn ? service.spec->network->request_bytes : service.spec->network->response_bytes;
    FlowSpec flow = flow_of(service, traffic, gateway, way, 0);
    flow.bytes = static_cast<std::uint64_t>(std::ceil(bytes));
    flow.cap_Bps = kNoCap_Bps;
    both = both + world.fabrics[service.network->fabric].fabric->alone(flow);
  }
  return both;
}

/// Looks whether both ways have a path, unless that is known.
void look_for_paths(const World& world, const ServiceState& service, std::uint32_t gateway,
                    ReplicaTraffic& traffic) {
  const FabricState& state = world.fabrics[service.network->fabric];
  if (traffic.number == 0 || traffic.cut || traffic.looked == state.fault_changes) return;
  traffic.looked = state.fault_changes;
  for (std::uint32_t way = 0; way < 2; ++way) {
    const FlowSpec flow = flow_of(service, traffic, gateway, way, 0);
    traffic.cut = traffic.cut || !state.fabric->reaches(flow);
  }
}

void publish_held(const World& world, const ServiceNetwork& net, SimTime now) {
  world.recorder->level(net.held_level, now, static_cast<double>(net.held.size()));
}

/// A replica that has not been seen: until the next tick it has the fabric to itself.
void meet_replica(const World& world, const ServiceState& service, std::uint32_t deployment,
                  std::uint32_t replica, ReplicaTraffic& traffic) {
  const ServiceNetwork& net = *service.network;
  const DeploymentState& state = service.deployments[deployment];
  const ReplicaInfo& info = state.infos[replica];
  traffic.answers = 0;
  traffic.number = info.number + 1;
  traffic.endpoint = endpoint_of(world, net, world.pools[state.spec->pool], info.job);
  traffic.cut = false;
  traffic.looked.reset();
  traffic.delay = delay_alone(world, service, traffic, gateway_of(service, replica));
}

bool is_fresh(const ServiceState& service, std::uint32_t deployment, std::uint32_t replica,
              const ReplicaTraffic& traffic) {
  return traffic.number != service.deployments[deployment].infos[replica].number + 1;
}

bool is_placed(const ReplicaState& replica) {
  return replica.phase == ReplicaPhase::ready || replica.phase == ReplicaPhase::draining;
}

}  // namespace

void build_service_network(World& world, ServiceState& service) {
  if (!service.spec->network) return;
  service.network = std::make_unique<ServiceNetwork>();
  ServiceNetwork& net = *service.network;
  const auto fabric =
      fabric_of_region(world.scenario->fabrics, service.spec->deployments.front().region);
  HYPERDC_CHECK(fabric, "a service with a network has a fabric");
  net.fabric = *fabric;
  net.gateway =
      world.scenario->fabrics[net.fabric].topology->hosts() - service.spec->network->gateways;
  net.replicas.resize(service.deployments.size());
  net.delay =
      world.recorder->declare({"workloads." + service.spec->name + ".network", "s",
                               "time of request and answer on the fabric", MetricKind::sample});
  net.held_level =
      world.recorder->declare({"workloads." + service.spec->name + ".network_held", "requests",
                               "answers that wait for a path", MetricKind::level});
  publish_held(world, net, SimTime{});
}

std::optional<Duration> network_delay(const ServiceContext& c, std::uint32_t slot) {
  if (c.service.network == nullptr) return Duration{};
  ServiceNetwork& net = *c.service.network;
  RequestState& request = c.service.requests[slot];
  const std::uint32_t replica = request.replica;
  const DeploymentState& deployment = c.service.deployments[request.deployment];
  std::vector<ReplicaTraffic>& all = net.replicas[request.deployment];
  if (replica >= all.size()) all.resize(deployment.replicas.size());
  ReplicaTraffic& traffic = all[replica];
  const bool placed = is_placed(deployment.replicas[replica]);
  if (placed && is_fresh(c.service, request.deployment, replica, traffic)) {
    meet_replica(c.world, c.service, request.deployment, replica, traffic);
  }
  ++traffic.answers;
  look_for_paths(c.world, c.service, gateway_of(c.service, replica), traffic);
  const SimTime now = c.engine.now();
  if (traffic.cut) {
    request.phase = RequestPhase::answering;
    request.event = kNoEvent;
    net.held.push_back({slot, now, traffic.endpoint, traffic.number});
    publish_held(c.world, net, now);
    return std::nullopt;
  }
  c.world.recorder->sample(net.delay, request.arrived, to_seconds(traffic.delay));
  return traffic.delay;
}

void lose_held_answers(const ServiceContext& c, const DeploymentState& deployment,
                       std::uint32_t replica) {
  if (c.service.network == nullptr || c.service.network->held.empty()) return;
  ServiceNetwork& net = *c.service.network;
  std::vector<std::uint32_t> lost;
  std::erase_if(net.held, [&](const HeldAnswer& one) {
    const RequestState& request = c.service.requests[one.request];
    const bool there = request.deployment == deployment.index && request.replica == replica &&
                       one.number == deployment.infos[replica].number + 1;
    if (there) lost.push_back(one.request);
    return there;
  });
  publish_held(c.world, net, c.engine.now());
  for (const std::uint32_t slot : lost) {
    c.service.requests[slot].phase = RequestPhase::pausing;  // at no replica
    c.service.count(Count::crashed);
    attempt_fails(c, slot);
  }
}

namespace {

/// Sends the answers whose replica has a path both ways again.
void release_held(const ServiceContext& c) {
  ServiceNetwork& net = *c.service.network;
  if (net.held.empty()) return;
  struct Released {
    std::uint32_t request = 0;
    Duration network;
  };
  std::vector<Released> released;
  const SimTime now = c.engine.now();
  std::erase_if(net.held, [&](const HeldAnswer& one) {
    const RequestState& request = c.service.requests[one.request];
    const std::uint32_t gateway = gateway_of(c.service, request.replica);
    const ReplicaTraffic& there = net.replicas[request.deployment][request.replica];
    ReplicaTraffic traffic;  // of a replica that has left
    traffic.endpoint = one.endpoint;
    traffic.number = one.number;
    const bool left =
        there.number != one.number ||
        !is_placed(c.service.deployments[request.deployment].replicas[request.replica]);
    if (left) look_for_paths(c.world, c.service, gateway, traffic);
    if (left ? traffic.cut : there.cut) return false;
    const Duration network = left ? delay_alone(c.world, c.service, traffic, gateway) : there.delay;
    c.world.recorder->sample(net.delay, request.arrived, to_seconds(now - one.since + network));
    released.push_back({one.request, network});
    return true;
  });
  publish_held(c.world, net, now);
  for (const Released& one : released) send_answer(c, one.request, one.network);
}

}  // namespace

void network_sent(World& world, ServiceState& service, std::uint64_t arg) {
  ServiceNetwork& net = *service.network;
  const auto replica = static_cast<std::uint32_t>(arg >> 1 & 0x7f'ffff'ffff);
  auto& group = net.replicas[arg >> 40][replica].ways[arg & 1].group;
  free_flow_group(world.fabrics[net.fabric], *group);
  group.reset();
}

void network_tick(const ServiceContext& c) {
  World& world = c.world;
  ServiceState& service = c.service;
  Engine& engine = c.engine;
  ServiceNetwork& net = *service.network;
  const ServiceNetworkSpec& spec = *service.spec->network;
  const double sizes[] = {spec.request_bytes, spec.response_bytes};
  Offers offers(service.deployments.size());
  for (std::uint32_t d = 0; d < service.deployments.size(); ++d) {
    const DeploymentState& deployment = service.deployments[d];
    net.replicas[d].resize(deployment.replicas.size());
    offers[d].resize(deployment.replicas.size());
    for (std::uint32_t i = 0; i < deployment.replicas.size(); ++i) {
      ReplicaTraffic& traffic = net.replicas[d][i];
      const bool placed = is_placed(deployment.replicas[i]);
      const bool fresh = is_fresh(service, d, i, traffic);
      for (std::uint32_t way = 0; way < 2; ++way) {
        const std::uint64_t left = take_back(world, net, traffic.ways[way], engine);
        offers[d][i][way].backlog =
            placed && !fresh ? left : 0;  // a replica that is gone sends none
      }
      if (!placed) continue;
      if (fresh) meet_replica(world, service, d, i, traffic);
      for (std::uint32_t way = 0; way < 2; ++way) {
        Offer& offer = offers[d][i][way];
        offer.bytes = static_cast<std::uint64_t>(
            std::min(std::ceil(static_cast<double>(traffic.answers) * sizes[way]), kMostOffered));
        const std::uint64_t bytes =
            std::min(offer.bytes + offer.backlog, static_cast<std::uint64_t>(kMostOffered));
        if (bytes == 0) continue;
        const FlowSpec flow = flow_of(service, traffic, gateway_of(service, i), way, bytes);
        const FlowOwner owner{net.process, static_cast<std::uint32_t>(ServiceNetworkEvent::sent),
                              arg_of(d, i, way)};
        traffic.ways[way].group = start_flow_group(world, net.fabric, {&flow, 1}, owner, engine);
        traffic.ways[way].bytes = bytes;
      }
      traffic.answers = 0;
    }
  }
  find_shares(world, net, offers);
  for (std::uint32_t d = 0; d < service.deployments.size(); ++d) {
    for (std::uint32_t i = 0; i < net.replicas[d].size(); ++i) {
      if (!is_placed(service.deployments[d].replicas[i])) continue;
      ReplicaTraffic& traffic = net.replicas[d][i];
      const std::uint32_t gateway = gateway_of(service, i);
      if (traffic.cut) traffic.looked.reset();
      traffic.cut = false;
      look_for_paths(world, service, gateway, traffic);
      if (traffic.cut) continue;
      traffic.delay = way_delay(world, service, traffic, gateway, 0, offers[d][i][0]) +
                      way_delay(world, service, traffic, gateway, 1, offers[d][i][1]);
    }
  }
  release_held(c);
}

}  // namespace hyperdc
