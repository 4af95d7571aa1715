#include "world/service/slo_windows.hpp"

#include <algorithm>

namespace hyperdc {

SloWindows::Window* SloWindows::at(SimTime arrived) {
  if (arrived < from_) return nullptr;
  const auto index = static_cast<std::size_t>((arrived - from_).ns / spec_.length.ns);
  if (index >= windows_.size()) windows_.resize(index + 1);
  return &windows_[index];
}

SloWindows::Reading SloWindows::until(SimTime end) const {
  Reading reading;
  if (end <= from_) return reading;
  reading.windows = static_cast<std::uint64_t>((end - from_).ns / spec_.length.ns);
  const std::size_t seen = std::min<std::size_t>(windows_.size(), reading.windows);
  for (std::size_t i = 0; i < seen; ++i) {
    const auto asked = static_cast<double>(windows_[i].offered);
    // A share such as 0.9 of 10 is 9 whatever its product rounds to.
    if (static_cast<double>(windows_[i].good) < spec_.share * asked - 1e-9 * asked) {
      ++reading.missed;
    }
  }
  return reading;
}

}  // namespace hyperdc
