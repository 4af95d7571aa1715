#include "world/process/storage_requests_process.hpp"

#include <algorithm>
#include <array>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/storage_requests.hpp"

namespace hyperdc {
namespace {

enum class RequestEvent : std::uint32_t { come, served, sent };
constexpr std::array<std::string_view, 3> kRequestEvents{"come", "served", "sent"};
constexpr std::uint64_t kKindDraw = 0, kGroupDraw = 1, kClientDraw = 2;

std::uint32_t kind_of(RequestEvent event) {
  return static_cast<std::uint32_t>(event);
}

template <class T>
std::uint32_t take_slot(std::vector<T>& slots, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    slots.emplace_back();
    return static_cast<std::uint32_t>(slots.size() - 1);
  }
  const std::uint32_t slot = free.back();
  free.pop_back();
  slots[slot] = {};
  return slot;
}

RandomStream stream(const World& world, const StorageRequests& spec, const char* of) {
  return {world.seed, "workloads." + spec.name + "." + of};
}

}  // namespace

StorageRequestsProcess::StorageRequestsProcess(World& world, std::uint32_t workload)
    : world_(world),
      state_(world.storage_requests[workload]),
      system_(world.storage[state_.spec->system]),
      name_("workloads." + state_.spec->name),
      arrivals_(state_.spec->arrivals, state_.spec->name, world.seed),
      bytes_(state_.spec->bytes),
      draws_(stream(world, *state_.spec, "requests")),
      sizes_(stream(world, *state_.spec, "bytes")) {
  const Scenario& scenario = *world.scenario;
  if (state_.spec->clients.empty()) return;
  const auto fabric = fabric_of_region(scenario.fabrics, system_.spec->region);
  HYPERDC_CHECK(fabric.has_value(), "clients without a fabric");
  fabric_ = *fabric;
  const std::uint32_t each = scenario.fabrics[fabric_].topology->endpoints_per_server();
  const std::vector<std::uint32_t> first = first_servers(scenario);
  for (const std::uint32_t rack : state_.spec->clients) {
    std::uint32_t servers = 0;
    for (const RackGroup::Run& run : scenario.racks[rack].servers) servers += run.count;
    for (std::uint32_t i = 0; i < servers; ++i) clients_.push_back((first[rack] + i) * each);
  }
}

std::uint32_t StorageRequestsProcess::kinds() const {
  return kRequestEvents.size();
}

std::string_view StorageRequestsProcess::kind_name(std::uint32_t kind) const {
  return kRequestEvents.at(kind);
}

void StorageRequestsProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  engine.schedule(arrivals_.next(), Phase::workload, self_, kind_of(RequestEvent::come));
}

bool StorageRequestsProcess::measured(const Request& request) const {
  return request.since >= SimTime{} + world_.scenario->warmup;
}

void StorageRequestsProcess::come(Engine& engine) {
  const std::uint32_t slot = take_slot(requests_, free_requests_);
  Request& request = requests_[slot];
  request.since = engine.now();
  request.number = state_.offered++;
  ++state_.waiting;
  const std::uint64_t n = request.number;
  request.read = draws_.uniform(n, kKindDraw) < state_.spec->reads;
  request.group = static_cast<std::uint32_t>(draws_.below(system_.groups.size(), n, kGroupDraw));
  if (fabric_ != kNone) request.client = clients_[draws_.below(clients_.size(), n, kClientDraw)];
  request.bytes = static_cast<std::uint64_t>(std::max(1.0, bytes_.draw(sizes_, n, 0)));
  if (request.read && measured(request)) ++state_.measured_reads;
  start(slot, engine);
}

void StorageRequestsProcess::start(std::uint32_t slot, Engine& engine) {
  requests_[slot].void_access = false;
  requests_[slot].read ? start_read(slot, engine) : start_write(slot, engine);
}

void StorageRequestsProcess::start_read(std::uint32_t slot, Engine& engine) {
  Request& request = requests_[slot];
  const ReadPlan plan = plan_read(system_, request.group, draws_, request.number);
  if (plan.drives.empty()) return end_request(slot, true, engine.now());
  if (plan.degraded && !request.degraded && measured(request)) ++state_.degraded_reads;
  request.degraded = request.degraded || plan.degraded;
  request.left = static_cast<std::uint32_t>(plan.drives.size());
  const std::uint64_t bytes = request.bytes;
  for (const std::uint32_t drive : plan.drives) add_access(slot, drive, bytes, engine);
}

