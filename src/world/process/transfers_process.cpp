#include "world/process/transfers_process.hpp"

#include <algorithm>
#include <array>

#include "world/data_transfer.hpp"
#include "world/fabrics.hpp"
#include "world/flow_log.hpp"

namespace hyperdc {

namespace {

enum class TransferEvent : std::uint32_t { start, arrived };
constexpr std::array<std::string_view, 2> kTransferEvents{"start", "arrived"};

}  // namespace

TransfersProcess::TransfersProcess(World& world, std::uint32_t workload)
    : world_(world),
      workload_(workload),
      name_("workloads." + world.scenario->transfers[workload].name) {
  const TransfersWorkload& spec = world.scenario->transfers[workload];
  const FabricSpec& fabric = world.scenario->fabrics[spec.fabric];
  source_ = open_transfers(spec.transfers, endpoint_racks(fabric), world.seed);
}

std::uint32_t TransfersProcess::kinds() const {
  return kTransferEvents.size();
}

std::string_view TransfersProcess::kind_name(std::uint32_t kind) const {
  return kTransferEvents.at(kind);
}

std::uint64_t TransfersProcess::meaning(const Event& event) const {
  if (event.kind == static_cast<std::uint32_t>(TransferEvent::start)) return event.arg;
  return live_[event.arg].number;
}

void TransfersProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  schedule_next(engine);
}

void TransfersProcess::schedule_next(Engine& engine) {
  if (!source_->next(next_)) return;
  engine.schedule(next_.start, Phase::workload, self_,
                  static_cast<std::uint32_t>(TransferEvent::start),
                  world_.transfers[workload_].offered);
}

void TransfersProcess::start(Engine& engine) {
  TransfersState& state = world_.transfers[workload_];
  const std::uint32_t fabric = state.spec->fabric;
  auto slot = static_cast<std::uint32_t>(live_.size());
  if (free_.empty()) {
    live_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  FlowSpec flow;
  flow.from = {next_.from};
  flow.to = {next_.to};
  flow.bytes = next_.bytes;
  flow.cap_Bps = next_.cap_Bps.value_or(kNoCap_Bps);
  flow.label = static_cast<std::uint32_t>(state.offered);
  live_[slot] = {next_, world_.fabrics[fabric].fabric->alone(flow), state.offered, true};
  ++state.offered;
  world_.recorder->add(state.offered_count, engine.now(), 1);
  start_flow(world_, fabric, flow,
             {self_, static_cast<std::uint32_t>(TransferEvent::arrived), slot}, engine);
}

void TransfersProcess::note(const Live& live, std::optional<SimTime> end) const {
  if (world_.flow_log == nullptr) return;
  const Transfer& t = live.transfer;
  const TransfersWorkload& spec = *world_.transfers[workload_].spec;
  world_.flow_log->ended({live.number, spec.name, t.from, t.to, t.bytes, t.start, end, live.alone,
                          world_.scenario->fabrics[spec.fabric].endpoint_names});
}

void TransfersProcess::arrived(std::uint32_t slot, SimTime now) {
  TransfersState& state = world_.transfers[workload_];
  Live& live = live_[slot];
  const Transfer& transfer = live.transfer;
  const Duration took = now - transfer.start;
  ++state.completed;
  Recorder& recorder = *world_.recorder;
  recorder.add(state.completed_count, now, 1);
  recorder.add(state.bytes, now, static_cast<double>(transfer.bytes));
  transfer_moved(world_, workload_, transfer, now);
  if (transfer.start >= SimTime{} + world_.scenario->warmup) {
    const double slowdown =
        live.alone.ns == 0 ? 1 : static_cast<double>(took.ns) / static_cast<double>(live.alone.ns);
    const auto* size = std::ranges::find_if(
        kFlowSizes, [&](const FlowSizeClass& c) { return transfer.bytes < c.below; });
    recorder.sample(state.time, now, to_seconds(took));
    recorder.sample(state.slowdown, now, slowdown);
    recorder.sample(state.slowdown_by_size[static_cast<std::size_t>(size - kFlowSizes)], now,
                    slowdown);
  }
  note(live, now);
  live.there = false;
  free_.push_back(slot);
}

void TransfersProcess::close() {
  std::vector<std::uint32_t> left;
  for (std::uint32_t slot = 0; slot < live_.size(); ++slot) {
    if (live_[slot].there) left.push_back(slot);
  }
  std::ranges::sort(left, {}, [&](std::uint32_t slot) { return live_[slot].number; });
  for (const std::uint32_t slot : left) note(live_[slot], std::nullopt);
}

void TransfersProcess::handle(const Event& event, Engine& engine) {
  if (event.kind == static_cast<std::uint32_t>(TransferEvent::arrived)) {
    return arrived(static_cast<std::uint32_t>(event.arg), engine.now());
  }
  start(engine);
  schedule_next(engine);
}

}  // namespace hyperdc
