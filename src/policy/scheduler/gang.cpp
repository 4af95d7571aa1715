// Gang scheduling with time slices: an Ousterhout matrix of jobs.
//
// Computes: jobs are put into rows; the jobs of a row fit into the pool together. A job goes into
// the first row that has room for it, else into a new row while there are fewer than `rows`, else
// it waits, first come, first served. Rows take turns: each runs for `quantum`, all members of a
// job at once; the others are stopped meanwhile. Room that the row leaves idle is filled, row by
// row from the next one on, with jobs of other rows that fit ("alternate selection"); they keep
// running in the next slice if they belong to its row or find room again. An empty row is removed,
// and the next one takes its turn at once. A single row is not interrupted.
// Source: Ousterhout, "Scheduling Techniques for Concurrent Systems" (ICDCS'82), matrix algorithm;
// Feitelson and Rudolph, "Gang Scheduling Performance Benefits for Fine-Grain Synchronization"
// (JPDC 16, 1992). Defaults: Slurm's SchedulerTimeSlice (30 s) and OverSubscribe count (4).
// Choices: rows are filled by totals of cores, memory and accelerators. A job that finds no servers
// beside its own row, whose totals fit but whose pieces do not, moves to a new row, or to the next
// row with room if there may be no more rows.
// Cost: O(jobs in rows) a pass.
// Leaves out: memory of stopped jobs; unification of rows that would fit into one. What a stop
// costs is the pool's preemption mode: one that throws work away starves jobs longer than a slice.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/scheduler/running.hpp"
#include "policy/scheduler/schedulers.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc {
namespace {

struct Row {
  std::uint64_t id = 0;
  Resources used;
  std::vector<JobId> jobs;
};

struct Record {
  std::uint64_t row = 0;  // id; 0: in no row
  Resources total;
  bool running = false;
  bool keep = false;  // scratch of one change of rows
};

class Gang final : public Scheduler {
 public:
  Gang(Duration quantum, std::size_t rows) : quantum_(quantum), max_rows_(rows) {}

  void submitted(JobId job, const SchedulerView& view) override {
    Record& record = slot_of(records_, job);
    if (record.row != 0) {
      record.running = false;  // stopped by others; it keeps its row
      return;
    }
    record = Record{};
    record.total = view.jobs[job.value].total;
    queue_.push(job, view.jobs[job.value].number);
  }
  void ended(JobId job, const SchedulerView&) override { leave_row(job); }
  void withdrawn(JobId job, const SchedulerView&) override {
    if (!queue_.erase(job)) leave_row(job);
  }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    const std::uint64_t turn = rows_.empty() ? 0 : rows_[current_].id;
    drop_empty_rows();
    admit(view);
    if (rows_.empty()) return;
    if (turn == 0 || rows_[current_].id != turn) {  // the row of this turn is no more
      begin_turn(view, actions);
    } else if (rows_.size() > 1 && turn_ends_ <= view.now && !alone_) {
      current_ = (current_ + 1) % rows_.size();
      begin_turn(view, actions);
    }
    run_row(view, actions);
    fill_idle(view, actions);
    alone_ = rows_.size() == 1;
    if (alone_) return;
    // A row that had nobody to take turns with until now keeps the pool for one more slice.
    if (turn_ends_ <= view.now) turn_ends_ = view.now + quantum_;
    actions.wake(turn_ends_);
  }
  std::optional<Duration> turn() const override {
    return max_rows_ == 1 ? std::nullopt : std::optional(quantum_);
  }

