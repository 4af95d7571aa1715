// Lowest-carbon window: a job that may wait starts when what its energy emits over its predicted
// run time is least.
//
// Computes: for a job with d of its estimate left that came at a, the start s in
//   [now, max(now, a + slack)] that minimises the integral of the signal, where the job may run,
//   over [s, s + d]; of equal ones the first. The signal is a step function, so the integral is
//   linear in s between moments at which s or s + d is at a step: these and both ends are all that
//   is looked at, and the minimum is exact. Jobs whose start has come go in the order of a + slack,
//   then of submission; while the first of them finds no room the others wait. A job of `priority`
//   or above starts as soon as it fits, before the rest. With `persistence` p the signal after now
//   is not known: the last p of it is taken to repeat (nothing is known ahead); before p of it has
//   been seen a job starts at once. One whose run time nobody knows (a replica of a service, a job
//   of a trace that states none) has no best window: its slack is 0.
// Units: ns; the signal's over J. Source: Wiesner et al., "Let's Wait Awhile: how temporal workload
//   shifting can reduce carbon emissions in the cloud", Middleware 2021 (non-interrupting
//   scheduling); Radovanović et al., "Carbon-aware computing for datacenters", IEEE Trans. Power
//   Systems 38(2), 2023, for shifting within a day at Google.
// Valid: jobs whose power is about constant while they run. Cost: O(log waiting + steps within
//   slack and d) a job. Leaves out: errors of forecasts other than those of persistence (Wiesner et
//   al. add 5 % of noise), stopping and going on, and that jobs which choose one window may not all
//   fit into it: who finds no room starts later, dirtier or not.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

class LowestCarbonWindow final : public Scheduler {
 public:
  LowestCarbonWindow(Duration slack, EnergySignal signal, std::int64_t priority,
                     Duration persistence, const EnergyForecast* energy)
      : slack_(slack),
        signal_(signal),
        priority_(priority),
        persistence_(persistence),
        energy_(energy) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    if (seen.priority >= priority_) {
      due_.push({std::numeric_limits<std::int64_t>::min(), seen.number, job, view.now});
    } else if (seen.estimate >= kUnknownRunTime) {
      due_.push({seen.submit.ns, seen.number, job, view.now});
    } else if (const SimTime start = best_start(seen, view.now); start == view.now) {
      due_.push({(seen.submit + slack_).ns, seen.number, job, start});
    } else {
      planned_.push({start.ns, seen.number, job, start});
    }
  }
  void ended(JobId, const SchedulerView&) override {}
  void withdrawn(JobId job, const SchedulerView&) override {
    if (!planned_.erase(job)) due_.erase(job);
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    while (!planned_.empty() && planned_.front().at_ns <= view.now.ns) {
      const Key next = planned_.front();
      planned_.erase(next.job);
      const SimTime latest = view.jobs[next.job.value].submit + slack_;
      due_.push({latest.ns, next.number, next.job, next.start});
    }
    while (!due_.empty()) {
      const Key next = due_.front();
      const JobView& seen = view.jobs[next.job.value];
      if (!view.free.covers(seen.total)) break;
      if (!actions.start(next.job, reason(seen, next.start, view.now))) break;
      due_.erase(next.job);
    }
    if (!planned_.empty()) actions.wake(SimTime{planned_.front().at_ns});
  }

  std::optional<EnergySignal> follows() const override { return signal_; }

 private:
  struct Key {
    std::int64_t at_ns = 0;  // planned: of the start; due: the latest start
    std::uint64_t number = 0;
    JobId job;
    SimTime start;  // that was best
    bool operator<(const Key& other) const {
      if (at_ns != other.at_ns) return at_ns < other.at_ns;
      return number < other.number;
    }
  };

  std::string_view reason(const JobView& job, SimTime best, SimTime now) const {
    if (job.priority >= priority_) return "its priority does not wait for a window";
    if (job.estimate >= kUnknownRunTime) return "its run time is unknown: no window is best";
    if (now > best) return "late: there was no room when its window began";
    return signal_ == EnergySignal::price ? "the cheapest window within its slack"
                                          : "the cleanest window within its slack";
  }

  /// How far before `t` the signal has the value that is forecast for t.
  Duration behind(SimTime t, SimTime now) const {
    if (persistence_.ns == 0 || t < now) return {};
    return Duration{((t - now).ns / persistence_.ns + 1) * persistence_.ns};
  }
  /// Of the signal as it is forecast at `now`.
  double integral(const EnergyForecast& energy, SimTime from, SimTime to, SimTime now) const {
    double sum = 0;
    if (persistence_.ns > 0 && to - from >= persistence_) {  // whole repetitions are alike
      const std::int64_t whole = (to - from).ns / persistence_.ns;
      sum = static_cast<double>(whole) * energy.integral(signal_, now - persistence_, now);
      from = from + Duration{whole * persistence_.ns};
    }
    while (from < to) {
      const Duration back = behind(from, now);
      const SimTime end = back.ns == 0 ? to : std::min(to, now + back);  // where it repeats
      sum += energy.integral(signal_, from - back, end - back);
      from = end;
    }
    return sum;
  }
  /// Its next step after t >= now; where it repeats counts as one.
  std::optional<SimTime> next_change(const EnergyForecast& energy, SimTime t, SimTime now) const {
    const Duration back = behind(t, now);
    const auto step = energy.next_change(signal_, t - back);
    if (back.ns == 0) return step;
    return step ? std::min(*step + back, now + back) : now + back;
  }

  SimTime best_start(const JobView& job, SimTime now) const {
    SimTime latest = std::max(now, job.submit + slack_);
    const Duration left = std::max(Duration{}, job.estimate - job.attained);
    if (energy_ == nullptr || latest == now || left.ns == 0) return now;
    if (now < SimTime{} + persistence_) return now;
    // What repeats is as good the first time.
    if (persistence_.ns > 0) latest = std::min(latest, now + persistence_);
    const EnergyForecast& energy = energy_->in(job.each.zones);  // where it may run
    SimTime best = now;
    double least = integral(energy, now, now + left, now);
    const auto look = [&](SimTime start) {
      const double sum = integral(energy, start, start + left, now);
      constexpr double kRounding = 1e-12;  // of sums that are equal
      const double margin = kRounding * std::max(std::fabs(sum), std::fabs(least));
      if (sum < least - margin || (sum <= least + margin && start < best)) {
        least = std::min(sum, least);
        best = start;
      }
    };
    // Steps that the start meets, and steps that the end meets.
    for (const Duration ahead : {Duration{}, left}) {
      auto step = next_change(energy, now + ahead, now);
      for (; step && *step <= latest + ahead; step = next_change(energy, *step, now)) {
        look(SimTime{step->ns - ahead.ns});
      }
    }
    look(latest);
    return best;
  }

  const Duration slack_;
  const EnergySignal signal_;
  const std::int64_t priority_;
  const Duration persistence_;
  const EnergyForecast* const energy_;
  WaitingHeap<Key> planned_, due_;
};

