#include "network/topology/torus.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kRackSide = 4;

/// Links between the places that are farthest apart.
std::uint64_t farthest(const TorusSpec& spec) {
  std::uint64_t links = 0;
  for (const std::uint32_t extent : spec.extents) links += spec.wrap ? extent / 2 : extent - 1;
  return links;
}

}  // namespace

std::string torus_problem(const TorusSpec& spec) {
  const auto [x, y, z] = spec.extents;
  if (x == 0 || y == 0 || z == 0) return "a torus has at least one place in each dimension";
  const std::uint64_t hosts = times(times(x, y), z);
  if (hosts < 2) return "a torus has at least two places";
  if (6 * hosts > kMostLinks) return "there are more than 2^32 links";
  if (farthest(spec) > kLongestPath) return "the farthest places are more than 64 links apart";
  const std::uint32_t server = spec.chips_per_server;
  if (server == 0 || kRackSide % server != 0 || x % server != 0) {
    return "chips_per_server must be 1, 2 or 4 and divide x";
  }
  return {};
}

Torus::Torus(const TorusSpec& spec) : spec_(spec) {
  const std::string problem = torus_problem(spec);
  HYPERDC_CHECK(problem.empty(), problem);
  constexpr std::array<std::string_view, 3> kNames = {"x", "y", "z"};
  for (const std::uint32_t extent : spec.extents) hosts_ *= extent;
  std::uint32_t stride = 1;
  for (std::size_t axis = 0; axis < kNames.size(); ++axis) {
    const std::uint32_t extent = spec.extents[axis];
    if (extent > 1) {
      const std::uint32_t cables = hosts_ / extent * (spec.wrap ? extent : extent - 1);
      axes_.push_back({extent, stride, cables, links_});
      names_.push_back(kNames[axis]);
      links_ += 2 * cables;
    }
    stride *= extent;
  }
}

std::uint32_t Torus::coordinate(std::uint32_t endpoint, std::uint32_t axis) const {
  return endpoint / axes_[axis].stride % axes_[axis].extent;
}

/// The cable from an endpoint upwards, as a number within the dimension.
std::uint32_t Torus::cable(std::uint32_t axis, std::uint32_t endpoint) const {
  const Axis& a = axes_[axis];
  return spec_.wrap ? endpoint : endpoint - endpoint / (a.stride * a.extent) * a.stride;
}

std::uint32_t Torus::axis_of(std::uint32_t link) const {
  std::uint32_t axis = 0;
  while (axis + 1 < axes_.size() && link >= axes_[axis + 1].first) ++axis;
  return axis;
}

LinkInfo Torus::link(LinkId link) const {
  return {spec_.link.capacity_Bps, spec_.link.latency, axis_of(link.value)};
}

LinkEnds Torus::ends(LinkId link) const {
  const Axis& a = axes_[axis_of(link.value)];
  const bool up = link.value - a.first < a.cables;
  const std::uint32_t index = link.value - a.first - (up ? 0 : a.cables);
  const std::uint32_t row = a.stride * (spec_.wrap ? a.extent : a.extent - 1);
  const std::uint32_t low = index + (spec_.wrap ? 0 : index / row * a.stride);
  const bool last = low / a.stride % a.extent == a.extent - 1;
  const std::uint32_t high = last ? low - (a.extent - 1) * a.stride : low + a.stride;
  return up ? LinkEnds{low, high} : LinkEnds{high, low};
}

LinkId Torus::opposite(LinkId link) const {
  const Axis& a = axes_[axis_of(link.value)];
  return {link.value - a.first < a.cables ? link.value + a.cables : link.value - a.cables};
}

