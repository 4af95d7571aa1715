// Placement: decisions a second on the openb cluster beside a plain rescoring of every server,
// cost of a decision from 1,000 to 1,000,000 servers, memory and time to build a million
// accelerators. CPU time of the process; contenders take turns; medians.
//
//   placement [directory of the openb lists]
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench.hpp"
#include "support/fgd_experiment.hpp"
#include "world/placer.hpp"

using namespace hyperdc;
using bench::cpu_ns;

namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

/// What the placer replaces: every server is scored anew for every pod.
class Rescoring {
 public:
  Rescoring(Fleet& fleet, const Placement& policy) : fleet_(fleet), policy_(policy) {}
  bool place(const Request& request) {
    ServerId best{OrderSet::kNone};
    std::int64_t best_score = 0;
    for (std::uint32_t place = 0; place < fleet_.servers(); ++place) {
      const ServerId server = fleet_.server_at(place);
      const NodeView view{&fleet_.shape(server), fleet_.cores_left_milli(server),
                          fleet_.accelerators_left_milli(server), fleet_.holds(server)};
      if (fleet_.memory_left(server) < request.memory_bytes || !fits(request, view)) continue;
      const std::int64_t score = policy_.score(request, view);
      if (best.value != OrderSet::kNone && score <= best_score) continue;
      best = server;
      best_score = score;
    }
    if (best.value == OrderSet::kNone) return false;
    const NodeView view{&fleet_.shape(best), fleet_.cores_left_milli(best),
                        fleet_.accelerators_left_milli(best), fleet_.holds(best)};
    fleet_.take(request, {best, policy_.devices(request, view, 0)});
    return true;
  }

 private:
  Fleet& fleet_;
  const Placement& policy_;
};

double rescoring_per_s(const fgd::Cluster& cluster, const fgd::PodList& list,
                       const PlacementEntry& entry) {
  const auto policy = entry.make(fgd::defaults(entry), PlacementContext{list.mix});
  Fleet fleet(cluster.blocks, {}, policy->uses_holds());
  const auto pods = fgd::offered(list, fleet.capacity().accelerator_milli, 42);
  Rescoring rescoring(fleet, *policy);
  const double begin = cpu_ns();
  for (const Request& pod : pods) rescoring.place(pod);
  return static_cast<double>(pods.size()) / (cpu_ns() - begin) * 1e9;
}

double placer_per_s(const fgd::Cluster& cluster, const fgd::PodList& list,
                    const PlacementEntry& entry, std::uint64_t seed) {
  const fgd::Outcome outcome = fgd::run(cluster, list, entry, seed, false);
  return static_cast<double>(outcome.offered) / outcome.cpu_s;
}

void openb(const std::string& directory, bench::Targets& targets) {
  std::puts("\nopenb: 1,213 servers, 6,212 accelerators, default list inflated to 130 %");
  std::puts("placement          placements/CPU-s   rescoring/CPU-s   ratio");
  fgd::Cluster cluster = fgd::read_cluster(directory + "/openb_node_list_gpu_node.csv");
  const fgd::PodList list = fgd::read_pods(directory + "/openb_pod_list_default.csv.gz", cluster);
  for (const PlacementEntry& entry : placements()) {
    std::vector<double> ours, theirs, ratios;
    for (std::uint64_t turn = 0; turn < 5; ++turn) {
      ours.push_back(placer_per_s(cluster, list, entry, 42 + turn));
      if (entry.name == "random") continue;
      theirs.push_back(rescoring_per_s(cluster, list, entry));
      ratios.push_back(ours.back() / theirs.back());
    }
    std::printf("%-18s %16.0f", std::string(entry.name).c_str(), bench::median(ours));
    if (theirs.empty()) {
      std::puts("");
    } else {
      std::printf("  %16.0f  %6.1f\n", bench::median(theirs), bench::median(ratios));
    }
    if (entry.name == "fgd") {
      targets.check("FGD placements a CPU-second on openb", bench::median(ours), ">=", 1e5);
    }
  }
}

void openb_grown(const std::string& directory) {
  std::puts("\nFGD on the openb cluster, enlarged (default list, 130 %)");
  std::puts("servers   placements/CPU-s   us a placement");
  for (const std::uint32_t times : {1u, 10u, 100u}) {
    fgd::Cluster cluster = fgd::read_cluster(directory + "/openb_node_list_gpu_node.csv");
    const fgd::PodList list =
        fgd::read_pods(directory + "/openb_pod_list_default.csv.gz", cluster);
    for (FleetBlock& block : cluster.blocks) block.count *= times;
    const double per_s = placer_per_s(cluster, list, fgd::entry("fgd"), 42);
    std::printf("%7u %18.0f %16.2f\n", 1213 * times, per_s, 1e6 / per_s);
  }
}

