#include "experiment/slurm_engine.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "experiment/slurm_batch.hpp"

namespace hyperdc {
namespace {

namespace files = std::filesystem;
using SlurmClock = SlurmBatch::Clock;

constexpr unsigned kMostAttempts = 3;
/// A shared file system may show what another machine wrote a moment later.
constexpr std::chrono::seconds kGrace{3};

/// States after which something is missing in any case: what the shard shows now is good enough.
bool was_cut_off(const std::string& state) {
  return state != "COMPLETED" && state != "FAILED";
}
/// After a cancellation: tasks get a signal, end, and store nothing more.
constexpr std::chrono::seconds kMostForCancel{20};
constexpr std::chrono::milliseconds kLeastPause{500};
constexpr std::chrono::milliseconds kMostPause{15'000};

std::string counted(std::size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string last_line_of(const std::string& file) {
  std::ifstream in(file);
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
  }
  return last;
}

/// One call of SlurmEngine::run.
class SlurmRuns {
 public:
  SlurmRuns(const SlurmOptions& options, const SweepWork& work, std::atomic<bool>& stop,
            const std::function<void(std::vector<EndedRun>&)>& ended)
      : options_(options), queue_(options.programs), work_(work), stop_(stop), ended_(ended) {
    for (const std::size_t run : work.missing) open_[work.plan.runs[run].key] = run;
  }

  void run() {
    adopt_all();
    submit_waiting();
    while (!open_.empty()) {
      pause();
      if (stop_) return abandon();
      for (SlurmBatch& batch : batches_) poll(batch);
      tell_lost();
      drop_finished();
      submit_waiting();
    }
    for (const SlurmBatch& batch : batches_) dismiss(batch);
    remove_if_empty();
  }

 private:
  // What earlier processes left.

  std::map<std::uint64_t, std::string> directories() const {
    std::map<std::uint64_t, std::string> out;
    std::error_code error;
    for (files::directory_iterator it(options_.directory, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().string();
      std::uint64_t number = 0;
      const auto [at, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (problem == std::errc{} && at == name.data() + name.size()) {
        out[number] = it->path().string();
      }
    }
    return out;
  }

  void adopt_all() {
    std::set<std::string> waited_for;
    for (const auto& directory : directories()) {
      last_number_ = directory.first;
      std::optional<SlurmBatch> batch = SlurmBatch::open(directory.second);
      if (batch) {
        adopt(std::move(*batch), waited_for);
      } else {  // nothing was submitted: its writer was killed before
        std::error_code ignored;
        files::remove_all(directory.second, ignored);
      }
    }
    for (const auto& run : open_) {
      if (waited_for.count(run.first) == 0) waiting_.insert(run.second);
    }
  }

  void adopt(SlurmBatch batch, std::set<std::string>& waited_for) {
    // Killed while sbatch was at work, which goes on: its answer is a matter of a moment.
    for (int i = 0; i < 40 && batch.job.empty() && !stop_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      batch.job = batch.job_on_disk();
    }
    std::string problem;
    const auto tasks = queue_.tasks(batch.name, problem);
    if (!tasks) {
      throw EngineProblem(fmt::format("Slurm does not say what is in its queue: {}", problem));
    }
    const bool live = std::any_of(tasks->begin(), tasks->end(),
                                  [](const auto& task) { return !task.second.over; });
    for (std::uint64_t task = 0; task < batch.tasks && !live; ++task) take_over(batch, task, false);
    const bool wanted = std::any_of(batch.keys.begin(), batch.keys.end(),
                                    [&](const std::string& key) { return open_.count(key) > 0; });
    if (!live || !wanted) {
      if (live) dismiss(batch);
      if (!live) batch.remove();
      return;
    }
    if (batch.job.empty()) batch.job = tasks->begin()->second.job;
    say(fmt::format("job {} of an earlier sweep is still in the queue: waiting for it", batch.job));
    waited_for.insert(batch.keys.begin(), batch.keys.end());
    batches_.push_back(std::move(batch));
    submitted_ = true;
  }

  /// Of a job whose runs nobody wants any more.
  void dismiss(const SlurmBatch& batch) {
    queue_.cancel(batch.name);
    batch.remove();
  }

  // Submissions.

  void submit_waiting() {
    if (waiting_.empty() || stop_) return;
    std::vector<std::string> keys;
    for (const std::size_t run : waiting_) keys.push_back(work_.plan.runs[run].key);
    SlurmBatch batch =
        SlurmBatch::create(fmt::format("{}/{:03}", options_.directory, last_number_ + 1),
                           options_.tasks, options_.command, std::move(keys));
    std::string problem;
    std::optional<std::string> job =
        queue_.submit(batch.submission(options_.cpus, options_.sbatch), problem);
    if (!job) {  // it may have been accepted all the same
      std::string ignored;
      const auto tasks = queue_.tasks(batch.name, ignored);
      if (tasks && !tasks->empty()) job = tasks->begin()->second.job;
    }
    if (!job) {
      queue_.cancel(batch.name);
      batch.remove();
      remove_if_empty();
      if (!submitted_) throw EngineProblem("Slurm did not take the job: " + problem);
      return trouble(problem);
    }
    answered();
    submitted_ = true;
    ++last_number_;
    last_submission_ = SlurmClock::now();
    batch.job = *job;
    for (const std::string& key : batch.keys) ++attempts_[key];
    say(fmt::format("job {}: {} for {} ({})", batch.job, counted(batch.tasks, "task", "tasks"),
                    counted(batch.keys.size(), "run", "runs"), batch.directory));
    waiting_.clear();
    batches_.push_back(std::move(batch));
  }

  // Waiting.

  /// A poll each twentieth of the time since the last submission: so a sweep ends at most 5 % later
  /// than its last task, and a controller is asked four times a minute by a long one.
  void pause() const {
    const SlurmClock::time_point begin = SlurmClock::now();
    const auto since =
        std::chrono::duration_cast<std::chrono::milliseconds>(begin - last_submission_);
    const auto length = std::clamp(since / 20, kLeastPause, kMostPause);
    while (!stop_ && SlurmClock::now() - begin < length) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  void poll(SlurmBatch& batch) {
    std::string problem;
    const auto tasks = queue_.tasks(batch.name, problem);
    if (!tasks) return trouble(problem);
    answered();
    for (std::uint64_t task = 0; task < batch.tasks; ++task) {
      SlurmBatch::Task& state = batch.state[task];
      if (state.over) continue;
      const auto known = tasks->find(task);
      if (known != tasks->end()) state.state = known->second.state;
      if (known != tasks->end() && !known->second.over) continue;
      const bool cut_off = known != tasks->end() && was_cut_off(state.state);
      const SlurmClock::time_point now = SlurmClock::now();
      if (take_over(batch, task, true)) {
        state.over = true;
      } else if (cut_off || (state.gone && now - *state.gone >= kGrace)) {
        state.over = state.lost = true;
        lose(batch, task);
      } else if (!state.gone) {
        state.gone = now;
      }
    }
  }

  /// Passes on what the shard of a task has. True when nothing of the task is open any more.
  bool take_over(const SlurmBatch& batch, std::uint64_t task, bool with_failures) {
    std::optional<SlurmBatch::Shard> shard = batch.read(task);
    std::vector<EndedRun> some;
    if (shard) {
      for (StoredRun& run : shard->done) {
        if (open_.erase(run.key) > 0) some.push_back({std::move(run), false});
      }
      for (const auto& failure : shard->failed) {
        if (with_failures && open_.count(failure.first) > 0) {
          some.push_back(failed(failure.first, failure.second, true));
        }
      }
    }
    if (!some.empty()) ended_(some);
    const std::vector<std::string> keys = batch.keys_of(task);
    return std::none_of(keys.begin(), keys.end(),
                        [&](const std::string& key) { return open_.count(key) > 0; });
  }

  EndedRun failed(const std::string& key, const std::string& error, bool lasting) {
    const StudyRun& run = work_.plan.runs[open_.at(key)];
    EndedRun out;
    out.stored.key = key;
    out.stored.seed = run.seed;
    out.stored.scenario_sha256 = work_.plan.variations[run.variation].scenario_sha256;
    out.stored.error = error;
    out.lasting = lasting;
    open_.erase(key);
    return out;
  }

  void lose(const SlurmBatch& batch, std::uint64_t task) {
    const std::string& state = batch.state.at(task).state;
    const std::string which = fmt::format("task {} of job {}{}", task, batch.job,
                                          state.empty() ? "" : " (" + state + ")");
    std::string log = batch.log_of(task);
    const std::string last = last_line_of(log);
    log = last.empty() ? "without a word in " + log : log + ": " + last;
    std::vector<EndedRun> some;
    std::size_t again = 0;
    for (const std::string& key : batch.keys_of(task)) {
      if (open_.count(key) == 0) continue;
      if (attempts_[key] < kMostAttempts) {
        waiting_.insert(open_.at(key));
        ++again;
      } else {
        some.push_back(failed(
            key, fmt::format("lost {} times, the last time with {}; {}", kMostAttempts, which, log),
            false));
      }
    }
    if (again > 0)
      lost_.push_back(
          fmt::format("{} lost with {}; {}", counted(again, "run was", "runs were"), which, log));
    if (!some.empty()) ended_(some);
  }

  void tell_lost() {
    for (std::size_t i = 0; i < lost_.size() && i < 5; ++i) say(lost_[i]);
    if (lost_.size() > 5) say(fmt::format("and with {} more tasks", lost_.size() - 5));
    if (!lost_.empty()) {
      say(fmt::format("submitting {} again", counted(waiting_.size(), "run", "runs")));
    }
    lost_.clear();
  }

  /// Batches of which nothing is to come; those that lost nothing leave nothing behind.
  void drop_finished() {
    for (auto batch = batches_.begin(); batch != batches_.end();) {
      bool over = true;
      bool whole = true;
      for (std::uint64_t task = 0; task < batch->tasks; ++task) {
        over = over && batch->state[task].over;
        whole = whole && !batch->state[task].lost;
      }
      if (over && whole) batch->remove();
      batch = over ? batches_.erase(batch) : std::next(batch);
    }
  }

  void trouble(const std::string& problem) {
    const SlurmClock::time_point now = SlurmClock::now();
    if (!trouble_since_) {
      trouble_since_ = now;
      say(fmt::format("Slurm does not answer ({}); trying for another {} s", problem,
                      options_.patience.count()));
    }
    if (now - *trouble_since_ < options_.patience) return;
    throw EngineProblem(
        fmt::format("Slurm has not answered for {} s ({}); what is in its queue "
                    "goes on without this sweep",
                    options_.patience.count(), problem));
  }

  void answered() {
    if (trouble_since_) say("Slurm answers again");
    trouble_since_.reset();
  }

  // The end.

  void abandon() {
    for (const SlurmBatch& batch : batches_) {
      say(fmt::format("cancelling job {}", batch.job));
      queue_.cancel(batch.name);
    }
    const SlurmClock::time_point end = SlurmClock::now() + kMostForCancel;
    while (!batches_.empty() && SlurmClock::now() < end) {
      for (auto batch = batches_.begin(); batch != batches_.end();) {
        batch = left_the_queue(*batch) ? batches_.erase(batch) : std::next(batch);
      }
      if (!batches_.empty()) std::this_thread::sleep_for(kLeastPause);
    }
    for (const SlurmBatch& batch : batches_) {
      say(fmt::format("job {} has not left the queue yet; --resume takes over what it did",
                      batch.job));
    }
    remove_if_empty();
  }

  bool left_the_queue(SlurmBatch& batch) {
    std::string ignored;
    const auto tasks = queue_.tasks(batch.name, ignored);
    if (!tasks) return false;
    for (const auto& task : *tasks) {
      if (!task.second.over) return false;
    }
    for (std::uint64_t task = 0; task < batch.tasks; ++task) {
      if (!batch.state[task].over) take_over(batch, task, true);
    }
    batch.remove();
    return true;
  }

  void remove_if_empty() const {
    std::error_code ignored;
    files::remove(options_.directory, ignored);  // refuses when something is in it
  }

  void say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }

  const SlurmOptions& options_;
  SlurmQueue queue_;
  const SweepWork& work_;
  std::atomic<bool>& stop_;
  const std::function<void(std::vector<EndedRun>&)>& ended_;
  std::map<std::string, std::size_t> open_;   // runs that did not end yet, by key
  std::set<std::size_t> waiting_;             // of these, those that no task is to do
  std::map<std::string, unsigned> attempts_;  // submissions of a run
  std::list<SlurmBatch> batches_;             // in the queue
  std::vector<std::string> lost_;             // to be told
  std::uint64_t last_number_ = 0;             // of a directory
  bool submitted_ = false;
  SlurmClock::time_point last_submission_ = SlurmClock::now();
  std::optional<SlurmClock::time_point> trouble_since_;
};

}  // namespace

void SlurmEngine::run(const SweepWork& work, std::atomic<bool>& stop,
                      const std::function<void(std::vector<EndedRun>&)>& ended) {
  if (work.missing.empty()) return;
  SlurmRuns(options_, work, stop, ended).run();
}

}  // namespace hyperdc
