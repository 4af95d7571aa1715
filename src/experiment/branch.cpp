#include "experiment/branch.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "experiment/csv_file.hpp"
#include "results/stored_result.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// A file in memory, for what a child has to say.
class Letter {
 public:
  Letter() : file_(memfd_create("hyperdc-branch", MFD_CLOEXEC)) {
    if (file_ < 0) throw OutputError(fmt::format("memory for a branch: {}", std::strerror(errno)));
  }
  ~Letter() {
    if (file_ >= 0) close(file_);
  }
  Letter(Letter&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;
  Letter& operator=(Letter&&) = delete;

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::write(file_, text.data(), text.size());
      if (n < 0 && errno != EINTR) return false;
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  std::string read() const {
    std::string text(static_cast<std::size_t>(lseek(file_, 0, SEEK_END)), '\0');
    lseek(file_, 0, SEEK_SET);
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::read(file_, text.data() + done, text.size() - done);
      if (n <= 0 && errno != EINTR) break;
      done += static_cast<std::size_t>(std::max<ssize_t>(0, n));
    }
    text.resize(done);
    return text;
  }

 private:
  int file_;
};

/// As many bytes in a pipe as branches may run: each takes one to begin and gives it back.
class Turns {
 public:
  explicit Turns(unsigned free) {
    if (pipe(ends_) != 0) throw OutputError(fmt::format("a pipe: {}", std::strerror(errno)));
    for (unsigned i = 0; i < free; ++i) give();
  }
  ~Turns() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  void give() const {
    const char turn = 't';
    while (::write(ends_[1], &turn, 1) < 0 && errno == EINTR) {
    }
  }
  void take() const {
    char turn = 0;
    while (::read(ends_[0], &turn, 1) < 0 && errno == EINTR) {
    }
  }

 private:
  int ends_[2] = {-1, -1};
};

/// A line of numbers (what it cost, the lengths of what follows), then the failure, the result as
/// JSON, its series and its distributions as CSV.
std::string letter_of(const RunOutcome& outcome) {
  const std::string failure = outcome.failure ? outcome.failure->message : std::string();
  const std::string result = outcome.result ? to_json(*outcome.result) : std::string();
  const std::string series = outcome.result ? series_csv(*outcome.result) : std::string();
  const std::string distributions =
      outcome.result ? distributions_csv(*outcome.result) : std::string();
  return fmt::format("{} {} {} {} {} {}\n{}{}{}{}", outcome.cost.wall_s, outcome.cost.cpu_s,
                     outcome.cost.peak_rss_bytes, failure.size(), result.size(), series.size(),
                     failure, result, series, distributions);
}

RunOutcome outcome_of(const std::string& letter, std::uint64_t seed) {
  RunOutcome out;
  std::istringstream in(letter);
  std::size_t failure = 0;
  std::size_t result = 0;
  std::size_t series = 0;
  in >> out.cost.wall_s >> out.cost.cpu_s >> out.cost.peak_rss_bytes >> failure >> result >> series;
  HYPERDC_CHECK(in && in.get() == '\n', "a branch ended without a word");
  const std::string_view rest =
      std::string_view(letter).substr(static_cast<std::size_t>(in.tellg()));
  if (failure > 0) {
    out.failure = RunFailure{std::string(rest.substr(0, failure)), seed, false};
    return out;
  }
  out.result = result_from_json(rest.substr(0, result));
  out.result->series = series_from_csv(rest.substr(result, series));
  out.result->distributions = distributions_from_csv(rest.substr(result + series));
  return out;
}

class Branches {
 public:
  explicit Branches(const BranchRequest& request)
      : request_(request), turns_(request.at_once > 0 ? request.at_once - 1 : 0) {
    for (std::size_t i = 0; i < request.alternatives.size(); ++i) letters_.emplace_back();
  }

