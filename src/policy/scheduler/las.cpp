// LAS (least attained service, discretised, in two dimensions): jobs that have had little go first.
//
// Computes: the attained service of a job, a = run time * accelerators (cores for a job without
// accelerators; 1 for a job with neither). Queue q holds the jobs with
// thresholds[q-1] <= a < thresholds[q]; jobs of queue 0 go first. Within a queue: who started first
// goes first, then those that never ran, in order of submission. A pass goes through the waiting
// jobs in this order; one that does not fit takes the room of running jobs that are behind it, the
// last first and no more than needed; if that is not enough it is passed over. A job moves down a
// queue at the moment its service reaches the threshold. With `starvation` k > 0, a job that has
// run and then waited, in all since its last promotion, k times as long as it has run since then
// goes back to queue 0 with its service set to 0.
// Source: Gu et al., "Tiresias: A GPU Cluster Manager for Distributed Deep Learning" (NSDI'19),
// discretised 2D-LAS and PROMOTEKNOB. Defaults as in the authors' simulator (SymbioticLab/Tiresias,
// simulator/jobs.py and run_sim.py, schedule dlas-gpu): three queues, limits 3250 and 7200
// GPU-seconds, no promotion.
// Units: ns of run time; thresholds are times on one accelerator (core). Service counts run time
// that a preemption threw away, too: the pool has given it.
// Cost: O(log jobs + kinds of waiting requests) an arrival, end or move; a pass O(kinds), and
// O(log jobs) a job that starts or stops. Jobs of one kind ask for the same, so nobody of the kind
// is tried after one that found no room, until somebody ahead of that one gives room up: what it
// can reach is what those ahead of it leave, and no end, start or stop behind it changes that. A
// job may be stopped and started again at one moment, when another one's stop turns out to make
// room for it too.
// Leaves out: the Gittins variant, profiles of communication, the cost of a preemption.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory_resource>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Rank {
  std::uint32_t queue = 0;
  std::int64_t first_start_ns = kNever;
  std::uint64_t number = 0;
  JobId job;
  bool operator<(const Rank& other) const {
    if (queue != other.queue) return queue < other.queue;
    if (first_start_ns != other.first_start_ns) return first_start_ns < other.first_start_ns;
    return number < other.number;
  }
};

struct Move {  // to another queue: down for a running job, up for a waiting one
  std::int64_t at_ns = kNever;
  std::uint64_t number = 0;
  JobId job;
  bool operator<(const Move& other) const {
    if (at_ns != other.at_ns) return at_ns < other.at_ns;
    return number < other.number;
  }
};

enum class State { away, waiting, running };

struct Record {
  State state = State::away;
  Rank rank;
  Move move;                // at kNever: not listed
  std::int64_t ran_ns = 0;  // since the last promotion, up to `since`
  std::int64_t waited_ns = 0;
  std::int64_t since_ns = 0;  // of the present state, or of the last settling
  std::int64_t milli = 0;     // accelerators or cores, in 1/1000
  Resources total;
  std::uint32_t kind = 0;
};

/// Waiting jobs that ask for the same.
struct Kind {
  Resources total;
  std::set<Rank> waiting;
  std::optional<Rank> refused;  // found no room, and nobody ahead of it has given any up since
  bool out = false;             // of the present pass
};

