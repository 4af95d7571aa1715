// Flows that share a k-ary fat tree. First: microseconds of a change (a flow leaves, or another
// comes) with F flows, uniform or local (half within the leaf, 30 % within the pod), as a bounded
// attempt with fallback beside filling all links, the same changes in the same process. Then end to
// end: Poisson arrivals, paths, rates and ends in the whole fabric.
// Usage: bench_fabric [SECONDS for each measurement, default 1; 0: only end to end]
#include "network/fabric.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/bench.hpp"
#include "core/math.hpp"
#include "network/flow/max_min.hpp"
#include "network/topology/fat_tree.hpp"

namespace hyperdc {
namespace {

constexpr ClosLink kLink{50e9, {600}};

class Traffic {
 public:
  Traffic(const Topology& net, std::uint32_t ports, bool local, std::uint64_t seed)
      : net_(net), leaf_(ports / 2), pod_(ports * ports / 4), local_(local), random_(seed) {}

  FlowSpec next() {
    FlowSpec flow;
    flow.from = {random_.below(net_.hosts())};
    const std::uint32_t kind = local_ ? random_.below(100) : 100;
    const std::uint32_t within = kind < 50 ? leaf_ : kind < 80 ? pod_ : net_.hosts();
    flow.to = {flow.from.value / within * within + random_.below(within)};
    if (flow.to == flow.from) flow.to = {(flow.from.value + 1) % net_.hosts()};
    flow.label = random_.below(1U << 31);
    return flow;
  }
  void path(LinkPath& out) {
    const FlowSpec flow = next();
    const Ecmp ecmp(1);
    const std::uint32_t n = net_.choices(flow.from, flow.to);
    net_.path(flow.from, flow.to, ecmp.choose(ecmp.hash(flow), n), out);
  }
  std::uint32_t below(std::uint32_t n) { return random_.below(n); }

