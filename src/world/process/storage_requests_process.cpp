#include "world/process/storage_requests_process.hpp"

#include <algorithm>
#include <array>

#include <hyperdc/core/assert.hpp>

#include "world/fabrics.hpp"
#include "world/process/storage_tier_process.hpp"
#include "world/storage_requests.hpp"

namespace hyperdc {
namespace {

enum class RequestEvent : std::uint32_t { come, ended, failed };
constexpr std::array<std::string_view, 3> kRequestEvents{"come", "ended", "failed"};
constexpr std::uint64_t kClientDraw = 2;  // attribute of a request

std::uint32_t kind_of(RequestEvent event) {
  return static_cast<std::uint32_t>(event);
}

std::string stream_of(const StorageRequests& spec, const char* of) {
  return "workloads." + spec.name + "." + of;
}

const StorageTier* tier_of(const World& world, const StorageRequests& spec) {
  const auto& tier = world.storage[spec.system].spec->service.tier;
  return tier ? &*tier : nullptr;
}

}  // namespace

StorageRequestsProcess::StorageRequestsProcess(World& world, std::uint32_t workload)
    : world_(world),
      state_(world.storage_requests[workload]),
      workload_(workload),
      name_("workloads." + state_.spec->name),
      arrivals_(state_.spec->arrivals, state_.spec->name, world.seed),
      bytes_(state_.spec->bytes),
      draws_(world.seed, requests_stream(*state_.spec)),
      sizes_(world.seed, sizes_stream(*state_.spec)),
      ranks_(world.seed, stream_of(*state_.spec, "objects")),
      ages_(world.seed, stream_of(*state_.spec, "ages")),
      objects_(add_object_stream(world, state_.spec->system, requests_stream(*state_.spec))) {
  if (state_.spec->age) {
    age_.emplace(*state_.spec->age);
    cold_objects_ =
        add_object_stream(world, tier_of(world, *state_.spec)->to, requests_stream(*state_.spec));
  }
  if (const auto& zipf = state_.spec->popularity) {
    popularity_.emplace(zipf->objects, zipf->exponent);
  }
  const Scenario& scenario = *world.scenario;
  if (state_.spec->clients.empty()) return;
  const StorageSpec& system = *world.storage[state_.spec->system].spec;
  const auto fabric = fabric_of_region(scenario.fabrics, system.region);
  HYPERDC_CHECK(fabric.has_value(), "clients without a fabric");
  const std::uint32_t each = scenario.fabrics[*fabric].topology->endpoints_per_server();
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

void StorageRequestsProcess::come(Engine& engine) {
  const StorageRequests& spec = *state_.spec;
  const std::uint32_t slot = requests_.take();
  Request& request = requests_[slot];
  const std::uint64_t n = state_.offered++;
  ++state_.waiting;
  const std::uint64_t object = popularity_ ? popularity_->draw(ranks_, n) : n;
  request.since = engine.now();
  request.number = n;
  request.read = is_read(spec, draws_, n);
  request.bytes = request_bytes(bytes_, sizes_, object);
  const StorageTier* tier = tier_of(world_, spec);
  const bool cold = request.read && age_ && age_->draw(ages_, n, 0) > to_seconds(tier->after);
  if (request.read && request.since >= SimTime{} + world_.scenario->warmup) {
    ++state_.measured_reads;
    state_.cold_reads += cold ? 1 : 0;
  }
  ObjectAccess access;
  access.system = cold ? tier->to : spec.system;
  access.stream = cold ? cold_objects_ : objects_;
  access.object = object;
  access.number = n;
  access.bytes = request.bytes;
  access.read = request.read;
  access.stripe_bytes = static_cast<std::uint64_t>(spec.stripe_bytes);
  access.at_once = spec.at_once;
  access.workload = workload_;
  if (spec.hedge) access.hedge = ObjectHedge{spec.hedge->after, spec.hedge->quantile};
  if (!clients_.empty()) access.client = clients_[draws_.below(clients_.size(), n, kClientDraw)];
  start_object(world_, access,
               {self_, kind_of(RequestEvent::ended), kind_of(RequestEvent::failed), slot}, engine);
}

void StorageRequestsProcess::end_request(std::uint32_t slot, bool failed, Engine& engine) {
  const SimTime now = engine.now();
  const Request& request = requests_[slot];
  Recorder& recorder = *world_.recorder;
  --state_.waiting;
  requests_.give_back(slot);
  if (failed) {
    ++state_.failed;
    return recorder.add(state_.failures, now, 1);
  }
  ++state_.completed;
  recorder.add(request.read ? state_.reads : state_.writes, now, 1);
  recorder.add(state_.bytes, now, static_cast<double>(request.bytes));
  if (state_.spec->outside && request.read) {
    recorder.add(state_.egress, now, static_cast<double>(request.bytes));
  }
  if (const StorageTier* tier = tier_of(world_, *state_.spec); tier != nullptr && !request.read) {
    state_.tier.hot_B += static_cast<double>(request.bytes);
    recorder.level(state_.tier.hot_bytes, now, state_.tier.hot_B);
    engine.schedule(now + tier->after, Phase::workload, state_.tier.mover, kTierDue,
                    request.number);
  }
  if (request.since < SimTime{} + world_.scenario->warmup) return;
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
    case RequestEvent::ended:
      return end_request(slot, false, engine);
    case RequestEvent::failed:
      return end_request(slot, true, engine);
  }
}

}  // namespace hyperdc