Torus::Way Torus::way(std::uint32_t axis, std::uint32_t from, std::uint32_t to) const {
  const std::uint32_t a = coordinate(from, axis);
  const std::uint32_t b = coordinate(to, axis);
  if (!spec_.wrap) return {a < b ? b - a : a - b, a < b, false};
  const std::uint32_t extent = axes_[axis].extent;
  const std::uint32_t up = (b + extent - a) % extent;
  const std::uint32_t down = (extent - up) % extent;
  return {std::min(up, down), up <= down, up == down && up > 0};
}

void Torus::walk(std::uint32_t axis, Way way, std::uint32_t& at, LinkPath& out) const {
  const Axis& a = axes_[axis];
  const std::uint32_t round = (a.extent - 1) * a.stride;
  for (std::uint32_t step = 0; step < way.steps; ++step) {
    const std::uint32_t place = coordinate(at, axis);
    if (way.up) {
      out.add(a.first + cable(axis, at));
      at = place == a.extent - 1 ? at - round : at + a.stride;
    } else {
      at = place == 0 ? at + round : at - a.stride;
      out.add(a.first + a.cables + cable(axis, at));
    }
  }
}

std::uint32_t Torus::choices(EndpointId from, EndpointId to) const {
  std::uint32_t different = 0;
  std::uint32_t all = 1;
  for (std::uint32_t axis = 0; axis < axes_.size(); ++axis) {
    const Way way = this->way(axis, from.value, to.value);
    if (way.steps > 0) all *= ++different;
    if (way.both) all *= 2;
  }
  return all;
}

void Torus::path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  out.clear();
  ChoiceDigits digits(choice);
  std::array<Way, 3> ways;
  std::array<std::uint32_t, 3> open;  // dimensions that are still to be walked
  std::uint32_t left = 0;
  for (std::uint32_t axis = 0; axis < axes_.size(); ++axis) {
    ways[axis] = way(axis, from.value, to.value);
    if (ways[axis].both) ways[axis].up = digits.next(2) == 0;
    if (ways[axis].steps > 0) open[left++] = axis;
  }
  std::uint32_t at = from.value;
  while (left > 0) {
    const std::uint32_t pick = digits.next(left);
    walk(open[pick], ways[open[pick]], at, out);
    open[pick] = open[--left];
  }
}

void Torus::walk_all(std::uint32_t at, std::uint32_t to, LinkPath& out) const {
  for (std::uint32_t axis = 0; axis < axes_.size(); ++axis) walk(axis, way(axis, at, to), at, out);
}

std::uint32_t Torus::diameter() const {
  return static_cast<std::uint32_t>(farthest(spec_));
}

/// 0: there are none.
std::uint32_t Torus::longest_detour() const {
  const bool ring = axes_.size() == 1;
  if (ring && !spec_.wrap) return 0;
  const std::uint32_t links = ring ? hosts_ - 1 : 2 * diameter();
  return links <= kLongestPath ? links : 0;
}

std::uint32_t Torus::longest_path() const {
  return std::max(diameter(), longest_detour());
}

std::uint32_t Torus::detours(EndpointId from, EndpointId to) const {
  if (from == to || longest_detour() == 0) return 0;
  if (axes_.size() == 1) return way(0, from.value, to.value).both ? 0 : 1;
  const std::uint32_t third = axes_.size() > 2 ? axes_[2].extent : 1;
  return (axes_[0].extent - 1) * (axes_[1].extent - 1) * third;
}

