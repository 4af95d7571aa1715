// Conservative backfilling against the same rules without shortcuts: every reservation is taken
// back and given again by a search from the present moment. Deep queues, estimates that are too
// long and too short, small servers that fragment and fail.
#include "fake_pool.hpp"
#include "policy/scheduler/running.hpp"
#include "policy/scheduler/timetable.hpp"

namespace hyperdc::testing {
namespace {

constexpr SimTime kNever{std::numeric_limits<std::int64_t>::max()};

class PlainConservative final : public Scheduler {
 public:
  void submitted(JobId job, const SchedulerView& view) override {
    const std::uint64_t number = view.jobs[job.value].number;
    if (running_.remove(job) || (!waiting_.empty() && number < waiting_.rbegin()->first)) {
      anew_ = true;
    }
    waiting_[number] = {job, kNever, kNever, {}};
    fresh_.push_back(number);
  }
  void ended(JobId job, const SchedulerView& view) override {
    running_.remove(job);
    if (deferred_) compress_ = true;
    if (ends_[job.value].first <= view.now) return;
    table_.give(view.now, ends_[job.value].first, ends_[job.value].second);
    compress_ = true;
  }
  void withdrawn(JobId, const SchedulerView&) override { FAIL("nobody withdraws"); }

  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    if (waiting_.empty() && running_.entries().empty()) {
      table_.reset(view.now, view.free);
      begun_ = true;
    } else if (!begun_ || anew_ || !holds(view)) {
      plan_anew(view);
    } else {
      table_.trim(view.now);
      if (compress_) compress(view);
    }
    anew_ = compress_ = false;
    for (const std::uint64_t number : fresh_) place(waiting_[number], view);
    fresh_.clear();
    start_due(view, actions);
    SimTime first = kNever;
    for (const auto& [number, entry] : waiting_) first = std::min(first, entry.start);
    const bool late = !running_.entries().empty() && running_.entries().begin()->end <= view.now;
    if (!late && first != kNever) actions.wake(first);
  }

 private:
  struct Entry {
    JobId job;
    SimTime start, end, not_before;
  };

  bool holds(const SchedulerView& view) {
    if (!running_.entries().empty() && running_.entries().begin()->end <= view.now) return false;
    Resources free = table_.free_at(view.now);
    for (const auto& [number, entry] : waiting_) {
      if (is_fresh(number)) continue;
      if (entry.start < view.now) return false;
      if (entry.start == view.now) free += view.jobs[entry.job.value].total;
    }
    return free == view.free;
  }
  bool is_fresh(std::uint64_t number) const {
    return std::find(fresh_.begin(), fresh_.end(), number) != fresh_.end();
  }
  void plan_anew(const SchedulerView& view) {
    begun_ = true;
    deferred_ = false;
    table_.reset(view.now, view.free);
    for (const auto& entry : running_.entries()) {
      const SimTime end = counted_end(entry.end, view.now);
      table_.then(end, entry.total);
      ends_[entry.job.value] = {end, entry.total};
    }
    fresh_.clear();
    for (auto& [number, entry] : waiting_) {
      entry = {entry.job, kNever, kNever, {}};
      fresh_.push_back(number);
    }
  }
  void place(Entry& entry, const SchedulerView& view) {
    const JobView& job = view.jobs[entry.job.value];
    const Duration span = std::max(remaining_estimate(job), nanoseconds(1));
    const auto start = table_.earliest(std::max(view.now, entry.not_before), span, job.total);
    entry.start = start.value_or(kNever);
    entry.end = add_saturating(entry.start, span);
    if (start) table_.take(entry.start, entry.end, job.total);
  }
  void take_back(Entry& entry, const SchedulerView& view) {
    if (entry.start != kNever) {
      table_.give(entry.start, entry.end, view.jobs[entry.job.value].total);
    }
    entry.start = entry.end = kNever;
  }
  void compress(const SchedulerView& view) {
    deferred_ = false;
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [number, entry] : waiting_) {
        const SimTime start = entry.start;
        if (start == view.now || is_fresh(number)) continue;
        take_back(entry, view);
        entry.not_before = {};
        place(entry, view);
        moved = moved || entry.start != start;
      }
    }
  }
  void start_due(const SchedulerView& view, SchedulerActions& actions) {
    bool anew = false;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      Entry& entry = it->second;
      if (anew) place(entry, view);
      if (entry.start != view.now) {
        ++it;
        continue;
      }
      if (actions.start(entry.job, "due")) {
        running_.add(entry.job, view);
        ends_[entry.job.value] = {entry.end, view.jobs[entry.job.value].total};
        it = waiting_.erase(it);
        continue;
      }
      for (auto later = std::next(it); !anew && later != waiting_.end(); ++later) {
        take_back(later->second, view);
      }
      anew = true;
      take_back(entry, view);
      deferred_ = true;
      const auto& ends = running_.entries();
      const auto next = std::find_if(ends.begin(), ends.end(),
                                     [&](const auto& other) { return other.end > view.now; });
      if (next != ends.end()) {
        entry.not_before = next->end;
        place(entry, view);
      }
      ++it;
    }
  }

  std::map<std::uint64_t, Entry> waiting_;
  std::vector<std::uint64_t> fresh_;  // came since the last pass; planned in this order
  std::map<std::uint32_t, std::pair<SimTime, Resources>> ends_;  // as planned, of running jobs
  Timetable table_;
  RunningByEnd running_;
  bool begun_ = false, anew_ = false, compress_ = false, deferred_ = false;
};

