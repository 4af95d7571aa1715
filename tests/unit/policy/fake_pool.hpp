// A pool of servers that is just enough to try schedulers in: integer amounts, first fit, an event
// loop of its own. One large server makes it a pool of plain totals; several make it fragment.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc::testing {

inline Duration s(double value) {
  return Duration{static_cast<std::int64_t>(value * 1000) * 1'000'000};
}
inline SimTime at_s(double value) {
  return SimTime{} + s(value);
}

/// Random numbers for tests. One draw a statement: compilers evaluate arguments in any order.
struct Draw {
  std::uint64_t state;
  std::int64_t operator()(std::uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((state >> 33) % n);
  }
};

struct FakeJob {
  SimTime submit;
  Duration run;
  Request each{.cores_milli = 1000};
  std::uint32_t members = 1;
  std::optional<Duration> estimate;  // the run time when absent
  std::int32_t priority = 0;
  std::uint32_t tenant = 0;
};

inline FakeJob cores(double submit, double run, std::int64_t n) {
  FakeJob job;
  job.submit = at_s(submit);
  job.run = s(run);
  job.each.cores_milli = n * 1000;
  return job;
}
inline FakeJob gpus(double submit, double run, std::uint32_t n) {
  FakeJob job = cores(submit, run, 0);
  job.each = {.accelerators = 1, .accelerator_milli = 1000};
  job.members = n;
  return job;
}

enum class Change { start, preempt, end };

struct LogEntry {
  SimTime at;
  Change change;
  std::size_t job;  // index into the jobs given
  std::string because;
  bool operator==(const LogEntry& o) const {
    return at == o.at && change == o.change && job == o.job && because == o.because;
  }
};

struct Outcome {
  std::vector<LogEntry> log;
  std::vector<SimTime> first_start, end;  // by job
  std::vector<int> stops;
  std::size_t backfilled = 0;  // first starts while a job submitted earlier waits
  std::size_t passes = 0;

  /// "0:A 5:-A 5:B 7:/B" = A starts at 0 s, is preempted at 5 s when B starts, B ends at 7 s.
  std::string text() const {
    std::string all;
    for (const LogEntry& entry : log) {
      if (!all.empty()) all += ' ';
      const std::int64_t ms = entry.at.ns / 1'000'000;
      all += std::to_string(ms / 1000);
      if (ms % 1000 != 0) all += '.' + std::to_string(ms % 1000 / 100);
      all += entry.change == Change::start ? ":" : entry.change == Change::end ? ":/" : ":-";
      all += static_cast<char>('A' + entry.job);
    }
    return all;
  }
  double mean_completion_s(const std::vector<FakeJob>& jobs) const {
    double sum = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) sum += to_seconds(end[i] - jobs[i].submit);
    return sum / static_cast<double>(jobs.size());
  }
  double mean_wait_s(const std::vector<FakeJob>& jobs) const {
    double sum = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i)
      sum += to_seconds(first_start[i] - jobs[i].submit);
    return sum / static_cast<double>(jobs.size());
  }
};

class FakePool final : public SchedulerActions {
 public:
  explicit FakePool(std::vector<Resources> servers) : free_(std::move(servers)) {
    for (const Resources& server : free_) view_.capacity += server;
    view_.free = view_.capacity;
  }
  static FakePool of_cores(std::int64_t n) {
    return FakePool({{.cores_milli = n * 1000, .memory_bytes = 0, .accelerator_milli = 0}});
  }
  static FakePool of_gpus(std::int64_t n) {
    return FakePool({{.cores_milli = 0, .memory_bytes = 0, .accelerator_milli = n * 1000}});
  }

  /// Mixes up view.running before every pass: schedulers must not rely on its order.
  std::uint64_t shuffle_running = 0;
  /// Servers that are down for a while: their jobs are stopped and wait again.
  struct Outage {
    std::size_t server;
    SimTime from, until;
  };
  std::vector<Outage> outages;
  std::vector<TenantTerms> terms;  // by tenant
  /// Checked after every pass (view, jobs by slot): for laws that hold at every moment.
  std::function<void(FakePool&)> after_pass;

  Outcome run(Scheduler& scheduler, std::vector<FakeJob> jobs) {
    jobs_ = std::move(jobs);
    out_ = {};
    out_.first_start.assign(jobs_.size(), SimTime{-1});
    out_.end.assign(jobs_.size(), SimTime{-1});
    out_.stops.assign(jobs_.size(), 0);
    std::vector<std::size_t> order(jobs_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return jobs_[a].submit < jobs_[b].submit; });
    std::size_t next = 0;
    while (std::optional<SimTime> now = next_moment(order, next)) {
      view_.now = *now;
      while (!ends_.empty() && std::get<0>(*ends_.begin()) == *now) finish(scheduler);
      for (const Outage& outage : outages) {
        if (outage.from == *now) take_down(outage.server, scheduler);
        if (outage.until == *now) bring_up(outage.server);
      }
      for (; next < order.size() && jobs_[order[next]].submit == *now; ++next) {
        arrive(order[next], next, scheduler);
      }
      wake_.reset();  // the pass asks anew
      pass(scheduler);
      REQUIRE(++out_.passes < 100 * jobs_.size() + 100'000);  // else it asks for wakes for ever
    }
    return out_;
  }

