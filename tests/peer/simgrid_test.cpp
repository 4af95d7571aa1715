// SharedFabric against SimGrid, the reference for flows that share links: the same paths, bytes,
// caps and starts; the moments at which flows end differ by at most 1e-9 of the time the flow took
// and 1 ns for each event of the flow (a start or a change of its rate).
//
// SimGrid is set to pure max-min: no latency (it would be a weight), no cross traffic, factors of
// 1, the precision of doubles. Each flow has two hosts of its own, so that any path is a route;
// capped flows go through a mailbox, since transfers between hosts ignore caps. SimGrid keeps
// global state, so each instance runs in a process of its own.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <simgrid/s4u.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "core/rng.hpp"
#include "network/fabric.hpp"
#include "network/topology/clos.hpp"

namespace hyperdc {
namespace {

struct Sent {
  FlowSpec spec;
  SimTime at;
  std::vector<std::uint32_t> path;  // links
  double end_s = -1;                // as the fabric says
  int events = 1;
};

/// A random connected graph whose vertices are endpoints; one shortest path a pair.
class RandomGraph final : public Topology {
 public:
  RandomGraph(std::uint64_t seed, std::uint32_t vertices, std::uint32_t cables);

  std::uint32_t hosts() const override { return vertices_; }
  std::uint32_t links() const override { return static_cast<std::uint32_t>(ends_.size()); }
  std::uint32_t vertices() const override { return vertices_; }
  std::uint32_t longest_path() const override { return kLongestPath; }
  LinkInfo link(LinkId link) const override { return {capacity_Bps_[link.value], {}, 0}; }
  LinkEnds ends(LinkId link) const override { return ends_[link.value]; }
  LinkId opposite(LinkId link) const override { return {link.value ^ 1}; }
  std::uint32_t choices(EndpointId, EndpointId) const override { return 1; }
  void path(EndpointId from, EndpointId to, std::uint32_t choice, LinkPath& out) const override;
  std::uint32_t rack(EndpointId) const override { return 0; }
  std::uint32_t racks() const override { return 1; }
  std::span<const std::string_view> link_tiers() const override { return kTiers; }
  TopologySummary summary() const override { return {}; }

