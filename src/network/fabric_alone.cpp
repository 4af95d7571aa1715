// SharedFabric::alone: how long a flow takes on a whole fabric that has nothing else to do.
#include <algorithm>
#include <cmath>

#include "network/fabric.hpp"

namespace hyperdc {
namespace {

constexpr double kLongestNs = 9.2e18;  // below 2^63

}  // namespace

/// Of `bytes` at a rate, and the latency of the path.
Duration SharedFabric::time_alone(std::uint64_t bytes, double rate_Bps, Duration latency) {
  if (bytes == 0 || rate_Bps == kNoCap_Bps) return latency;
  const double ns =
      std::ceil(static_cast<double>(bytes) / rate_Bps * static_cast<double>(kNsPerSecond));
  // Such a flow never ends; any time that is as long will do.
  if (ns >= kLongestNs - static_cast<double>(latency.ns))
    return Duration{static_cast<std::int64_t>(kLongestNs)};
  return latency + nanoseconds(static_cast<std::int64_t>(ns));
}

Duration SharedFabric::alone(const FlowSpec& spec) {
  if (spec.from == spec.to) return time_alone(spec.bytes, spec.cap_Bps, {});
  if (router_.spreads()) {
    double rate = spec.cap_Bps;
    Duration latency;
    const std::span<const PathChoice> paths = router_.spread_whole(spec);
    for (const LinkShare& one : router_.shares(spec, paths, latency)) {
      rate = std::min(rate, capacity_Bps(one.link) / one.share);
    }
    return time_alone(spec.bytes, rate, latency);
  }
  topology_->path(spec.from, spec.to, 0, path_);
  double ends_Bps = spec.cap_Bps;
  if (topology_->alike_paths()) {
    for (const LinkId link : path_.links()) ends_Bps = std::min(ends_Bps, capacity_Bps(link));
    return time_alone(spec.bytes, ends_Bps, latency_of(path_));
  }
  const AlonePaths& paths = alone_paths(spec);
  topology_->path(spec.from, spec.to, 0, path_);
  Duration ends_latency;
  if (paths.without_ends) {
    for (const LinkId link : {path_.links().front(), path_.links().back()}) {
      ends_Bps = std::min(ends_Bps, capacity_Bps(link));
      ends_latency = ends_latency + topology_->link(link).latency;
    }
  }
  std::optional<Duration> least;
  for (const auto& [rate_Bps, latency] : paths.of) {
    const Duration took =
        time_alone(spec.bytes, std::min(ends_Bps, rate_Bps), ends_latency + latency);
    if (!least || took < *least) least = took;
  }
  return *least;
}

/// Endpoints of one switch have the same paths but for their own cables: looked up once for all.
const SharedFabric::AlonePaths& SharedFabric::alone_paths(const FlowSpec& spec) {
  const std::uint64_t pair =
      std::uint64_t{topology_->paths_of(spec.from)} << 32 | topology_->paths_of(spec.to);
  const auto [at, fresh] = alone_paths_.try_emplace(pair);
  AlonePaths& paths = at->second;
  if (!fresh) return paths;
  constexpr std::uint32_t kMostCompared = 4096;
  const std::uint32_t choices = std::min(topology_->choices(spec.from, spec.to), kMostCompared);
  topology_->path(spec.from, spec.to, 0, path_);
  const LinkId first = path_.links().front();
  const LinkId last = path_.links().back();
  for (std::uint32_t choice = 0; choice < choices && paths.without_ends; ++choice) {
    topology_->path(spec.from, spec.to, choice, path_);
    const auto links = path_.links();
    paths.without_ends = links.size() > 1 && links.front() == first && links.back() == last;
  }
  for (std::uint32_t choice = 0; choice < choices; ++choice) {
    topology_->path(spec.from, spec.to, choice, path_);
    const std::span<const LinkId> links = path_.links();
    double rate_Bps = kNoCap_Bps;
    Duration latency;
    for (const LinkId link : paths.without_ends ? links.subspan(1, links.size() - 2) : links) {
      rate_Bps = std::min(rate_Bps, capacity_Bps(link));
      latency = latency + topology_->link(link).latency;
    }
    const bool beaten = std::ranges::any_of(paths.of, [&](const auto& other) {
      return other.first >= rate_Bps && other.second <= latency;
    });
    if (!beaten) paths.of.emplace_back(rate_Bps, latency);
  }
  return paths;
}

}  // namespace hyperdc
