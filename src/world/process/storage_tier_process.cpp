#include "world/process/storage_tier_process.hpp"

#include <algorithm>
#include <array>

#include "world/storage_requests.hpp"

namespace hyperdc {
namespace {

enum class TierEvent : std::uint32_t { before, due, read, written, failed };
constexpr std::array<std::string_view, 5> kTierEvents{"before", "due", "read", "written", "failed"};
static_assert(kTierDue == static_cast<std::uint32_t>(TierEvent::due));
constexpr std::uint64_t kFirstOfBefore = std::uint64_t{1} << 55;  // numbers of objects

const StorageTier& next_tier(const World& world, const StorageRequests& spec) {
  return *world.storage[spec.system].spec->service.tier;
}

}  // namespace

StorageTierProcess::StorageTierProcess(World& world, std::uint32_t workload)
    : world_(world),
      state_(world.storage_requests[workload]),
      name_("workloads." + state_.spec->name + ".tier"),
      before_(state_.spec->arrivals, state_.spec->name + ".before", world.seed),
      bytes_(state_.spec->bytes),
      draws_(world.seed, requests_stream(*state_.spec)),
      sizes_(world.seed, sizes_stream(*state_.spec)),
      from_(add_object_stream(world, state_.spec->system, requests_stream(*state_.spec))),
      to_(add_object_stream(world, next_tier(world, *state_.spec).to,
                            requests_stream(*state_.spec))) {}

std::uint32_t StorageTierProcess::kinds() const {
  return kTierEvents.size();
}

std::string_view StorageTierProcess::kind_name(std::uint32_t kind) const {
  return kTierEvents.at(kind);
}

std::uint64_t StorageTierProcess::bytes_of(std::uint64_t object) const {
  return request_bytes(bytes_, sizes_, object);
}

bool StorageTierProcess::written(std::uint64_t object) const {
  return !is_read(*state_.spec, draws_, object);
}

void StorageTierProcess::begin(ProcessId self, Engine& engine) {
  self_ = self;
  state_.tier.mover = self;
  const Duration after = next_tier(world_, *state_.spec).after;
  // What is not due in the run is taken at its mean.
  const Duration seen = std::min(after, *world_.scenario->duration);
  const StorageRequests& spec = *state_.spec;
  state_.tier.hot_B =
      to_seconds(after - seen) / spec.arrivals.mean_interval_s * (1 - spec.reads) * bytes_.mean();
  Arrivals arrivals(spec.arrivals, spec.name + ".before", world_.seed);
  std::uint64_t object = kFirstOfBefore;
  for (SimTime at = arrivals.next(); at < SimTime{} + seen; at = arrivals.next(), ++object) {
    if (written(object)) state_.tier.hot_B += static_cast<double>(bytes_of(object));
  }
  world_.recorder->level(state_.tier.hot_bytes, SimTime{}, state_.tier.hot_B);
  next_of_before(engine);
}

void StorageTierProcess::next_of_before(Engine& engine) {
  const SimTime at = before_.next();
  if (at >= SimTime{} + next_tier(world_, *state_.spec).after) return;
  engine.schedule(at, Phase::workload, self_, static_cast<std::uint32_t>(TierEvent::before));
}

void StorageTierProcess::due(std::uint64_t object, Engine& engine) {
  const std::uint32_t slot = moves_.take();
  moves_[slot] = {object, bytes_of(object), engine.now()};
  ++state_.tier.due;
  ++state_.tier.under_way;
  access(slot, true, engine);
}

void StorageTierProcess::access(std::uint32_t slot, bool read, Engine& engine) {
  const Move& move = moves_[slot];
  const StorageRequests& spec = *state_.spec;
  const std::uint32_t target = next_tier(world_, spec).to;
  ObjectAccess access;
  access.system = read ? spec.system : target;
  access.stream = read ? from_ : to_;
  access.object = access.number = move.object;
  access.bytes = move.bytes;
  access.read = read;
  access.around_cache = true;
  access.stripe_bytes = static_cast<std::uint64_t>(spec.stripe_bytes);
  access.at_once = spec.at_once;
  if (!spec.clients.empty()) {
    const StorageState& to = world_.storage[target];
    const std::uint32_t there = to.fill.joined / to.spec->drives_per_server;
    access.client = to.servers[move.object % there].endpoint;
  }
  const TierEvent then = read ? TierEvent::read : TierEvent::written;
  start_object(world_, access,
               {self_, static_cast<std::uint32_t>(then),
                static_cast<std::uint32_t>(TierEvent::failed), slot},
               engine);
}

void StorageTierProcess::end(std::uint32_t slot, bool failed, SimTime now) {
  const Move& move = moves_[slot];
  const auto bytes = static_cast<double>(move.bytes);
  TierState& tier = state_.tier;
  Recorder& recorder = *world_.recorder;
  --tier.under_way;
  ++(failed ? tier.failed : tier.moved);
  moves_.give_back(slot);
  if (failed) return recorder.add(tier.moves_failed, now, 1);
  tier.hot_B -= bytes;
  recorder.level(tier.hot_bytes, now, tier.hot_B);
  recorder.add(tier.cold_bytes, now, bytes);
  recorder.sample(tier.move_time, now, to_seconds(now - move.since));
}

void StorageTierProcess::handle(const Event& event, Engine& engine) {
  const auto slot = static_cast<std::uint32_t>(event.arg);
  switch (static_cast<TierEvent>(event.kind)) {
    case TierEvent::before: {
      const std::uint64_t object = kFirstOfBefore + drawn_++;
      if (written(object)) due(object, engine);
      return next_of_before(engine);
    }
    case TierEvent::due:
      return due(event.arg, engine);
    case TierEvent::read:
      return access(slot, false, engine);
    case TierEvent::written:
      return end(slot, false, engine.now());
    case TierEvent::failed:
      return end(slot, true, engine.now());
  }
}

}  // namespace hyperdc