std::vector<FakeJob> crowd(std::uint64_t seed, int sloppy) {
  Draw draw{seed};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (int i = 0; i < 350; ++i) {
    t += static_cast<double>(draw(10)) / 8;
    FakeJob job = cores(t, static_cast<double>(1 + draw(60)) / 2, 1 + draw(4));
    job.each.memory_bytes = draw(9);
    if (draw(3) == 0) job.members = static_cast<std::uint32_t>(1 + draw(4));
    if (sloppy == 1) job.estimate = Duration{job.run.ns * (3 + draw(6)) / 3};  // at least the run
    if (sloppy == 2 && draw(2) == 0) job.estimate = Duration{job.run.ns * (1 + draw(6)) / 3};
    jobs.push_back(job);
  }
  return jobs;
}

}  // namespace

TEST_CASE("conservative equals its rules without shortcuts") {
  for (std::uint64_t seed = 1; seed <= 9; ++seed) {
    CAPTURE(seed);
    const std::vector<FakeJob> jobs = crowd(seed, static_cast<int>(seed % 3));
    FakePool pool =
        seed % 2 == 0
            ? FakePool({{.cores_milli = 24000, .memory_bytes = 60}})
            : FakePool(std::vector<Resources>(6, {.cores_milli = 4000, .memory_bytes = 10}));
    if (seed > 6 && seed % 2 != 0) {
      for (std::size_t server = 0; server < 3; ++server) {
        const double from = 30 + 20 * static_cast<double>(server);
        pool.outages.push_back({server, at_s(from), at_s(from + 17)});
      }
    }
    FakePool again = pool;
    std::size_t deepest = 0;
    pool.after_pass = [&](const FakePool& p) { deepest = std::max(deepest, p.waiting().size()); };
    const std::vector<LogEntry> fast =
        pool.run(*make("conservative", with("depth", 0.0)), jobs).log;
    PlainConservative plain;
    const std::vector<LogEntry> slow = again.run(plain, jobs).log;
    CHECK(deepest > 60);
    REQUIRE(fast.size() == slow.size());
    for (std::size_t i = 0; i < fast.size(); ++i) {
      CAPTURE(i, fast[i].at.ns, slow[i].at.ns, fast[i].job, slow[i].job);
      REQUIRE((fast[i].at == slow[i].at && fast[i].change == slow[i].change &&
               fast[i].job == slow[i].job));
    }
  }
}

}  // namespace hyperdc::testing
