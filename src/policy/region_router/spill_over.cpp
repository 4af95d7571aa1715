// Spill-over (waterfall): the nearest deployment that has room, else the next, else the least
// loaded.
//
// Computes: u = in_system / slots of each deployment that is up. Of those with u < threshold the
// one of least latency; if there is none, the one of least u. Equals: the nearer, then the first.
// Where none is up, the nearest: the request fails there. u = 1 when every slot is busy and nobody
// waits, above 1 requests wait. Compared in integers, the threshold in thousandths. Source:
// "waterfall by region" of Google Cloud Load Balancing and priority levels of Envoy fill the
// closest region up to a target of utilisation and pass the rest on. The default threshold 1 is
// ours: pass on what would have to wait. Cost: O(deployments). Leaves out: the delay with which a
// balancer learns of load; passing on a share of requests only.
#include <cmath>
#include <cstdint>

#include "policy/region_router/region_routers.hpp"

namespace hyperdc {
namespace {

__extension__ using Unsigned128 = unsigned __int128;

class SpillOver final : public RegionRouter {
 public:
  explicit SpillOver(double threshold)
      : threshold_milli_(static_cast<std::uint64_t>(std::llround(threshold * 1000))) {}

  std::uint32_t pick(const RouteKey&, std::span<const DeploymentView> deployments) override {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < deployments.size(); ++i) {
      if (better(deployments[i], deployments[best])) best = i;
    }
    return deployments[best].up ? best : nearest_deployment(deployments);
  }

 private:
  bool better(const DeploymentView& a, const DeploymentView& b) const {
    if (a.up != b.up) return a.up;
    const bool room = has_room(a, threshold_milli_);
    if (room != has_room(b, threshold_milli_)) return room;
    if (!room && less_loaded(a, b)) return true;
    if (!room && less_loaded(b, a)) return false;
    return a.one_way < b.one_way;
  }

  const std::uint64_t threshold_milli_;
};

constexpr ParamSpec kParams[] = {
    {.name = "threshold",
     .kind = ParamKind::number,
     .doc =
         "Requests per slot from which a deployment passes requests on, in thousandths; a higher "
         "one keeps requests near and lets them wait longer.",
     .fallback = "1",
     .min = 0.001,
     .max = 1e6,
     .example = "0.8"},
};

constexpr RegionRouterEntry kEntry = {
    "spill-over", "The nearest deployment that has room, else the least loaded.", kParams,
    [](const Params& params, const RouterContext&) -> std::unique_ptr<RegionRouter> {
      return std::make_unique<SpillOver>(params.number("threshold"));
    }};

}  // namespace

bool has_room(const DeploymentView& deployment, std::uint64_t threshold_milli) {
  return static_cast<Unsigned128>(deployment.in_system) * 1000 <
         static_cast<Unsigned128>(threshold_milli) * deployment.slots;
}

bool less_loaded(const DeploymentView& a, const DeploymentView& b) {
  return static_cast<Unsigned128>(a.in_system) * b.slots <
         static_cast<Unsigned128>(b.in_system) * a.slots;
}

const RegionRouterEntry& spill_over_region_router() {
  return kEntry;
}

}  // namespace hyperdc
