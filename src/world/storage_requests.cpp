#include "world/storage_requests.hpp"

#include <algorithm>
#include <bit>

#include "world/metric_values.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kKindDraw = 0, kFragmentDraw = 8, kSourceDraw = 9,
                        kOthersDraw = 10;  // of a stripe

/// The fragment that a read is for: of data, or of copies one that is there if any is.
std::uint32_t wanted_fragment(const StorageCode& code, FragmentSet missing,
                              const RandomStream& stream, const ReadOf& of) {
  const std::uint64_t draw = kFragmentDraw + of.stripe * kDrawsOfStripe;
  if (code.data() > 1) {
    const auto d = static_cast<std::uint32_t>(stream.below(code.data(), of.object, draw));
    // The parity of each local group stands after its data.
    return code.local_groups() > 0 ? d + d / (code.group_size() - 1) : d;
  }
  FragmentSet there = code.all() & ~missing;
  if (there == 0) return 0;
  const auto copies = static_cast<std::uint64_t>(std::popcount(there));
  for (std::uint64_t skip = stream.below(copies, of.number, draw); skip > 0; --skip) {
    there &= there - 1;
  }
  return static_cast<std::uint32_t>(std::countr_zero(there));
}

struct SourceDraw {
  const RandomStream& stream;
  std::uint64_t number = 0, attribute = 0;
};

/// Drives whose fragments give one that is missing, or is taken as missing, beside those that came;
/// none where that cannot be.
std::vector<std::uint32_t> drives_that_decode(const StorageState& state, std::uint32_t index,
                                              const SlowRead& read, const SourceDraw& draw) {
  const StorageGroup& group = state.groups[index];
  const StorageCode& code = state.spec->code;
  const FragmentSet wanted = FragmentSet{1} << read.fragment;
  const FragmentSet missing =
      ((group.lost | group.away) & ~read.came) | (read.asked & ~read.came) | wanted;
  if (!code.decodable(missing)) return {};
  const std::uint32_t n = code.fragments();
  const auto begin = static_cast<std::uint32_t>(draw.stream.below(n, draw.number, draw.attribute));
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t f = (begin + i) % n;
    if (((missing | read.came) >> f & 1) == 0) order.push_back(f);
  }
  for (FragmentSet left = read.came; left != 0; left &= left - 1) {  // left out last
    order.push_back(static_cast<std::uint32_t>(std::countr_zero(left)));
  }
  const auto members = state.members_of(index);
  std::vector<std::uint32_t> drives;
  FragmentSet left = code.sources(missing, wanted, order) & ~read.came;
  for (; left != 0; left &= left - 1) {
    drives.push_back(members[static_cast<std::uint32_t>(std::countr_zero(left))]);
  }
  return drives;
}

}  // namespace

bool has_tier(const World& world, const StorageRequests& spec) {
  return world.storage[spec.system].spec->service.tier.has_value();
}

std::string requests_stream(const StorageRequests& spec) {
  return "workloads." + spec.name + ".requests";
}

std::string sizes_stream(const StorageRequests& spec) {
  return "workloads." + spec.name + ".bytes";
}

bool is_read(const StorageRequests& spec, const RandomStream& requests, std::uint64_t number) {
  return requests.uniform(number, kKindDraw) < spec.reads;
}

std::uint64_t request_bytes(const Distribution& bytes, const RandomStream& sizes,
                            std::uint64_t object) {
  return static_cast<std::uint64_t>(std::max(1.0, bytes.draw(sizes, object, 0)));
}

namespace {

/// Of what a workload writes onto a system with a next tier.
void declare_tier(Recorder& recorder, const std::string& prefix, TierState& tier) {
  tier.hot_bytes = recorder.declare(
      {prefix + "tier.hot_bytes", "B", "what is not moved yet", MetricKind::level});
  tier.cold_bytes =
      recorder.declare({prefix + "tier.moved", "B", "what has been moved on", MetricKind::counter});
  tier.move_time = recorder.declare({prefix + "tier.move_time", "s",
                                     "from when it is due until it is moved", MetricKind::sample});
  tier.moves_failed = recorder.declare({prefix + "tier.moves_failed", "objects",
                                        "objects that could not be moved", MetricKind::counter});
}

}  // namespace

