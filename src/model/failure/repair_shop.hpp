// RepairShop: who is repaired next, when technicians and spare parts are limited.
//
// Computes: failed items wait first come, first served; a repair begins when a technician is free
// and, if parts are limited, one is in stock. A technician is taken for the repair and not for the
// wait for a part. Each part that is used is ordered anew at once (base stock S, one for one).
// With exponential times and enough parts, n items and c technicians are the machine repair model
// (M/M/c//n): Kleinrock, "Queueing Systems" I (1975), section 3.8.
// Cost: O(1) an item. Leaves out: priorities, shifts, travel, parts of several kinds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace hyperdc {

class RepairShop {
 public:
  /// Nothing: no limit.
  RepairShop(std::optional<std::uint32_t> technicians, std::optional<std::uint32_t> parts)
      : technicians_(technicians), parts_(parts) {}

  void arrive(std::uint32_t item) { waiting_.push_back(item); }
  /// The next item whose repair begins now; nothing when none can begin.
  std::optional<std::uint32_t> begin();
  /// A repair that began is done.
  void finished();
  void part_arrived();

  bool limits_parts() const { return parts_.has_value(); }
  std::size_t waiting() const { return waiting_.size(); }
  std::uint32_t in_repair() const { return busy_; }

 private:
  std::optional<std::uint32_t> technicians_;
  std::optional<std::uint32_t> parts_;  // in stock
  std::uint32_t busy_ = 0;
  std::deque<std::uint32_t> waiting_;
};

}  // namespace hyperdc
