// Max-min fairness over throughput, in rounds, on accelerators of several kinds (Gavel).
//
// Computes: x[j,k], the share of time that job j shall spend on accelerators of kind k, such that
//   the least of   T_j(x) = sum_k speed[j,k] x[j,k]  /  sum_k speed[j,k] C_k / C,   times a_j,
// is greatest, subject to sum_k x[j,k] <= 1 and sum_j a_j x[j,k] <= C_k, with C_k the accelerators
// of kind k, C all of them and a_j those of the job; among these optima the one with the greatest
// sum of the same over all jobs. A linear program (core/linear_program.hpp) with a column for each
// kind of accelerator and each group of like jobs; on one kind x_j = min(1, z / a_j).
// Every `round` the (j, k) are taken in the order of
//   (sum over rounds of x[j,k]) / (rounds that j had on k),   greatest first,
// each while its accelerators are left and j has none yet: jobs that have theirs stay, others give
// way, and those start. One that finds no servers stops jobs behind it in that order, no more than
// are needed; these start again in their turn where they still fit. x is computed anew in a round
// if jobs came or ended, or servers did, since the last one. A pool in which no such job runs
// begins a round as soon as something changes. Without `by_kind` every speed counts as 1.
// A job without an application that no kind alone holds runs over all kinds together: one more
// column, which takes of each kind in proportion to its accelerators.
// With kinds, a job that asks for no accelerators has no share: it starts when it fits, in order of
// submission, and is never stopped.
// Source: Narayanan et al., "Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning
// Workloads" (OSDI'20): the policy of section 4.1 with the normalisation of the authors' code, the
// mechanism of section 5; a round of 6 min.
// Choices: the second objective (theirs leaves it open); targets are summed over the life of a job
// and not since x changed last, so that frequent changes do not forget who is owed; a job that
// still finds no servers leaves its accelerators to the next that fits.
// Units: shares of the pool; without kinds a_j is the dominant share of the pool.
// Cost: nothing an event; a round O(jobs * kinds * log), and the program of as many rows as twice
// the groups.
// Leaves out: packing of two jobs on one accelerator, weights, estimated throughputs, other
// objectives of the paper. With kinds, cores and memory are no part of the program. A job that
// never ran goes before all that did: under a steady stream of newcomers large gangs may starve,
// and so may jobs whose cores are held by jobs without accelerators.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/linear_program.hpp"
#include "policy/scheduler/dominant_share.hpp"
#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

constexpr double kLeast = 1e-9;  // of a share

class MaxMin final : public Scheduler {
 public:
  MaxMin(Duration round, bool by_kind) : round_(round), by_kind_(by_kind) {}

  void submitted(JobId job, const SchedulerView& view) override {
    const JobView& seen = view.jobs[job.value];
    if (!view.kinds.empty() && seen.total.accelerator_milli == 0) {
      plain_[seen.number] = job;
      return;
    }
    const auto known = jobs_.find(seen.number);
    if (known != jobs_.end()) {  // others stopped it
      settle(known->second, view.now);
      stopped(known->second);
      return;
    }
    jobs_[seen.number].job = job;
    changed_ = true;
  }
  void ended(JobId job, const SchedulerView& view) override { forget(job, view); }
  void withdrawn(JobId job, const SchedulerView& view) override { forget(job, view); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    const bool due = running_ > 0 ? view.now >= next_round_ : !jobs_.empty() && differs(view);
    if (due) {
      begin_round(view, actions);
      next_round_ = add_saturating(view.now, round_);
    }
    start_plain(view, actions);
    free_after_ = view.free;
    // Where none runs after a round, none would after the next: only a change helps.
    if (running_ > 0) actions.wake(next_round_);
  }
  std::optional<Duration> turn() const override { return round_; }

 private:
  struct Record {
    JobId job;
    std::uint32_t group = 0;
    bool running = false;
    std::size_t kind = 0;      // that it runs on: a column
    SimTime since;             // of its start, or the last settling
    std::vector<double> owed;  // by column: s, the sum of its targets
    std::vector<double> had;   // by column: s
  };
  struct Group {  // jobs that are alike
    double jobs = 0;
    double total = 0;           // accelerators of one, of the pool's
    std::vector<double> need;   // by kind: accelerators of one, of that kind's
    std::vector<double> speed;  // by column: 0 where it does not run or fit
    std::vector<double> x;      // by column

