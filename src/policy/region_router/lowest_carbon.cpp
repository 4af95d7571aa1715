// Lowest carbon: the region whose grid emits least now, among those that are near enough and have
// room.
//
// Computes: of the deployments that are up, within `within` of the origin and below `threshold`
// requests per slot the one of least carbon intensity; equals: the nearer, then the first. If there
// is none, as spill-over: the nearest that is up and has room; else the least loaded that is up,
// equals: the nearer; else the nearest, and the request fails there. Intensity:
// `facility.carbon.average` of the region at this moment. Source: Zhou et al., "Carbon-aware load
// balancing for geo-distributed cloud services" (MASCOTS'13); Google, "Our data centers now work
// harder when the sun shines and wind blows" (2020), which moves what may move. Cost:
// O(deployments). Leaves out: what switching replicas on and off emits; that the attributed
// intensity says little about what one more request causes (compare carbon.marginal); requests that
// may not leave.
#include <cmath>
#include <cstdint>

#include "policy/region_router/region_routers.hpp"

namespace hyperdc {
namespace {

class LowestCarbon final : public RegionRouter {
 public:
  LowestCarbon(Duration within, double threshold)
      : within_(within),
        threshold_milli_(static_cast<std::uint64_t>(std::llround(threshold * 1000))) {}

  bool needs_carbon() const override { return true; }

  std::uint32_t pick(const RouteKey&, std::span<const DeploymentView> deployments) override {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < deployments.size(); ++i) {
      if (better(deployments[i], deployments[best])) best = i;
    }
    return deployments[best].up ? best : nearest_deployment(deployments);
  }

 private:
  /// 3: up, room, near; 2: up, room; 1: up; 0: down.
  int rank(const DeploymentView& d) const {
    if (!d.up) return 0;
    if (!has_room(d, threshold_milli_)) return 1;
    return d.one_way <= within_ ? 3 : 2;
  }
  bool better(const DeploymentView& a, const DeploymentView& b) const {
    const int rank_a = rank(a);
    const int rank_b = rank(b);
    if (rank_a != rank_b) return rank_a > rank_b;
    if (rank_a == 3 && a.carbon_g_per_j != b.carbon_g_per_j) {
      return a.carbon_g_per_j < b.carbon_g_per_j;
    }
    if (rank_a == 1 && less_loaded(a, b)) return true;
    if (rank_a == 1 && less_loaded(b, a)) return false;
    return a.one_way < b.one_way;
  }

  const Duration within_;
  const std::uint64_t threshold_milli_;
};

constexpr ParamSpec kParams[] = {
    {.name = "within",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "One-way latency up to which a region may be chosen for its carbon; longer finds "
            "cleaner regions and answers later.",
     .fallback = R"("150 ms")",
     .min = 0,
     .max = 10,
     .example = R"("80 ms")"},
    {.name = "threshold",
     .kind = ParamKind::number,
     .doc = "Requests per slot from which a deployment has no room, in thousandths.",
     .fallback = "1",
     .min = 0.001,
     .max = 1e6,
     .example = "0.8"},
};

constexpr RegionRouterEntry kEntry = {
    "lowest-carbon", "The cleanest region now that is near enough and has room.", kParams,
    [](const Params& params, const RouterContext&) -> std::unique_ptr<RegionRouter> {
      return std::make_unique<LowestCarbon>(params.duration("within"), params.number("threshold"));
    }};

}  // namespace

const RegionRouterEntry& lowest_carbon_region_router() {
  return kEntry;
}

}  // namespace hyperdc
