#include "world/fragmentation_meter.hpp"

#include <cmath>

namespace hyperdc {

FragmentationMeter::FragmentationMeter(const Fleet& fleet, std::span<const JobMixEntry> mix,
                                       double typical_share)
    : fleet_(fleet), fragmentation_(typical_mix(mix, typical_share)) {
  counted_.assign(fleet.servers(), 0);
  dirty_.assign((std::size_t{fleet.servers()} + 63) / 64, 0);
  changed_.reserve(fleet.servers());
  for (std::uint32_t server = 0; server < fleet.servers(); ++server) changed(ServerId{server});
}

std::int64_t FragmentationMeter::micro_milli(ServerId server) const {
  const NodeView view{&fleet_.shape(server), fleet_.cores_left_milli(server),
                      fleet_.accelerators_left_milli(server), 0};
  return std::llround(fragmentation_.of(view) * 1e6);
}

double FragmentationMeter::total_milli() {
  for (const ServerId server : changed_) {
    const std::int64_t now = micro_milli(server);
    sum_ += now - counted_[server.value];
    counted_[server.value] = now;
    dirty_[server.value / 64] &= ~(std::uint64_t{1} << (server.value % 64));
  }
  changed_.clear();
  return static_cast<double>(sum_) / 1e6;
}

}  // namespace hyperdc
