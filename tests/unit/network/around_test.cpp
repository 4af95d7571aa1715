// Ways around: what flows on a stored graph do when all equal paths of their pair are dead.
#include <algorithm>
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "network/fabric.hpp"
#include "network/topology/graph.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kWaySecond = 1'000'000'000;

std::shared_ptr<const GraphTopology> graph_from(GraphSpec spec) {
  auto made = GraphTopology::make(std::move(spec));
  if (const auto* problem = std::get_if<std::string>(&made)) FAIL(*problem);
  return std::move(std::get<0>(made));
}

/// Hosts 0 to 3 in a ring of 100 B/s. Cable i: links 2i and 2i + 1.
std::shared_ptr<const GraphTopology> ring_of_four() {
  GraphSpec spec;
  spec.hosts = 4;
  spec.add_cable(0, 1, {100, Duration{kWaySecond}});
  spec.add_cable(1, 2, {100, Duration{2 * kWaySecond}});
  spec.add_cable(2, 3, {100, Duration{3 * kWaySecond}});
  spec.add_cable(3, 0, {100, Duration{4 * kWaySecond}});
  return graph_from(std::move(spec));
}

/// Both directions of a cable.
void set_cable(SharedFabric& fabric, std::uint32_t cable, double fraction, std::int64_t now) {
  fabric.set_capacity({2 * cable}, fraction, {now});
  fabric.set_capacity({2 * cable + 1}, fraction, {now});
}

SharedFabric::Options with_routing(Routing routing) {
  SharedFabric::Options options;
  options.rules.routing = routing;
  return options;
}

/// Links and latency of the best way by relaxing all links until nothing changes; no links: none.
std::pair<std::uint32_t, Duration> slow_way(const GraphSpec& spec, std::uint32_t from,
                                            std::uint32_t to,
                                            const std::vector<std::uint8_t>& dead) {
  constexpr std::uint32_t kFar = 1'000'000;
  std::vector<std::pair<std::uint32_t, Duration>> best(spec.hosts + spec.switches, {kFar, {}});
  best[from] = {0, {}};
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t l = 0; l < spec.links.size(); ++l) {
      const GraphLink& link = spec.links[l];
      const bool passes = link.from == from || spec.switches == 0 || link.from >= spec.hosts;
      if (dead[l] != 0 || best[link.from].first == kFar || !passes) continue;
      const std::pair<std::uint32_t, Duration> by = {best[link.from].first + 1,
                                                     best[link.from].second + link.of.latency};
      if (by >= best[link.to]) continue;
      best[link.to] = by;
      changed = true;
    }
  }
  return best[to].first == kFar ? std::pair<std::uint32_t, Duration>{} : best[to];
}

}  // namespace

TEST_CASE("a flow goes the longer way while the short one is cut", "[network]") {
  for (const Routing routing : {Routing::ecmp, Routing::spray, Routing::adaptive}) {
    const auto net = ring_of_four();
    SharedFabric fabric(net, with_routing(routing));
    const FlowId flow = fabric.start({{0}, {1}, 1000}, {0});
    CHECK(fabric.rate(flow) == Approx(100));
    set_cable(fabric, 0, 0, 2 * kWaySecond);  // 200 B went by it
    CHECK(fabric.waiting() == 0);
    CHECK(fabric.load({7}) == Approx(100));  // 0 -> 3 -> 2 -> 1
    CHECK(fabric.load({5}) == Approx(100));
    CHECK(fabric.load({3}) == Approx(100));
    CHECK(fabric.load({0}) == 0);
    CHECK(fabric.next_end()->at == SimTime{10 * kWaySecond});
    CHECK(fabric.next_end()->arrives == SimTime{19 * kWaySecond});
    set_cable(fabric, 0, 1, 5 * kWaySecond);  // 300 B went around
    CHECK(fabric.load({0}) == Approx(100));
    CHECK(fabric.load({7}) == 0);
    CHECK(fabric.next_end()->arrives == SimTime{11 * kWaySecond});
    CHECK(fabric.advance({10 * kWaySecond}).size() == 1);
    CHECK(fabric.link_bytes({0}) == 700);
    for (const std::uint32_t l : {7, 5, 3}) CHECK(fabric.link_bytes({l}) == 300);
  }
}

