// QSSF (quasi-shortest-service-first): the waiting job that asks for least accelerator-time starts
// next.
//
// Computes: which waiting job starts next: the one with the smallest estimate of its run time times
// its accelerators (cores, where it has none), over all members (shortest_first.hpp). A job of many
// accelerators waits for more short ones than under sjf, and the mean of many jobs is shorter.
// Units: ns times 1/1000 accelerators. Source: Hu et al., "Characterization and Prediction of Deep
// Learning Workloads in Large-Scale GPU Datacenters" (SC'21), section 4.2, whose estimates come
// from earlier jobs of the same user and name. Leaves out: that predictor: the estimate is the
// trace's, or the run time times estimate_factor; virtual clusters.
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/shortest_first.hpp"

namespace hyperdc {
namespace {

double service(const JobView& job) {
  const std::int64_t held =
      job.total.accelerator_milli > 0 ? job.total.accelerator_milli : job.total.cores_milli;
  return static_cast<double>(job.estimate.ns) * static_cast<double>(held);
}

constexpr SchedulerEntry kEntry = {
    "qssf",
    "Least estimated accelerator-time first (Helios); no preemption.",
    {},
    [](const Params&, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<ShortestFirst>(service, "least accelerator-time fits");
    }};

}  // namespace

const SchedulerEntry& qssf_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