 private:
  const Topology& net_;
  std::uint32_t leaf_;
  std::uint32_t pod_;
  bool local_;
  bench::QuickRandom random_;
};

struct Measured {
  double us_a_change = 0;
  double changed = 0;  // rates a change
  double filled = 0;   // share of changes that filled all links
  double evaluations = 0;
  double bytes_a_flow = 0;
  std::vector<double> rates;
};

constexpr std::uint64_t kLeastChanges = 40;

/// Replaces random flows by others until `changes` or `limit_s`; one settle() for each change.
Measured measure(std::uint32_t ports, std::uint32_t flows, bool local, double attempt,
                 std::uint64_t changes, double limit_s) {
  const Clos net(fat_tree(ports, kLink));
  const double before = bench::allocated_bytes();
  MaxMin sharing(std::vector<double>(net.links(), kLink.capacity_Bps), {6, 1e-12, attempt});
  Traffic traffic(net, ports, local, 99);
  LinkPath path;
  for (std::uint32_t f = 0; f < flows; ++f) {
    traffic.path(path);
    sharing.add({f}, path, 1, kNoCap_Bps);
  }
  sharing.settle();
  Measured m;
  m.bytes_a_flow = (bench::allocated_bytes() - before) / flows;
  const MaxMin::Counts start = sharing.counts();
  const double begin = bench::cpu_ns();
  std::uint64_t done = 0;
  std::uint64_t changed = 0;
  while (done < changes && (done < kLeastChanges || bench::cpu_ns() - begin < limit_s * 1e9)) {
    const FlowId flow{traffic.below(flows)};
    sharing.remove(flow);
    changed += sharing.settle().size();
    traffic.path(path);
    sharing.add(flow, path, 1, kNoCap_Bps);
    changed += sharing.settle().size();
    done += 2;
  }
  const auto n = static_cast<double>(done);
  m.us_a_change = (bench::cpu_ns() - begin) / 1e3 / n;
  m.changed = static_cast<double>(changed) / n;
  m.filled = static_cast<double>(sharing.counts().filled - start.filled) / n;
  m.evaluations = static_cast<double>(sharing.counts().evaluations - start.evaluations) / n;
  // The rates after the first changes of the sequence, for the comparison of two solvers.
  for (std::uint32_t f = 0; f < flows; ++f) m.rates.push_back(sharing.rate_Bps({f}));
  return m;
}

double largest_difference(const Measured& a, const Measured& b) {
  double most = 0;
  for (std::size_t f = 0; f < a.rates.size(); ++f) {
    most = std::max(most, std::fabs(a.rates[f] - b.rates[f]) / b.rates[f]);
  }
  return most;
}

void change_table(double limit_s) {
  constexpr double kAttempts[] = {1, 4};
  std::printf("us a change of a k-ary fat tree with F flows; attempts in looks a membership\n");
  std::printf("%3s %7s %7s %-7s %9s", "k", "hosts", "F", "traffic", "fill all");
  for (const double attempt : kAttempts) std::printf("  try %-4g (filled)", attempt);
  std::printf("   ratio  changed  links seen  difference  B/flow\n");
  for (const std::uint32_t ports : {16U, 32U, 48U}) {
    for (const std::uint32_t flows : {1000U, 10000U, 100000U}) {
      if (ports == 16 && flows == 100000) continue;
      if (ports == 48 && flows != 100000) continue;
      for (const bool local : {false, true}) {
        const Measured fill = measure(ports, flows, local, 0, 400, limit_s);
        std::printf("%3u %7u %7u %-7s %9.1f", ports, ports * ports * ports / 4, flows,
                    local ? "local" : "uniform", fill.us_a_change);
        Measured best;
        for (const double attempt : kAttempts) {
          const Measured m = measure(ports, flows, local, attempt, 100000, limit_s);
          std::printf("  %8.1f (%5.3f)", m.us_a_change, m.filled);
          if (attempt == 4) best = m;
        }
        const Measured a = measure(ports, flows, local, 0, 10, 0);
        const Measured b = measure(ports, flows, local, 4, 10, 0);
        std::printf("  %6.1f  %7.1f  %10.1f  %10.1e  %6.0f\n", fill.us_a_change / best.us_a_change,
                    best.changed, best.evaluations, largest_difference(b, a), best.bytes_a_flow);
        std::fflush(stdout);
      }
    }
  }
}

/// Poisson arrivals of uniform flows of exponential size at `load` of the hosts' links.
void open_fabric(std::uint32_t ports, bool local, std::uint32_t flows, double load,
                 const FabricRules& rules = {}) {
  const auto net = std::make_shared<Clos>(fat_tree(ports, kLink));
  SharedFabric::Options options;
  options.seed = 1;
  options.rules = rules;
  SharedFabric fabric(net, options);
  Traffic traffic(*net, ports, local, 7);
  bench::QuickRandom random(3);
  constexpr double kMeanBytes = 1e6;
  const double gap_s = kMeanBytes / (load * net->hosts() * kLink.capacity_Bps);
  const double begin = bench::cpu_ns();
  double at_s = 0;
  std::size_t most = 0;
  std::uint32_t started = 0;
  std::uint32_t ended = 0;
  std::int64_t last_ns = 0;
  while (ended < flows) {
    const std::optional<FlowEnd> end = fabric.next_end();
    const auto at_ns = static_cast<std::int64_t>(at_s * 1e9);
    if (started < flows && (!end || at_ns <= end->at.ns)) {
      FlowSpec flow = traffic.next();
      flow.bytes = 1 + static_cast<std::uint64_t>(-kMeanBytes * math::log(random.uniform()));
      last_ns = std::max(last_ns, at_ns);
      fabric.start(flow, {last_ns});
      ++started;
      at_s += -gap_s * math::log(random.uniform());
    } else {
      last_ns = end->at.ns;
      ended += static_cast<std::uint32_t>(fabric.advance(end->at).size());
    }
    most = std::max(most, fabric.live());
  }
  const double s = (bench::cpu_ns() - begin) / 1e9;
  std::printf(
      "%3u %7u %-7s %7u %6.2f %10.0f %10.2f %8zu %8.3f\n", ports, net->hosts(),
      local ? "local" : "uniform", flows, load, flows / s, s * 1e6 / flows, most,
      static_cast<double>(fabric.counts().filled) / static_cast<double>(fabric.counts().settled));
  std::fflush(stdout);
}

void open_table() {
  std::printf("\nend to end: Poisson arrivals, flows of 1 MB on links of 50 GB/s\n");
  std::printf("%3s %7s %-7s %7s %6s %10s %10s %8s %8s\n", "k", "hosts", "traffic", "flows", "load",
              "flows/s", "us/flow", "at once", "filled");
  for (const double load : {0.25, 0.6}) {
    open_fabric(16, false, 100000, load);
    open_fabric(16, true, 100000, load);
    open_fabric(32, false, 100000, load);
    open_fabric(32, true, 100000, load);
  }
}

void rule_table() {
  std::printf("\nthe same with other rules: first ecmp and max-min\n");
  for (const double load : {0.25, 0.6}) {
    open_fabric(16, false, 20000, load);
    for (const Routing routing : {Routing::spray, Routing::adaptive}) {
      FabricRules rules;
      rules.routing = routing;
      std::printf(routing == Routing::spray ? "spray:\n" : "adaptive:\n");
      open_fabric(16, false, 20000, load, rules);
    }
    for (const FlowSharing sharing : {FlowSharing::approximate, FlowSharing::constant}) {
      FabricRules rules;
      rules.sharing = sharing;
      std::printf(sharing == FlowSharing::constant ? "constant:\n" : "approximate:\n");
      open_fabric(16, false, 20000, load, rules);
    }
  }
}

void build_table() {
  std::printf("\nbuilding a Clos of 100,352 hosts (49 pods of 64 leaves of 32, 16 + 16 x 32)\n");
  ClosSpec spec;
  spec.pods = 49;
  spec.leaves = 64;
  spec.hosts = 32;
  spec.spines = 16;
  spec.cores = 32;
  spec.host = kLink;
  spec.leaf = kLink;
  spec.core = kLink;
  const double before = bench::allocated_bytes();
  const double begin = bench::cpu_ns();
  const SharedFabric fabric(std::make_shared<Clos>(spec), {1});
  const double ms = (bench::cpu_ns() - begin) / 1e6;
  std::printf("%.1f ms, %.1f MB, %u links\n", ms, (bench::allocated_bytes() - before) / 1e6,
              fabric.topology().links());
  const Topology& net = fabric.topology();
  Traffic traffic(net, 32, false, 5);
  LinkPath path;
  std::uint64_t sum = 0;
  const double start = bench::cpu_ns();
  constexpr int kPaths = 2000000;
  for (int i = 0; i < kPaths; ++i) {
    traffic.path(path);
    sum += path.links().back().value;
  }
  std::printf("%.1f ns a path, its hash and its random ends (check %llu)\n",
              (bench::cpu_ns() - start) / kPaths, static_cast<unsigned long long>(sum % 997));
}

}  // namespace
}  // namespace hyperdc

int main(int count, char** arguments) {
  const double limit_s = count > 1 ? std::atof(arguments[1]) : 1;
  if (limit_s > 0) hyperdc::change_table(limit_s);
  hyperdc::open_table();
  hyperdc::rule_table();
  hyperdc::build_table();
}
