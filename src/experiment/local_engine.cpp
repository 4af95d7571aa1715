// Runs of a study side by side on threads of this process.
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "experiment/run.hpp"
#include "experiment/sweep.hpp"
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

class Workers {
 public:
  Workers(const SweepWork& work, std::atomic<bool>& stop)
      : work_(work), stop_(stop), variations_(work.plan.variations.size()) {
    for (const std::size_t run : work_.missing) ++variations_[work_.plan.runs[run].variation].left;
    for (std::size_t v = 0; v < work_.loaded.size(); ++v) variations_[v].loaded = work_.loaded[v];
  }

  /// Until all have ended or `stop`; `ended` gets what has ended, again and again.
  void run(unsigned threads, const std::function<void(std::vector<EndedRun>&)>& ended) {
    const std::size_t most = std::max<std::size_t>(1, work_.missing.size());
    const std::size_t workers = std::clamp<std::size_t>(threads, 1, most);
    std::vector<std::jthread> all;
    try {
      for (std::size_t i = 0; i < workers; ++i) {
        {
          const std::lock_guard lock(mutex_);
          ++working_;
        }
        all.emplace_back([this] { work(); });
      }
    } catch (const std::system_error&) {
      const std::lock_guard lock(mutex_);
      --working_;  // the system gives no more threads: fewer do it too
    }
    if (all.empty()) {
      ++working_;
      work();
    }
    try {
      pass_on(ended);
    } catch (...) {
      stop_ = true;  // what cannot be stored need not be run
      throw;
    }
  }

 private:
  void pass_on(const std::function<void(std::vector<EndedRun>&)>& ended) {
    for (;;) {
      std::vector<EndedRun> some;
      bool over = false;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ended_.empty() || working_ == 0; });
        some = std::exchange(ended_, {});
        over = working_ == 0;
      }
      if (!some.empty()) ended(some);
      if (over && some.empty()) return;
    }
  }

  void work() {
    for (std::size_t i = next_++; i < work_.missing.size(); i = next_++) {
      if (stop_.load(std::memory_order_relaxed)) break;
      std::optional<EndedRun> run = one_guarded(work_.plan.runs[work_.missing[i]]);
      if (!run) break;  // stopped
      const std::lock_guard lock(mutex_);
      ended_.push_back(std::move(*run));
      changed_.notify_one();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_one();
  }

  /// What a run throws ends that run, not the others.
  std::optional<EndedRun> one_guarded(const StudyRun& run) {
    EndedRun out;
    out.stored.key = run.key;
    out.stored.seed = run.seed;
    out.stored.scenario_sha256 = work_.plan.variations[run.variation].scenario_sha256;
    try {
      if (!one(run, out)) return std::nullopt;
    } catch (const std::exception& error) {
      out.stored.result.reset();
      out.stored.error = error.what();
    }
    return out;
  }

  /// False: it was stopped.
  bool one(const StudyRun& run, EndedRun& out) {
    LoadedVariation& variation = variations_[run.variation];
    const std::shared_ptr<const Loaded> loaded = load(run.variation);
    if (loaded == nullptr) {
      out.stored.error = variation.problem;
    } else if (depends_on_seed(loaded->scenario)) {
      if (!simulate_into(loaded->scenario, out)) return false;
    } else {
      const std::lock_guard lock(variation.mutex);
      if (variation.any_seed) {
        out.stored.result = variation.any_seed;
        out.stored.result->seed = run.seed;
      } else if (!simulate_into(loaded->scenario, out)) {
        return false;
      }
      variation.any_seed = out.stored.result;
    }
    const std::lock_guard lock(variation.mutex);
    if (--variation.left == 0) {
      variation.loaded.reset();
      variation.any_seed.reset();
    }
    return true;
  }

  bool simulate_into(const Scenario& scenario, EndedRun& out) {
    RunRequest request;
    request.scenario = &scenario;
    request.seed = out.stored.seed;
    RunOutcome outcome = std::move(run_all({&request, 1}, 1, stop_, nullptr).front());
    out.stored.cost = outcome.cost;
    if (outcome.failure) {
      out.stored.error = outcome.failure->message;
      out.lasting = outcome.failure->lasting;
      return true;
    }
    if (!outcome.result || !outcome.result->complete) return false;
    out.stored.result = std::move(outcome.result);
    out.stored.result->series = {};
    return true;
  }

  std::shared_ptr<const Loaded> load(std::size_t index) {
    LoadedVariation& variation = variations_[index];
    const std::lock_guard lock(variation.mutex);
    if (variation.loaded != nullptr || !variation.problem.empty()) return variation.loaded;
    Result<Loaded> result = load_variation(work_.study, work_.study.variations[index], work_.load);
    auto* good = std::get_if<Loaded>(&result);
    if (good == nullptr || good->scenario.sha256 != work_.plan.variations[index].scenario_sha256) {
      variation.problem = "the scenario or a file that it reads has changed since it was checked";
      return nullptr;
    }
    variation.loaded = std::make_shared<const Loaded>(std::move(*good));
    return variation.loaded;
  }

  const SweepWork& work_;
  std::atomic<bool>& stop_;
  std::vector<LoadedVariation> variations_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<EndedRun> ended_;
  std::size_t working_ = 0;
};

}  // namespace

void LocalEngine::run(const SweepWork& work, std::atomic<bool>& stop,
                      const std::function<void(std::vector<EndedRun>&)>& ended) {
  if (work.missing.empty()) return;
  Workers(work, stop).run(threads_, ended);
}

}  // namespace hyperdc
