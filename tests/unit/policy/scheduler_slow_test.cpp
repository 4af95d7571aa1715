// Schedulers with indexes against the same rules written down without any: each pass looks at
// every job. Deep queues, small servers that fragment, servers that fail.
#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

/// Waiting jobs in order of submission.
class Slow : public Scheduler {
 public:
  void submitted(JobId job, const SchedulerView& view) override {
    waiting_[view.jobs[job.value].number] = job;
  }
  void ended(JobId, const SchedulerView&) override {}
  void withdrawn(JobId, const SchedulerView&) override { FAIL("nobody withdraws"); }

 protected:
  std::map<std::uint64_t, JobId> waiting_;
};

class SlowFirstFit final : public Slow {
 public:
  void schedule(const SchedulerView&, SchedulerActions& actions) override {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      it = actions.start(it->second, "fits") ? waiting_.erase(it) : std::next(it);
    }
  }
};

class SlowEasy final : public Slow {
 public:
  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    while (!waiting_.empty() && actions.start(waiting_.begin()->second, "head")) {
      waiting_.erase(waiting_.begin());
    }
    if (waiting_.empty()) return;
    const JobId head = waiting_.begin()->second;
    const Resources need = view.jobs[head.value].total;
    std::vector<std::pair<SimTime, JobId>> ends;
    for (const JobId id : view.running) {
      const JobView& job = view.jobs[id.value];
      const SimTime end = job.started + std::max(job.estimate - job.attained, Duration{});
      ends.push_back({std::max(end, view.now + nanoseconds(1)), id});
    }
    std::sort(ends.begin(), ends.end());
    Resources free = view.free, extra;
    SimTime shadow{std::numeric_limits<std::int64_t>::max()};
    const bool pieces = free.covers(need);
    std::vector<JobId> gone;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      free += view.jobs[ends[i].second.value].total;
      gone.push_back(ends[i].second);
      if (i + 1 < ends.size() && ends[i + 1].first == ends[i].first) continue;
      if (pieces ? !actions.would_fit(head, gone) : !free.covers(need)) continue;
      shadow = ends[i].first;
      if (!pieces) (extra = free) -= need;
      break;
    }
    for (auto it = std::next(waiting_.begin()); it != waiting_.end();) {
      const JobView& job = view.jobs[it->second.value];
      const Resources total = job.total;
      const Duration left = std::max(job.estimate - job.attained, Duration{});
      const bool in_time = left <= shadow - view.now;
      if ((in_time || extra.covers(total)) && actions.start(it->second, "backfilled")) {
        if (!in_time) extra -= total;
        it = waiting_.erase(it);
      } else {
        ++it;
      }
    }
  }
};

class SlowLas final : public Slow {
 public:
  explicit SlowLas(std::vector<double> thresholds) : thresholds_(std::move(thresholds)) {}
  void submitted(JobId job, const SchedulerView& view) override {
    Slow::submitted(job, view);
    if (first_start_.size() <= job.value) first_start_.resize(job.value + 1);
    if (view.jobs[job.value].attained == Duration{}) first_start_[job.value].reset();
  }
  void schedule(const SchedulerView& view, SchedulerActions& actions) override {
    std::vector<std::tuple<std::size_t, SimTime, std::uint64_t, JobId>> ranks;
    SimTime next{std::numeric_limits<std::int64_t>::max()};
    const auto rank = [&](JobId id) {
      const JobView& job = view.jobs[id.value];
      Duration ran = job.attained;
      if (job.running) ran = ran + (view.now - job.started);
      std::size_t queue = 0;
      for (; queue < thresholds_.size(); ++queue) {
        const Duration limit{seconds(thresholds_[queue]).ns * 1000 / job.total.accelerator_milli};
        if (ran >= limit) continue;
        if (job.running) next = std::min(next, view.now + (limit - ran));
        break;
      }
      const SimTime never{std::numeric_limits<std::int64_t>::max()};
      ranks.push_back({queue, first_start_[id.value].value_or(never), job.number, id});
    };
    for (const auto& [number, id] : waiting_) rank(id);
    for (const JobId id : view.running) rank(id);
    std::sort(ranks.begin(), ranks.end());
    // On plain totals: who fits, in order of rank, into the pool; all others do not run.
    Resources room = view.capacity;
    std::vector<JobId> run;
    for (const auto& entry : ranks) {
      const JobId id = std::get<3>(entry);
      const JobView& job = view.jobs[id.value];
      if (room.covers(job.total)) {
        room -= job.total;
        if (!job.running) run.push_back(id);
      } else if (job.running) {
        actions.preempt(id, "no room");
        waiting_[job.number] = id;
      }
    }
    for (const JobId id : run) {
      REQUIRE(actions.start(id, "room"));
      waiting_.erase(view.jobs[id.value].number);
      if (!first_start_[id.value]) first_start_[id.value] = view.now;
    }
    for (const JobId id : run) {
      const JobView& job = view.jobs[id.value];
      for (const double threshold : thresholds_) {
        const Duration limit{seconds(threshold).ns * 1000 / job.total.accelerator_milli};
        if (job.attained < limit) next = std::min(next, view.now + (limit - job.attained));
      }
    }
    if (!waiting_.empty() && next.ns < std::numeric_limits<std::int64_t>::max()) {
      actions.wake(next);
    }
  }

