// Weighted: every deployment that is up in proportion to its slots, near or far.
//
// Computes: deployment i with probability slots_i / sum of slots over those that are up, from the
// 64 random bits of the request. Where none is up, or none has slots, the nearest. Source: weighted
// records of DNS (Amazon Route 53), with ready capacity as the weight. Cost: O(deployments), one
// block of random bits. Leaves out: weights set by hand; latency.
#include <algorithm>
#include <cstdint>

#include "policy/region_router/region_routers.hpp"
#include "policy/router/draw.hpp"

namespace hyperdc {
namespace {

class Weighted final : public RegionRouter {
 public:
  explicit Weighted(std::uint64_t seed) : stream_(seed, "region-router") {}

  std::uint32_t pick(const RouteKey& key, std::span<const DeploymentView> deployments) override {
    std::uint64_t total = 0;
    for (const DeploymentView& d : deployments) total += d.up ? d.slots : 0;
    if (total == 0) return nearest_deployment(deployments);
    std::uint64_t left = place_of(stream_.u64(key.request), total);
    std::uint32_t i = 0;
    for (;; ++i) {
      const std::uint64_t slots = deployments[i].up ? deployments[i].slots : 0;
      if (left < slots) return i;
      left -= slots;
    }
  }
  bool shares(std::span<const DeploymentView> deployments, std::span<double> out) const override {
    std::uint64_t total = 0;
    for (const DeploymentView& d : deployments) total += d.up ? d.slots : 0;
    std::fill(out.begin(), out.end(), 0.0);
    if (total == 0) out[nearest_deployment(deployments)] = 1;
    for (std::size_t i = 0; total > 0 && i < out.size(); ++i) {
      const std::uint64_t slots = deployments[i].up ? deployments[i].slots : 0;
      out[i] = static_cast<double>(slots) / static_cast<double>(total);
    }
    return true;
  }

 private:
  const RandomStream stream_;
};

constexpr RegionRouterEntry kEntry = {
    "weighted",
    "Every deployment that is up, in proportion to its slots.",
    {},
    [](const Params&, const RouterContext& context) -> std::unique_ptr<RegionRouter> {
      return std::make_unique<Weighted>(context.seed);
    }};

}  // namespace

const RegionRouterEntry& weighted_region_router() {
  return kEntry;
}

}  // namespace hyperdc