/// Thirty shapes of job: shared, single and several devices, and none; memory of their own.
std::vector<Request> job_shapes() {
  std::vector<Request> shapes;
  for (const std::int64_t cores : {1, 2, 4, 8, 12}) {
    shapes.push_back({cores * 1000, cores * 4 * kGiB, 0, 0, 0});
    shapes.push_back({cores * 1000, cores * 4 * kGiB, 1, 250, 0});
    shapes.push_back({cores * 1000, cores * 4 * kGiB, 1, 500, 0});
    shapes.push_back({cores * 1000, cores * 6 * kGiB, 1, 1000, 0});
    shapes.push_back({cores * 2000, cores * 8 * kGiB, 2, 1000, 0});
    shapes.push_back({cores * 4000, cores * 16 * kGiB, 4, 1000, 0});
  }
  return shapes;
}

std::vector<JobMixEntry> mix_of(const std::vector<Request>& shapes) {
  std::vector<JobMixEntry> mix;
  for (const Request& shape : shapes) mix.push_back({shape, 1.0 / 30});
  return mix;
}

struct Churn {
  double place_and_release_ns = 0;
  double states = 0;
};

/// Fills a fleet of 8-GPU servers to 75 % of its accelerators, then replaces random jobs.
Churn churn(std::string_view name, std::uint32_t servers, bool shuffled) {
  const std::vector<Request> shapes = job_shapes();
  const std::vector<JobMixEntry> mix = mix_of(shapes);
  const PlacementEntry& entry = fgd::entry(name);
  const std::vector<FleetBlock> blocks = {{{96000, 512 * kGiB, 8, 1}, servers}};
  auto policy = entry.make(fgd::defaults(entry), PlacementContext{mix});
  bench::QuickRandom random(7);
  std::vector<std::uint32_t> order;
  if (shuffled) {
    for (std::uint32_t i = 0; i < servers; ++i) order.push_back(i);
    for (std::uint32_t i = servers; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  }
  Fleet fleet(blocks, std::move(order), policy->uses_holds());
  Placer placer(fleet, std::move(policy), RandomStream(1, "placement"));
  struct Running { std::uint32_t shape; Share share; };
  std::vector<Running> running;
  std::vector<Share> shares;
  std::uint64_t job = 0;
  const auto start = [&] {
    const std::uint32_t shape = random.below(30);
    shares.clear();
    if (!placer.place(shapes[shape], 1, ++job, shares)) return false;
    running.push_back({shape, shares[0]});
    return true;
  };
  while (fleet.free().accelerator_milli * 4 > fleet.capacity().accelerator_milli) start();
  const auto replace = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(running.size()));
      const Running gone = running[at];
      running[at] = running.back();
      running.pop_back();
      placer.release(shapes[gone.shape], {&gone.share, 1});
      start();
    }
  };
  replace(100000);
  std::vector<double> turns;
  for (int turn = 0; turn < 5; ++turn) {
    const double begin = cpu_ns();
    replace(40000);
    turns.push_back((cpu_ns() - begin) / 40000);
  }
  return {bench::median(turns), static_cast<double>(placer.distinct_states())};
}

void growth(bench::Targets& targets) {
  std::puts("\nplace + release of a random job at 75 % load, 30 shapes of job, 8-GPU servers, ns");
  std::puts("placement            1,000    10,000   100,000 1,000,000 (distinct states)");
  for (const std::string_view name : {"first-fit", "random", "best-fit", "fgd", "worst-fit"}) {
    std::printf("%-16s", std::string(name).c_str());
    double at_million = 0;
    double states = 0;
    for (const std::uint32_t servers : {1000u, 10000u, 100000u, 1000000u}) {
      const Churn c = churn(name, servers, false);
      std::printf(" %9.0f", c.place_and_release_ns);
      std::fflush(stdout);
      at_million = c.place_and_release_ns;
      states = c.states;
    }
    std::printf(" (%.0f)\n", states);
    if (name == "first-fit" || name == "best-fit") {
      targets.check("ns to place and release at 1,000,000 servers", at_million, "<=", 1000);
    }
  }
}

void build(bench::Targets& targets) {
  std::puts("\n125,000 servers of 8 accelerators, all of a placer and its fleet");
  for (const std::string_view name : {"first-fit", "best-fit", "gpu-clustering"}) {
    const double before = bench::allocated_bytes();
    const double begin = cpu_ns();
    const std::vector<FleetBlock> blocks = {{{96000, 512 * kGiB, 8, 1}, 125000}};
    auto policy = fgd::entry(name).make(fgd::defaults(fgd::entry(name)), PlacementContext{});
    Fleet fleet(blocks, {}, policy->uses_holds());
    Placer placer(fleet, std::move(policy), RandomStream(1, "placement"));
    const double seconds = (cpu_ns() - begin) * 1e-9;
    const double bytes = bench::allocated_bytes() - before;
    std::printf("%-16s %.3f s, %.0f bytes a server of which 16 for its accelerators\n",
                std::string(name).c_str(), seconds, bytes / 125000);
    targets.check("seconds to build 1,000,000 accelerators", seconds, "<=", 2);
    targets.check("bytes an idle server, accelerators included", bytes / 125000, "<=", 200);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory =
      argc > 1 ? argv[1] : std::string(HYPERDC_SOURCE_DIR) + "/scenarios/examples/data/gpu-openb";
  bench::Targets targets;
  build(targets);
  openb(directory, targets);
  openb_grown(directory);
  growth(targets);
  return targets.missed() == 0 ? 0 : 1;
}
