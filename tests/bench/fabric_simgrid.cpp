// SharedFabric beside SimGrid on the same work: the same fat tree, paths (SimGrid's own), starts
// and bytes, each in this one program. SimGrid is set to pure max-min without latency, as in
// tests/peer/simgrid_test.cpp, and runs twice: with the precision it is installed with, for its
// time, and with that of doubles, for its answers. It keeps global state, so each run is a process
// of its own.
//
// Closed: F flows that are each followed by another when they end; microseconds a change (a flow
// that comes or goes), after the first rates are known. Open: Poisson arrivals, flows a CPU second.
// Usage: bench_fabric_simgrid [SECONDS of SimGrid for each row, default 5]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <simgrid/s4u.hpp>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "bench/bench.hpp"
#include "core/math.hpp"
#include "network/fabric.hpp"
#include "network/topology/topology.hpp"

namespace hyperdc {
namespace {

constexpr double kLink_Bps = 1.25e9;

struct Shape {
  std::vector<unsigned> down;  // of SimGrid's fat tree, from the hosts up: children of each
  std::vector<unsigned> up;    // parents of each
};

struct Work {
  const char* name = "";
  Shape shape;
  std::uint32_t leaf = 0;        // hosts of one
  std::uint32_t pod = 0;         // hosts of one
  std::uint32_t flows = 0;       // at once or, of open work, in all
  double percent_leaf = 0;       // of flows, inside the leaf
  double percent_pod = 0;        // of flows, inside the pod or the leaf
  double arrivals_per_host = 0;  // and second; 0: closed
  double target = 0;             // closed: at least so many times as fast; open: flows a CPU second

  std::uint32_t hosts() const {
    std::uint32_t all = 1;
    for (const unsigned n : shape.down) all *= n;
    return all;
  }
};

struct Sent {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t bytes = 0;
  double after_s = 0;  // the arrival before
};

constexpr std::uint32_t kFollowers = 20000;  // of closed work

std::vector<Sent> flows_of(const Work& work) {
  bench::QuickRandom random(work.flows + 17);
  const bool open = work.arrivals_per_host > 0;
  const double gap_s = open ? 1 / (work.arrivals_per_host * work.hosts()) : 0;
  std::vector<Sent> flows(work.flows + (open ? 0 : kFollowers));
  for (Sent& flow : flows) {
    flow.from = random.below(work.hosts());
    const double kind = 100 * random.uniform();
    const std::uint32_t within = kind < work.percent_leaf  ? work.leaf
                                 : kind < work.percent_pod ? work.pod
                                                           : work.hosts();
    do {
      flow.to = flow.from / within * within + random.below(within);
    } while (flow.to == flow.from);
    flow.bytes = static_cast<std::uint64_t>((0.5 + random.uniform()) * (open ? 1e8 : 1e9));
    flow.after_s = -gap_s * math::log(random.uniform());
  }
  return flows;
}

/// What a run tells: how far it came, when that was, and what it cost.
struct Outcome {
  double ended = 0;  // flows
  double at_s = 0;   // the last of these, simulated
  double cpu_s = 0;  // since the first rates are known
};

struct Run {
  Outcome outcome;
  std::vector<std::vector<std::uint32_t>> paths;  // by flow: links
  std::uint32_t links = 0;
};

/// In a child process.
class SimGridRun {
 public:
  SimGridRun(const Work& work, const std::vector<Sent>& flows, double limit_s, std::uint64_t most)
      : work_(work), flows_(flows), limit_s_(limit_s), most_(most) {}

  Run run(bool precise);

 private:
  void build();
  void list_paths(Run& out);
  void run_closed();
  void run_open();
  void count_end();

