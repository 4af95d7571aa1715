// Scheduler: which waiting job starts next, and which running job gives way.
//
// A scheduler sees views and answers with actions and reasons. It knows no engine, no clock but
// view.now, no metrics and no files. All members of a job start together or not at all, under
// every scheduler. At one moment the world handles first all completions, then all arrivals, and
// then calls schedule() once.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/params.hpp>
#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>
#include <hyperdc/policy/energy_signal.hpp>

namespace hyperdc {

/// What a scheduler knows of a job. Indexed by JobId; the slot is reused once the job has left.
struct JobView {
  std::uint64_t number = 0;  // order of submission over the whole run; breaks every tie
  SimTime submit;
  Duration estimate;          // of the whole run time, as the user or the trace states it
  Duration attained;          // run time before the present start; grows by preemption only
  SimTime started;            // of the present start; meaningful while running
  std::int32_t priority = 0;  // higher is more urgent
  std::uint32_t tenant = 0;   // index into the names of tenants
  std::uint32_t members = 1;  // servers-worth of `each` that start together
  bool running = false;
  std::uint16_t profile = 0;  // of SchedulerView::profiles
  Request each;
  Resources total;  // members * each
};

/// Accelerators of one model in a pool.
struct AcceleratorKind {
  ModelSet model = 0;  // one bit
  std::int64_t milli = 0;
};

/// How fast jobs of a kind run on each AcceleratorKind of the pool: 1 is the speed at which the
/// estimate holds, 0 not at all. Nothing: alike on all of them, and members need not be of one.
struct JobProfile {
  std::vector<double> speed;
};

/// What a pool says of a tenant.
struct TenantTerms {
  static constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();
  double shares = 1;  // beside those of the other tenants
  Resources quota;    // assured; of what a quota does not name: kNoBound
  Resources limit{kNoBound, kNoBound, kNoBound};
};

struct SchedulerView {
  SimTime now;
  std::span<const JobView> jobs;   // by JobId; only ids that were submitted and have not left
  std::span<const JobId> running;  // dense, order of start disturbed by swap-removal
  Resources capacity;              // of the pool
  Resources free;                  // now; shrinks within a pass as jobs start
  /// Capacity is kept for some jobs: of two with equal needs one may start and the other not.
  bool keeps = false;
  std::uint32_t tenants = 1;                // number of tenants seen so far
  std::span<const TenantTerms> terms = {};  // by tenant; of one beyond it nothing was said

  std::span<const AcceleratorKind> kinds = {};  // of accelerators that are not down
  std::span<const JobProfile> profiles = {};    // the first is that of jobs without one

  TenantTerms terms_of(std::uint32_t tenant) const {
    return tenant < terms.size() ? terms[tenant] : TenantTerms{};
  }
};

/// The answers. Each is carried out at once, so `view.free` and the next start() see its effect.
class SchedulerActions {
 public:
  virtual ~SchedulerActions() = default;
  /// Starts the job if its members all find a server now; false (and nothing changed) otherwise.
  virtual bool start(JobId job, std::string_view because) = 0;
  /// The same on servers whose accelerators are of these models.
  virtual bool start_on(JobId job, ModelSet models, std::string_view because) = 0;
  /// Stops a running job and puts it back among the waiting; the pool's preemption mode says what
  /// is lost. The scheduler's ended() is not called; the job is waiting again at return.
  virtual void preempt(JobId job, std::string_view because) = 0;
  /// Would start() succeed if these running jobs gave way? Nothing changes.
  virtual bool would_fit(JobId job, std::span<const JobId> without) = 0;
  /// Asks for a call of schedule() at `at` (> now), even if nothing else happens. Holds until the
  /// next call of schedule(), which asks anew or has no wish any more; of several requests in one
  /// call the last one counts.
  virtual void wake(SimTime at) = 0;
};

/// How a signal goes on, known without error.
class EnergyForecast {
 public:
  virtual ~EnergyForecast() = default;
  /// Of one watt in [from, to].
  virtual double integral(EnergySignal signal, SimTime from, SimTime to) const = 0;
  /// The first moment after `at` at which it changes; nothing: never.
  virtual std::optional<SimTime> next_change(EnergySignal signal, SimTime at) const = 0;
  /// The same of these zones of the pool alone (JobView::each.zones; 0: all of it).
  virtual const EnergyForecast& in(ZoneSet /*zones*/) const { return *this; }
};

struct SchedulerContext {
  std::uint64_t seed = 0;  // for schedulers that draw at random (named stream of the pool)
  const EnergyForecast* energy = nullptr;  // lives as long as the scheduler; null: nothing known
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// A job joins the waiting (also after it was preempted by someone else's decision).
  virtual void submitted(JobId job, const SchedulerView& view) = 0;
  /// A running job completed and has left; its resources are free again.
  virtual void ended(JobId job, const SchedulerView& view) = 0;
  /// The pool has started a waiting job itself (a reservation): ended() will tell its end.
  virtual void started_by_pool(JobId job, const SchedulerView& view) { withdrawn(job, view); }
  /// A waiting job was withdrawn or rejected by the pool (queue limit).
  virtual void withdrawn(JobId job, const SchedulerView& view) = 0;
  /// Decide. Called after completions and arrivals of a moment, and at the time asked by wake().
  virtual void schedule(const SchedulerView& view, SchedulerActions& actions) = 0;
  /// If jobs take turns (stop each other again and again though nobody comes or ends): how long a
  /// turn is, for a job on one accelerator. A scenario in which a turn brings nothing is refused.
  virtual std::optional<Duration> turn() const { return std::nullopt; }
  /// What it looks at of TenantTerms.
  struct Heeds {
    bool shares = false, quotas = false, limits = false;
  };
  virtual Heeds heeds() const { return {}; }
  /// The signal that it follows; a pool in a region that does not state it is refused.
  virtual std::optional<EnergySignal> follows() const { return std::nullopt; }
  /// True of a scheduler that draws from SchedulerContext::seed: its runs differ between seeds.
  virtual bool draws() const { return false; }
};

using SchedulerEntry = Entry<Scheduler, SchedulerContext>;
/// Every scheduler, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const SchedulerEntry> schedulers();

}  // namespace hyperdc
