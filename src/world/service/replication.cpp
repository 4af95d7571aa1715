#include "world/service/replication.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/data_transfer.hpp"
#include "world/fabrics.hpp"
#include "world/service/answers.hpp"
#include "world/service/network.hpp"

namespace hyperdc {

namespace {

/// Events of flows name a stream or a write, and which flow of it.
std::uint64_t arg_of_copy(std::uint32_t index, std::uint64_t number) {
  return number << 24 | index;
}
std::uint32_t index_of_copy(std::uint64_t arg) {
  return static_cast<std::uint32_t>(arg & 0xff'ffff);
}

const ReplicationSpec& spec_of(const ServiceState& service) {
  return *service.spec->replication;
}

void publish_uncopied(const World& world, const Replication& r, SimTime now) {
  world.recorder->level(r.uncopied_level, now, static_cast<double>(r.uncopied));
}

CopyFlow start_copy(const ServiceContext& c, std::uint32_t from, std::uint32_t to,
                    std::uint64_t bytes, ReplicationEvent kind, std::uint32_t index,
                    std::uint64_t number) {
  const ReplicationSpec& spec = spec_of(c.service);
  CopyFlow copy;
  copy.to = to;
  copy.owner = {c.service.replication->process, static_cast<std::uint32_t>(kind),
                arg_of_copy(index, number)};
  FlowSpec flow;
  flow.from = {from};
  flow.to = {to};
  flow.bytes = bytes;
  if (spec.cap_Bps > 0) flow.cap_Bps = spec.cap_Bps;
  flow.label = c.service.index;
  copy.flow = start_flow(c.world, spec.fabric, flow, copy.owner, c.engine);
  return copy;
}

/// Takes a flow out of which bytes are still to be sent; false: it has been sent.
bool cancel_copy(const ServiceContext& c, std::uint32_t from, const CopyFlow& copy) {
  const std::uint32_t fabric = spec_of(c.service).fabric;
  const FlowOwner& owner = c.world.fabrics[fabric].owners[copy.flow.value];
  if (owner.process != copy.owner.process || owner.kind != copy.owner.kind ||
      owner.arg != copy.owner.arg) {
    return false;
  }
  const std::uint64_t sent = cancel_flow(c.world, fabric, copy.flow, c.engine);
  copy_moved(c.world, c.service, from, copy.to, static_cast<double>(sent), c.engine.now());
  return true;
}

void send_batch(const ServiceContext& c, std::uint32_t index) {
  Replication& r = *c.service.replication;
  Replication::Stream& stream = r.streams[index];
  if (stream.unsent == 0) return;
  stream.sending = std::exchange(stream.unsent, 0);
  stream.sending_first = stream.first;
  stream.flow = start_copy(c, stream.from, stream.to, stream.sending, ReplicationEvent::arrived,
                           index, ++r.flows);
}

void plan_batch(const ServiceContext& c, std::uint32_t index) {
  Replication::Stream& stream = c.service.replication->streams[index];
  if (stream.planned) return;
  stream.planned = true;
  const std::int64_t every = spec_of(c.service).every.ns;
  const SimTime at{(c.engine.now().ns / every + 1) * every};
  c.engine.schedule(at, Phase::control, c.service.replication->process,
                    static_cast<std::uint32_t>(ReplicationEvent::ship), index);
}

/// An attempt that began after its region was lost is answered.
void note_recovery(const ServiceContext& c, const RequestState& request) {
  Replication& r = *c.service.replication;
  auto& lost_at = r.lost_at[request.home];
  if (!lost_at || request.entered < *lost_at) return;
  c.world.recorder->sample(r.recovery_time, c.engine.now(), to_seconds(c.engine.now() - *lost_at));
  lost_at.reset();
}

void write_later(const ServiceContext& c, std::uint32_t from) {
  Replication& r = *c.service.replication;
  const std::uint64_t bytes = spec_of(c.service).bytes;
  for (std::uint32_t i = 0; i < r.streams.size(); ++i) {
    Replication::Stream& stream = r.streams[i];
    if (stream.from != from) continue;
    if (stream.unsent == 0) stream.first = c.engine.now();
    stream.unsent += bytes;
    r.written += bytes;
    r.uncopied += bytes;
    plan_batch(c, i);
  }
  publish_uncopied(c.world, r, c.engine.now());
}

bool write_now(const ServiceContext& c, std::uint32_t from, std::uint32_t slot) {
  Replication& r = *c.service.replication;
  const ReplicationSpec& spec = spec_of(c.service);
  if (std::all_of(spec.to.begin(), spec.to.end(), [&](std::uint32_t to) { return to == from; })) {
    return false;
  }
  RequestState& request = c.service.requests[slot];
  auto index = static_cast<std::uint32_t>(r.writes.size());
  if (r.free_writes.empty()) {
    HYPERDC_CHECK(index < 1U << 24, "16 million writes wait for their copies");
    r.writes.emplace_back();
  } else {
    index = r.free_writes.back();
    r.free_writes.pop_back();
  }
  Replication::Write& write = r.writes[index];
  const DeploymentState& deployment = c.service.deployments[request.deployment];
  write.request = slot;
  write.replica_number = deployment.infos[request.replica].number;
  write.since = c.engine.now();
  write.from = from;
  for (const std::uint32_t to : spec.to) {
    if (to == from) continue;
    write.flows.push_back(
        start_copy(c, from, to, spec.bytes, ReplicationEvent::written, index, ++r.flows));
    r.written += spec.bytes;
    r.uncopied += spec.bytes;
  }
  write.left = static_cast<std::uint32_t>(write.flows.size());
  request.phase = RequestPhase::answering;
  request.event = kNoEvent;
  publish_uncopied(c.world, r, c.engine.now());
  return true;
}

void free_write(Replication& r, std::uint32_t index) {
  r.writes[index] = {};
  r.free_writes.push_back(index);
}

void count_copied(const ServiceContext& c, std::uint32_t from, std::uint32_t to,
                  std::uint64_t bytes) {
  Replication& r = *c.service.replication;
  const auto amount = static_cast<double>(bytes);
  r.copied += bytes;
  r.uncopied -= bytes;
  c.world.recorder->add(r.copied_bytes, c.engine.now(), amount);
  copy_moved(c.world, c.service, from, to, amount, c.engine.now());
  publish_uncopied(c.world, r, c.engine.now());
}

void count_lost(const ServiceContext& c, std::uint64_t bytes) {
  Replication& r = *c.service.replication;
  r.lost += bytes;
  r.uncopied -= bytes;
  publish_uncopied(c.world, r, c.engine.now());
}

/// What a stream has not sent whole is lost.
void lose_stream(const ServiceContext& c, Replication::Stream& stream) {
  Replication& r = *c.service.replication;
  const SimTime now = c.engine.now();
  std::uint64_t lost = std::exchange(stream.unsent, 0);
  SimTime first = lost > 0 ? stream.first : now;
  if (stream.sending > 0 && cancel_copy(c, stream.from, stream.flow)) {
    lost += std::exchange(stream.sending, 0);
    first = stream.sending_first;
  }
  stream.late = false;
  c.world.recorder->sample(r.recovery_point, now, to_seconds(now - first));
  c.world.recorder->add(r.lost_bytes, now, static_cast<double>(lost));
  count_lost(c, lost);
}

}  // namespace

void build_replication(World& world, ServiceState& service) {
  if (!service.spec->replication) return;
  const std::string name = "workloads." + service.spec->name + ".replication.";
  service.replication = std::make_shared<Replication>(RandomStream(world.seed, name + "writes"));
  Replication& r = *service.replication;
  r.lost_at.resize(world.scenario->regions.size());
  for (const DeploymentSpec& deployment : service.spec->deployments) {
    for (const std::uint32_t to : spec_of(service).to) {
      const auto same = [&](const Replication::Stream& s) {
        return s.from == deployment.region && s.to == to;
      };
      if (to == deployment.region || std::any_of(r.streams.begin(), r.streams.end(), same))
        continue;
      Replication::Stream stream;
      stream.from = deployment.region;
      stream.to = to;
      r.streams.push_back(stream);
    }
  }
  Recorder& recorder = *world.recorder;
  if (spec_of(service).synchronous) {
    r.wait = recorder.declare({name + "wait", "s", "of answers for copies", MetricKind::sample});
  } else {
    r.lag = recorder.declare({name + "lag", "s", "of batches", MetricKind::sample});
  }
  r.copied_bytes = recorder.declare({name + "copied", "B", "that arrived", MetricKind::counter});
  r.uncopied_level =
      recorder.declare({name + "uncopied", "B", "written and not there", MetricKind::level});
  r.lost_bytes = recorder.declare({name + "lost", "B", "with their region", MetricKind::counter});
  r.recovery_point =
      recorder.declare({name + "recovery_point", "s", "at losses", MetricKind::sample});
  r.recovery_time =
      recorder.declare({name + "recovery_time", "s", "after losses", MetricKind::sample});
  publish_uncopied(world, r, SimTime{});
}

bool waits_for_copies(const ServiceContext& c, std::uint32_t slot) {
  if (c.service.replication == nullptr) return false;
  const RequestState& request = c.service.requests[slot];
  note_recovery(c, request);
  const ReplicationSpec& spec = spec_of(c.service);
  if (c.service.replication->draws.uniform(request.number, request.attempts) >= spec.share) {
    return false;
  }
  const std::uint32_t from = c.service.deployments[request.deployment].spec->region;
  if (spec.synchronous) return write_now(c, from, slot);
  write_later(c, from);
  return false;
}

void lose_copies(const ServiceContext& c, const DeploymentState& deployment,
                 std::uint32_t replica) {
  if (c.service.replication == nullptr) return;
  Replication& r = *c.service.replication;
  std::vector<std::uint32_t> failed;
  for (std::uint32_t i = 0; i < r.writes.size(); ++i) {
    Replication::Write& write = r.writes[i];
    if (write.request == kNoSlot) continue;
    const RequestState& request = c.service.requests[write.request];
    if (request.deployment != deployment.index || request.replica != replica ||
        write.replica_number != deployment.infos[replica].number) {
      continue;
    }
    failed.push_back(std::exchange(write.request, kNoSlot));
    for (const CopyFlow& copy : write.flows) {  // one that has been sent arrives
      if (!cancel_copy(c, write.from, copy)) continue;
      count_lost(c, spec_of(c.service).bytes);
      --write.left;
    }
    if (write.left == 0) free_write(r, i);
  }
  for (const std::uint32_t slot : failed) {
    c.service.requests[slot].phase = RequestPhase::pausing;  // at no replica
    c.service.count(Count::crashed);
    attempt_fails(c, slot);
  }
}

void lose_region(const ServiceContext& c, std::uint32_t region) {
  if (c.service.replication == nullptr || c.service.regions[region].serving > 0) return;
  Replication& r = *c.service.replication;
  for (Replication::Stream& stream : r.streams) {
    if (stream.from == region) lose_stream(c, stream);
  }
  if (!r.lost_at[region]) r.lost_at[region] = c.engine.now();
}

void ship_copies(const ServiceContext& c, std::uint32_t index) {
  Replication::Stream& stream = c.service.replication->streams[index];
  stream.planned = false;
  if (stream.sending > 0) {
    stream.late = true;
  } else {
    send_batch(c, index);
  }
}

void copies_arrive(const ServiceContext& c, std::uint64_t arg) {
  const std::uint32_t index = index_of_copy(arg);
  Replication& r = *c.service.replication;
  Replication::Stream& stream = r.streams[index];
  const SimTime now = c.engine.now();
  c.world.recorder->sample(r.lag, now, to_seconds(now - stream.sending_first));
  count_copied(c, stream.from, stream.to, std::exchange(stream.sending, 0));
  if (std::exchange(stream.late, false)) send_batch(c, index);
}

void copy_written(const ServiceContext& c, std::uint64_t arg) {
  const Replication::Write& write = c.service.replication->writes[index_of_copy(arg)];
  const auto copy = std::find_if(write.flows.begin(), write.flows.end(),
                                 [&](const CopyFlow& one) { return one.owner.arg == arg; });
  HYPERDC_CHECK(copy != write.flows.end(), "a copy arrived that nobody waits for");
  count_copied(c, write.from, copy->to, spec_of(c.service).bytes);
  const Duration back =
      c.world.fabrics[spec_of(c.service).fabric].fabric->path_latency({copy->to}, {write.from});
  c.engine.schedule(c.engine.now() + back, Phase::workload, c.service.replication->process,
                    static_cast<std::uint32_t>(ReplicationEvent::acknowledged), arg);
}

void copy_acknowledged(const ServiceContext& c, std::uint64_t arg) {
  Replication& r = *c.service.replication;
  const std::uint32_t index = index_of_copy(arg);
  Replication::Write& write = r.writes[index];
  if (--write.left > 0) return;
  const std::uint32_t slot = write.request;
  const SimTime since = write.since;
  free_write(r, index);
  if (slot == kNoSlot) return;
  c.world.recorder->sample(r.wait, c.service.requests[slot].arrived,
                           to_seconds(c.engine.now() - since));
  if (const auto network = network_delay(c, slot)) send_answer(c, slot, *network);
}

}  // namespace hyperdc
