#include "world/service/cache_transfer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/hash.hpp"
#include "world/fabrics.hpp"
#include "world/pool.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {
namespace {

/// Of the endpoint that computed the prompt.
const InferenceState& sender_of(const ServiceContext& c, const RequestState& request) {
  return *c.world.services[request.parent_service].inference;
}

Share place_of(const ServiceContext& c, const RequestState& request) {
  const DeploymentState& deployment = c.service.deployments[request.deployment];
  const PoolState& pool = c.world.pools[deployment.spec->pool];
  return shares_of(pool, deployment.infos[request.replica].job).front();
}

std::uint32_t take_transfer(CacheTransfers& transfers) {
  std::uint32_t index = static_cast<std::uint32_t>(transfers.all.size());
  if (transfers.free.empty()) {
    transfers.all.emplace_back();
  } else {
    index = transfers.free.back();
    transfers.free.pop_back();
  }
  transfers.all[index] = CacheTransfer{};
  transfers.all[index].number = transfers.begun++;
  return index;
}

FlowOwner owner_of(const ServiceContext& c, std::uint32_t transfer) {
  return {c.service.process, static_cast<std::uint32_t>(ServiceEvent::part_arrives), transfer};
}

/// The flows of a transfer: equal parts of its bytes.
std::vector<FlowSpec> flows_of(const ServiceContext& c, const CacheTransfer& transfer) {
  const RequestState& request = c.service.requests[transfer.request];
  const TokenState& tokens = c.service.inference->tokens[transfer.request];
  const HandoffSpec& handoff = *sender_of(c, request).spec->handoff;
  const std::uint32_t each =
      c.world.scenario->fabrics[*handoff.fabric].topology->endpoints_per_server();
  std::vector<EndpointId> from, to;
  add_endpoints(c.world.pools[tokens.origin.pool], tokens.origin.place, each, from);
  const DeploymentState& deployment = c.service.deployments[request.deployment];
  add_endpoints(c.world.pools[deployment.spec->pool], place_of(c, request), each, to);
  const std::size_t parts = std::max(from.size(), to.size());
  const auto bytes = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(tokens.prompt) * handoff.token_bytes));
  std::vector<FlowSpec> flows(parts);
  for (std::size_t i = 0; i < parts; ++i) {
    flows[i].from = from[i % from.size()];
    flows[i].to = to[i % to.size()];
    flows[i].bytes = bytes / parts + (i < bytes % parts ? 1 : 0);
    if (handoff.rate_Bps) flows[i].cap_Bps = *handoff.rate_Bps / static_cast<double>(parts);
    flows[i].label = static_cast<std::uint32_t>(hash_combine(c.service.index, transfer.number));
  }
  return flows;
}

}  // namespace

CacheOrigin cache_origin(const ServiceContext& c, std::uint32_t slot) {
  const RequestState& request = c.service.requests[slot];
  return {c.service.deployments[request.deployment].spec->pool, place_of(c, request)};
}

bool cache_sets_out(const ServiceContext& c, std::uint32_t slot) {
  if (!c.service.inference->spec->handed) return false;
  RequestState& request = c.service.requests[slot];
  const HandoffSpec& handoff = *sender_of(c, request).spec->handoff;
  if (!handoff.fabric) return false;
  CacheTransfers& transfers = c.service.inference->transfers;
  const std::uint32_t index = take_transfer(transfers);
  CacheTransfer& transfer = transfers.all[index];
  transfer.request = slot;
  transfer.since = c.engine.now();
  transfer.departure =
      c.engine.schedule(c.engine.now() + handoff.latency, Phase::physics, c.service.process,
                        static_cast<std::uint32_t>(ServiceEvent::cache_leaves), index);
  c.service.inference->tokens[slot].transfer = index;
  request.phase = RequestPhase::queued;
  return true;
}

void cache_leaves(const ServiceContext& c, std::uint32_t index) {
  CacheTransfer& transfer = c.service.inference->transfers.all[index];
  transfer.departure = kNoEvent;
  const std::uint32_t fabric =
      *sender_of(c, c.service.requests[transfer.request]).spec->handoff->fabric;
  for (const FlowSpec& flow : flows_of(c, transfer)) {
    ++transfer.left;
    transfer.flows.push_back(start_flow(c.world, fabric, flow, owner_of(c, index), c.engine));
  }
}

void cache_part_arrives(const ServiceContext& c, std::uint32_t index) {
  InferenceState& all = *c.service.inference;
  CacheTransfer& transfer = all.transfers.all[index];
  if (--transfer.left > 0) return;
  const std::uint32_t slot = transfer.request;
  all.transfers.free.push_back(index);
  if (slot == kNoSlot) return;
  const RequestState& request = c.service.requests[slot];
  TokenState& tokens = all.tokens[slot];
  tokens.transfer = kNoTransfer;
  const SimTime now = c.engine.now();
  // What the endpoint that decodes has of the time to each token begins here, as without a fabric.
  if (request.attempts == 1) tokens.first_token = now;
  c.world.recorder->sample(*sender_of(c, request).kv_transfer, request.arrived,
                           to_seconds(now - transfer.since));
  engine_takes(c, c.service.deployments[request.deployment], request.replica, slot);
}

void drop_cache(const ServiceContext& c, std::uint32_t slot) {
  InferenceState& all = *c.service.inference;
  const std::uint32_t index = std::exchange(all.tokens[slot].transfer, kNoTransfer);
  if (index == kNoTransfer) return;
  CacheTransfer& transfer = all.transfers.all[index];
  transfer.request = kNoSlot;
  if (transfer.departure != kNoEvent) {
    c.engine.cancel(transfer.departure);
    all.transfers.free.push_back(index);
    return;
  }
  const std::uint32_t fabric = *sender_of(c, c.service.requests[slot]).spec->handoff->fabric;
  const FlowOwner mine = owner_of(c, index);
  for (const FlowId flow : transfer.flows) {
    // One that is sent has no owner any more, or another: its event is on the way.
    const FlowOwner& owner = c.world.fabrics[fabric].owners[flow.value];
    const bool moving = owner.group == kNoGroup && owner.process == mine.process &&
                        owner.kind == mine.kind && owner.arg == mine.arg;
    if (!moving) continue;
    cancel_flow(c.world, fabric, flow, c.engine);
    --transfer.left;
  }
  if (transfer.left == 0) all.transfers.free.push_back(index);
}

}  // namespace hyperdc
