#include "network/topology/group_links.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

GroupLinks::GroupLinks(std::uint32_t groups, std::uint32_t ports)
    : groups_(groups), count_(groups, 0), first_(groups / 2 + 1, 0) {
  HYPERDC_CHECK(groups >= 1 && groups - 1 <= ports, "each two groups need a cable");
  if (groups == 1) return;
  every_ = ports / (groups - 1);
  const std::uint32_t rest = ports % (groups - 1);
  near_ = rest / 2;
  opposite_ = rest % 2 == 1 && groups % 2 == 0;
  for (std::uint32_t d = 1; d < groups; ++d) {
    const std::uint32_t nearest = std::min(d, groups - d);
    const bool more = nearest <= near_ || (opposite_ && 2 * d == groups);
    count_[d] = every_ + (more ? 1 : 0);
  }
  for (std::uint32_t d = 1; d <= groups / 2; ++d) {
    first_[d] = cables_;
    cables_ += (2 * d == groups ? groups / 2 : groups) * count_[d];
  }
}

std::uint32_t GroupLinks::port(std::uint32_t distance, std::uint32_t index) const {
  const std::uint32_t round = every_ * (groups_ - 1);
  if (index < every_) return index * (groups_ - 1) + distance - 1;
  if (distance <= near_) return round + distance - 1;
  if (groups_ - distance <= near_) return round + near_ + groups_ - distance - 1;
  return round + 2 * near_;  // the one opposite
}

GroupLinks::Hop GroupLinks::hop(std::uint32_t from, std::uint32_t to, std::uint32_t index) const {
  const std::uint32_t there = distance(from, to);
  const std::uint32_t back = groups_ - there;
  const bool forward = there < back || (there == back && from < to);
  const std::uint32_t d = forward ? there : back;
  const std::uint32_t cable = first_[d] + (forward ? from : to) * count_[d] + index;
  return {cable, forward, port(there, index), port(back, index)};
}

GroupLinks::Cable GroupLinks::ends(std::uint32_t cable) const {
  const auto above = std::upper_bound(first_.begin() + 1, first_.end(), cable);
  const auto d = static_cast<std::uint32_t>(above - first_.begin() - 1);
  const std::uint32_t from = (cable - first_[d]) / count_[d];
  const std::uint32_t index = (cable - first_[d]) % count_[d];
  const std::uint32_t to = (from + d) % groups_;
  return {{from, port(d, index)}, {to, port(groups_ - d, index)}};
}

double GroupLinks::halved() const {
  const double all = every_ * (static_cast<double>(groups_) * groups_ / 4);
  // With those opposite alone, halves of whole pairs cut none, or one where there are odd pairs.
  const std::uint32_t odd = groups_ / 2 % 2;
  return opposite_ && near_ == 0 ? all + odd : all;
}

}  // namespace hyperdc
