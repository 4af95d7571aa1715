#include "model/power/capping.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace hyperdc {

namespace {

double through(const std::vector<PowerTree::Below>& below, std::span<const double> watts) {
  double sum = 0;
  for (const auto& [load, part] : below) sum += part * watts[load.value];
  return sum;
}

double reading_of(std::span<const double> readings, DeviceId device) {
  return readings.empty() ? 1 : readings[device.value];
}

/// What a device carries beside the racks: batteries that recharge.
double beside_w(const PowerTree& tree, DeviceId device,
                const std::vector<PowerTree::Below>& below) {
  double watts = tree.load_w(device);
  for (const auto& [load, part] : below) watts -= part * tree.demand_w(load);
  return watts > 1 ? watts : 0;  // less is what rounding to 10^-6 W leaves
}

struct Limited {
  double limit_w = 0;
  double reading = 1;
  std::vector<PowerTree::Below> below;
};

/// Devices of one height, together, at one priority. Each asks the racks below it for the same
/// share of what they can give; a rack below several gives the largest share that is asked.
void reduce(std::span<const Limited> devices, std::span<const CapLeaf> leaves,
            std::int32_t priority, std::vector<double>& allowed) {
  std::map<std::uint32_t, double> asked;  // by load
  const auto room_w = [&](LoadId load) {
    return std::max(0.0, allowed[load.value] - leaves[load.value].floor_w);
  };
  for (const Limited& device : devices) {
    const double need_w = device.reading * through(device.below, allowed) - device.limit_w;
    if (need_w <= 0) continue;
    double sum_w = 0;
    for (const auto& [load, part] : device.below) {
      if (leaves[load.value].priority == priority) sum_w += part * room_w(load);
    }
    if (sum_w <= 0) continue;
    for (const auto& [load, part] : device.below) {
      if (leaves[load.value].priority != priority) continue;
      double& share = asked[load.value];
      share = std::max(share, std::min(1.0, need_w / sum_w));
    }
  }
  for (const auto& [load, share] : asked) allowed[load] -= share * room_w(LoadId{load});
}

std::vector<double> demands(std::span<const CapLeaf> leaves) {
  std::vector<double> out;
  out.reserve(leaves.size());
  for (const CapLeaf& leaf : leaves) out.push_back(leaf.demand_w);
  return out;
}

}  // namespace

std::vector<double> allowed_power(const PowerTree& tree, std::span<const CapLeaf> leaves,
                                  std::span<const DeviceId> limited, double target,
                                  std::span<const double> readings) {
  std::vector<double> allowed = demands(leaves);
  std::map<std::uint32_t, std::vector<Limited>> by_height;
  for (const DeviceId device : limited) {
    Limited one{target * tree.capacity_w(device), reading_of(readings, device), tree.below(device)};
    one.limit_w -= beside_w(tree, device, one.below);
    by_height[tree.height(device)].push_back(std::move(one));
  }
  for (const auto& [height, devices] : by_height) {
    std::set<std::int32_t> priorities;
    for (const Limited& device : devices) {
      for (const auto& [load, part] : device.below) priorities.insert(leaves[load.value].priority);
    }
    for (const std::int32_t priority : priorities) reduce(devices, leaves, priority, allowed);
  }
  return allowed;
}

SimTime Capping::next_measurement(SimTime at) const {
  const std::int64_t step = settings_.every.ns;
  return SimTime{(at.ns + step - 1) / step * step};
}

void Capping::note(const PowerTree& tree, DeviceId device) {
  if (tree.share(device) * (1 + kFarthest * settings_.noise) > settings_.above) {
    above_.insert(device);
  } else {
    above_.erase(device);
  }
}

void Capping::update_bands(const PowerTree& tree, std::span<const CapLeaf> leaves,
                           std::span<const double> readings) {
  const std::vector<double> demand = demands(leaves);
  limited_count_ = 0;
  misread_ = 0;
  for (std::uint32_t i = 0; i < limited_.size(); ++i) {
    const DeviceId device{i};
    if (!tree.has_capacity(device)) continue;
    const double reading = reading_of(readings, device);
    const bool seen = tree.share(device) * reading > settings_.above;
    misread_ += seen != (tree.share(device) > settings_.above) ? 1 : 0;
    if (!tree.live(device)) {
      limited_[i] = false;
    } else if (!limited_[i]) {
      limited_[i] = seen;
    } else {
      const std::vector<PowerTree::Below> below = tree.below(device);
      const double wanted_w = through(below, demand) + beside_w(tree, device, below);
      limited_[i] = reading * wanted_w > settings_.target * tree.capacity_w(device);
    }
    limited_count_ += limited_[i] ? 1 : 0;
  }
}

std::vector<std::optional<double>> Capping::measure(const PowerTree& tree,
                                                    std::span<const CapLeaf> leaves,
                                                    std::span<const double> readings) {
  update_bands(tree, leaves, readings);
  std::vector<DeviceId> limited;
  for (std::uint32_t i = 0; i < limited_.size(); ++i) {
    if (limited_[i]) limited.push_back(DeviceId{i});
  }
  const std::vector<double> allowed =
      allowed_power(tree, leaves, limited, settings_.target, readings);
  std::vector<std::optional<double>> caps(leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (allowed[i] < leaves[i].demand_w) caps[i] = allowed[i];
  }
  return caps;
}

}  // namespace hyperdc