  const Work& work_;
  const std::vector<Sent>& flows_;
  double limit_s_;
  std::uint64_t most_;
  std::vector<simgrid::s4u::Host*> hosts_;
  double begin_ns_ = 0;
  bool begun_ = false;
  std::size_t next_ = 0;
  Outcome outcome_;
};

std::pair<simgrid::kernel::routing::NetPoint*, simgrid::kernel::routing::NetPoint*> make_host(
    simgrid::s4u::NetZone* zone, const std::vector<unsigned long>&, unsigned long id) {
  const auto* host = zone->create_host(fmt::format("h{}", id), 1e9)->seal();
  return {host->get_netpoint(), nullptr};
}

void SimGridRun::build() {
  std::vector<unsigned> cables(work_.shape.down.size(), 1);
  const auto levels = static_cast<unsigned>(work_.shape.down.size());
  auto* zone = simgrid::s4u::create_fatTree_zone(
      "tree", nullptr, {levels, work_.shape.down, work_.shape.up, cables}, {make_host, {}, {}},
      kLink_Bps, 0, simgrid::s4u::Link::SharingPolicy::SPLITDUPLEX);
  for (std::uint32_t h = 0; h < work_.hosts(); ++h) {
    hosts_.push_back(simgrid::s4u::Host::by_name(fmt::format("h{}", h)));
  }
  zone->seal();
}

void SimGridRun::list_paths(Run& out) {
  std::unordered_map<const simgrid::s4u::Link*, std::uint32_t> number;
  for (const Sent& flow : flows_) {
    std::vector<simgrid::s4u::Link*> route;
    double latency = 0;
    hosts_[flow.from]->route_to(hosts_[flow.to], route, &latency);
    std::vector<std::uint32_t>& path = out.paths.emplace_back();
    for (const simgrid::s4u::Link* link : route) {
      path.push_back(number.emplace(link, number.size()).first->second);
    }
  }
  out.links = static_cast<std::uint32_t>(number.size());
}

/// The clock starts when the first flow ends: making the actors and the first rates are not
/// counted.
void SimGridRun::count_end() {
  if (!begun_) {
    begun_ = true;
    begin_ns_ = bench::cpu_ns();
  }
  outcome_.ended += 1;
  outcome_.at_s = simgrid::s4u::Engine::get_clock();
  outcome_.cpu_s = (bench::cpu_ns() - begin_ns_) / 1e9;
}

void SimGridRun::run_closed() {
  next_ = work_.flows;
  for (std::uint32_t f = 0; f < work_.flows; ++f) {
    simgrid::s4u::Actor::create("flow", hosts_[flows_[f].from], [this, f] {
      for (std::size_t i = f; i < flows_.size(); i = next_++) {
        simgrid::s4u::Comm::sendto(hosts_[flows_[i].from], hosts_[flows_[i].to], flows_[i].bytes);
        const bool over =
            outcome_.cpu_s >= limit_s_ || outcome_.ended >= static_cast<double>(most_);
        if (over) return;
        count_end();
      }
    });
  }
}

void SimGridRun::run_open() {
  simgrid::s4u::Actor::create("driver", hosts_[0], [this] {
    begun_ = true;
    begin_ns_ = bench::cpu_ns();
    std::vector<simgrid::s4u::CommPtr> under_way;
    under_way.reserve(flows_.size());
    for (const Sent& flow : flows_) {
      simgrid::s4u::this_actor::sleep_for(flow.after_s);
      under_way.push_back(
          simgrid::s4u::Comm::sendto_async(hosts_[flow.from], hosts_[flow.to], flow.bytes));
    }
    for (const auto& one : under_way) {
      one->wait();
      count_end();
    }
  });
}

Run SimGridRun::run(bool precise) {
  std::vector<std::string> words = {"peer",
                                    "--cfg=network/crosstraffic:0",
                                    "--cfg=network/bandwidth-factor:1",
                                    "--cfg=network/latency-factor:1",
                                    "--cfg=network/weight-S:0",
                                    "--cfg=network/TCP-gamma:0",
                                    "--cfg=contexts/stack-size:32",
                                    "--cfg=contexts/guard-size:0",
                                    "--log=root.thres:error"};
  if (precise) {
    words.emplace_back("--cfg=maxmin/precision:1e-13");
    words.emplace_back("--cfg=surf/precision:1e-12");
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  simgrid::s4u::Engine engine(&count, arguments.data());
  build();
  Run out;
  list_paths(out);
  if (work_.arrivals_per_host > 0) {
    run_open();
    engine.run();
  } else {
    run_closed();
    // The actors that are not over would run for days.
    for (double until_s = 0;
         outcome_.cpu_s < limit_s_ && outcome_.ended < static_cast<double>(most_);
         until_s += 0.001) {
      engine.run_until(until_s);
    }
  }
  out.outcome = outcome_;
  return out;
}

void write_all(int to, const void* data, std::size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  for (std::size_t sent = 0; sent < bytes;) {
    const ssize_t n = write(to, at + sent, bytes - sent);
    if (n <= 0) _exit(1);
    sent += static_cast<std::size_t>(n);
  }
}

void read_all(int from, void* data, std::size_t bytes) {
  auto* at = static_cast<char*>(data);
  for (std::size_t got = 0; got < bytes;) {
    const ssize_t n = read(from, at + got, bytes - got);
    HYPERDC_CHECK(n > 0, "SimGrid's process ended early");
    got += static_cast<std::size_t>(n);
  }
}

/// `most`: flows after whose end closed work stops; else by time.
Run run_simgrid(const Work& work, const std::vector<Sent>& flows, bool precise, double limit_s,
                std::uint64_t most) {
  int ends[2] = {};
  HYPERDC_CHECK(pipe(ends) == 0, "no pipe");
  std::fflush(stdout);
  const pid_t child = fork();
  HYPERDC_CHECK(child >= 0, "no process");
  if (child == 0) {
    const Run run = SimGridRun(work, flows, limit_s, most).run(precise);
    write_all(ends[1], &run.outcome, sizeof run.outcome);
    write_all(ends[1], &run.links, sizeof run.links);
    for (const auto& path : run.paths) {
      const auto size = static_cast<std::uint32_t>(path.size());
      write_all(ends[1], &size, sizeof size);
      write_all(ends[1], path.data(), size * sizeof path[0]);
    }
    _exit(0);
  }
  close(ends[1]);
  Run run;
  read_all(ends[0], &run.outcome, sizeof run.outcome);
  read_all(ends[0], &run.links, sizeof run.links);
  run.paths.resize(flows.size());
  for (auto& path : run.paths) {
    std::uint32_t size = 0;
    read_all(ends[0], &size, sizeof size);
    path.resize(size);
    read_all(ends[0], path.data(), size * sizeof path[0]);
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  HYPERDC_CHECK(status == 0, "SimGrid's process failed");
  return run;
}

/// The paths that SimGrid takes, by number of the flow (its label).
class SamePaths final : public Topology {
 public:
  SamePaths(std::uint32_t hosts, const std::vector<Sent>& flows, const Run& run)
      : hosts_(hosts), links_(run.links) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
      paths_.emplace(key(flows[i].from, flows[i].to), run.paths[i]);
    }
  }

  std::uint32_t hosts() const override { return hosts_; }
  std::uint32_t links() const override { return links_; }
  std::uint32_t vertices() const override { return hosts_; }
  std::uint32_t longest_path() const override { return 6; }
  LinkInfo link(LinkId) const override { return {kLink_Bps, {}, 0}; }
  LinkEnds ends(LinkId) const override { return {}; }
  LinkId opposite(LinkId link) const override { return link; }
  std::uint32_t choices(EndpointId, EndpointId) const override { return 1; }
  void path(EndpointId from, EndpointId to, std::uint32_t, LinkPath& out) const override {
    out.clear();
    for (const std::uint32_t link : paths_.at(key(from.value, to.value))) out.add(link);
  }
  std::uint32_t rack(EndpointId) const override { return 0; }
  std::uint32_t racks() const override { return 1; }
  std::span<const std::string_view> link_tiers() const override { return kTiers; }
  TopologySummary summary() const override { return {}; }

 private:
  static constexpr std::array<std::string_view, 1> kTiers = {"all"};
  static std::uint64_t key(std::uint32_t from, std::uint32_t to) {
    return std::uint64_t{from} << 32 | to;
  }
  std::uint32_t hosts_;
  std::uint32_t links_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> paths_;
};

FlowSpec spec_of(const Sent& flow) {
  FlowSpec spec;
  spec.from = {flow.from};
  spec.to = {flow.to};
  spec.bytes = flow.bytes;
  return spec;
}

/// Until `most` flows have ended or the time is over.
Outcome run_ours(const Work& work, const std::vector<Sent>& flows, const Run& peer,
                 std::uint64_t most, double limit_s) {
  SharedFabric fabric(std::make_shared<SamePaths>(work.hosts(), flows, peer), {});
  Outcome out;
  std::size_t next = 0;
  const bool open = work.arrivals_per_host > 0;
  for (; !open && next < work.flows; ++next) fabric.start(spec_of(flows[next]), {});
  const auto arrival = [&](double before_s) {
    return next < flows.size() ? before_s + flows[next].after_s : INFINITY;
  };
  double arrives_s = open ? arrival(0) : INFINITY;
  std::optional<FlowEnd> end = fabric.next_end();
  const double begin_ns = bench::cpu_ns();
  while (out.ended < static_cast<double>(most) && (end || arrives_s < INFINITY)) {
    const SimTime at{std::isfinite(arrives_s) ? std::llround(arrives_s * 1e9) : 0};
    if (std::isfinite(arrives_s) && (!end || at <= end->at)) {
      fabric.start(spec_of(flows[next++]), at);
      arrives_s = arrival(arrives_s);
    } else {
      const std::size_t ended = fabric.advance(end->at).size();
      for (std::size_t i = 0; !open && i < ended && next < flows.size(); ++i) {
        fabric.start(spec_of(flows[next++]), end->at);
      }
      out.ended += static_cast<double>(ended);
      out.at_s = to_seconds(end->at);
    }
    end = fabric.next_end();
    out.cpu_s = (bench::cpu_ns() - begin_ns) / 1e9;
    if (out.cpu_s > limit_s) break;
  }
  return out;
}

/// Microseconds a change of closed work; a flow's of open.
double us_each(const Work& work, const Outcome& outcome) {
  const double changes = work.arrivals_per_host > 0 ? outcome.ended : 2 * (outcome.ended - 1);
  return outcome.cpu_s * 1e6 / changes;
}

void compare(const Work& work, double limit_s) {
  const std::vector<Sent> flows = flows_of(work);
  const std::uint64_t all = work.arrivals_per_host > 0 ? work.flows : kFollowers;
  const Run timed = run_simgrid(work, flows, false, limit_s, all);
  // As far as both can go together; then what each says of the last end.
  const auto ended = static_cast<std::uint64_t>(timed.outcome.ended);
  const Run precise = run_simgrid(work, flows, true, INFINITY, ended);
  const Outcome same = run_ours(work, flows, precise, ended, INFINITY);
  const Outcome ours = run_ours(work, flows, precise, all, limit_s);
  const double ratio = us_each(work, timed.outcome) / us_each(work, ours);
  const bool open = work.arrivals_per_host > 0;
  const bool met = open ? 1e6 / us_each(work, ours) >= work.target : ratio >= work.target;
  std::printf("%-24s %6u %7u %7.0f %12.1f %9.2f %7.0f  %8.0f %-9s %-6s %10.1e\n", work.name,
              work.hosts(), work.flows, timed.outcome.ended, us_each(work, timed.outcome),
              us_each(work, ours), ratio, work.target, open ? "flows/s" : "times",
              met ? "met" : "missed",
              std::fabs(same.at_s - precise.outcome.at_s) / precise.outcome.at_s);
  std::fflush(stdout);
}

Work closed(const char* name, unsigned ports, std::uint32_t flows, bool local, double target) {
  Work work;
  work.name = name;
  work.shape = {{ports / 2, ports / 2, ports}, {1, ports / 2, ports / 2}};
  work.leaf = ports / 2;
  work.pod = ports * ports / 4;
  work.flows = flows;
  work.percent_leaf = local ? 50 : 0;
  work.percent_pod = local ? 80 : 0;
  work.target = target;
  return work;
}

/// Leaves of 32 hosts, 2:1; flows of 100 MB in the mean at a quarter of what hosts can send.
Work open() {
  Work work;
  work.name = "leaf-spine 2:1, open";
  work.shape = {{32, 32}, {1, 16}};
  work.leaf = 32;
  work.pod = 32;
  work.flows = 10000;
  work.arrivals_per_host = 0.25 * kLink_Bps / 1e8;
  work.target = 100000;
  return work;
}

}  // namespace
}  // namespace hyperdc

int main(int count, char** arguments) {
  using hyperdc::closed;
  const double limit_s = count > 1 ? std::atof(arguments[1]) : 5;
  std::printf(
      "CPU us a change (closed) or a flow (open); SimGrid as it is installed; difference: between "
      "what exact SimGrid and we say of the last end, relative\n");
  std::printf("%-24s %6s %7s %7s %12s %9s %7s  %-25s %10s\n", "work", "hosts", "F", "ended",
              "SimGrid", "hyperdc", "ratio", "target", "difference");
  const hyperdc::Work all[] = {
      closed("k=16 uniform", 16, 1000, false, 50),
      closed("k=16 local", 16, 1000, true, 50),
      closed("k=16 uniform, dense", 16, 10000, false, 10),
      closed("k=16 local, dense", 16, 10000, true, 10),
      closed("k=32 uniform", 32, 10000, false, 1000),
      closed("k=32 local", 32, 10000, true, 1000),
      closed("k=32 uniform, dense", 32, 100000, false, 10),
      hyperdc::open(),
  };
  for (const hyperdc::Work& work : all) hyperdc::compare(work, limit_s);
}
