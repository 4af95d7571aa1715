#include "world/service/weights.hpp"

#include <utility>

#include "world/service/inference.hpp"
#include "world/service/replicas.hpp"
#include "world/stores.hpp"

namespace hyperdc {
namespace {

const EngineSpec& engine_of(const ServiceContext& c, const DeploymentState& deployment) {
  return c.service.spec->inference->engines[deployment.index];
}

std::uint32_t server_of(const ServiceContext& c, const DeploymentState& deployment,
                        std::uint32_t replica) {
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  return pool.states[deployment.infos[replica].job.value].first.server.value;
}

/// By server of the pool: whether it has kept the weights.
std::vector<bool>& kept_by_server(const ServiceContext& c, const DeploymentState& deployment) {
  std::vector<bool>& kept = c.service.inference->weights_kept[deployment.index];
  kept.resize(c.world.pools[deployment.spec->pool].fleet->servers());
  return kept;
}

}  // namespace

bool weights_from_store(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                        Duration start) {
  if (!c.service.inference) return false;
  const EngineSpec& engine = engine_of(c, deployment);
  if (!engine.store) return false;
  ReplicaInfo& info = deployment.infos[replica];
  info.loads_from = c.engine.now() + start;
  if (engine.local_load && kept_by_server(c, deployment)[server_of(c, deployment, replica)]) {
    schedule_replica(c, deployment, replica, ServiceEvent::weights_there,
                     info.loads_from + *engine.local_load, info.event);
    return true;
  }
  schedule_replica(c, deployment, replica, ServiceEvent::weights_leave,
                   info.loads_from + c.world.stores[*engine.store].spec->latency, info.event);
  return true;
}

void weights_leave(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  const EngineSpec& engine = engine_of(c, deployment);
  ReplicaInfo& info = deployment.infos[replica];
  info.event = kNoEvent;
  info.reader =
      begin_reading(c.world, *engine.store, engine.weight_bytes,
                    {c.service.process, static_cast<std::uint32_t>(ServiceEvent::weights_there),
                     replica_arg(deployment.index, replica)},
                    c.engine);
}

void weights_there(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaInfo& info = deployment.infos[replica];
  if (info.reader != kNoReader) drop_weights(c, deployment, info);
  if (engine_of(c, deployment).local_load) {
    kept_by_server(c, deployment)[server_of(c, deployment, replica)] = true;
  }
  const SimTime now = c.engine.now();
  c.world.recorder->sample(*c.service.inference->weights_load, now,
                           to_seconds(now - info.loads_from));
  replica_started(c, deployment, replica);
}

void drop_weights(const ServiceContext& c, const DeploymentState& deployment, ReplicaInfo& info) {
  const std::uint32_t reader = std::exchange(info.reader, kNoReader);
  if (reader == kNoReader) return;
  leave_store(c.world, *engine_of(c, deployment).store, reader, c.engine);
}

}  // namespace hyperdc