 private:
  void leave_row(JobId job) {
    Record& record = slot_of(records_, job);
    if (record.row == 0) return;
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.id == record.row; });
    HYPERDC_CHECK(row != rows_.end(), "the job's row is gone");
    row->jobs.erase(std::find(row->jobs.begin(), row->jobs.end(), job));
    row->used -= record.total;
    record = Record{};
  }

  void drop_empty_rows() {
    for (std::size_t i = 0; i < rows_.size();) {
      if (!rows_[i].jobs.empty()) {
        ++i;
        continue;
      }
      rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < current_) --current_;
    }
    if (current_ >= rows_.size()) current_ = 0;
  }

  static bool has_room(const Row& row, const Resources& total, const Resources& capacity) {
    Resources used = row.used;
    used += total;
    return capacity.covers(used);
  }

  bool may_add_row() const { return max_rows_ == 0 || rows_.size() < max_rows_; }

  void join(Row& row, JobId job) {
    Record& record = records_[job.value];
    row.used += record.total;
    row.jobs.push_back(job);
    record.row = row.id;
  }

  void admit(const SchedulerView& view) {
    while (!queue_.empty()) {
      const JobId job = queue_.front();
      const Resources& total = records_[job.value].total;
      const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) {
        return has_room(r, total, view.capacity);
      });
      if (row != rows_.end()) {
        join(*row, job);
      } else if (may_add_row()) {
        rows_.push_back({next_id_++, {}, {}});
        join(rows_.back(), job);
      } else {
        return;
      }
      queue_.erase(job);
    }
  }

  /// The current row begins its slice: stops who has no part in it.
  void begin_turn(const SchedulerView& view, SchedulerActions& actions) {
    turn_ends_ = view.now + quantum_;
    Resources room = view.capacity;
    room -= rows_[current_].used;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (const JobId job : rows_[(current_ + i) % rows_.size()].jobs) {
        Record& record = records_[job.value];
        record.keep = i == 0;
        if (i == 0 || !room.covers(record.total)) continue;
        record.keep = true;
        room -= record.total;
      }
    }
    for (const Row& row : rows_) {
      for (const JobId job : row.jobs) {
        if (records_[job.value].running && !records_[job.value].keep) stop(job, actions);
      }
    }
  }

  void stop(JobId job, SchedulerActions& actions) {
    actions.preempt(job, "its row is not running");
    records_[job.value].running = false;
  }

  bool start(JobId job, const SchedulerView& view, SchedulerActions& actions,
             std::string_view because) {
    Record& record = records_[job.value];
    if (!view.free.covers(record.total) || !actions.start(job, because)) return false;
    record.running = true;
    return true;
  }

  void run_row(const SchedulerView& view, SchedulerActions& actions) {
    misfits_.clear();
    bool anyone = false;
    for (const JobId job : rows_[current_].jobs) {
      if (records_[job.value].running) anyone = true;
    }
    for (const JobId job : rows_[current_].jobs) {
      if (records_[job.value].running) continue;
      if (start(job, view, actions, "its row is running") || displace(job, view, actions)) {
        anyone = true;
      } else if (anyone) {
        misfits_.push_back(job);
      }
    }
    for (const JobId job : misfits_) move_out(job, view);
  }

  /// Stops jobs of other rows that fill idle room, if that lets `job` of this row start.
  bool displace(JobId job, const SchedulerView& view, SchedulerActions& actions) {
    candidates_.clear();
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      for (const JobId other : rows_[(current_ + i) % rows_.size()].jobs) {
        if (records_[other.value].running) candidates_.push_back(other);
      }
    }
    auto next = candidates_.rbegin();  // the last choice gives way first
    const auto filler = [&]() -> std::optional<JobId> {
      if (next == candidates_.rend()) return std::nullopt;
      return *next++;
    };
    if (!victims_.find(job, view, actions, filler)) return false;
    for (const JobId victim : victims_.victims()) stop(victim, actions);
    const bool fits = start(job, view, actions, "its row is running");
    HYPERDC_CHECK(fits, "would_fit() promised room that start() did not find");
    return true;
  }

  /// The pieces of the pool do not suffice for this job beside the rest of its row.
  void move_out(JobId job, const SchedulerView& view) {
    const Resources total = records_[job.value].total;
    std::size_t target = rows_.size();
    if (may_add_row()) {
      rows_.push_back({next_id_++, {}, {}});
    } else {
      for (std::size_t i = 1; i < rows_.size() && target == rows_.size(); ++i) {
        const std::size_t row = (current_ + i) % rows_.size();
        if (has_room(rows_[row], total, view.capacity)) target = row;
      }
      if (target == rows_.size()) return;
    }
    leave_row(job);
    records_[job.value].total = total;
    join(rows_[target], job);
  }

  void fill_idle(const SchedulerView& view, SchedulerActions& actions) {
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      for (const JobId job : rows_[(current_ + i) % rows_.size()].jobs) {
        if (records_[job.value].running) continue;
        start(job, view, actions, "fills room that the running row leaves");
      }
    }
  }

  const Duration quantum_;
  const std::size_t max_rows_;  // 0: no limit
  WaitingQueue queue_;          // jobs that found no row
  std::vector<Row> rows_;
  std::vector<Record> records_;
  std::size_t current_ = 0;
  std::uint64_t next_id_ = 1;
  SimTime turn_ends_;
  bool alone_ = true;  // there was one row at most at the last pass
  std::vector<JobId> candidates_;
  VictimSearch victims_;
  std::vector<JobId> misfits_;
};

constexpr ParamSpec kParams[] = {
    {.name = "quantum",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "How long a row of jobs runs before the next one takes its turn; a longer slice means "
            "fewer stops and longer waits.",
     .fallback = R"("30 s")",
     .min = 1e-3,
     .max = 1e9,
     .example = R"("60 s")"},
    {.name = "rows",
     .kind = ParamKind::integer,
     .doc = "How many rows share the pool in turns; 0 sets no limit, 1 is first come, first "
            "served; more rows start jobs sooner and run each more slowly.",
     .fallback = "4",
     .min = 0,
     .max = 1e6,
     .example = "4"},
};

constexpr SchedulerEntry kEntry = {
    "gang", "Gang scheduling: rows of jobs take turns on the pool in time slices.", kParams,
    [](const Params& params, const SchedulerContext&) -> std::unique_ptr<Scheduler> {
      return std::make_unique<Gang>(params.duration("quantum"),
                                    static_cast<std::size_t>(params.integer("rows")));
    }};

}  // namespace

const SchedulerEntry& gang_scheduler() {
  return kEntry;
}

}  // namespace hyperdc
