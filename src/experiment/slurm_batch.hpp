// SlurmBatch: a submission of a sweep to Slurm as it lies on the disk (see slurm_engine.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment/slurm_queue.hpp"
#include "results/study_store.hpp"

namespace hyperdc {

class SlurmBatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// Writes keys.txt, job.sh and batch into a new directory. WriteFailed.
  static SlurmBatch create(const std::string& directory, std::uint64_t most_tasks,
                           const std::vector<std::string>& command, std::vector<std::string> keys);
  /// What an earlier process wrote; nothing when it was killed while it did.
  static std::optional<SlurmBatch> open(const std::string& directory);

  SlurmSubmission submission(unsigned cpus, const std::vector<std::string>& others) const;
  std::string path(const std::string& file) const { return directory + "/" + file; }
  std::string log_of(std::uint64_t task) const;
  /// The id that sbatch wrote; empty when it did not.
  std::string job_on_disk() const;
  /// The keys of a task, in the order in which it does them.
  std::vector<std::string> keys_of(std::uint64_t task) const;
  /// The runs that the shard of a task has done, and its failures by key. Nothing when there is no
  /// shard that can be read.
  struct Shard {
    std::vector<StoredRun> done;
    std::map<std::string, std::string> failed;
  };
  std::optional<Shard> read(std::uint64_t task) const;
  /// The directory and all that is in it.
  void remove() const;

  std::string directory, name;
  std::string job;  // id, for people
  std::uint64_t tasks = 0;
  std::vector<std::string> keys;
  bool adopted = false;  // of an earlier process

  struct Task {
    bool over = false;                      // read for the last time
    bool lost = false;                      // and it left runs undone
    std::optional<Clock::time_point> gone;  // from the queue, but its shard is not whole
    std::string state;                      // the last that Slurm told
  };
  std::map<std::uint64_t, Task> state;
};

}  // namespace hyperdc