  const SchedulerView& view() const { return view_; }
  /// Indices of the jobs that wait, in order of submission.
  std::vector<std::size_t> waiting() const {
    std::vector<std::size_t> all;
    for (const auto& [number, slot] : waiting_) all.push_back(job_of_[slot]);
    return all;
  }
  JobId slot(std::size_t job) const { return JobId{slot_of_.at(job)}; }
  const JobView& seen(std::size_t job) const { return views_[slot_of_.at(job)]; }

  bool start(JobId id, std::string_view because) override {
    JobView& job = views_[id.value];
    REQUIRE(waiting_.count(job.number) == 1);
    REQUIRE(!because.empty());
    std::vector<Resources> left = free_;
    std::vector<std::size_t> where;
    if (!place(job, left, where)) return false;
    free_ = std::move(left);
    if (job_started_early(job)) ++out_.backfilled;
    waiting_.erase(job.number);
    shares_[id.value] = where;
    view_.free -= job.total;
    REQUIRE(view_.free.covers({}));
    job.started = view_.now;
    job.running = true;
    running_.push_back(id);
    const std::size_t index = job_of_[id.value];
    if (out_.first_start[index] < SimTime{}) out_.first_start[index] = view_.now;
    const SimTime end = view_.now + (jobs_[index].run - job.attained);
    ends_.insert({end, job.number, id.value});
    note(Change::start, index, because);
    return true;
  }

  bool start_on(JobId id, ModelSet models, std::string_view because) override {
    REQUIRE(models == 0);  // its servers have none
    return start(id, because);
  }

  void preempt(JobId id, std::string_view because) override {
    JobView& job = views_[id.value];
    REQUIRE(job.running);
    const std::size_t index = job_of_[id.value];
    ends_.erase({job.started + (jobs_[index].run - job.attained), job.number, id.value});
    job.attained = job.attained + (view_.now - job.started);
    vacate(id);
    waiting_[job.number] = id.value;
    ++out_.stops[index];
    note(Change::preempt, index, because);
  }

  bool would_fit(JobId id, std::span<const JobId> without) override {
    std::vector<Resources> free = free_;
    for (const JobId other : without) {
      REQUIRE(views_[other.value].running);
      give_back(other, free);
    }
    std::vector<std::size_t> where;
    return place(views_[id.value], free, where);
  }

  void wake(SimTime at) override {
    REQUIRE(at > view_.now);
    wake_ = at;
  }

 private:
  std::optional<SimTime> next_moment(const std::vector<std::size_t>& order, std::size_t next) {
    std::optional<SimTime> first;
    const auto consider = [&](SimTime at) { first = first ? std::min(*first, at) : at; };
    if (next < order.size()) consider(jobs_[order[next]].submit);
    if (!ends_.empty()) consider(std::get<0>(*ends_.begin()));
    for (const Outage& outage : outages) {
      if (outage.from > view_.now) consider(outage.from);
      if (outage.until > view_.now) consider(outage.until);
    }
    if (wake_) consider(*wake_);
    return first;
  }

  void arrive(std::size_t index, std::size_t number, Scheduler& scheduler) {
    std::uint32_t slot = static_cast<std::uint32_t>(views_.size());
    if (spare_.empty()) {
      views_.emplace_back();
      shares_.emplace_back();
      job_of_.push_back(0);
    } else {
      slot = spare_.back();
      spare_.pop_back();
    }
    const FakeJob& job = jobs_[index];
    views_[slot] = {.number = number,
                    .submit = view_.now,
                    .estimate = job.estimate.value_or(job.run),
                    .attained = {},
                    .started = {},
                    .priority = job.priority,
                    .tenant = job.tenant,
                    .members = job.members,
                    .running = false,
                    .each = job.each,
                    .total = total_of(job.each, job.members)};
    view_.tenants = std::max(view_.tenants, job.tenant + 1);
    job_of_[slot] = index;
    slot_of_[index] = slot;
    waiting_[number] = slot;
    refresh();
    scheduler.submitted(JobId{slot}, view_);
  }

  void finish(Scheduler& scheduler) {
    const JobId id{std::get<2>(*ends_.begin())};
    ends_.erase(ends_.begin());
    vacate(id);
    const std::size_t index = job_of_[id.value];
    REQUIRE(out_.end[index] < SimTime{});
    out_.end[index] = view_.now;
    slot_of_.erase(index);
    note(Change::end, index, "");
    refresh();
    scheduler.ended(id, view_);
    spare_.push_back(id.value);
  }

