#include "experiment/slurm_queue.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "experiment/child_process.hpp"

namespace hyperdc {
namespace {

/// sbatch itself waits while the controller is busy.
constexpr std::chrono::seconds kMostForSbatch{120};
constexpr std::chrono::seconds kMostForOthers{60};

/// States that a task does not leave. Any other, also of a later Slurm, may go on.
bool is_over(std::string_view state) {
  constexpr std::array<std::string_view, 11> kOver{
      "BOOT_FAIL", "CANCELLED",     "COMPLETED", "DEADLINE", "FAILED", "LAUNCH_FAILED",
      "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",  "TIMEOUT"};
  return std::find(kOver.begin(), kOver.end(), state) != kOver.end();
}

std::string first_line_of(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Why a program of Slurm did not do it.
std::string why_not(const std::string& program, const ChildOutcome& outcome) {
  if (!outcome.started) return program + " cannot be started";
  if (outcome.timed_out) return program + " does not answer";
  const std::string said = first_line_of(outcome.err);
  if (!said.empty()) return said;
  return fmt::format("{} ended with exit code {}", program, outcome.exit_code);
}

}  // namespace

std::string slurm_job_id(const std::string& printed) {
  const std::size_t end = printed.find_first_not_of("0123456789");
  return printed.substr(0, end);
}

std::optional<std::string> SlurmQueue::submit(const SlurmSubmission& what,
                                              std::string& problem) const {
  std::vector<std::string> arguments{programs_.sbatch,
                                     "--parsable",
                                     "--no-requeue",  // what is lost is submitted again by us
                                     "--job-name=" + what.name,
                                     fmt::format("--array=0-{}", what.tasks - 1),
                                     fmt::format("--cpus-per-task={}", what.cpus),
                                     "--output=" + what.log};
  arguments.insert(arguments.end(), what.others.begin(), what.others.end());
  arguments.push_back(what.script);
  const ChildOutcome outcome = run_program(arguments, kMostForSbatch, what.id_file);
  std::ifstream in(what.id_file);
  std::ostringstream printed;
  printed << in.rdbuf();
  std::string id = slurm_job_id(printed.str());
  if (!id.empty() && outcome.exit_code == 0) return id;
  problem = why_not(programs_.sbatch, outcome);
  return std::nullopt;
}

std::optional<std::map<std::uint64_t, SlurmTaskState>> SlurmQueue::tasks(
    const std::string& name, std::string& problem) const {
  const ChildOutcome outcome = run_program({programs_.squeue, "--noheader", "--array",
                                            "--states=all", "--name=" + name, "--format=%F|%K|%T"},
                                           kMostForOthers);
  if (!outcome.started || outcome.timed_out || outcome.exit_code != 0) {
    problem = why_not(programs_.squeue, outcome);
    return std::nullopt;
  }
  std::map<std::uint64_t, SlurmTaskState> out;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find('|');
    const std::size_t second = first == std::string::npos ? first : line.find('|', first + 1);
    if (second == std::string::npos) continue;
    std::uint64_t task = 0;
    const char* end = line.data() + second;
    const auto [at, error] = std::from_chars(line.data() + first + 1, end, task);
    if (error != std::errc{} || at != end) continue;
    SlurmTaskState state{line.substr(0, first), line.substr(second + 1), false};
    state.state.erase(state.state.find_last_not_of(' ') + 1);
    state.over = is_over(state.state);
    out[task] = std::move(state);
  }
  return out;
}

void SlurmQueue::cancel(const std::string& name) const {
  run_program({programs_.scancel, "--name=" + name}, kMostForOthers);
}

}  // namespace hyperdc