void Torus::detour(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const {
  HYPERDC_CHECK(choice < detours(from, to), "there is no such detour");
  out.clear();
  if (axes_.size() == 1) {
    const Way shorter = way(0, from.value, to.value);
    std::uint32_t at = from.value;
    walk(0, {hosts_ - shorter.steps, !shorter.up, false}, at, out);
    return;
  }
  ChoiceDigits digits(choice);
  const auto other = [&](std::uint32_t axis, EndpointId than) {
    const std::uint32_t digit = digits.next(axes_[axis].extent - 1);
    return digit < coordinate(than.value, axis) ? digit : digit + 1;
  };
  std::uint32_t by = other(0, to) * axes_[0].stride;
  by += other(1, from) * axes_[1].stride;
  by += digits.rest() * (axes_.size() > 2 ? axes_[2].stride : 0);
  walk_all(from.value, by, out);
  walk_all(by, to.value, out);
}

std::uint32_t Torus::rack(EndpointId endpoint) const {
  const auto [x, y, z] = spec_.extents;
  const std::uint32_t wide = (x + kRackSide - 1) / kRackSide;
  const std::uint32_t deep = (y + kRackSide - 1) / kRackSide;
  const std::uint32_t at = endpoint.value;
  return at % x / kRackSide + wide * (at / x % y / kRackSide + deep * (at / x / y / kRackSide));
}

std::uint32_t Torus::racks() const {
  return rack({hosts_ - 1}) + 1;
}

bool Torus::is_of_cubes() const {
  return spec_.wrap &&
         std::ranges::all_of(spec_.extents, [](std::uint32_t extent) { return extent % 4 == 0; });
}

std::optional<std::uint32_t> Torus::optical_switch(LinkId link) const {
  if (!is_of_cubes()) return std::nullopt;
  const std::uint32_t axis = axis_of(link.value);
  const Axis& a = axes_[axis];
  const bool up = link.value - a.first < a.cables;
  const std::uint32_t low = link.value - a.first - (up ? 0 : a.cables);  // its endpoint below
  if (coordinate(low, axis) % 4 != 3) return std::nullopt;               // within a cube
  const std::uint32_t one = coordinate(low, (axis + 1) % 3) % 4;
  const std::uint32_t other = coordinate(low, (axis + 2) % 3) % 4;
  return axis * 16 + one * 4 + other;
}

/// A mesh is none: what goes around would cross it.
std::span<const std::uint32_t> Torus::torus_extents() const {
  if (!spec_.wrap) return {};
  return spec_.extents;
}

TopologySummary Torus::summary() const {
  TopologySummary all;
  all.hosts = hosts_;
  all.links = links_;
  all.diameter = diameter();
  const std::uint32_t longest = *std::max_element(spec_.extents.begin(), spec_.extents.end());
  const std::uint32_t rows = hosts_ / longest;
  all.bisection_Bps = (spec_.wrap ? 2.0 : 1.0) * rows * spec_.link.capacity_Bps;
  for (const Axis& axis : axes_) {
    all.cables.push_back(axis.cables);
    all.radix += spec_.wrap || axis.extent > 2 ? 2 : 1;
  }
  return all;
}

namespace {

constexpr ParamSpec kTorusParams[] = {
    count_spec("x", "Places along the first dimension."),
    count_spec("y", "Places along the second dimension.", "1"),
    count_spec("z", "Places along the third dimension.", "1"),
    {"wrap", ParamKind::boolean, Dimension::none,
     "Whether each row is closed to a ring; if not, it is a mesh.", "true"},
    count_spec("chips_per_server", "Neighbours along x in one server: 1, 2 or 4.", "1"),
    bandwidth_spec("bandwidth", "Of a link between neighbours, each way."),
    latency_spec(),
};

TorusSpec torus_spec(const Params& params) {
  TorusSpec spec;
  spec.extents = {count_of(params, "x"), count_of(params, "y"), count_of(params, "z")};
  spec.wrap = params.flag("wrap");
  spec.chips_per_server = count_of(params, "chips_per_server");
  spec.link = {params.number("bandwidth"), params.duration("latency")};
  return spec;
}

}  // namespace

TopologyEntry torus_topology() {
  return {"torus", "Endpoints joined to their neighbours in one to three dimensions.", kTorusParams,
          [](const Params& params) { return torus_problem(torus_spec(params)); },
          [](const Params& params) -> std::unique_ptr<Topology> {
            return std::make_unique<Torus>(torus_spec(params));
          }};
}

}  // namespace hyperdc
