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
    const fgd::PodList list = fgd::read_pods(directory + "/openb_pod_list_default.csv.gz", cluster);
    for (FleetBlock& block : cluster.blocks) block.count *= times;
    const double per_s = placer_per_s(cluster, list, fgd::entry("fgd"), 42);
    std::printf("%7u %18.0f %16.2f\n", 1213 * times, per_s, 1e6 / per_s);
  }
}

struct Load {
  const char* title;
  ServerShape server;
  std::vector<Request> jobs;
};

Load accelerator_load() {
  Load load{"30 shapes of job on 8-GPU servers", {96000, 512 * kGiB, 8, 1}, {}};
  for (const std::int64_t cores : {1, 2, 4, 8, 12}) {
    load.jobs.push_back({cores * 1000, cores * 4 * kGiB, 0, 0, 0});
    load.jobs.push_back({cores * 1000, cores * 4 * kGiB, 1, 250, 0});
    load.jobs.push_back({cores * 1000, cores * 4 * kGiB, 1, 500, 0});
    load.jobs.push_back({cores * 1000, cores * 6 * kGiB, 1, 1000, 0});
    load.jobs.push_back({cores * 2000, cores * 8 * kGiB, 2, 1000, 0});
    load.jobs.push_back({cores * 4000, cores * 16 * kGiB, 4, 1000, 0});
  }
  return load;
}

Load processor_load() {
  Load load{"5 shapes of job on 64-core servers", {64000, 256 * kGiB, 0, 0}, {}};
  for (const std::int64_t cores : {1, 2, 4, 8, 16}) {
    load.jobs.push_back({cores * 1000, cores * 4 * kGiB, 0, 0, 0});
  }
  return load;
}

struct Running {
  std::uint32_t shape = 0;
  Share share;
};

struct Churn {
  double ns = 0;  // to place and release, without the benchmark's own work
  double states = 0;
};

/// Fills servers to 75 % of their cores or accelerators, then replaces random jobs.
class ChurnBench {
 public:
  ChurnBench(std::string_view name, const Load& load, std::uint32_t servers) : shapes_(load.jobs) {
    for (const Request& shape : shapes_) {
      mix_.push_back({shape, 1.0 / static_cast<double>(shapes_.size())});
    }
    const std::vector<FleetBlock> blocks = {{load.server, servers}};
    const PlacementEntry& entry = fgd::entry(name);
    auto policy = entry.make(fgd::defaults(entry), PlacementContext{mix_});
    fleet_ = std::make_unique<Fleet>(blocks, std::vector<std::uint32_t>(), policy->uses_holds());
    placer_ = std::make_unique<Placer>(*fleet_, std::move(policy), RandomStream(1, "placement"));
  }

  Churn measure() {
    const Resources& all = fleet_->capacity();
    while (fleet_->free().accelerator_milli * 4 >= all.accelerator_milli &&
           fleet_->free().cores_milli * 4 > all.cores_milli) {
      start(random_.below(static_cast<std::uint32_t>(shapes_.size())));
    }
    replace(100000, true);
    std::vector<double> turns;
    for (int turn = 0; turn < 7; ++turn) {
      const double begin = cpu_ns();
      replace(kTurn, true);
      const double middle = cpu_ns();
      replace(kTurn, false);
      turns.push_back((2 * middle - begin - cpu_ns()) / kTurn);
    }
    return {bench::median(turns), static_cast<double>(placer_->distinct_states())};
  }

 private:
  static constexpr int kTurn = 40000;

  void start(std::uint32_t shape) {
    shares_.clear();
    if (placer_->place(shapes_[shape], 1, ++job_, shares_)) running_.push_back({shape, shares_[0]});
  }

  /// Without `really`: what the benchmark does itself, on the same memory.
  void replace(int times, bool really) {
    for (int i = 0; i < times; ++i) {
      const std::uint32_t at = random_.below(static_cast<std::uint32_t>(running_.size()));
      const std::uint32_t shape = random_.below(static_cast<std::uint32_t>(shapes_.size()));
      const Running gone = running_[at];
      running_[at] = running_.back();
      if (really) {
        running_.pop_back();
        placer_->release(shapes_[gone.shape], {&gone.share, 1});
        start(shape);
      } else {
        running_.back() = gone;
      }
    }
  }

  std::vector<Request> shapes_;
  std::vector<JobMixEntry> mix_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<Placer> placer_;
  std::vector<Running> running_;
  std::vector<Share> shares_;
  bench::QuickRandom random_{7};
  std::uint64_t job_ = 0;
};

void growth(const Load& load, bench::Targets& targets) {
  std::printf("\nplace + release of a random job at 75 %% load, %s, ns\n", load.title);
  std::puts("placement            1,000    10,000   100,000 1,000,000 (distinct states)");
  for (const std::string_view name : {"first-fit", "random", "best-fit", "worst-fit", "fgd"}) {
    std::printf("%-16s", std::string(name).c_str());
    Churn last;
    for (const std::uint32_t servers : {1000u, 10000u, 100000u, 1000000u}) {
      last = ChurnBench(name, load, servers).measure();
      std::printf(" %9.0f", last.ns);
      std::fflush(stdout);
    }
    std::printf(" (%.0f)\n", last.states);
    if (name == "first-fit" || name == "best-fit") {
      targets.check("ns to place and release at 1,000,000 servers", last.ns, "<=", 1000);
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
  growth(processor_load(), targets);
  growth(accelerator_load(), targets);
  return targets.missed() == 0 ? 0 : 1;
}