void build_storage_requests(World& world) {
  Recorder& recorder = *world.recorder;
  for (const StorageRequests& spec : world.scenario->storage_requests) {
    const std::string prefix = "workloads." + spec.name + ".";
    StorageRequestsState state;
    state.spec = &spec;
    const auto declare = [&](const char* name, const char* unit, const char* meaning,
                             MetricKind kind) {
      return recorder.declare({prefix + name, unit, meaning, kind});
    };
    state.read_time =
        declare("read_time", "s", "from the request until the last byte", MetricKind::sample);
    state.write_time =
        declare("write_time", "s", "from the request until all is written", MetricKind::sample);
    state.reads = declare("reads", "requests", "reads that completed", MetricKind::counter);
    state.writes = declare("writes", "requests", "writes that completed", MetricKind::counter);
    state.bytes = declare("request_bytes", "B", "bytes of completed requests", MetricKind::counter);
    state.failures = declare("requests_failed", "requests", "requests whose group cannot be read",
                             MetricKind::counter);
    if (spec.outside) {
      state.egress = declare("egress", "B", "bytes of completed reads that left the region",
                             MetricKind::counter);
    }
    if (has_tier(world, spec)) declare_tier(recorder, prefix, state.tier);
    world.storage_requests.push_back(state);
  }
}

ReadPlan plan_read(const StorageState& state, std::uint32_t index, const RandomStream& stream,
                   const ReadOf& of) {
  const StorageGroup& group = state.groups[index];
  if (group.gone) return {};
  const FragmentSet missing = group.lost | group.away;
  const std::uint32_t fragment = wanted_fragment(state.spec->code, missing, stream, of);
  if ((missing >> fragment & 1) == 0) {
    return {{state.members_of(index)[fragment]}, false, fragment};
  }
  std::vector<std::uint32_t> drives = drives_that_decode(
      state, index, {fragment}, {stream, of.number, kSourceDraw + of.stripe * kDrawsOfStripe});
  const bool degraded = !drives.empty();
  return {std::move(drives), degraded, fragment};
}

std::vector<std::uint32_t> plan_others(const StorageState& state, std::uint32_t index,
                                       const SlowRead& slow, const RandomStream& stream,
                                       const ReadOf& of) {
  if (state.groups[index].gone) return {};
  return drives_that_decode(state, index, slow,
                            {stream, of.number, kOthersDraw + of.stripe * kDrawsOfStripe});
}

std::vector<std::uint32_t> plan_write(const StorageState& state, std::uint32_t index) {
  const StorageGroup& group = state.groups[index];
  const FragmentSet missing = group.lost | group.away;
  std::vector<std::uint32_t> drives;
  if (group.gone || !state.spec->code.decodable(missing)) return drives;
  const auto members = state.members_of(index);
  for (std::uint32_t f = 0; f < members.size(); ++f) {
    if ((missing >> f & 1) == 0) drives.push_back(members[f]);
  }
  return drives;
}

AccessTime take_access(StorageState& state, std::uint32_t index, std::uint64_t bytes, SimTime now) {
  const StorageSpec& spec = *state.spec;
  StorageDrive& drive = state.drives[index];
  const auto others = static_cast<double>(state.background(index));
  const double rate_Bps =
      std::max(spec.drive_Bps - state.background_Bps(index), spec.drive_Bps / (others + 1));
  const Duration takes = spec.seek + seconds(static_cast<double>(bytes) / rate_Bps);
  drive.free_at = std::max(drive.free_at, now) + takes;
  return {drive.free_at, to_seconds(takes)};
}

void read_storage_requests(const World& world, SimTime end, std::vector<MetricValue>& values) {
  for (const StorageRequestsState& state : world.storage_requests) {
    const std::string prefix = "workloads." + state.spec->name + ".";
    if (state.measured_reads > 0) {
      put(values, prefix + "reads_degraded", "1",
          static_cast<double>(state.degraded_reads) / static_cast<double>(state.measured_reads));
    } else {
      put_missing(values, prefix + "reads_degraded", "1", "no read came after the warm-up");
    }
    if (state.spec->hedge && state.measured_reads > 0) {
      put(values, prefix + "reads_hedged", "1",
          static_cast<double>(state.hedged_reads) / static_cast<double>(state.measured_reads));
    } else if (state.spec->hedge) {
      put_missing(values, prefix + "reads_hedged", "1", "no read came after the warm-up");
    }
    if (state.spec->age && state.measured_reads > 0) {
      put(values, prefix + "reads_cold", "1",
          static_cast<double>(state.cold_reads) / static_cast<double>(state.measured_reads));
    } else if (state.spec->age) {
      put_missing(values, prefix + "reads_cold", "1", "no read came after the warm-up");
    }
    if (world.recorder->count(state.read_time) > 0) {
      put(values, prefix + "read_time.p999", "s", world.recorder->quantile(state.read_time, 0.999));
    } else {
      put_missing(values, prefix + "read_time.p999", "s", "no read completed after the warm-up");
    }
    const double measured_s = to_seconds(end - (SimTime{} + world.scenario->warmup));
    const StorageSpec& system = *world.storage[state.spec->system].spec;
    if (measured_s > 0) {
      put(values, prefix + "drive_utilization", "1",
          state.busy_s / system.drive_seconds(to_seconds(end) - measured_s, to_seconds(end)));
    } else {
      put_missing(values, prefix + "drive_utilization", "1", "the run ended within the warm-up");
    }
  }
}

}  // namespace hyperdc
