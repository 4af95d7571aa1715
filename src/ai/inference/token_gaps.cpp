#include "ai/inference/token_gaps.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void TokenGaps::join(SimTime now) {
  if (fresh_.empty() || fresh_.back().at != now) fresh_.push_back({now, 0});
  ++fresh_.back().times;
}

void TokenGaps::leave_fresh(SimTime joined) {
  const auto its = std::ranges::find(fresh_, joined, &Joined::at);
  HYPERDC_CHECK(its != fresh_.end() && its->times > 0, "who leaves has joined");
  --its->times;
}

}  // namespace hyperdc
