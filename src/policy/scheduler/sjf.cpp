// SJF (shortest job first): the waiting job with the shortest estimate starts next.
//
// Computes: which waiting job starts next: the one with the smallest estimate of its whole run
// time (shortest_first.hpp). On one server and jobs that are all there, this order has the least
// mean waiting time (Smith 1956, "Various optimizers for single-stage production").
// Units: estimates in ns; exact below 104 days, to 1 ns in 10^16 beyond.
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/shortest_first.hpp"

namespace hyperdc {
namespace {

constexpr SchedulerEntry kEntry = {
    "sjf",
    "Shortest job first, by the estimate of the run time; no preemption.",
    {},
    [](const Params&, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<ShortestFirst>(
          [](const JobView& job) { return static_cast<double>(job.estimate.ns); },
          "shortest estimate fits");
    }};

}  // namespace

const SchedulerEntry& sjf_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