TEST_CASE("a flow waits when there is no way around either", "[network]") {
  SharedFabric fabric(ring_of_four(), {});
  const FlowId flow = fabric.start({{0}, {1}, 1000}, {0});
  set_cable(fabric, 0, 0, kWaySecond);
  set_cable(fabric, 2, 0, 2 * kWaySecond);
  CHECK(fabric.waiting() == 1);
  CHECK(fabric.rate(flow) == 0);
  CHECK(fabric.bytes().in_flight == 1000);
  set_cable(fabric, 2, 1, 3 * kWaySecond);  // the way around first
  CHECK(fabric.waiting() == 0);
  CHECK(fabric.load({5}) == Approx(100));
  CHECK_FALSE(fabric.choice(flow));
  CHECK(fabric.route(flow)->around);
  CHECK(fabric.next_end()->at == SimTime{11 * kWaySecond});
}

TEST_CASE("given routes are not gone around", "[network]") {
  GraphSpec spec = ring_of_four()->spec();
  spec.routes = {{0, 1, {0}}};
  SharedFabric fabric(graph_from(std::move(spec)), {});
  fabric.start({{0}, {1}, 1000}, {0});
  set_cable(fabric, 0, 0, kWaySecond);
  CHECK(fabric.waiting() == 1);
}

namespace {

/// Eight hosts alone, or three hosts on six switches (the last with two cables): a tree and more.
GraphSpec random_graph(const RandomStream& random, std::uint32_t run) {
  GraphSpec spec;
  spec.hosts = run % 2 == 1 ? 3 : 8;
  spec.switches = run % 2 == 1 ? 6 : 0;
  const std::uint32_t first = spec.switches > 0 ? spec.hosts : 0;  // of those that forward
  const std::uint32_t all = spec.hosts + spec.switches;
  std::uint64_t draw = 0;
  const auto one_of = [&](std::uint32_t from, std::uint32_t to) {
    return from + static_cast<std::uint32_t>(random.below(to - from, run, draw++));
  };
  const auto join = [&](std::uint32_t a, std::uint32_t b) {
    if (a != b) spec.add_cable(a, b, {1, Duration{one_of(1, 4)}});
  };
  for (std::uint32_t v = first + 1; v < all; ++v) join(v, one_of(first, v));
  for (std::uint32_t i = 0; i < 8; ++i) join(one_of(first, all), one_of(first, all));
  for (std::uint32_t host = 0; host < first; ++host) join(host, one_of(first, all));
  if (first > 0) join(first - 1, one_of(first, all));
  return spec;
}

/// The way leads from 0 to 1 over what is alive, and is as good as the slow search says.
void check_way(const GraphTopology& net, const LinkPath& way, const std::vector<std::uint8_t>& dead,
               std::pair<std::uint32_t, Duration> best) {
  std::uint32_t at = 0;
  Duration latency;
  for (const LinkId link : way.links()) {
    REQUIRE(net.ends(link).from == at);
    REQUIRE(dead[link.value] == 0);
    at = net.ends(link).to;
    latency = latency + net.link(link).latency;
  }
  CHECK(at == 1);
  CHECK(way.links().size() == best.first);
  CHECK(latency == best.second);
}

/// The same when a link dies elsewhere.
void check_steady(const GraphTopology& net, const LinkPath& way,
                  const std::vector<std::uint8_t>& dead) {
  for (std::uint32_t l = 0; l < dead.size(); ++l) {
    const auto on = way.links();
    if (dead[l] != 0 || std::find(on.begin(), on.end(), LinkId{l}) != on.end()) continue;
    std::vector<std::uint8_t> more = dead;
    more[l] = 1;
    LinkPath again;
    REQUIRE(net.around({0}, {1}, more, again));
    CHECK(std::equal(on.begin(), on.end(), again.links().begin(), again.links().end()));
  }
}

}  // namespace

TEST_CASE("a way around has the least links, and of these the least latency", "[network]") {
  const RandomStream random(7, "around");
  const RandomStream deaths(7, "deaths");
  std::uint32_t found = 0;
  for (std::uint32_t run = 0; run < 400; ++run) {
    const auto net = graph_from(random_graph(random, run));
    std::vector<std::uint8_t> dead(net->links());
    for (std::uint32_t l = 0; l < dead.size(); ++l) dead[l] = deaths.below(4, run, l) == 0 ? 1 : 0;
    const auto best = slow_way(net->spec(), 0, 1, dead);
    LinkPath way;
    INFO("run " << run);
    // Hosts on one switch have no way around.
    if (!net->around({0}, {1}, dead, way)) {
      CHECK((best.first == 0 || net->rack({0}) == net->rack({1})));
      continue;
    }
    ++found;
    check_way(*net, way, dead, best);
    check_steady(*net, way, dead);
  }
  CHECK(found > 100);
}

}  // namespace hyperdc