    /// What a unit of x of the column takes of a kind: of all kinds together, the same of each.
    double takes(std::size_t column, std::size_t kind) const {
      return column == kind || column == need.size() ? need[kind] : 0;
    }
  };
  struct Choice {  // a job on a kind, or on all together
    double priority = 0;
    double x = 0;
    std::uint64_t number = 0;
    std::size_t kind = 0;
    bool operator<(const Choice& other) const {
      if (priority != other.priority) return priority > other.priority;
      if (x != other.x) return x > other.x;
      if (number != other.number) return number < other.number;
      return kind < other.kind;
    }
  };
  using GroupKey = std::tuple<std::uint16_t, std::int64_t, std::int64_t, std::int64_t, ModelSet>;

  static void settle(Record& record, SimTime now) {
    if (record.running) record.had[record.kind] += to_seconds(now - record.since);
    record.since = now;
  }
  void stopped(Record& record) {
    if (record.running) --running_;
    record.running = false;
  }
  void forget(JobId job, const SchedulerView& view) {
    const std::uint64_t number = view.jobs[job.value].number;
    plain_.erase(number);
    const auto known = jobs_.find(number);
    if (known == jobs_.end()) return;
    stopped(known->second);
    jobs_.erase(known);
    changed_ = true;
  }
  static std::size_t kinds_of(const SchedulerView& view) {
    return std::max<std::size_t>(1, view.kinds.size());
  }
  /// One a kind, and of several kinds one for all together.
  static std::size_t columns_of(const SchedulerView& view) {
    return view.kinds.size() > 1 ? view.kinds.size() + 1 : 1;
  }
  bool amounts_differ(const SchedulerView& view) const {
    return !(view.capacity == capacity_) ||
           !std::equal(view.kinds.begin(), view.kinds.end(), milli_.begin(), milli_.end(),
                       [](const AcceleratorKind& kind, std::int64_t m) { return kind.milli == m; });
  }
  /// More than nothing happened since the last call.
  bool differs(const SchedulerView& view) const {
    return changed_ || !(view.free == free_after_) || amounts_differ(view);
  }

  void begin_round(const SchedulerView& view, SchedulerActions& actions) {
    if (changed_ || amounts_differ(view)) solve(view);
    changed_ = false;
    capacity_ = view.capacity;
    milli_.clear();
    for (const AcceleratorKind& kind : view.kinds) milli_.push_back(kind.milli);
    const double span = to_seconds(round_);
    choices_.clear();
    for (auto& [number, record] : jobs_) {
      settle(record, view.now);
      const std::vector<double>& x = groups_[record.group].x;
      for (std::size_t k = 0; k < x.size(); ++k) {
        record.owed[k] += x[k] * span;
        if (x[k] <= kLeast) continue;
        const double had = record.had[k];
        const double priority = had > 0 ? record.owed[k] / had : std::numeric_limits<double>::max();
        choices_.push_back({priority, x[k], number, k});
      }
    }
    std::sort(choices_.begin(), choices_.end());
    choose(kinds_of(view));
    give_way(actions);
    start_chosen(view, actions);
    start_others(view, actions);
  }

