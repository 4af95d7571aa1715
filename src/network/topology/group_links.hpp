// Cables between groups: which port of which group each of them joins.
//
// Each of g groups has P ports. All pairs of groups have m = floor(P / (g - 1)) cables; what is
// left over of the ports, r = P - m (g - 1), joins each group to those at distance 1 to floor(r /
// 2) on both sides of a ring of groups and, for odd r and even g, to the one opposite; for odd r
// and g one port of each group stays free. All groups are alike: a turn of the ring changes
// nothing. Ports are dealt in rounds over the groups by their distance, so that the cables of a
// pair are on ports far apart. Source: Kim, Dally, Scott and Abts, "Technology-driven,
// highly-scalable dragonfly topology", ISCA 2008, for P = g - 1. Valid: 1 <= g <= P + 1.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace hyperdc {

class GroupLinks {
 public:
  struct Port {
    std::uint32_t group = 0;
    std::uint32_t port = 0;
  };
  struct Cable {
    Port a;
    Port b;
  };
  /// One direction of a cable.
  struct Hop {
    std::uint32_t cable = 0;
    bool forward = true;       // from a to b
    std::uint32_t leave = 0;   // port of the first group
    std::uint32_t arrive = 0;  // port of the second
  };

  GroupLinks(std::uint32_t groups, std::uint32_t ports);

  std::uint32_t cables() const { return cables_; }
  std::uint32_t used_ports() const { return every_ * (groups_ - 1) + extra_ports(); }
  /// Cables of each pair of groups, at least.
  std::uint32_t least() const { return every_; }
  std::uint32_t between(std::uint32_t from, std::uint32_t to) const {
    return count_[distance(from, to)];
  }
  /// Cable `index`, below between(from, to).
  Hop hop(std::uint32_t from, std::uint32_t to, std::uint32_t index) const;
  Cable ends(std::uint32_t cable) const;
  /// Least cables between two halves of the groups, without those to neighbours on the ring.
  double halved() const;

 private:
  std::uint32_t distance(std::uint32_t from, std::uint32_t to) const {
    return to >= from ? to - from : to + groups_ - from;
  }
  std::uint32_t extra_ports() const { return 2 * near_ + (opposite_ ? 1 : 0); }
  std::uint32_t port(std::uint32_t distance, std::uint32_t index) const;

  std::uint32_t groups_;
  std::uint32_t every_ = 0;
  std::uint32_t near_ = 0;  // one cable more to each group up to this distance
  bool opposite_ = false;
  std::uint32_t cables_ = 0;
  std::vector<std::uint32_t> count_;  // by distance
  std::vector<std::uint32_t> first_;  // cable of group 0 by distance, up to half of the ring
};

}  // namespace hyperdc
