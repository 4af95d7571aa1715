#include "world/service/network.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "world/fabrics.hpp"
#include "world/pool.hpp"

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
  const Share share = shares_of(pool, job).front();
  const std::uint32_t device = each > 1 && share.devices != 0
                                   ? static_cast<std::uint32_t>(std::countr_zero(share.devices))
                                   : 0;
  return {first_endpoint(pool, share.server, each) + device};
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
};

Duration way_delay(World& world, const ServiceState& service, const ReplicaTraffic& traffic,
                   std::uint32_t gateway, std::uint32_t way, const Offer& offer) {
  const ServiceNetworkSpec& spec = *service.spec->network;
  SharedFabric& fabric = *world.fabrics[service.network->fabric].fabric;
  const double message = way == kIn ? spec.request_bytes : spec.response_bytes;
  FlowSpec alone = flow_of(service, traffic, gateway, way, 0);
  const Duration latency = fabric.path_latency(alone.from, alone.to);
  if (!traffic.ways[way].group) {  // nothing was moved: as if alone
    alone.bytes = static_cast<std::uint64_t>(std::ceil(message));
    alone.cap_Bps = kNoCap_Bps;
    return fabric.alone(alone);
  }
  const FlowId flow =
      world.fabrics[service.network->fabric].groups[*traffic.ways[way].group].flows.front();
  const double share_Bps = fabric.greedy_Bps(flow);
  const double interval_s = to_seconds(spec.interval);
  if (share_Bps <= 0) return latency + spec.interval;  // no path: as long as can be told
  const double load = static_cast<double>(offer.bytes) / (share_Bps * interval_s);
  const double own_s = message / share_Bps;
  const double longest_s = own_s + interval_s;
  const double shared_s = load < 1 ? std::min(own_s / (1 - load), longest_s) : longest_s;
  const double queued_s = static_cast<double>(offer.backlog) / share_Bps;
  constexpr double kLongest_s = 3600;
  return latency + seconds(std::min(shared_s + queued_s, kLongest_s));
}

std::uint32_t gateway_of(const ServiceState& service, std::uint32_t replica) {
  return service.network->gateway + replica % service.spec->network->gateways;
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
  traffic.delay = {};
  for (std::uint32_t way = 0; way < 2; ++way) {
    const double bytes =
        way == kIn ? service.spec->network->request_bytes : service.spec->network->response_bytes;
    FlowSpec flow = flow_of(service, traffic, gateway_of(service, replica), way, 0);
    flow.bytes = static_cast<std::uint64_t>(std::ceil(bytes));
    flow.cap_Bps = kNoCap_Bps;
    traffic.delay = traffic.delay + world.fabrics[net.fabric].fabric->alone(flow);
  }
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
  const auto fabric = fabric_of_region(*world.scenario, service.spec->deployments.front().region);
  HYPERDC_CHECK(fabric, "a service with a network has a fabric");
  net.fabric = *fabric;
  net.gateway =
      world.scenario->fabrics[net.fabric].topology->hosts() - service.spec->network->gateways;
  net.replicas.resize(service.deployments.size());
  net.delay =
      world.recorder->declare({"workloads." + service.spec->name + ".network", "s",
                               "time of request and answer on the fabric", MetricKind::sample});
}

Duration network_delay(const World& world, ServiceState& service, std::uint16_t deployment,
                       std::uint32_t replica, SimTime arrived) {
  if (service.network == nullptr) return {};
  std::vector<ReplicaTraffic>& all = service.network->replicas[deployment];
  if (replica >= all.size()) all.resize(service.deployments[deployment].replicas.size());
  ReplicaTraffic& traffic = all[replica];
  const bool placed = is_placed(service.deployments[deployment].replicas[replica]);
  if (placed && is_fresh(service, deployment, replica, traffic)) {
    meet_replica(world, service, deployment, replica, traffic);
  }
  ++traffic.answers;
  world.recorder->sample(service.network->delay, arrived, to_seconds(traffic.delay));
  return traffic.delay;
}

void network_sent(World& world, ServiceState& service, std::uint64_t arg) {
  ServiceNetwork& net = *service.network;
  const auto replica = static_cast<std::uint32_t>(arg >> 1 & 0x7f'ffff'ffff);
  auto& group = net.replicas[arg >> 40][replica].ways[arg & 1].group;
  free_flow_group(world.fabrics[net.fabric], *group);
  group.reset();
}

void network_tick(World& world, ServiceState& service, Engine& engine) {
  ServiceNetwork& net = *service.network;
  const ServiceNetworkSpec& spec = *service.spec->network;
  const double sizes[] = {spec.request_bytes, spec.response_bytes};
  std::vector<std::vector<std::array<Offer, 2>>> offers(service.deployments.size());
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
  for (std::uint32_t d = 0; d < service.deployments.size(); ++d) {
    for (std::uint32_t i = 0; i < net.replicas[d].size(); ++i) {
      if (!is_placed(service.deployments[d].replicas[i])) continue;
      ReplicaTraffic& traffic = net.replicas[d][i];
      const std::uint32_t gateway = gateway_of(service, i);
      traffic.delay = way_delay(world, service, traffic, gateway, 0, offers[d][i][0]) +
                      way_delay(world, service, traffic, gateway, 1, offers[d][i][1]);
    }
  }
}

}  // namespace hyperdc