  /// Greedily, by totals: which job is on which kind in this round.
  void choose(std::size_t kinds) {
    std::vector<double> left(kinds, 1.0);
    chosen_.clear();
    for (const Choice& choice : choices_) {
      const Group& group = groups_[jobs_.at(choice.number).group];
      bool fits = true;
      for (std::size_t k = 0; k < kinds; ++k) {
        fits = fits && group.takes(choice.kind, k) <= left[k] + kLeast;
      }
      if (!fits || !chosen_.try_emplace(choice.number, choice.kind).second) continue;
      for (std::size_t k = 0; k < kinds; ++k) left[k] -= group.takes(choice.kind, k);
    }
  }
  bool is_chosen(const Choice& choice) const {
    const auto chosen = chosen_.find(choice.number);
    return chosen != chosen_.end() && chosen->second == choice.kind;
  }
  void give_way(SchedulerActions& actions) {
    for (auto& [number, record] : jobs_) {
      if (!record.running) continue;
      const auto chosen = chosen_.find(number);
      if (chosen != chosen_.end() && chosen->second == record.kind) continue;
      actions.preempt(record.job,
                      chosen == chosen_.end() ? "its round is over" : "goes on on another kind");
      stopped(record);
    }
  }
  void start_chosen(const SchedulerView& view, SchedulerActions& actions) {
    refusals_.assign(columns_of(view), {});
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      if (!is_chosen(choices_[i])) continue;
      Record& record = jobs_.at(choices_[i].number);
      if (record.running || start(record, choices_[i].kind, "its round", view, actions)) continue;
      make_room(i, record, view, actions);
    }
  }
  /// Stops chosen jobs that are owed less, where the servers of the choice hold pieces only.
  void make_room(std::size_t i, Record& record, const SchedulerView& view,
                 SchedulerActions& actions) {
    const std::size_t column = choices_[i].kind;
    const JobView& seen = view.jobs[record.job.value];
    if (refusals_[column].contain(seen)) return;  // of those behind it even fewer could go
    if (view.free.covers(seen.total) && actions.would_fit(record.job, {})) {
      start_anywhere(record, view, actions);  // this kind is in pieces, another is not
      return;
    }
    std::size_t at = choices_.size();
    const auto next = [&]() -> std::optional<JobId> {
      while (--at > i) {
        const Record& other = jobs_.at(choices_[at].number);
        if (!other.running || !is_chosen(choices_[at])) continue;
        const bool meets = other.kind == column || std::max(other.kind, column) == kinds_of(view);
        if (meets) return other.job;
      }
      ++at;  // asked again, it says the same
      return std::nullopt;
    };
    if (!victims_.find(record.job, view, actions, next)) {
      refusals_[column].add(seen);
      return;
    }
    for (const JobId victim : victims_.victims()) {
      actions.preempt(victim, "makes room for one that is owed more");
      Record& other = jobs_.at(view.jobs[victim.value].number);
      stopped(other);
    }
    if (start(record, column, "its round; others made room", view, actions)) return;
    start_anywhere(record, view, actions);  // a job over all kinds left room on another
  }
  void start_anywhere(Record& record, const SchedulerView& view, SchedulerActions& actions) {
    const std::vector<double>& speed = groups_[record.group].speed;
    for (std::size_t column = 0; column < speed.size(); ++column) {
      if (speed[column] <= 0) continue;
      if (start(record, column, "its kind is in pieces", view, actions)) return;
    }
  }
  /// Accelerators that the choice by totals left, or that found no servers.
  void start_others(const SchedulerView& view, SchedulerActions& actions) {
    for (const Choice& choice : choices_) {
      start(jobs_.at(choice.number), choice.kind, "what the round leaves", view, actions);
    }
  }
  bool start(Record& record, std::size_t column, std::string_view because,
             const SchedulerView& view, SchedulerActions& actions) {
    if (record.running || !view.free.covers(view.jobs[record.job.value].total)) return false;
    const ModelSet models = column < view.kinds.size() ? view.kinds[column].model : 0;
    if (!actions.start_on(record.job, models, because)) return false;
    record.running = true;
    ++running_;
    record.kind = column;
    record.since = view.now;
    return true;
  }
  void start_plain(const SchedulerView& view, SchedulerActions& actions) {
    Refusals refused;
    for (auto at = plain_.begin(); at != plain_.end();) {
      const JobView& seen = view.jobs[at->second.value];
      const bool may = view.free.covers(seen.total) && !refused.contain(seen);
      if (may && actions.start(at->second, "it asks for no accelerators and fits")) {
        at = plain_.erase(at);
        continue;
      }
      if (may) refused.add(seen);
      ++at;
    }
  }

  /// Groups of the jobs that are here, and their x.
  void solve(const SchedulerView& view) {
    groups_.clear();
    std::map<GroupKey, std::uint32_t> known;
    for (auto& [_, record] : jobs_) {
      const JobView& job = view.jobs[record.job.value];
      const bool by_totals = view.kinds.empty();
      const GroupKey key{job.profile, by_totals ? job.total.cores_milli : 0,
                         by_totals ? job.total.memory_bytes : 0, job.total.accelerator_milli,
                         job.each.models};
      const auto [at, is_new] = known.try_emplace(key, groups_.size());
      if (is_new) groups_.push_back(group_of(job, view));
      record.group = at->second;
      record.owed.resize(columns_of(view));
      record.had.resize(columns_of(view));
      groups_[record.group].jobs += 1;
    }
    if (kinds_of(view) == 1) {
      fill_one_kind();
    } else {
      solve_program(view);
    }
  }

  Group group_of(const JobView& job, const SchedulerView& view) const {
    Group group;
    group.x.assign(columns_of(view), 0);
    if (view.kinds.empty()) {
      group.total = dominant_share(job.total, view.capacity);
      group.need = {group.total};
      group.speed = {group.total <= 1 ? 1.0 : 0.0};
      return group;
    }
    const std::vector<double>& speed = view.profiles[job.profile].speed;
    const auto asks = static_cast<double>(job.total.accelerator_milli);
    double all = 0;
    double taken = 0;  // of the kinds that it may run on
    bool alone = false;
    for (std::size_t k = 0; k < view.kinds.size(); ++k) {
      const auto capacity = static_cast<double>(view.kinds[k].milli);  // 0: all are down
      const bool takes = job.each.models == 0 || (job.each.models & view.kinds[k].model) != 0;
      const bool runs = takes && asks <= capacity && (speed.empty() || speed[k] > 0);
      all += capacity;
      if (takes) taken += capacity;
      group.need.push_back(capacity > 0 ? asks / capacity : 0);
      group.speed.push_back(!runs ? 0.0 : speed.empty() || !by_kind_ ? 1.0 : speed[k]);
      alone = alone || runs;
    }
    group.total = all > 0 ? asks / all : 0;
    if (columns_of(view) == 1) return group;
    const bool spreads = !alone && speed.empty() && asks <= taken;
    group.speed.push_back(spreads ? 1.0 : 0.0);
    for (std::size_t k = 0; spreads && k < view.kinds.size(); ++k) {
      const bool takes = job.each.models == 0 || (job.each.models & view.kinds[k].model) != 0;
      group.need[k] = takes && view.kinds[k].milli > 0 ? asks / taken : 0;
    }
    return group;
  }

  /// Shares rise together until a job has all its time or the pool is full.
  void fill_one_kind() {
    std::vector<Group*> order;
    double left = 1;
    for (Group& group : groups_) {
      if (group.speed[0] <= 0) continue;
      if (group.total <= 0) group.x[0] = 1;
      if (group.total > 0) order.push_back(&group);
    }
    // T_j a_j = a_j x_j, the part of the pool that it has on average: at most a_j.
    std::sort(order.begin(), order.end(),
              [](const Group* a, const Group* b) { return a->total < b->total; });
    double rest = 0;  // jobs that still share: each takes a_j x_j = z of the pool
    for (const Group* group : order) rest += group->jobs;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double z = left / rest;
      if (order[i]->total > z) {
        for (; i < order.size(); ++i) order[i]->x[0] = z / order[i]->total;
        return;
      }
      order[i]->x[0] = 1;
      left -= order[i]->jobs * order[i]->total;
      rest -= order[i]->jobs;
    }
  }

  /// What a unit of x of each kind adds to the normalised throughput of a job of the group.
  std::vector<double> gains(const Group& group, const SchedulerView& view) const {
    double all = 0;
    for (const AcceleratorKind& kind : view.kinds) all += static_cast<double>(kind.milli);
    double alike = 0;
    for (std::size_t k = 0; k < view.kinds.size(); ++k) {
      alike += group.speed[k] * static_cast<double>(view.kinds[k].milli) / all;
    }
    if (group.speed.back() > 0) alike = group.speed.back();
    std::vector<double> out;
    for (const double speed : group.speed) out.push_back(group.total * speed / alike);
    return out;
  }

  void solve_program(const SchedulerView& view) {
    const std::size_t kinds = view.kinds.size();
    std::size_t columns = kinds;  // and one more where a job needs it
    std::vector<Group*> shared;
    for (Group& group : groups_) {
      const bool runs = std::any_of(group.speed.begin(), group.speed.end(),
                                    [](double speed) { return speed > 0; });
      if (!runs) continue;
      shared.push_back(&group);
      if (group.speed.back() > 0) columns = kinds + 1;
    }
    if (shared.empty()) return;
    // Column 0 is the least normalised throughput z, scaled to be about 1; then x by group, kind.
    const std::size_t n = shared.size();
    LinearProgram program(2 * n + kinds, 1 + n * columns);
    std::vector<double> least(1 + n * columns, 0.0);
    std::vector<double> sum(1 + n * columns, 0.0);
    double scale = std::numeric_limits<double>::max();
    for (const Group* group : shared) {
      for (const double gain : gains(*group, view)) {
        if (gain > 0) scale = std::min(scale, gain);
      }
    }
    for (std::size_t g = 0; g < n; ++g) {
      const std::vector<double> gain = gains(*shared[g], view);
      program.set(g, 0, 1);
      program.bound(g, 0);
      program.bound(n + g, 1);
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t column = 1 + g * columns + c;
        if (shared[g]->speed[c] <= 0) continue;  // it would gain nothing and take nothing
        program.set(g, column, -gain[c] / scale);
        program.set(n + g, column, 1);
        for (std::size_t k = 0; k < kinds; ++k) {
          const double takes = shared[g]->takes(c, k);
          if (takes > 0) program.set(2 * n + k, column, shared[g]->jobs * takes);
        }
        sum[column] = shared[g]->jobs * gain[c] / scale;
      }
    }
    for (std::size_t k = 0; k < kinds; ++k) program.bound(2 * n + k, 1);
    least[0] = 1;
    program.maximise(least);
    program.maximise(sum);
    const std::vector<double> values = program.values();
    for (std::size_t g = 0; g < n; ++g) {
      for (std::size_t c = 0; c < columns; ++c) {
        if (shared[g]->speed[c] > 0) shared[g]->x[c] = values[1 + g * columns + c];
      }
    }
  }

  const Duration round_;
  const bool by_kind_;
  std::map<std::uint64_t, Record> jobs_;  // by number: those that wait or run
  std::map<std::uint64_t, JobId> plain_;  // by number: those without accelerators that wait
  std::size_t running_ = 0;               // of jobs_
  std::vector<Group> groups_;
  std::vector<Choice> choices_;                  // of a round
  std::map<std::uint64_t, std::size_t> chosen_;  // of a round: number to kind
  SimTime next_round_;
  VictimSearch victims_;
  std::vector<Refusals> refusals_;  // of a round, by column
  Resources capacity_;
  std::vector<std::int64_t> milli_;  // of the kinds
  Resources free_after_;             // the last call
  bool changed_ = false;             // jobs came or ended since x was computed
};

constexpr ParamSpec kParams[] = {
    {.name = "round",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "How long a job keeps what it has; shorter is closer to the shares and stops jobs more "
            "often.",
     .fallback = "\"6 min\"",
     .min = 1e-3,
     .max = 9e9,
     .example = "\"20 min\""},
    {.name = "by_kind",
     .kind = ParamKind::boolean,
     .doc = "Look at how fast a job is on each kind of accelerator; without it all count alike.",
     .fallback = "true"},
};

constexpr SchedulerEntry kEntry = {
    "max-min",
    "Max-min fairness over throughput, in rounds (Gavel): who gains most from fast accelerators "
    "has them.",
    kParams, [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<MaxMin>(params.duration("round"), params.flag("by_kind"));
    }};

}  // namespace

const SchedulerEntry& max_min_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
