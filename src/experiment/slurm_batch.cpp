#include "experiment/slurm_batch.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "experiment/slurm_engine.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

/// One that no other job has: the directory, and who made it when.
std::string name_of_job(const std::string& directory) {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return "hyperdc-" + sha256_hex(fmt::format("{}\n{}\n{}", directory, getpid(), now)).substr(0, 16);
}

/// What each task of the array runs. Its words are quoted, and nothing else comes from outside.
std::string job_script(const SlurmBatch& batch, const std::vector<std::string>& command) {
  std::string text = "#!/bin/sh\n# Written by hyperdc sweep --engine slurm: a task of its array.\n";
  text += "exec";
  for (const std::string& word : command) text += " \\\n  " + shell_word(word);
  text += " \\\n  --runs " + shell_word(batch.path("keys.txt"));
  text += fmt::format(" \\\n  --part \"$SLURM_ARRAY_TASK_ID\"/{}", batch.tasks);
  text += " \\\n  --out " + shell_word(batch.path("shard-")) + "\"$SLURM_ARRAY_TASK_ID\".sqlite";
  return text + " \\\n  --resume\n";
}

std::string first_lines(const std::string& file, std::vector<std::string>& lines) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines.empty() ? std::string() : lines.front();
}

}  // namespace

SlurmBatch SlurmBatch::create(const std::string& directory, std::uint64_t most_tasks,
                              const std::vector<std::string>& command,
                              std::vector<std::string> keys) {
  SlurmBatch batch;
  batch.directory = directory;
  batch.name = name_of_job(directory);
  batch.tasks = std::min<std::uint64_t>(most_tasks, keys.size());
  batch.keys = std::move(keys);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw WriteFailed(fmt::format("{}: {}", directory, error.message()));
  std::string list;
  for (const std::string& key : batch.keys) list += key + "\n";
  write_file(batch.path("keys.txt"), list);
  write_file(batch.path("job.sh"), job_script(batch, command));
  write_file(batch.path("batch"), fmt::format("{}\n{}\n", batch.name, batch.tasks));
  return batch;
}

std::optional<SlurmBatch> SlurmBatch::open(const std::string& directory) {
  SlurmBatch batch;
  batch.directory = directory;
  batch.adopted = true;
  std::vector<std::string> facts;
  batch.name = first_lines(batch.path("batch"), facts);
  first_lines(batch.path("keys.txt"), batch.keys);
  if (facts.size() != 2 || batch.keys.empty()) return std::nullopt;
  std::istringstream(facts[1]) >> batch.tasks;
  if (batch.tasks == 0 || batch.tasks > batch.keys.size()) return std::nullopt;
  batch.job = batch.job_on_disk();
  return batch;
}

SlurmSubmission SlurmBatch::submission(unsigned cpus,
                                       const std::vector<std::string>& others) const {
  SlurmSubmission out;
  out.name = name;
  out.script = path("job.sh");
  out.log = directory;
  // sbatch would take a % of the directory for one of its own.
  for (std::size_t at = 0; (at = out.log.find('%', at)) != std::string::npos; at += 2) {
    out.log.insert(at, 1, '%');
  }
  out.log += "/log-%a.txt";
  out.id_file = path("job");
  out.tasks = tasks;
  out.cpus = cpus;
  out.others = others;
  return out;
}

std::string SlurmBatch::log_of(std::uint64_t task) const {
  return path(fmt::format("log-{}.txt", task));
}

std::string SlurmBatch::job_on_disk() const {
  std::vector<std::string> lines;
  return slurm_job_id(first_lines(path("job"), lines));
}

std::vector<std::string> SlurmBatch::keys_of(std::uint64_t task) const {
  std::vector<std::string> out;
  for (std::size_t i = task; i < keys.size(); i += tasks) out.push_back(keys[i]);
  return out;
}

std::optional<SlurmBatch::Shard> SlurmBatch::read(std::uint64_t task) const {
  const std::string file = path(fmt::format("shard-{}.sqlite", task));
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error || size == 0) return std::nullopt;
  try {
    // As one who writes: that takes in the log of a task that was killed, and is refused while one
    // writes.
    const StudyStore store(file, StudyStore::Open::resume);
    Shard shard;
    store.each_done([&](const StoredRun& run) { shard.done.push_back(run); });
    shard.failed = store.failed();
    return shard;
  } catch (const std::runtime_error&) {  // StoreProblem, WriteFailed
    return std::nullopt;
  }
}

void SlurmBatch::remove() const {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

}  // namespace hyperdc