  void take_down(std::size_t server, Scheduler& scheduler) {
    const std::vector<JobId> running = running_;
    for (const JobId id : running) {
      const std::vector<std::size_t>& where = shares_[id.value];
      if (std::find(where.begin(), where.end(), server) == where.end()) continue;
      preempt(id, "server down");
      refresh();
      scheduler.submitted(id, view_);
    }
    down_[server] = free_[server];
    view_.free -= free_[server];
    view_.capacity -= free_[server];
    free_[server] = {};
  }
  void bring_up(std::size_t server) {
    free_[server] = down_.at(server);
    view_.free += free_[server];
    view_.capacity += free_[server];
  }

  void pass(Scheduler& scheduler) {
    if (shuffle_running != 0) {
      for (std::size_t i = running_.size(); i > 1; --i) {
        Draw draw{shuffle_running};
        std::swap(running_[i - 1], running_[static_cast<std::size_t>(draw(i))]);
        shuffle_running = draw.state;
      }
    }
    refresh();
    scheduler.schedule(view_, *this);
    refresh();
    if (after_pass) after_pass(*this);
  }

  void refresh() {
    view_.jobs = views_;
    view_.terms = terms;
    view_.running = running_;
  }

  static bool place(const JobView& job, std::vector<Resources>& free,
                    std::vector<std::size_t>& where) {
    const Resources need = total_of(job.each, 1);
    std::size_t server = 0;
    for (std::uint32_t member = 0; member < job.members; ++member) {
      while (server < free.size() && !free[server].covers(need)) ++server;
      if (server == free.size()) return false;
      free[server] -= need;
      where.push_back(server);
    }
    return true;
  }

  void give_back(JobId id, std::vector<Resources>& free) const {
    const Resources each = total_of(views_[id.value].each, 1);
    for (const std::size_t server : shares_[id.value]) free[server] += each;
  }

  void vacate(JobId id) {
    JobView& job = views_[id.value];
    give_back(id, free_);
    shares_[id.value].clear();
    view_.free += job.total;
    job.running = false;
    const auto where = std::find(running_.begin(), running_.end(), id);
    *where = running_.back();  // as the world does
    running_.pop_back();
    view_.running = running_;
  }

  bool job_started_early(const JobView& job) const {
    return job.attained == Duration{} && waiting_.begin()->first < job.number;
  }

  void note(Change change, std::size_t index, std::string_view because) {
    view_.running = running_;
    out_.log.push_back({view_.now, change, index, std::string(because)});
  }

  SchedulerView view_;
  std::vector<FakeJob> jobs_;
  std::vector<Resources> free_;  // by server
  std::map<std::size_t, Resources> down_;
  std::vector<JobView> views_;  // by slot
  std::vector<std::vector<std::size_t>> shares_;
  std::vector<std::size_t> job_of_;
  std::map<std::size_t, std::uint32_t> slot_of_;
  std::vector<std::uint32_t> spare_;
  std::vector<JobId> running_;
  std::map<std::uint64_t, std::uint32_t> waiting_;  // number -> slot
  std::set<std::tuple<SimTime, std::uint64_t, std::uint32_t>> ends_;
  std::optional<SimTime> wake_;
  Outcome out_;
};

/// A scheduler by name with its default parameters, but for `set`.
inline std::unique_ptr<Scheduler> make(std::string_view name, const Params& set = {}) {
  for (const SchedulerEntry& entry : schedulers()) {
    if (entry.name != name) continue;
    Params params;
    for (const ParamSpec& spec : entry.params) {
      if (spec.kind == ParamKind::boolean) params.set(spec.name, spec.fallback == "true");
      if (spec.kind == ParamKind::integer || spec.kind == ParamKind::number) {
        params.set(spec.name, std::stod(std::string(spec.fallback)));
      }
      if (spec.kind == ParamKind::choice) {
        params.set(spec.name, std::string(spec.fallback.substr(1, spec.fallback.size() - 2)));
      }
      if (spec.name == "slack") params.set(spec.name, 86400.0);
      if (spec.name == "persistence") params.set(spec.name, 0.0);
      if (spec.name == "quantum") params.set(spec.name, 30.0);
      if (spec.name == "round") params.set(spec.name, 360.0);
      if (spec.name == "half_life" || spec.name == "age_most") params.set(spec.name, 604800.0);
      if (spec.name == "thresholds") params.set(spec.name, std::vector<double>{3250.0, 7200.0});
    }
    for (const auto& [key, value] : set.all()) params.set(key, value);
    return entry.make(params, {});
  }
  FAIL("no scheduler is called " << name);
  return nullptr;
}
inline Params with(std::string_view name, Params::Value value) {
  Params params;
  params.set(name, std::move(value));
  return params;
}

}  // namespace hyperdc::testing