void StorageRequestsProcess::start_write(std::uint32_t slot, Engine& engine) {
  Request& request = requests_[slot];
  const std::vector<std::uint32_t> drives = plan_write(system_, request.group);
  if (drives.empty()) return end_request(slot, true, engine.now());
  request.left = static_cast<std::uint32_t>(drives.size());
  const std::uint32_t k = system_.spec->code.data();
  const std::uint64_t bytes = (request.bytes + k - 1) / k;
  for (const std::uint32_t drive : drives) add_access(slot, drive, bytes, engine);
}

void StorageRequestsProcess::add_access(std::uint32_t request, std::uint32_t drive,
                                        std::uint64_t bytes, Engine& engine) {
  const std::uint32_t slot = take_slot(accesses_, free_accesses_);
  accesses_[slot] = {request, drive, bytes, {}, 0};
  if (!requests_[request].read && to_network(slot, engine)) return;
  to_drive(slot, engine);
}

void StorageRequestsProcess::to_drive(std::uint32_t slot, Engine& engine) {
  Access& access = accesses_[slot];
  if (!system_.usable(access.drive)) return end_access(slot, engine);  // of a write on its way
  access.since = engine.now();
  const AccessTime time = take_access(system_, access.drive, access.bytes, engine.now());
  access.takes_s = time.takes_s;
  engine.schedule(time.end, Phase::physics, self_, kind_of(RequestEvent::served), slot);
}

bool StorageRequestsProcess::to_network(std::uint32_t slot, Engine& engine) {
  if (fabric_ == kNone) return false;
  const Access& access = accesses_[slot];
  const Request& request = requests_[access.request];
  const EndpointId server{system_.servers[system_.server_of(access.drive)].endpoint};
  const EndpointId client{request.client};
  if (server == client) return false;
  FlowSpec flow;
  flow.from = request.read ? server : client;
  flow.to = request.read ? client : server;
  flow.bytes = access.bytes;
  start_flow(world_, fabric_, flow, {self_, kind_of(RequestEvent::sent), slot}, engine);
  return true;
}

void StorageRequestsProcess::served(std::uint32_t slot, Engine& engine) {
  const Access& access = accesses_[slot];
  Request& request = requests_[access.request];
  const bool went =
      !system_.usable(access.drive) || (system_.drives[access.drive].broken > access.since);
  if (went) request.void_access = true;
  if (!went) ++request.stored;
  if (measured(request)) {
    // What waited for a drive that broke kept it busy until then, if it had begun.
    const Duration lost = went ? engine.now() - system_.drives[access.drive].broken : Duration{};
    state_.busy_s += std::max(0.0, access.takes_s - to_seconds(lost));
  }
  if (went || !request.read || !to_network(slot, engine)) end_access(slot, engine);
}

void StorageRequestsProcess::sent(std::uint32_t slot, Engine& engine) {
  if (requests_[accesses_[slot].request].read) return end_access(slot, engine);
  to_drive(slot, engine);
}

void StorageRequestsProcess::end_access(std::uint32_t slot, Engine& engine) {
  const std::uint32_t at = accesses_[slot].request;
  free_accesses_.push_back(slot);
  Request& request = requests_[at];
  if (--request.left > 0) return;
  if (request.read && request.void_access) return start(at, engine);
  const bool too_few = !request.read && request.stored < system_.spec->code.data();
  end_request(at, too_few, engine.now());
}

void StorageRequestsProcess::end_request(std::uint32_t slot, bool failed, SimTime now) {
  const Request& request = requests_[slot];
  Recorder& recorder = *world_.recorder;
  --state_.waiting;
  free_requests_.push_back(slot);
  if (failed) {
    ++state_.failed;
    return recorder.add(state_.failures, now, 1);
  }
  ++state_.completed;
  recorder.add(request.read ? state_.reads : state_.writes, now, 1);
  recorder.add(state_.bytes, now, static_cast<double>(request.bytes));
  if (!measured(request)) return;
  recorder.sample(request.read ? state_.read_time : state_.write_time, now,
                  to_seconds(now - request.since));
}

void StorageRequestsProcess::handle(const Event& event, Engine& engine) {
  const auto slot = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<RequestEvent>(event.kind)) {
    case RequestEvent::come:
      come(engine);
      engine.schedule(arrivals_.next(), Phase::workload, self_, kind_of(RequestEvent::come));
      return;
    case RequestEvent::served:
      return served(slot, engine);
    case RequestEvent::sent:
      return sent(slot, engine);
  }
}

}  // namespace hyperdc
