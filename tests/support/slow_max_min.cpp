#include "support/slow_max_min.hpp"

#include <algorithm>
#include <cmath>

namespace hyperdc {
namespace {

using Real = long double;

constexpr Real kRounding = 1e-16L;  // links that are full together, but for rounding

}  // namespace

std::vector<double> slow_max_min(const std::vector<double>& capacity_Bps,
                                 const std::vector<SlowFlow>& flows) {
  std::vector<bool> stopped(flows.size(), false);
  std::vector<Real> rate(flows.size(), 0);
  Real level = 0;
  for (std::size_t left = flows.size(); left > 0;) {
    std::vector<Real> used(capacity_Bps.size(), 0);
    std::vector<Real> growing(capacity_Bps.size(), 0);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      for (std::size_t i = 0; i < flows[f].path.size(); ++i) {
        const std::uint32_t l = flows[f].path[i];
        const Real all = stopped[f] ? rate[f] : Real{flows[f].weight};
        (stopped[f] ? used[l] : growing[l]) += all * Real{flows[f].share(i)};
      }
    }
    const auto full_at = [&](std::uint32_t l) {
      return std::max(level, (Real{capacity_Bps[l]} - used[l]) / growing[l]);
    };
    const auto stops_at = [&](std::size_t f) {
      Real at = Real{flows[f].cap_Bps} / flows[f].weight;
      for (const std::uint32_t l : flows[f].path) at = std::min(at, full_at(l));
      return at;
    };
    Real next = INFINITY;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (!stopped[f]) next = std::min(next, stops_at(f));
    }
    std::vector<std::size_t> stopping;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (!stopped[f] && stops_at(f) <= next * (1 + kRounding)) stopping.push_back(f);
    }
    for (const std::size_t f : stopping) {
      stopped[f] = true;
      rate[f] = next * flows[f].weight;
    }
    left -= stopping.size();
    level = next;
  }
  return {rate.begin(), rate.end()};
}

std::string not_max_min(const std::vector<double>& capacity_Bps, const std::vector<SlowFlow>& flows,
                        const std::vector<double>& rate_Bps, double tolerance) {
  std::vector<double> load(capacity_Bps.size(), 0);
  std::vector<double> most(capacity_Bps.size(), 0);
  for (std::size_t f = 0; f < flows.size(); ++f) {
    for (std::size_t i = 0; i < flows[f].path.size(); ++i) {
      const std::uint32_t l = flows[f].path[i];
      load[l] += rate_Bps[f] * flows[f].share(i);
      most[l] = std::max(most[l], rate_Bps[f] / flows[f].weight);
    }
  }
  for (std::size_t l = 0; l < capacity_Bps.size(); ++l) {
    if (load[l] > capacity_Bps[l] * (1 + tolerance)) {
      return "link " + std::to_string(l) + " carries " + std::to_string(load[l]) + " of " +
             std::to_string(capacity_Bps[l]);
    }
  }
  for (std::size_t f = 0; f < flows.size(); ++f) {
    bool held = rate_Bps[f] >= flows[f].cap_Bps * (1 - tolerance);
    if (rate_Bps[f] > flows[f].cap_Bps * (1 + tolerance)) {
      return "flow " + std::to_string(f) + " is above its cap";
    }
    for (const std::uint32_t l : flows[f].path) {
      held = held || (load[l] >= capacity_Bps[l] * (1 - tolerance) &&
                      rate_Bps[f] / flows[f].weight >= most[l] * (1 - tolerance));
    }
    if (!held) return "flow " + std::to_string(f) + " could have more";
  }
  return {};
}

}  // namespace hyperdc
