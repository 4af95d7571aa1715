// SlurmEngine: does the runs of a study as tasks of job arrays of Slurm (docs/adr/0011-studies.md).
//
// Everything that a submission needs lies in a directory of its own under one beside the file of
// the study: keys.txt (its runs), job.sh (a task), log-I.txt and shard-I.sqlite (what task I wrote
// and did), batch (its name in the queue and the number of tasks; written last), job (the id that
// sbatch printed). All nodes must see it by the same path. A shard is read after its task has left
// the queue, never while another machine may write to it. Runs that a task leaves undone are
// submitted again, three times in all. A directory is removed when all of its runs are stored.
//
// A later process finds what a killed one left: it takes over the shards, and waits for the tasks
// that are still in the queue instead of submitting their runs again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "experiment/slurm_queue.hpp"
#include "experiment/sweep.hpp"

namespace hyperdc {

struct SlurmOptions {
  std::string directory;             // absolute; of the submissions
  std::vector<std::string> command;  // of a task, without what says which runs: absolute paths
  std::uint64_t tasks = 16;          // of a submission, at most
  unsigned cpus = 1;                 // of a task
  std::vector<std::string> sbatch;   // options of the user
  SlurmPrograms programs;
  /// How long squeue and sbatch may fail before we give up. The first submission must succeed.
  std::chrono::seconds patience{300};
  std::function<void(const std::string&)> say;  // to the user: a line
};

class SlurmEngine final : public StudyEngine {
 public:
  explicit SlurmEngine(SlurmOptions options) : options_(std::move(options)) {}
  void run(const SweepWork& work, std::atomic<bool>& stop,
           const std::function<void(std::vector<EndedRun>&)>& ended) override;

 private:
  SlurmOptions options_;
};

}  // namespace hyperdc
