// Power caps: which racks draw how much less so that no device is above its limit.
//
// Computes: for each limited device with load L = sum of part_i * P_i over the racks below it, the
//   reduction L - target * capacity, taken from the racks of the lowest priority first, from each
//   the same share of what it can give (P_i - floor_i), and only what is then missing from the next
//   priority. Devices nearer to the racks come first; what they took counts above them. Devices of
//   the same height decide together; a rack below several gives the largest share that one asks,
//   so that each is at or below its target.
//   A device is limited from the measurement that finds it above `above` of its capacity until one
//   that finds that the demand without caps is not above `target`: two bands, no flutter.
// A reading of a device is its value times 1 + e, e normal with deviation `noise`, cut off at
//   kFarthest deviations: it decides about the bands and how much the device asks for.
// A cap acts `delay + actuate` after the measurement it rests on; measurements lie `every` apart.
// Units: W, s. Source: bands and priorities: Wu et al., "Dynamo", ISCA'16; priority-aware
//   caps: Fu et al., ASPLOS'20; failover within the tolerance of the UPS: Zhang et al., ISCA'21.
// Valid range: 0 < target <= above.
// Leaves out: racks that never heed a cap. The controller is taken to know what a capped rack would
//   draw without its cap, up to the noise of its device.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "model/power/power_tree.hpp"

namespace hyperdc {

/// Deviations of a reading from its value, at most.
inline constexpr double kFarthest = 6;

struct CapSettings {
  Duration every;                      // between measurements
  Duration delay;                      // from a measurement to a decision
  Duration actuate;                    // from a decision to the lower power
  double above = 0.99, target = 0.95;  // of the capacity
  double noise = 0;                    // standard deviation of a reading of a device over its value
  double lost = 0;                     // probability that a command does not reach a rack group
};

struct CapLeaf {
  double demand_w = 0;  // what it would draw without a cap
  double floor_w = 0;   // no cap brings it below this
  std::int32_t priority = 0;
};

class Capping {
 public:
  Capping(const CapSettings& settings, std::size_t devices)
      : settings_(settings), limited_(devices, false) {}

  /// The measurement at or after `at`: a multiple of `every`.
  SimTime next_measurement(SimTime at) const;
  /// The load of this device has changed.
  void note(const PowerTree& tree, DeviceId device);
  /// Is any device above its limit, or still limited? Otherwise measuring changes nothing.
  bool needed() const { return !above_.empty() || limited_count_ > 0; }
  /// One measurement: caps by load, in W; nothing: draws what it wants. `readings`: by device, 1 +
  /// e.
  std::vector<std::optional<double>> measure(const PowerTree& tree, std::span<const CapLeaf> leaves,
                                             std::span<const double> readings = {});
  /// What acts when the measurement of `at` has been decided and carried out.
  SimTime acts_at(SimTime at) const { return at + settings_.delay + settings_.actuate; }

  const CapSettings& settings() const { return settings_; }
  /// Devices that the last measurement put on another side of `above` than their load is.
  std::uint32_t misread() const { return misread_; }
  bool limited(DeviceId device) const { return limited_[device.value]; }

 private:
  void update_bands(const PowerTree& tree, std::span<const CapLeaf> leaves,
                    std::span<const double> readings);

  CapSettings settings_;
  std::vector<bool> limited_;  // by device
  std::size_t limited_count_ = 0;
  std::uint32_t misread_ = 0;
  std::set<DeviceId> above_;
};

/// The reduction alone: allowed power by load, so that every device of `limited` is at `target` of
/// its capacity by its reading, if the floors let it.
std::vector<double> allowed_power(const PowerTree& tree, std::span<const CapLeaf> leaves,
                                  std::span<const DeviceId> limited, double target,
                                  std::span<const double> readings = {});

}  // namespace hyperdc