 private:
  std::vector<double> thresholds_;
  std::vector<std::optional<SimTime>> first_start_;
};

/// More than the pool can do for a while, so that hundreds wait.
std::vector<FakeJob> crowd(std::uint64_t seed, std::size_t count, bool sloppy) {
  Draw draw{seed};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (std::size_t i = 0; i < count; ++i) {
    t += static_cast<double>(draw(10)) / 10;
    const double run = static_cast<double>(1 + draw(60)) / 2;
    FakeJob job = cores(t, run, 1 + draw(4));
    job.each.memory_bytes = draw(9);
    if (draw(3) == 0) job.members = static_cast<std::uint32_t>(1 + draw(4));
    if (sloppy && draw(2) == 0) job.estimate = Duration{job.run.ns * (1 + draw(6)) / 3};
    jobs.push_back(job);
  }
  return jobs;
}

/// What changes at each moment: in order of the jobs, without reasons, and without jobs that are
/// stopped and started again at once.
std::vector<LogEntry> net(const std::vector<LogEntry>& log) {
  std::vector<LogEntry> all;
  for (std::size_t first = 0; first < log.size();) {
    std::map<std::size_t, std::vector<LogEntry>> jobs;
    const SimTime now = log[first].at;
    for (; first < log.size() && log[first].at == now; ++first) {
      std::vector<LogEntry>& changes = jobs[log[first].job];
      if (!changes.empty() && changes.back().change != log[first].change &&
          log[first].change != Change::end) {
        changes.pop_back();
      } else {
        changes.push_back(log[first]);
        changes.back().because.clear();
      }
    }
    for (const auto& [job, changes] : jobs) all.insert(all.end(), changes.begin(), changes.end());
  }
  return all;
}

void compare(Scheduler& fast, Scheduler& slow, const std::vector<FakeJob>& jobs, FakePool pool) {
  FakePool again = pool;
  std::size_t deepest = 0;
  pool.after_pass = [&](const FakePool& p) { deepest = std::max(deepest, p.waiting().size()); };
  const std::vector<LogEntry> one = net(pool.run(fast, jobs).log);
  const std::vector<LogEntry> two = net(again.run(slow, jobs).log);
  REQUIRE(deepest > 150);  // several blocks of 64
  for (std::size_t i = 0; i < std::min(one.size(), two.size()); ++i) {
    CAPTURE(i, one[i].at.ns, two[i].at.ns, one[i].job, two[i].job);
    REQUIRE(one[i] == two[i]);
  }
  REQUIRE(one.size() == two.size());
}

FakePool pool_of(bool one_server) {
  if (one_server) return FakePool({{.cores_milli = 24000, .memory_bytes = 60}});
  return FakePool(std::vector<Resources>(6, {.cores_milli = 4000, .memory_bytes = 10}));
}

void fail_some(FakePool& pool, std::uint64_t seed) {
  Draw draw{seed};
  for (std::size_t server = 0; server < 6; ++server) {
    double t = 10;
    for (int i = 0; i < 4; ++i) {
      const double from = t + static_cast<double>(draw(300)) + 0.25;
      t = from + 1 + static_cast<double>(draw(60));
      pool.outages.push_back({server, at_s(from), at_s(t)});
    }
  }
}

}  // namespace

TEST_CASE("fifo with skip equals first fit over all waiting jobs") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SlowFirstFit slow;
    compare(*make("fifo", with("skip", true)), slow, crowd(seed, 600, false), pool_of(seed % 2));
    SlowFirstFit with_outages;
    FakePool pool = pool_of(false);
    fail_some(pool, seed);
    compare(*make("fifo", with("skip", true)), with_outages, crowd(seed, 600, false), pool);
  }
}

TEST_CASE("easy equals its rules, looked up in all jobs at every pass") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    SlowEasy slow;
    compare(*make("easy"), slow, crowd(seed, 600, seed % 3 == 0), pool_of(seed % 2));
  }
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SlowEasy slow;
    FakePool pool = pool_of(false);
    fail_some(pool, seed);
    compare(*make("easy"), slow, crowd(seed + 20, 600, true), pool);
  }
}

TEST_CASE("las equals its rules on plain totals") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    Draw draw{seed};
    std::vector<FakeJob> jobs;
    double t = 0;
    for (int i = 0; i < 500; ++i) {
      t += static_cast<double>(draw(10)) / 10;
      const bool is_long = draw(5) == 0;
      const double run = static_cast<double>(1 + draw(is_long ? 200 : 20)) / 2;
      jobs.push_back(gpus(t, run, std::uint32_t{1} << draw(4)));
    }
    const std::vector<double> thresholds = {4, 16, 128};
    SlowLas slow(thresholds);
    compare(*make("las", with("thresholds", thresholds)), slow, jobs, FakePool::of_gpus(16));
  }
}

}  // namespace hyperdc::testing
