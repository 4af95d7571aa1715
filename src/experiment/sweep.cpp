#include "experiment/sweep.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/text.hpp"
#include "experiment/metric_check.hpp"
#include "experiment/run.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// The scenario of a variation while runs of it are left; read by whoever needs it first.
struct LoadedVariation {
  std::mutex mutex;
  std::shared_ptr<const Loaded> loaded;
  std::string problem;
  std::optional<RunResult> any_seed;  // of a scenario that draws nothing: the result of all
  std::size_t left = 0;               // runs
};

class Sweep {
 public:
  Sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
        std::vector<std::size_t> missing, std::atomic<bool>& stop)
      : study_(study),
        plan_(plan),
        load_(load),
        missing_(std::move(missing)),
        stop_(stop),
        variations_(plan.variations.size()) {
    for (const std::size_t run : missing_) ++variations_[plan_.runs[run].variation].left;
  }

  /// Until all have ended or `stop`; `store` gets what has ended, again and again.
  template <class Store>
  void run(unsigned threads, const Store& store) {
    const std::size_t workers =
        std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, missing_.size()));
    working_ = workers;
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < workers; ++i) all.emplace_back([this] { work(); });
    try {
      write(store);
    } catch (...) {
      stop_ = true;  // what cannot be stored need not be run
      throw;
    }
  }

 private:
  struct Ended {
    std::size_t run = 0;
    StoredRun stored;
  };

  template <class Store>
  void write(const Store& store) {
    for (;;) {
      std::vector<Ended> some;
      bool over = false;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ended_.empty() || working_ == 0; });
        some = std::exchange(ended_, {});
        over = working_ == 0;
      }
      if (!some.empty()) store(some);
      if (over && some.empty()) return;
    }
  }

  void work() {
    for (std::size_t i = next_++; i < missing_.size(); i = next_++) {
      if (stop_.load(std::memory_order_relaxed)) break;
      std::optional<StoredRun> run = one(plan_.runs[missing_[i]]);
      if (!run) break;  // stopped
      const std::lock_guard lock(mutex_);
      ended_.push_back({missing_[i], std::move(*run)});
      changed_.notify_one();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_one();
  }

  /// Nothing: it was stopped.
  std::optional<StoredRun> one(const StudyRun& run) {
    LoadedVariation& variation = variations_[run.variation];
    StoredRun out;
    out.key = run.key;
    out.seed = run.seed;
    out.scenario_sha256 = plan_.variations[run.variation].scenario_sha256;
    const std::shared_ptr<const Loaded> loaded = load(run.variation);
    if (loaded == nullptr) {
      out.error = variation.problem;
    } else if (depends_on_seed(loaded->scenario)) {
      if (!simulate_into(loaded->scenario, out)) return std::nullopt;
    } else {
      const std::lock_guard lock(variation.mutex);
      if (variation.any_seed) {
        out.result = variation.any_seed;
        out.result->seed = run.seed;
      } else if (!simulate_into(loaded->scenario, out)) {
        return std::nullopt;
      }
      variation.any_seed = out.result;
    }
    const std::lock_guard lock(variation.mutex);
    if (--variation.left == 0) {
      variation.loaded.reset();
      variation.any_seed.reset();
    }
    return out;
  }

  bool simulate_into(const Scenario& scenario, StoredRun& out) {
    RunRequest request;
    request.scenario = &scenario;
    request.seed = out.seed;
    RunOutcome outcome = std::move(run_all({&request, 1}, 1, stop_, nullptr).front());
    out.cost = outcome.cost;
    if (outcome.failure) {
      out.error = outcome.failure->message;
      return true;
    }
    if (!outcome.result || !outcome.result->complete) return false;
    out.result = std::move(outcome.result);
    out.result->series = {};
    return true;
  }

  std::shared_ptr<const Loaded> load(std::size_t index) {
    LoadedVariation& variation = variations_[index];
    const std::lock_guard lock(variation.mutex);
    if (variation.loaded != nullptr || !variation.problem.empty()) return variation.loaded;
    Result<Loaded> result = load_variation(study_, study_.variations[index], load_);
    auto* good = std::get_if<Loaded>(&result);
    if (good == nullptr || good->scenario.sha256 != plan_.variations[index].scenario_sha256) {
      variation.problem = "the scenario or a file that it reads has changed since it was checked";
      return nullptr;
    }
    variation.loaded = std::make_shared<const Loaded>(std::move(*good));
    return variation.loaded;
  }

  const Study& study_;
  const StudyPlan& plan_;
  const LoadOptions& load_;
  std::vector<std::size_t> missing_;  // runs of the plan
  std::atomic<bool>& stop_;
  std::vector<LoadedVariation> variations_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Ended> ended_;
  std::size_t working_ = 0;
};