constexpr std::array<std::string_view, 3> kSignals{"average", "marginal", "price"};

constexpr ParamSpec kParams[] = {
    {.name = "slack",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc =
         "How long after its submission the window of a job may begin; it starts later where the "
         "pool is full then. Longer finds cleaner hours and ends later.",
     .fallback = R"("24 h")",
     .min = 0,
     .max = 31'536'000,
     .example = R"("8 h")"},
    {.name = "signal",
     .kind = ParamKind::choice,
     .doc = "What is least: carbon as attributed (average) or as caused (marginal), or the price "
            "of electricity.",
     .fallback = R"("average")",
     .choices = kSignals},
    {.name = "priority",
     .kind = ParamKind::integer,
     .doc = "Jobs of this priority or above do not wait for a window.",
     .fallback = "1",
     .min = -1e9,
     .max = 1e9,
     .example = "100"},
    {.name = "persistence",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "The forecast: the signal repeats what it was for so long (24 h: each hour will be as "
            "it was the day before). 0 s: it is known ahead without error.",
     .fallback = R"("0 s")",
     .min = 0,
     .max = 31'536'000,
     .example = R"("24 h")"},
};

constexpr SchedulerEntry kEntry = {
    "lowest-carbon-window",
    "Each job when its energy emits or costs least within its slack; no preemption.", kParams,
    [](const Params& params, const SchedulerContext& context) -> std::unique_ptr<Scheduler> {
      const auto at = std::find(kSignals.begin(), kSignals.end(), params.text("signal"));
      return std::make_unique<LowestCarbonWindow>(
          params.duration("slack"), static_cast<EnergySignal>(at - kSignals.begin()),
          params.integer("priority"), params.duration("persistence"), context.energy);
    }};

}  // namespace

const SchedulerEntry& lowest_carbon_window_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