 private:
  static constexpr std::array<std::string_view, 1> kTiers = {"graph"};
  std::uint32_t vertices_;
  std::vector<LinkEnds> ends_;
  std::vector<double> capacity_Bps_;
};

RandomGraph::RandomGraph(std::uint64_t seed, std::uint32_t vertices, std::uint32_t cables)
    : vertices_(vertices) {
  const RandomStream chance(seed, "graph");
  for (std::uint32_t c = 0; c < cables; ++c) {
    // A tree first, so that there is a path.
    const auto a =
        c + 1 < vertices ? c + 1 : static_cast<std::uint32_t>(chance.below(vertices, c, 0));
    auto b = static_cast<std::uint32_t>(chance.below(c + 1 < vertices ? a : vertices - 1, c, 1));
    if (c + 1 >= vertices && b >= a) ++b;
    // Ties: a third of the cables are alike.
    const double rate =
        chance.below(3, c, 2) == 0 ? 1e9 : 1e8 * static_cast<double>(1 + chance.below(50, c, 3));
    for (const LinkEnds ends : {LinkEnds{a, b}, LinkEnds{b, a}}) {
      ends_.push_back(ends);
      capacity_Bps_.push_back(rate);
    }
  }
}

void RandomGraph::path(EndpointId from, EndpointId to, std::uint32_t, LinkPath& out) const {
  out.clear();
  std::vector<std::uint32_t> by(vertices_, links());  // the link that reached a vertex
  std::deque<std::uint32_t> open = {to.value};        // backwards, so that links come in order
  while (from != to && by[from.value] == links()) {
    const std::uint32_t at = open.front();
    open.pop_front();
    for (std::uint32_t link = 0; link < links(); ++link) {
      const std::uint32_t before = ends_[link].from;
      if (ends_[link].to != at || before == to.value || by[before] != links()) continue;
      by[before] = link;
      open.push_back(before);
    }
  }
  for (std::uint32_t at = from.value; at != to.value; at = ends_[by[at]].to) out.add(by[at]);
}

/// With ties in start, bytes and caps.
std::vector<Sent> random_flows(const Topology& net, std::uint64_t seed, std::uint64_t count) {
  const RandomStream chance(seed, "peer flows");
  std::vector<Sent> flows;
  for (std::uint64_t i = 0; i < count; ++i) {
    Sent one;
    one.spec.from = {static_cast<std::uint32_t>(chance.below(net.hosts(), i, 0))};
    one.spec.to = {static_cast<std::uint32_t>(chance.below(net.hosts() - 1, i, 1))};
    if (one.spec.to >= one.spec.from) ++one.spec.to.value;
    one.spec.bytes = chance.below(2, i, 2) == 0 ? 100'000'000 * (1 + chance.below(3, i, 3))
                                                : 1 + chance.below(1'000'000'000, i, 3);
    if (chance.below(3, i, 4) == 0) {
      one.spec.cap_Bps = 1e8 * (0.5 + 0.5 * static_cast<double>(chance.below(4, i, 5)));
    }
    one.spec.label = static_cast<std::uint32_t>(i);
    one.at = {static_cast<std::int64_t>(100'000'000 * chance.below(20, i, 8))};
    flows.push_back(one);
  }
  std::ranges::stable_sort(flows, {}, [](const Sent& one) { return one.at; });
  return flows;
}

/// Runs the flows on the fabric: ends, events and paths.
void run_fabric(const std::shared_ptr<const Topology>& net, std::vector<Sent>& flows) {
  SharedFabric fabric(net, {});
  std::vector<std::size_t> of(flows.size());  // flow of a slot
  std::vector<std::pair<std::size_t, FlowId>> live;
  std::vector<double> last(flows.size(), 0);
  LinkPath path;
  std::size_t next = 0;
  while (next < flows.size() || !live.empty()) {
    const auto end = fabric.next_end();
    if (next < flows.size() && (!end || flows[next].at <= end->at)) {
      const SimTime now = flows[next].at;
      for (; next < flows.size() && flows[next].at == now; ++next) {
        const FlowId id = fabric.start(flows[next].spec, now);
        live.emplace_back(next, id);
        of[id.value] = next;
      }
    } else {
      REQUIRE(end.has_value());
      for (const FlowEnd& ended : fabric.advance(end->at)) {
        flows[of[ended.flow.value]].end_s = to_seconds(ended.at);
        std::erase_if(live, [&](const auto& one) { return one.second == ended.flow; });
      }
    }
    for (const auto& [i, id] : live) {
      const double rate = fabric.rate(id);
      if (std::fabs(rate - last[i]) > 1e-12 * rate) ++flows[i].events;
      last[i] = rate;
      if (!flows[i].path.empty()) continue;
      net->path(flows[i].spec.from, flows[i].spec.to, *fabric.choice(id), path);
      for (const LinkId link : path.links()) flows[i].path.push_back(link.value);
    }
  }
}

/// In a child process: the ends of all flows in seconds, through `out`.
[[noreturn]] void run_simgrid(const Topology& net, const std::vector<Sent>& flows, int out) {
  namespace s4u = simgrid::s4u;
  std::vector<std::string> words = {"peer",
                                    "--cfg=network/crosstraffic:0",
                                    "--cfg=network/bandwidth-factor:1",
                                    "--cfg=network/latency-factor:1",
                                    "--cfg=network/weight-S:0",
                                    "--cfg=network/TCP-gamma:0",
                                    "--cfg=maxmin/precision:1e-13",
                                    "--cfg=surf/precision:1e-12",
                                    "--log=root.thres:error"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  s4u::Engine engine(&count, arguments.data());
  s4u::NetZone* zone = s4u::create_full_zone("all");
  std::vector<s4u::Link*> links;
  for (std::uint32_t l = 0; l < net.links(); ++l) {
    links.push_back(zone->create_link("l" + std::to_string(l), net.link({l}).capacity_Bps)
                        ->set_latency(0)
                        ->seal());
  }
  std::vector<double> ends(flows.size(), -1);
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const std::string number = std::to_string(i);
    s4u::Host* from = zone->create_host("s" + number, 1e9)->seal();
    s4u::Host* to = zone->create_host("d" + number, 1e9)->seal();
    std::vector<s4u::LinkInRoute> route;
    for (const std::uint32_t link : flows[i].path) route.emplace_back(links[link]);
    zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, route, false);
    s4u::Actor::create("get" + number, to, [number] { s4u::Mailbox::by_name(number)->get<int>(); });
    s4u::Actor::create("put" + number, from, [&flows, &ends, i, number] {
      static int payload = 0;
      s4u::this_actor::sleep_until(to_seconds(flows[i].at));
      const s4u::CommPtr comm =
          s4u::Mailbox::by_name(number)->put_init(&payload, flows[i].spec.bytes);
      if (std::isfinite(flows[i].spec.cap_Bps)) comm->set_rate(flows[i].spec.cap_Bps);
      comm->start()->wait();
      ends[i] = s4u::Engine::get_clock();
    });
  }
  zone->seal();
  engine.run();
  const auto bytes = static_cast<ssize_t>(ends.size() * sizeof(double));
  _exit(write(out, ends.data(), ends.size() * sizeof(double)) == bytes ? 0 : 1);
}

std::vector<double> simgrid_ends_s(const Topology& net, const std::vector<Sent>& flows) {
  int pipe_ends[2] = {};
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) run_simgrid(net, flows, pipe_ends[1]);
  close(pipe_ends[1]);
  std::vector<double> ends(flows.size(), -1);
  auto* to = reinterpret_cast<char*>(ends.data());
  std::size_t got = 0;
  for (ssize_t n = 1; n > 0; got += static_cast<std::size_t>(n)) {
    n = read(pipe_ends[0], to + got, ends.size() * sizeof(double) - got);
    if (n <= 0) break;
  }
  close(pipe_ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(got == ends.size() * sizeof(double));
  return ends;
}

/// Returns the largest difference over what is allowed.
double compare(const std::shared_ptr<const Topology>& net, std::uint64_t seed,
               std::uint64_t count) {
  std::vector<Sent> flows = random_flows(*net, seed, count);
  run_fabric(net, flows);
  const std::vector<double> peer = simgrid_ends_s(*net, flows);
  double worst = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const double took_s = peer[i] - to_seconds(flows[i].at);
    const double allowed_s = 1e-9 * took_s + 1e-9 * flows[i].events;
    CAPTURE(seed, i, flows[i].spec.bytes, flows[i].spec.cap_Bps, flows[i].end_s, peer[i]);
    REQUIRE(took_s > 0);
    worst = std::max(worst, std::fabs(flows[i].end_s - peer[i]) / allowed_s);
    CHECK(std::fabs(flows[i].end_s - peer[i]) <= allowed_s);
  }
  return worst;
}

std::shared_ptr<const Topology> clos(std::uint32_t pods, double above) {
  ClosSpec spec;
  spec.pods = pods;
  spec.leaves = 4;
  spec.hosts = 8;
  spec.spines = 2;
  spec.cores = pods > 1 ? 2 : 0;
  spec.host = {1e9, {1000}};
  spec.leaf = {4e9 * above, {1000}};
  spec.core = {4e9 * above, {1000}};
  return std::make_shared<Clos>(spec);
}

TEST_CASE("flows end when SimGrid says: random graphs") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto vertices = static_cast<std::uint32_t>(4 + seed % 17);
    const auto cables = static_cast<std::uint32_t>(vertices - 1 + seed % 11);
    const double worst =
        compare(std::make_shared<RandomGraph>(seed, vertices, cables), seed, 20 + 10 * (seed % 8));
    CHECK(worst <= 1);
  }
}

TEST_CASE("flows end when SimGrid says: folded Clos networks") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const double above = seed % 2 == 0 ? 1 : 0.25;
    CHECK(compare(clos(seed % 4 < 2 ? 1 : 4, above), seed, 150) <= 1);
  }
}

}  // namespace
}  // namespace hyperdc
