// FGD, "Beware of Fragmentation" (Weng, Yang et al., USENIX ATC'23): allocated and fragmented GPUs
// when the jobs offered add up to 100 % of the cluster, for six placements on every pod list.
//
// Published means are over the artefact's 10 seeds, ours over seeds 1..20; draws cannot be matched.
// Tolerances: allocation 0.5 points (1.0 for random, packing, clustering), fragmentation 0.6, and
// the same order wherever two published means differ by more than 3 standard errors.
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

constexpr int kSeeds = 20;
constexpr double kPublishedSeeds = 10;

struct Published {
  double mean = 0;
  double sd = 0;
};

struct Policy {
  const char* ours;
  const char* theirs;
  double tolerance;  // of the allocation, points
};

constexpr Policy kPolicies[] = {{"random", "Random", 1.0},
                                {"dot-product", "DotProd", 0.5},
                                {"gpu-clustering", "Clustering", 1.0},
                                {"gpu-packing", "Packing", 1.0},
                                {"best-fit", "BestFit", 0.5},
                                {"fgd", "FGD", 0.5}};

constexpr const char* kLists[] = {"default", "cpu050", "gpushare40", "gpuspec33", "multigpu20"};
constexpr double kFragmentationTolerance = 0.6;

/// (metric, list, policy) at 100 % of offered demand.
std::map<std::string, Published> published() {
  std::ifstream in(std::string(HYPERDC_SOURCE_DIR) + "/tests/data/published/fgd_summary.csv");
  std::map<std::string, Published> table;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> c;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) c.push_back(cell);
    if (c.at(3) == "100")
      table[c[0] + "/" + c[1] + "/" + c[2]] = {std::stod(c[4]), std::stod(c[6])};
  }
  return table;
}

struct Measured {
  double allocation = 0, fragmentation = 0;  // percent of the cluster's GPUs
};

Measured measure(const std::string& list, const Policy& policy) {
  const Scenario scenario = test::load_example(
      "openb", {{"pools.gpu.placement", fmt::format(R"({{"policy": "{}"}})", policy.ours)},
                {"workloads.pods.trace.file",
                 fmt::format("data/gpu-openb/openb_pod_list_{}.csv.gz", list)}});
  Measured mean;
  for (const RunResult& result : test::run_seeds(scenario, kSeeds)) {
    mean.allocation += 100 * test::metric(result, "pools.gpu.allocation_at.100") / kSeeds;
    mean.fragmentation += 100 * test::metric(result, "pools.gpu.fragmentation_at.100") / kSeeds;
  }
  return mean;
}

void check_list(const std::string& list) {
  const std::map<std::string, Published> table = published();
  std::vector<Measured> ours;
  std::vector<Published> theirs;
  for (const Policy& policy : kPolicies) {
    const Published allocation = table.at("alloc_pct/" + list + "/" + policy.theirs);
    const Published fragmentation = table.at("frag_pct_of_cluster/" + list + "/" + policy.theirs);
    const Measured measured = measure(list, policy);
    const std::string text = fmt::format(
        "{:<11} {:<14} allocated {:6.2f} (published {:6.2f}, {:+.2f})   fragmented {:5.2f} "
        "(published {:5.2f}, {:+.2f})",
        list, policy.ours, measured.allocation, allocation.mean,
        measured.allocation - allocation.mean, measured.fragmentation, fragmentation.mean,
        measured.fragmentation - fragmentation.mean);
    fmt::print("{}\n", text);
    INFO(text);
    CHECK(std::fabs(measured.allocation - allocation.mean) <= policy.tolerance);
    CHECK(std::fabs(measured.fragmentation - fragmentation.mean) <= kFragmentationTolerance);
    ours.push_back(measured);
    theirs.push_back(allocation);
  }
  for (std::size_t a = 0; a < ours.size(); ++a) {
    for (std::size_t b = a + 1; b < ours.size(); ++b) {
      const double error =
          std::sqrt((theirs[a].sd * theirs[a].sd + theirs[b].sd * theirs[b].sd) / kPublishedSeeds);
      const double gap = theirs[a].mean - theirs[b].mean;
      if (std::fabs(gap) <= 3 * error) continue;
      INFO(list << ": order of " << kPolicies[a].ours << " and " << kPolicies[b].ours);
      CHECK((ours[a].allocation > ours[b].allocation) == (gap > 0));
    }
  }
}

TEST_CASE("FGD: six placements on every pod list", "[validation]") {
  for (const char* list : kLists) check_list(list);
}

}  // namespace
}  // namespace hyperdc
