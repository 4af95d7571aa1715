#include "world/storage_requests.hpp"

#include <algorithm>
#include <bit>

#include "world/metric_values.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kFragmentDraw = 8, kSourceDraw = 9;  // attributes of a request

/// The fragment that a read is for: of data, or of copies one that is there if any is.
std::uint32_t wanted_fragment(const StorageCode& code, FragmentSet missing,
                              const RandomStream& stream, std::uint64_t request) {
  if (code.data() > 1) {
    const auto d = static_cast<std::uint32_t>(stream.below(code.data(), request, kFragmentDraw));
    // The parity of each local group stands after its data.
    return code.local_groups() > 0 ? d + d / (code.group_size() - 1) : d;
  }
  FragmentSet there = code.all() & ~missing;
  if (there == 0) return 0;
  const auto copies = static_cast<std::uint64_t>(std::popcount(there));
  for (std::uint64_t skip = stream.below(copies, request, kFragmentDraw); skip > 0; --skip) {
    there &= there - 1;
  }
  return static_cast<std::uint32_t>(std::countr_zero(there));
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
    world.storage_requests.push_back(state);
  }
}

ReadPlan plan_read(const StorageState& state, std::uint32_t index, const RandomStream& stream,
                   std::uint64_t request) {
  const StorageGroup& group = state.groups[index];
  if (group.gone) return {};
  const StorageCode& code = state.spec->code;
  const auto members = state.members_of(index);
  const FragmentSet missing = group.lost | group.away;
  const std::uint32_t fragment = wanted_fragment(code, missing, stream, request);
  if ((missing >> fragment & 1) == 0) return {{members[fragment]}, false};
  if (!code.decodable(missing)) return {};
  const std::uint32_t n = code.fragments();
  const auto begin = static_cast<std::uint32_t>(stream.below(n, request, kSourceDraw));
  std::vector<std::uint32_t> avoid;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t f = (begin + i) % n;
    if ((missing >> f & 1) == 0) avoid.push_back(f);
  }
  ReadPlan plan{{}, true};
  FragmentSet left = code.sources(missing, FragmentSet{1} << fragment, avoid);
  for (; left != 0; left &= left - 1) {
    plan.drives.push_back(members[static_cast<std::uint32_t>(std::countr_zero(left))]);
  }
  return plan;
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
