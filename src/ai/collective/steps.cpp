#include "ai/collective/steps.hpp"

#include <algorithm>

namespace hyperdc::steps {

Duration lap(Levels levels) {
  Duration all;
  std::uint64_t crossing = collective_ranks(levels);  // edges that leave the group below
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const std::uint64_t outer = l + 1 == levels.size() ? 0 : crossing / levels[l].ranks;
    all = all + times(crossing - outer, levels[l].alpha);
    crossing = outer;
  }
  return all;
}

Duration ring(Levels levels, std::uint32_t laps) {
  if (levels.empty()) return {};
  Duration fastest = levels[0].alpha;
  if (laps == 1) {
    for (const CollectiveLevel& level : levels) fastest = std::min(fastest, level.alpha);
    return lap(levels) - fastest;
  }
  HYPERDC_CHECK(laps == 2, "a ring of one lap or two");
  // Of two hops that follow each other one at least is of the innermost level; both can be where a
  // group has three ranks or all ranks are one group.
  std::optional<Duration> other;
  if (levels[0].ranks > 2 || levels.size() == 1) other = levels[0].alpha;
  for (const CollectiveLevel& level : levels.subspan(1)) {
    other = other ? std::min(*other, level.alpha) : level.alpha;
  }
  return lap(levels) + lap(levels) - levels[0].alpha - *other;
}

Duration chain(Levels levels) {
  if (levels.empty()) return {};
  return lap(levels) - levels.back().alpha;
}

}  // namespace hyperdc::steps
