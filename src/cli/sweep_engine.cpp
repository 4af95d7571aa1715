#include "cli/sweep_engine.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <ostream>
#include <system_error>
#include <utility>

#include "cli/option_checks.hpp"
#include "core/text.hpp"
#include "experiment/child_process.hpp"
#include "experiment/kubernetes_job.hpp"
#include "experiment/slurm_engine.hpp"

namespace hyperdc {
namespace {

namespace path_of = std::filesystem;

constexpr std::uint64_t kUsualTasks = 16;

std::string absolute(const std::string& path) {
  return path_of::absolute(path).lexically_normal().string();
}

/// This program, wherever it was called from.
std::string own_path() {
  std::error_code error;
  const std::string path = path_of::read_symlink("/proc/self/exe", error).string();
  if (error || !path_of::exists(path, error)) {
    throw EngineProblem("the program file of hyperdc is not where it was: was it rebuilt?");
  }
  return path;
}

/// The command of a task, without what says which runs; paths are absolute.
std::vector<std::string> task_command(const SweepCommandOptions& options,
                                      const std::string& program, unsigned cpus) {
  std::vector<std::string> out{program, "sweep", absolute(options.input.files.front())};
  for (const std::string& set : options.input.sets) out.push_back("--set=" + set);
  for (const std::string& one : options.input.catalogs) {
    out.push_back("--catalog=" + absolute(one));
  }
  for (const std::string& one : options.input.traces) out.push_back("--traces=" + absolute(one));
  if (options.seed) out.push_back(fmt::format("--seed={}", *options.seed));
  if (options.replications) out.push_back(fmt::format("--replications={}", *options.replications));
  out.push_back(fmt::format("--jobs={}", cpus));
  return out;
}

/// Options of sbatch that are ours, or that are no options.
void check_sbatch_options(const SweepCommandOptions& options, Issues& issues) {
  constexpr std::array<std::string_view, 15> kOurs{
      "--array", "-a", "--parsable", "--output", "-o",          "--error",    "-e", "--job-name",
      "-J",      "-W", "--wait",     "--wrap",   "--test-only", "--clusters", "-M"};
  for (const std::string& option : options.sbatch) {
    const std::string name = option.substr(0, option.find('='));
    const bool is_long = option.rfind("--", 0) == 0 && option.size() > 2;
    const bool is_short = !is_long && option.size() > 1 && option[0] == '-';
    const std::string short_name = is_short ? option.substr(0, 2) : std::string();
    if (!is_long && !is_short) {
      issues.push_back(option_issue("--sbatch-option",
                                    hyperdc::quoted(option) + " is no option of sbatch",
                                    "write each as one word: --sbatch-option=--partition=long"));
    } else if (std::find(kOurs.begin(), kOurs.end(), is_short ? short_name : name) != kOurs.end()) {
      issues.push_back(option_issue("--sbatch-option",
                                    hyperdc::quoted(option) + " is what the sweep says itself",
                                    "leave it out"));
    }
  }
}

Issue belongs_to(const char* option, const char* engine) {
  return option_issue(option, fmt::format("only --engine {} has it", engine), "leave it out");
}

void check_slurm(const SweepCommandOptions& options, Issues& issues) {
  check_sbatch_options(options, issues);
  for (const char* program : {"sbatch", "squeue", "scancel"}) {
    if (program_exists(program)) continue;
    issues.push_back(
        option_issue("--engine", fmt::format("there is no {} in PATH", program),
                     "start the sweep where Slurm's commands are, or leave --engine out"));
    break;
  }
}

void check_kubernetes(const SweepCommandOptions& options, Issues& issues) {
  if (!options.dry_run) {
    issues.push_back(option_issue("--engine", "a sweep does not talk to Kubernetes itself",
                                  "pipe what --dry-run prints to `kubectl apply -f -`, then "
                                  "--collect the shards"));
  }
  if (options.image.empty()) {
    issues.push_back(option_issue("--image", "is missing",
                                  "an image with this hyperdc in its PATH: --image lab/hyperdc"));
  }
  if (options.claim.empty()) {
    issues.push_back(
        option_issue("--claim", "is missing", "the PersistentVolumeClaim that holds the study"));
  }
}

bool lies_under(const std::string& path, const std::string& directory) {
  const path_of::path relative = path_of::path(path).lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

void add_engine_options(CLI::App& sweep, SweepCommandOptions& options) {
  sweep
      .add_option(
          "--engine", options.engine,
          "Where runs are done: threads of this process, tasks of Slurm, pods of Kubernetes")
      ->option_text("local|slurm|kubernetes")
      ->check(CLI::IsMember({"local", "slurm", "kubernetes"}));
  sweep
      .add_option("--tasks", options.tasks,
                  "Of a cluster, at most; 16 without, each with --jobs cores (1 without)")
      ->option_text("N")
      ->transform(whole_number(1, 100'000));
  sweep
      .add_option("--sbatch-option", options.sbatch,
                  "An option for sbatch, as one word: --sbatch-option=--partition=long; may be "
                  "repeated")
      ->option_text("OPTION")
      ->allow_extra_args(false);
  sweep.add_flag("--dry-run", options.dry_run,
                 "Prints the Job of --engine kubernetes, runs nothing");
  sweep.add_option("--image", options.image, "Of the pods: has this hyperdc in its PATH")
      ->option_text("IMAGE")
      ->check(not_empty());
  sweep
      .add_option("--claim", options.claim,
                  "The PersistentVolumeClaim that holds the study and gets the shards")
      ->option_text("NAME")
      ->check(not_empty());
  sweep
      .add_option("--mount", options.mount,
                  "The directory that the claim holds, at the same path here and in the pods; the "
                  "working directory without")
      ->option_text("DIR")
      ->check(not_empty());
}

Issues check_engine_options(const SweepCommandOptions& options) {
  Issues issues;
  const bool slurm = options.engine == "slurm";
  const bool kubernetes = options.engine == "kubernetes";
  if (!slurm && !options.sbatch.empty()) issues.push_back(belongs_to("--sbatch-option", "slurm"));
  if (!kubernetes && options.dry_run) issues.push_back(belongs_to("--dry-run", "kubernetes"));
  if (!kubernetes && !options.image.empty()) issues.push_back(belongs_to("--image", "kubernetes"));
  if (!kubernetes && !options.claim.empty()) issues.push_back(belongs_to("--claim", "kubernetes"));
  if (!kubernetes && !options.mount.empty()) issues.push_back(belongs_to("--mount", "kubernetes"));
  if (!slurm && !kubernetes) {
    if (options.tasks) issues.push_back(belongs_to("--tasks", "slurm or kubernetes"));
    return issues;
  }
  if (!options.part.empty() || !options.runs.empty()) {
    issues.push_back(option_issue(options.part.empty() ? "--runs" : "--part",
                                  "a part of a study is done where it is started",
                                  "leave --engine out"));
  }
  if (slurm) check_slurm(options, issues);
  if (kubernetes) check_kubernetes(options, issues);
  return issues;
}

std::unique_ptr<StudyEngine> make_engine(const SweepCommandOptions& options,
                                         const std::string& file,
                                         std::function<void(const std::string&)> say) {
  if (options.engine != "slurm") {
    const unsigned threads = threads_or_all(options.threads);
    return std::make_unique<LocalEngine>(threads);
  }
  SlurmOptions slurm;
  slurm.directory = absolute(file) + ".slurm";
  slurm.cpus = std::max(1U, options.threads);
  slurm.command = task_command(options, own_path(), slurm.cpus);
  slurm.tasks = options.tasks.value_or(kUsualTasks);
  slurm.sbatch = options.sbatch;
  slurm.say = std::move(say);
  return std::make_unique<SlurmEngine>(std::move(slurm));
}

int print_kubernetes_job(const SweepCommandOptions& options, const Study& study,
                         const StudyPlan& plan, const std::string& file, Console& console) {
  KubernetesJob job;
  job.study = study.name;
  job.image = options.image;
  job.claim = options.claim;
  job.mount = absolute(options.mount.empty() ? "." : options.mount);
  if (job.mount.size() > 1 && job.mount.back() == '/') job.mount.pop_back();
  job.cpus = std::max(1U, options.threads);
  job.command = task_command(options, "hyperdc", job.cpus);
  job.tasks = std::min<std::uint64_t>(options.tasks.value_or(kUsualTasks), plan.runs.size());
  const path_of::path out(absolute(file));
  job.shard_begin = (out.parent_path() / out.stem()).string() + ".shard-";
  Issues issues;
  std::vector<std::string> needed{options.input.files.front(), study.base, file};
  needed.insert(needed.end(), options.input.catalogs.begin(), options.input.catalogs.end());
  needed.insert(needed.end(), options.input.traces.begin(), options.input.traces.end());
  for (const std::string& path : needed) {
    if (lies_under(absolute(path), job.mount)) continue;
    issues.push_back(option_issue(
        "--mount", fmt::format("{} does not lie under {}", path, job.mount),
        "the directory that holds the study and all that it reads, mounted at the same path"));
  }
  if (!issues.empty()) {
    console.problems(issues);
    return kExitBadInput;
  }
  console.out << kubernetes_job_json(job);
  if (study.stop) {
    console.err << "the stop rule is looked at by who collects: the Job does all "
                << study.replications << " replications\n";
  }
  console.err << fmt::format(
      "next: pipe it to kubectl apply -f -, and when it is done:\n"
      "hyperdc sweep {} … --resume --collect '{}*{}'\n",
      options.input.files.front(), job.shard_begin, job.shard_end);
  return kExitOk;
}

}  // namespace hyperdc
