// SlurmQueue: what a sweep asks of Slurm, through the programs sbatch, squeue and scancel. Names of
// jobs are ours and tell their tasks from those of everybody else; ids are Slurm's.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hyperdc {

struct SlurmPrograms {
  std::string sbatch = "sbatch", squeue = "squeue", scancel = "scancel";
};

struct SlurmSubmission {
  std::string name;
  std::string script;               // path
  std::string log;                  // path, %a for the number of the task
  std::string id_file;              // sbatch writes the id of the job here
  std::uint64_t tasks = 1;          // an array 0..tasks-1
  unsigned cpus = 1;                // of a task
  std::vector<std::string> others;  // options of the user
};

/// A task of an array, as Slurm sees it.
struct SlurmTaskState {
  std::string job;    // id
  std::string state;  // PENDING, RUNNING, NODE_FAIL, ...
  bool over = false;  // it will not run any more
};

class SlurmQueue {
 public:
  explicit SlurmQueue(SlurmPrograms programs) : programs_(std::move(programs)) {}

  /// The id of the job, or nothing and why not. What Slurm said it accepted is accepted, even if
  /// this process is killed meanwhile: the id is in the file.
  std::optional<std::string> submit(const SlurmSubmission& what, std::string& problem) const;
  /// The tasks of the jobs of this name that Slurm still knows, by their numbers. Those that ended
  /// some minutes ago it has forgotten. Nothing when Slurm does not answer.
  std::optional<std::map<std::uint64_t, SlurmTaskState>> tasks(const std::string& name,
                                                               std::string& problem) const;
  /// Ends all tasks of the jobs of this name.
  void cancel(const std::string& name) const;

 private:
  SlurmPrograms programs_;
};

/// The id that `sbatch --parsable` prints: "17" or "17;cluster". Empty when it is none.
std::string slurm_job_id(const std::string& printed);

}  // namespace hyperdc
