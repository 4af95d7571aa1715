#include "experiment/run.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <sys/resource.h>
#include <time.h>

#include <hyperdc/core/assert.hpp>

#include "core/input_changed.hpp"
#include "core/side_by_side.hpp"
#include "experiment/flow_csv.hpp"
#include "experiment/job_csv.hpp"
#include "experiment/request_csv.hpp"
#include "world/simulate.hpp"

namespace hyperdc {

namespace {

using Clock = std::chrono::steady_clock;

double thread_cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// Stops on request and reports progress; the wall clock decides only how often it speaks.
class Monitor final : public SimulationMonitor {
 public:
  Monitor(const std::atomic<bool>& stop, ProgressSink* sink, std::size_t run,
          std::optional<SimTime> end)
      : stop_(stop), sink_(sink), run_(run), end_(end) {}

  bool tick(SimTime now, std::uint64_t events) override {
    if (stop_.load(std::memory_order_relaxed)) return false;
    if (sink_ == nullptr) return true;
    const Clock::time_point wall = Clock::now();
    if (wall - spoke_ < std::chrono::milliseconds(100)) return true;
    spoke_ = wall;
    sink_->progress(run_, now, end_, events);
    return true;
  }

 private:
  const std::atomic<bool>& stop_;
  ProgressSink* sink_;
  std::size_t run_;
  std::optional<SimTime> end_;
  Clock::time_point spoke_;
};

ResultObjective judge(const Objective& objective, const MetricIndex& metrics) {
  ResultObjective out;
  out.metric = objective.metric;
  out.at_most = objective.at_most;
  out.at_least = objective.at_least;
  const ResultMetric* metric = metrics.find(objective.metric);
  if (metric == nullptr) return out;
  out.unit = metric->unit;
  out.value = metric->value;
  out.met = out.value.has_value() && (!out.at_most || *out.value <= *out.at_most) &&
            (!out.at_least || *out.value >= *out.at_least);
  return out;
}

/// An amount can be traced to its price, or the run says that it cannot.
void note_unsourced(const Scenario& scenario, const std::vector<BillItem>& bill,
                    RunResult& result) {
  constexpr std::size_t kMostNamed = 12;
  std::vector<std::string> names;
  for (const BillItem& item : bill) {
    if (!item.source.empty() || !item.missing.empty() || item.micro_usd == 0) continue;
    std::string name(account_name(item.account));
    if (item.account == Account::servers || item.account == Account::upkeep)
      name += " " + item.item;
    if (scenario.regions.size() > 1) name += " in " + scenario.regions[item.region].name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.empty()) return;
  std::string text = "no source is stated of these prices: ";
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
  result.assumptions.push_back({"bill", text});
}

RunResult to_result(const Scenario& scenario, std::uint64_t seed, Simulation simulation) {
  RunResult result;
  result.scenario = scenario.name;
  result.seed = seed;
  result.sha256 = scenario.sha256;
  result.resolved_json = scenario.resolved_json;
  result.fingerprint = simulation.fingerprint;
  result.hourly_fingerprints = std::move(simulation.hourly_fingerprints);
  result.simulated_s = to_seconds(simulation.end);
  result.events = simulation.events;
  result.complete = simulation.complete;
  for (MetricValue& m : simulation.metrics) {
    result.metrics.push_back({std::move(m.name), std::move(m.unit), m.value, std::move(m.reason)});
  }
  const MetricIndex metrics(result);
  for (const Objective& objective : scenario.objectives) {
    result.objectives.push_back(judge(objective, metrics));
  }
  for (CheckOutcome& check : simulation.checks) {
    result.checks.push_back({std::move(check.name), std::move(check.text), check.error});
  }
  for (const Assumption& a : scenario.assumptions) result.assumptions.push_back({a.path, a.text});
  if (simulation.series_joined) {
    result.assumptions.push_back(
        {"series_step",
         fmt::format("rows of the time series were joined to steps of {} s, so that "
                     "there are at most {} rows and {} values",
                     to_seconds(simulation.series_step), kMaxSeriesRows, kMaxSeriesValues)});
  }
  note_unsourced(scenario, simulation.bill, result);
  for (BillItem& item : simulation.bill) {
    const bool known = item.missing.empty();
    result.bill.push_back(
        {scenario.regions[item.region].name, std::string(account_name(item.account)),
         std::move(item.item), item.quantity, std::string(item.unit),
         known ? std::optional(static_cast<double>(item.micro_usd) / 1e6) : std::nullopt,
         std::move(item.missing), std::move(item.source)});
  }
  for (const FileRead& file : scenario.files) result.files.push_back({file.path, file.sha256});
  result.series.columns = std::move(simulation.series_columns);
  result.series.rows = std::move(simulation.series_rows);
  for (MetricDistribution& distribution : simulation.distributions) {
    ResultDistribution& to = result.distributions.emplace_back();
    to.metric = std::move(distribution.name);
    to.unit = std::move(distribution.unit);
    for (const HistogramBin& bin : distribution.bins) {
      to.bins.push_back({bin.from, bin.to, bin.count});
    }
  }
  result.places = std::move(simulation.places);
  return result;
}

RunOutcome run_one(const RunRequest& request, std::size_t index, const std::atomic<bool>& stop,
                   ProgressSink* progress) {
  RunOutcome outcome;
  const Clock::time_point wall = Clock::now();
  const double cpu = thread_cpu_s();
  const Scenario& scenario = *request.scenario;
  try {
    SimulateOptions options;
    options.seed = request.seed;
    options.until = request.until;
    std::optional<SimTime> end = request.until;
    if (scenario.duration && (!end || *scenario.duration < *end - SimTime{})) {
      end = SimTime{} + *scenario.duration;
    }
    Monitor monitor(stop, progress, index, end);
    options.monitor = &monitor;
    options.branch = request.branch;
    options.distributions = request.distributions;
    options.places = request.places;
    std::unique_ptr<JobCsv> log;
    if (!request.jobs_csv.empty()) {
      log = std::make_unique<JobCsv>(request.jobs_csv);
      options.log = log.get();
    }
    std::unique_ptr<FlowCsv> flow_log;
    if (!request.flows_csv.empty()) {
      flow_log = std::make_unique<FlowCsv>(request.flows_csv);
      options.flow_log = flow_log.get();
    }
    std::unique_ptr<RequestCsv> request_log;
    if (!request.requests_csv.empty()) {
      request_log = std::make_unique<RequestCsv>(request.requests_csv);
      options.request_log = request_log.get();
    }
    std::unique_ptr<JobTimeline> timeline;
    if (!request.timeline.empty()) {
      timeline = std::make_unique<JobTimeline>(request.timeline);
      options.timeline = timeline.get();
    }
    outcome.result = to_result(scenario, request.seed, simulate(scenario, options));
    if (log) log->close();
    if (flow_log) flow_log->close();
    if (request_log) request_log->close();
    const std::string timeline_error = timeline ? timeline->close() : std::string();
    if (!timeline_error.empty()) throw OutputError(timeline_error);
  } catch (const InvariantError& error) {
    outcome.failure =
        RunFailure{std::string("broken invariant: ") + error.what(), request.seed, true};
  } catch (const InputChanged& error) {
    outcome.failure = RunFailure{error.what(), request.seed};
  } catch (const OutputError& error) {
    outcome.failure = RunFailure{error.what(), request.seed};
  } catch (const std::bad_alloc&) {
    outcome.failure = RunFailure{"out of memory", request.seed};
  }
  if (outcome.failure) outcome.result.reset();
  outcome.cost.wall_s = std::chrono::duration<double>(Clock::now() - wall).count();
  outcome.cost.cpu_s = thread_cpu_s() - cpu;
  outcome.cost.peak_rss_bytes = peak_rss_bytes();
  return outcome;
}

/// For each request the one that is simulated for it: itself, or an earlier one that differs in a
/// seed on which nothing depends. Requests that write files of their own are simulated.
std::vector<std::size_t> simulated_by(std::span<const RunRequest> requests) {
  std::map<const Scenario*, bool> seeded;
  for (const RunRequest& request : requests) {
    if (!seeded.contains(request.scenario)) {
      seeded[request.scenario] = depends_on_seed(*request.scenario);
    }
  }
  std::vector<std::size_t> by(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const RunRequest& request = requests[i];
    by[i] = i;
    const bool own_files = !request.jobs_csv.empty() || !request.flows_csv.empty() ||
                           !request.requests_csv.empty() || !request.timeline.empty() ||
                           request.branch != nullptr;
    if (seeded[request.scenario] || own_files) continue;
    const auto same = [&](const RunRequest& other) {
      return other.scenario == request.scenario && other.until == request.until &&
             other.places == request.places;
    };
    by[i] = static_cast<std::size_t>(std::find_if(requests.begin(), requests.end(), same) -
                                     requests.begin());
  }
  return by;
}

/// The outcome of another seed, as this request's own. A failure names its seed and is not passed
/// on: such a request is simulated.
RunOutcome reuse(const RunOutcome& other, const RunRequest& request) {
  RunOutcome outcome;
  outcome.result = other.result;
  if (outcome.result) outcome.result->seed = request.seed;
  outcome.cost.peak_rss_bytes = other.cost.peak_rss_bytes;
  outcome.reused = true;
  return outcome;
}

}  // namespace

std::vector<RunOutcome> run_all(std::span<const RunRequest> requests, unsigned threads,
                                const std::atomic<bool>& stop, ProgressSink* progress) {
  std::vector<RunOutcome> outcomes(requests.size());
  const std::vector<std::size_t> by = simulated_by(requests);
  side_by_side(requests.size(), threads, [&](std::size_t i) {
    if (by[i] != i || stop.load(std::memory_order_relaxed)) return;
    outcomes[i] = run_one(requests[i], i, stop, progress);
  });
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (by[i] == i) continue;
    const RunOutcome& other = outcomes[by[i]];
    outcomes[i] =
        other.failure ? run_one(requests[i], i, stop, progress) : reuse(other, requests[i]);
  }
  return outcomes;
}

}  // namespace hyperdc