class LeastAttainedService final : public Scheduler {
 public:
  LeastAttainedService(const std::vector<double>& thresholds, double starvation)
      : starvation_(starvation) {
    for (const double threshold : thresholds) thresholds_ns_.push_back(seconds(threshold).ns);
    held_.resize(thresholds_ns_.size() + 1);
  }

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    Record& record = slot_of(records_, job);
    if (record.state == State::running && record.rank.number == seen.number) {
      gives_room_up(record.rank);
      stop(job, view.now);  // others stopped it
      return;
    }
    record = Record{};
    record.rank.number = seen.number;
    record.rank.job = job;
    record.total = seen.total;
    record.milli = seen.total.accelerator_milli > 0 ? seen.total.accelerator_milli
                   : seen.total.cores_milli > 0     ? seen.total.cores_milli
                                                    : 1000;
    record.since_ns = view.now.ns;
    record.kind = kind_of(seen);
    list(record, State::waiting);
  }
  void ended(JobId job, const SchedulerView&) override {
    Record& record = slot_of(records_, job);
    if (record.state == State::running) gives_room_up(record.rank);
    unlist(record);
  }
  void started_by_pool(JobId job, const SchedulerView& view) override { run(job, view.now); }
  void withdrawn(JobId job, const SchedulerView&) override { unlist(slot_of(records_, job)); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    move_due(view.now);
    pass(view, actions);
    // With nobody waiting a move changes nothing now; the next pass makes it up.
    if (waiting_ != 0 && !moves_.empty()) actions.wake({moves_.begin()->at_ns});
  }
  std::optional<Duration> turn() const override {
    if (starvation_ <= 0 || thresholds_ns_.empty()) return std::nullopt;  // nobody moves up
    return Duration{thresholds_ns_.front()};
  }

 private:
  /// Run time at which a job leaves `queue`: the first ns at which run * milli >= threshold.
  std::int64_t leaves_after(const Record& record, std::uint32_t queue) const {
    const Wide scaled = Wide{thresholds_ns_[queue]} * 1000;
    const Wide run = (scaled + record.milli - 1) / record.milli;
    return run < Wide{kNever} ? static_cast<std::int64_t>(run) : kNever;
  }

  std::int64_t next_move(const Record& record) const {
    if (record.state == State::running) {
      if (record.rank.queue >= thresholds_ns_.size()) return kNever;
      const Duration left{leaves_after(record, record.rank.queue) - record.ran_ns};
      return add_saturating({record.since_ns}, left).ns;
    }
    if (starvation_ <= 0 || record.rank.queue == 0 || record.ran_ns == 0) return kNever;
    const double limit = starvation_ * static_cast<double>(record.ran_ns);
    if (limit > 4e18) return kNever;
    const std::int64_t left = static_cast<std::int64_t>(limit) - record.waited_ns;
    return add_saturating({record.since_ns}, Duration{std::max<std::int64_t>(left, 1)}).ns;
  }

  std::uint32_t kind_of(const JobView& job) {
    const auto [where, is_new] =
        kind_index_.try_emplace({job.each, job.members}, static_cast<std::uint32_t>(kinds_.size()));
    if (is_new) {
      kinds_.emplace_back();
      kinds_.back().total = job.total;
    }
    return where->second;
  }

  void list(Record& record, State state) {
    record.state = state;
    if (state == State::waiting) {
      kinds_[record.kind].waiting.insert(record.rank);
      ++waiting_;
    } else {
      running_.insert(record.rank);
      held_[record.rank.queue] += record.total;
    }
    record.move = {next_move(record), record.rank.number, record.rank.job};
    if (record.move.at_ns != kNever) moves_.insert(record.move);
  }
  void unlist(Record& record) {
    if (record.state == State::away) return;
    if (record.state == State::waiting) {
      kinds_[record.kind].waiting.erase(record.rank);
      --waiting_;
    } else {
      running_.erase(record.rank);
      held_[record.rank.queue] -= record.total;
    }
    if (record.move.at_ns != kNever) moves_.erase(record.move);
    record.state = State::away;
  }

  /// Adds the time since the last settling to what it was spent on.
  static void settle(Record& record, SimTime now) {
    const std::int64_t passed = now.ns - record.since_ns;
    if (record.state == State::running) {
      record.ran_ns += passed;
    } else if (record.ran_ns > 0) {
      record.waited_ns += passed;
    }
    record.since_ns = now.ns;
  }

  void run(JobId job, SimTime now) {
    Record& record = records_[job.value];
    settle(record, now);
    unlist(record);
    if (record.rank.first_start_ns == kNever) record.rank.first_start_ns = now.ns;
    demote(record);  // so that its next move lies ahead, whatever the thresholds
    list(record, State::running);
  }
  void stop(JobId job, SimTime now) {
    Record& record = records_[job.value];
    settle(record, now);
    unlist(record);
    demote(record);
    list(record, State::waiting);
  }

  /// Refusals of jobs behind `rank` hold no longer.
  void gives_room_up(const Rank& rank) {
    for (Kind& kind : kinds_) {
      if (kind.refused && rank < *kind.refused) kind.refused.reset();
    }
  }

  void demote(Record& record) const {
    while (record.rank.queue < thresholds_ns_.size() &&
           record.ran_ns >= leaves_after(record, record.rank.queue)) {
      ++record.rank.queue;
    }
  }

  void move_due(SimTime now) {
    while (!moves_.empty() && moves_.begin()->at_ns <= now.ns) {
      Record& record = records_[moves_.begin()->job.value];
      const State state = record.state;
      settle(record, now);
      unlist(record);
      if (state == State::running) {
        gives_room_up(record.rank);  // to those that it now stands behind
        demote(record);
      } else {
        record.rank.queue = 0;
        record.ran_ns = 0;
        record.waited_ns = 0;
      }
      list(record, state);
    }
  }

  void pass(const SchedulerView& view, SchedulerActions& actions) {
    if (waiting_ == 0) return;
    Resources reachable = view.free;
    for (const Resources& held : held_) reachable += held;
    const bool same_servers = reachable == reachable_;
    reachable_ = reachable;
    heads_.clear();
    for (Kind& kind : kinds_) {
      if (!same_servers) kind.refused.reset();
      kind.out = !reachable.covers(kind.total);  // with nobody waiting: a victim may come yet
      if (!kind.out && !kind.waiting.empty()) heads_.push_back(*kind.waiting.begin());
    }
    std::make_heap(heads_.begin(), heads_.end(), Later{});
    while (!heads_.empty()) {
      const Rank rank = take_head();
      Kind& kind = kinds_[records_[rank.job.value].kind];
      if (kind.out || kind.waiting.count(rank) == 0) continue;
      // What can be reached only shrinks on the way down: a kind is out once and for all.
      const bool asked = kind.refused && !(rank < *kind.refused);
      kind.out = asked || (!start(rank, view, actions) && !make_room(rank, view, actions));
      if (!kind.out) {
        push_next(kind, rank);
      } else if (!asked) {
        kind.refused = rank;
      }
    }
  }

  struct Later {
    bool operator()(const Rank& a, const Rank& b) const { return b < a; }
  };
  void push_head(const Rank& rank) {
    heads_.push_back(rank);
    std::push_heap(heads_.begin(), heads_.end(), Later{});
  }
  Rank take_head() {
    std::pop_heap(heads_.begin(), heads_.end(), Later{});
    const Rank rank = heads_.back();
    heads_.pop_back();
    return rank;
  }
  void push_next(const Kind& kind, const Rank& rank) {
    const auto next = kind.waiting.upper_bound(rank);
    if (next != kind.waiting.end()) push_head(*next);
  }

  bool start(const Rank& rank, const SchedulerView& view, SchedulerActions& actions) {
    if (!view.free.covers(records_[rank.job.value].total)) return false;
    if (!actions.start(rank.job, "least attained service waiting fits")) return false;
    run(rank.job, view.now);
    return true;
  }

  bool make_room(const Rank& rank, const SchedulerView& view, SchedulerActions& actions) {
    // Quick refusal. Of its own queue, a job that never ran is behind all who run.
    Resources reachable = view.free;
    const bool never_ran = rank.first_start_ns == kNever;
    for (std::size_t queue = rank.queue + (never_ran ? 1u : 0u); queue < held_.size(); ++queue) {
      reachable += held_[queue];
    }
    if (!reachable.covers(records_[rank.job.value].total)) return false;
    auto next = running_.rbegin();
    const auto last_behind = [&]() -> std::optional<JobId> {
      if (next == running_.rend() || !(rank < *next)) return std::nullopt;
      return (next++)->job;
    };
    if (!victims_.find(rank.job, view, actions, last_behind)) return false;
    for (const JobId victim : victims_.victims()) {
      actions.preempt(victim, "gives way to less attained service");
      gives_room_up(records_[victim.value].rank);
      stop(victim, view.now);
      push_head(records_[victim.value].rank);  // it may yet find room elsewhere
    }
    const bool fits = actions.start(rank.job, "more attained service gave way");
    HYPERDC_CHECK(fits, "would_fit() promised room that start() did not find");
    run(rank.job, view.now);
    return true;
  }

  std::vector<std::int64_t> thresholds_ns_;
  const double starvation_;
  std::vector<Record> records_;
  std::pmr::unsynchronized_pool_resource memory_;
  std::map<std::pair<Request, std::uint32_t>, std::uint32_t> kind_index_;  // with the members
  std::vector<Kind> kinds_;
  std::size_t waiting_ = 0;
  std::vector<Rank> heads_;  // of the kinds that are still in the pass; a heap
  std::pmr::set<Rank> running_{&memory_};
  std::pmr::set<Move> moves_{&memory_};
  std::vector<Resources> held_;  // by running jobs, by queue
  Resources reachable_;          // free and held, at the last pass: changes with the servers
  VictimSearch victims_;
};

constexpr ParamSpec kParams[] = {
    {.name = "thresholds",
     .kind = ParamKind::quantity_list,
     .dimension = Dimension::time,
     .doc = "Attained service at which a job moves down one queue, as run time on one accelerator "
            "(a job on four gets there in a quarter of it), rising; an empty list is one queue.",
     .fallback = R"(["3250 s", "7200 s"])",
     .min = 1e-9,
     .max = 9e9,
     .example = R"(["1 h", "10 h"])",
     .rising = true},
    {.name = "starvation",
     .kind = ParamKind::number,
     .doc = "A stopped job that has waited this many times as long as it has run goes back to the "
            "first queue; 0 never, lower is sooner.",
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .example = "8"},
};

constexpr SchedulerEntry kEntry = {
    "las", "Least attained service (Tiresias 2D-LAS): jobs that ran little go first, preemptive.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<LeastAttainedService>(params.list("thresholds"),
                                                    params.number("starvation"));
    }};

}  // namespace

const SchedulerEntry& las_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
