// What a collective of 131,072 ranks costs: the closed form, the choice from a table, the
// flows of one phase.
#include <cstdio>
#include <string>

#include "ai/collective/closed_form.hpp"
#include "ai/collective/plan.hpp"
#include "ai/collective/tuning.hpp"
#include "bench.hpp"

namespace hyperdc {
namespace {

TuningTable some_table() {
  TuningTable table;
  table.channels = 12;
  table.ll_most_Bps = {141e9, 39e9, 20.4e9};
  table.ring_ll128_channel_Bps = table.tree_ll128_channel_Bps = {36.7e9, 36.7e9, 29e9};
  table.tree_channel_Bps = table.in_network_tree_channel_Bps = {38.7e9, 41.4e9, 36e9};
  table.ring_ll = 0.5;
  table.ring_ll128 = table.tree = 0.92;
  table.tree_ll = 0.26;
  table.tree_ll128_one_node = 0.78;
  table.tree_ll128 = 0.94;
  table.ring_plateau = 1.4;
  for (auto& row : table.tree_correction) row.fill(0.9);
  return table;
}

template <class Work>
void row(const char* what, int times, Work&& work) {
  const double begin = bench::cpu_ns();
  std::int64_t sum = 0;
  for (int i = 0; i < times; ++i) sum += work(static_cast<std::uint64_t>(i));
  std::printf("%-50s %10.2f us (check %lld)\n", what, (bench::cpu_ns() - begin) / times / 1e3,
              static_cast<long long>(sum % 997));
}

void table_of_costs() {
  CollectiveLevel inside;
  inside.kind = LevelKind::scale_up;
  inside.ranks = 8;
  inside.bandwidth_Bps = 370.8e9;
  inside.alpha = {3400};
  inside.reduction_Bps = 271e9;
  CollectiveLevel outside;
  outside.ranks = 16384;
  outside.bandwidth_Bps = 48.5e9;
  outside.alpha = {14000};
  const std::vector<CollectiveLevel> levels = {inside, outside};
  const TuningTable table = some_table();
  for (const CollectiveAlgorithm algorithm :
       {CollectiveAlgorithm::ring, CollectiveAlgorithm::tree, CollectiveAlgorithm::halving_doubling,
        CollectiveAlgorithm::hierarchical, CollectiveAlgorithm::rail_aligned,
        CollectiveAlgorithm::in_network}) {
    row(std::string(name(algorithm)).c_str(), 100000, [&](std::uint64_t i) {
      return closed_form(CollectiveOp::all_reduce, algorithm, (1 << 30) + i, levels).time.ns;
    });
  }
  row("choice of algorithm and protocol", 20000, [&](std::uint64_t i) {
    return choose(CollectiveOp::all_reduce, (1 << 30) + i, levels, table)->time.ns;
  });
  std::vector<CollectiveFlow> flows;
  row("rail-aligned: 262,144 flows of its phase", 20, [&](std::uint64_t i) {
    const CollectivePlan plan(CollectiveOp::all_reduce, CollectiveAlgorithm::rail_aligned,
                              (1 << 30) + i, levels);
    plan.write(0, flows);
    return static_cast<std::int64_t>(flows.back().bytes);
  });
}

}  // namespace
}  // namespace hyperdc

int main() {
  std::printf("all-reduce of 1 GiB by 131,072 ranks, 8 in a domain\n");
  hyperdc::table_of_costs();
}
