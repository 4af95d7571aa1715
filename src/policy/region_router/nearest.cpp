// Nearest: the deployment of least latency that is up.
//
// Computes: argmin of one_way over the deployments that are up; of equals the first. Where none is
// up, argmin over all: the request fails there.
// Source: latency-based routing of DNS (Amazon Route 53) and anycast; health checks take away what
// is down. Cost: O(deployments).
// Leaves out: load: a region that is overloaded keeps its requests (see spill-over); the time that
// resolvers remember an answer.
#include <algorithm>

#include "policy/region_router/region_routers.hpp"

namespace hyperdc {
namespace {

class Nearest final : public RegionRouter {
 public:
  std::uint32_t pick(const RouteKey&, std::span<const DeploymentView> deployments) override {
    return nearest_deployment(deployments);
  }
  bool shares(std::span<const DeploymentView> deployments, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), 0.0);
    out[nearest_deployment(deployments)] = 1;
    return true;
  }
};

constexpr RegionRouterEntry kEntry = {
    "nearest",
    "The deployment of least latency that is up.",
    {},
    [](const Params&, const RouterContext&) -> std::unique_ptr<RegionRouter> {
      return std::make_unique<Nearest>();
    }};

}  // namespace

std::uint32_t nearest_deployment(std::span<const DeploymentView> deployments) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < deployments.size(); ++i) {
    const DeploymentView& other = deployments[i];
    const DeploymentView& least = deployments[best];
    if (other.up != least.up ? other.up : other.one_way < least.one_way) best = i;
  }
  return best;
}

const RegionRouterEntry& nearest_region_router() {
  return kEntry;
}

}  // namespace hyperdc