  std::vector<RunOutcome> run(ProgressSink* progress) {
    const BranchPoint point{request_.at, [this] { return split(); }};
    RunRequest run = request_.run;
    run.branch = &point;
    const std::atomic<bool> stop{false};
    std::vector<RunOutcome> outcomes;
    try {
      outcomes =
          run_all({&run, 1}, 1, stop, progress == nullptr ? nullptr : &only_parent(*progress));
      if (mine_) leave(outcomes.front());
    } catch (...) {
      if (mine_) _exit(1);  // files and screens are the parent's
      throw;
    }
    turns_.give();
    for (std::size_t i = 0; i < children_.size(); ++i) outcomes.push_back(child_outcome(i));
    if (outcomes.size() == 1 && !outcomes.front().failure) {
      HYPERDC_CHECK(request_.alternatives.empty(), "the run ended before it could branch");
    }
    return outcomes;
  }

 private:
  /// A child shares the terminal, but has nothing to say on it.
  class OnlyParent final : public ProgressSink {
   public:
    OnlyParent(ProgressSink& to, const std::optional<std::size_t>& mine) : to_(to), mine_(mine) {}
    void progress(std::size_t run, SimTime now, std::optional<SimTime> end,
                  std::uint64_t events) override {
      if (!mine_) to_.progress(run, now, end, events);
    }

   private:
    ProgressSink& to_;
    const std::optional<std::size_t>& mine_;
  };

  ProgressSink& only_parent(ProgressSink& to) { return sink_.emplace(to, mine_); }

  /// In the parent nothing changes; in each child what its alternative says.
  const Scenario* split() {
    for (std::size_t i = 0; i < request_.alternatives.size(); ++i) {
      const pid_t parent = getpid();
      const pid_t child = fork();
      if (child < 0) {
        RunOutcome none;
        none.failure = RunFailure{fmt::format("it could not begin: {}", std::strerror(errno)),
                                  request_.run.seed, false};
        letters_[i].write(letter_of(none));
      }
      if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        mine_ = i;
        turns_.take();
        return request_.alternatives[i].scenario;
      }
      children_.push_back(child);
    }
    return nullptr;
  }

  [[noreturn]] void leave(RunOutcome& outcome) {
    const BranchAlternative& alternative = request_.alternatives[*mine_];
    const Scenario& base = *request_.run.scenario;
    const Scenario& changed = *alternative.scenario;
    if (outcome.result && changed.sha256 != base.sha256) {
      outcome.result->scenario = alternative.name;
      outcome.result->sha256 = changed.sha256;
      outcome.result->resolved_json = changed.resolved_json;
      outcome.result->assumptions.push_back(
          {"branch", fmt::format("until {} s as {} of sha256 {}, from then on as here",
                                 to_seconds(request_.at - SimTime{}), base.name, base.sha256)});
    }
    const bool told = letters_[*mine_].write(letter_of(outcome));
    turns_.give();
    _exit(told ? 0 : 1);  // nothing of the parent is closed or written twice
  }

  RunOutcome child_outcome(std::size_t index) {
    RunOutcome out;
    int status = 0;
    if (children_[index] > 0) {
      while (waitpid(children_[index], &status, 0) < 0 && errno == EINTR) {
      }
      if (WIFSIGNALED(status)) turns_.give();
    }
    if (status == 0) return outcome_of(letters_[index].read(), request_.run.seed);
    out.failure = RunFailure{
        WIFSIGNALED(status) ? fmt::format("the branch was ended by signal {}", WTERMSIG(status))
                            : std::string("the branch could not pass on its result"),
        request_.run.seed, false};
    return out;
  }

  const BranchRequest& request_;
  Turns turns_;
  std::vector<Letter> letters_;
  std::vector<pid_t> children_;
  std::optional<std::size_t> mine_;  // in a child: its alternative
  std::optional<OnlyParent> sink_;
};

}  // namespace

std::vector<RunOutcome> run_branches(const BranchRequest& request, ProgressSink* progress) {
  return Branches(request).run(progress);
}

}  // namespace hyperdc