/// Each once: variations share most of what is wrong with them.
void add_issues(const Issues& from, std::set<std::string>& seen, Issues& to) {
  for (const Issue& issue : from) {
    const std::string key = fmt::format("{}:{}:{}:{}:{}", issue.place.file, issue.place.line,
                                        issue.place.column, issue.path, issue.message);
    if (seen.insert(key).second) to.push_back(issue);
  }
}

}  // namespace

Result<PlannedStudy> plan_study(const Study& study, const LoadOptions& options) {
  PlannedStudy out;
  StudyPlan& plan = out.plan;
  plan.name = study.name;
  plan.description = study.description;
  const std::string sources = sources_sha256();
  Issues problems;
  std::set<std::string> seen;
  std::map<std::string, std::string> same;  // sha256 to the variation that has it
  for (std::size_t v = 0; v < study.variations.size(); ++v) {
    const Variation& variation = study.variations[v];
    Result<Loaded> result = load_variation(study, variation, options);
    if (auto* issues = std::get_if<Issues>(&result)) {
      add_issues(*issues, seen, problems);
      continue;
    }
    const Loaded& loaded = std::get<Loaded>(result);
    add_issues(check_before_run(loaded.scenario), seen, problems);
    add_issues(loaded.warnings, seen, out.warnings);
    const Scenario& scenario = loaded.scenario;
    const std::uint64_t first = study.first_seed.value_or(scenario.seed);
    plan.variations.push_back({variation.name, variation.parameters, scenario.sha256});
    plan.scenarios.push_back(scenario.resolved_json);
    for (std::uint64_t i = 0; i < study.replications; ++i) {
      plan.runs.push_back({v, first + i, run_key(scenario.sha256, first + i, sources)});
    }
  }
  if (problems.empty()) return out;
  problems.insert(problems.end(), out.warnings.begin(), out.warnings.end());
  return problems;
}

SweepOutcome sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
                   StudyStore& store, const SweepOptions& options, std::atomic<bool>& stop) {
  store.set_plan(plan);
  SweepOutcome out;
  out.runs = plan.runs.size();
  const std::set<std::string> done = store.done();
  const std::set<std::string> failed =
      options.retry_failed ? std::set<std::string>() : store.failed();
  std::vector<std::size_t> missing;
  std::set<std::string> asked;
  std::map<std::size_t, SweepFailure> failures;  // by run
  const auto failure = [&](std::size_t run, const std::string& message) {
    failures[run] = {plan.variations[plan.runs[run].variation].name, plan.runs[run].seed, message};
  };
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const std::string& key = plan.runs[i].key;
    if (done.contains(key)) {
      ++out.there;
    } else if (failed.contains(key)) {
      failure(i, "failed before; --retry-failed does it again");
    } else if (asked.insert(key).second) {
      missing.push_back(i);
    }
  }
  std::size_t ended = 0;
  Sweep all(study, plan, load, missing, stop);
  all.run(options.threads, [&](auto& some) {
    std::vector<StoredRun> runs;
    for (auto& one : some) {
      if (one.stored.result) ++out.done;
      if (!one.stored.result) failure(one.run, one.stored.error);
      runs.push_back(std::move(one.stored));
    }
    store.add(runs);
    ended += some.size();
    if (options.progress != nullptr) {
      options.progress->progress(ended, failures.size(), missing.size());
    }
  });
  out.interrupted = ended < missing.size();
  for (auto& [run, one] : failures) out.failures.push_back(std::move(one));
  return out;
}

}  // namespace hyperdc
