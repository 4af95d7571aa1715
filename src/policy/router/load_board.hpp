// LoadBoard: loads as they were at the last refresh, for routers that work with stale information.
//
// Refreshed at the first pick at or after each multiple of `period` since the start of the run; all
// picks in between see the same board, as the clients of a bulletin board do (Mitzenmacher, "How
// useful is old information?", IEEE TPDS 11(1), 2000, "periodic update"). A replica that came since
// is not on it. Cost: O(ready) a refresh.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <hyperdc/policy/router.hpp>

namespace hyperdc {

class LoadBoard {
 public:
  /// period > 0.
  explicit LoadBoard(Duration period) : period_(period) {}

  /// True when this pick is the first of its period: the board then holds the loads of `view`.
  bool refresh(const RouterView& view) {
    if (view.now.ns < until_ns_) return false;
    until_ns_ = (view.now.ns / period_.ns + 1) * period_.ns;
    if (loads_.size() < view.load.size()) loads_.resize(view.load.size(), kUnknown);
    for (const std::uint32_t replica : view.ready) loads_[replica] = view.load[replica];
    return true;
  }
  /// The replica left: what the board says of it means nothing if it comes back.
  void forget(std::uint32_t replica) {
    if (replica < loads_.size()) loads_[replica] = kUnknown;
  }
  /// kUnknown for a replica that was not ready at the refresh.
  std::uint32_t load(std::uint32_t replica) const {
    return replica < loads_.size() ? loads_[replica] : kUnknown;
  }

  static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

 private:
  const Duration period_;
  std::int64_t until_ns_ = 0;  // the board is good before this time
  std::vector<std::uint32_t> loads_;
};

}  // namespace hyperdc
