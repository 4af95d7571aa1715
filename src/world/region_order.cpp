#include "world/region_order.hpp"

#include <algorithm>
#include <numeric>

#include "world/world.hpp"

namespace hyperdc {

RegionOrder::RegionOrder(const Scenario& scenario, const PoolState& pool, EnergySignal signal) {
  std::vector<std::uint32_t> regions;
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    const std::uint32_t region = pool.block_region[block];
    const auto known = std::find(regions.begin(), regions.end(), region);
    const auto at = static_cast<std::size_t>(known - regions.begin());
    if (known == regions.end()) {
      regions.push_back(region);
      zones_.push_back(0);
      rates_.push_back(rate_of(scenario.regions[region].energy, signal));
    }
    zones_[at] |= pool.blocks[block].shape.zone;
  }
  per_J_.resize(regions.size());
  order_.resize(regions.size());
}

const std::vector<ZoneSet>& RegionOrder::at(SimTime now, const Placement& policy) {
  if (known_at_ == now) return ordered_;
  known_at_ = now;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    per_J_[i] = rates_[i] == nullptr ? 0 : rates_[i]->value(now);
  }
  std::iota(order_.begin(), order_.end(), 0U);
  policy.order_regions(per_J_, order_);
  ordered_.clear();
  for (const std::uint32_t region : order_) ordered_.push_back(zones_[region]);
  return ordered_;
}

}  // namespace hyperdc
