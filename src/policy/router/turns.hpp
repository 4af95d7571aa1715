// Turns: the replica with the least cost, where equals take turns.
//
// Of equal costs the fewest requests decide, then who was picked longest ago; one that was never
// picked comes first. A replica that leaves keeps its turn for when it comes back. Cost: O(ready).
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include <hyperdc/policy/router.hpp>

namespace hyperdc {

class Turns {
 public:
  /// `cost` of a replica is a number.
  template <class Cost>
  std::uint32_t pick(const RouterView& view, const Cost& cost) {
    const auto rank = [&](std::uint32_t replica) {
      return std::tuple(cost(replica), view.load[replica], last(replica));
    };
    std::uint32_t best = view.ready.front();
    auto least = rank(best);
    for (const std::uint32_t replica : view.ready.subspan(1)) {
      const auto its = rank(replica);
      if (!(its < least)) continue;
      best = replica;
      least = its;
    }
    if (best >= last_.size()) last_.resize(best + std::size_t{1});
    last_[best] = ++turns_;
    return best;
  }

 private:
  std::uint64_t last(std::uint32_t replica) const {
    return replica < last_.size() ? last_[replica] : 0;
  }

  std::vector<std::uint64_t> last_;  // turn of each replica; 0: it had none
  std::uint64_t turns_ = 0;
};

}  // namespace hyperdc
