// Readers of elastic profiles and of the jobs that use them.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/text.hpp"
#include "workload/csv_rows.hpp"
#include "workload/elastic_profile.hpp"

namespace hyperdc {
namespace {

constexpr double kMostSeconds = 3e9;
constexpr double kMostBatch = 1e9;

enum StepColumns : std::size_t { kApp, kPlacement, kNodes, kReplicas, kLocal, kStep, kSync };
constexpr std::array<Column, 7> kStepColumns{{{"application", true},
                                              {"placement"},
                                              {"num_nodes"},
                                              {"num_replicas"},
                                              {"local_bsz", true},
                                              {"step_time", true},
                                              {"sync_time", true}}};

enum ProgressColumns : std::size_t { kOf, kBatch, kProgress, kIteration, kSqr, kVar };
constexpr std::array<Column, 6> kProgressColumns{{{"application", true},
                                                  {"batch_size", true},
                                                  {"progress", true},
                                                  {"iteration", true},
                                                  {"grad_sqr", true},
                                                  {"grad_var", true}}};

enum JobColumns : std::size_t { kJobName, kTime, kJobApp, kAsked, kJobBatch };
constexpr std::array<Column, 5> kJobColumns{{{"name", true},
                                             {"time", true},
                                             {"application", true},
                                             {"num_replicas", true},
                                             {"batch_size", true}}};

ElasticProfile& of(std::vector<ElasticProfile>& all, std::string_view name) {
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const ElasticProfile& p) { return p.name() == name; });
  return known == all.end() ? all.emplace_back(std::string(name)) : *known;
}

bool read_step(CsvTable& table, std::vector<ElasticProfile>& all) {
  ElasticProfile::Sample sample;
  sample.batch = table.number(kLocal, {1, kMostBatch});
  sample.time.step_s = table.number(kStep, {1e-9, kMostSeconds});
  sample.time.sync_s = table.number(kSync, {0, kMostSeconds});
  if (table.fields().clean() && sample.time.sync_s > sample.time.step_s) {
    table.problem(kSync, input_code::kRange, "sync_time is above step_time, of which it is a part");
  }
  if (table.text(kApp).empty()) table.problem(kApp, input_code::kValue, "application is empty");
  const std::string placement(table.text(kPlacement));
  if (!placement.empty()) {
    if (placement.find_first_not_of("123456789") != std::string::npos) {
      table.problem(
          kPlacement, input_code::kValue,
          fmt::format("placement: {} is not a digit for each server", quoted(placement, 40)));
    }
    if (table.fields().clean()) of(all, table.text(kApp)).add_placement(placement, sample);
    return table.fields().clean();
  }
  if (!table.has(kNodes) || !table.has(kReplicas)) {
    table.fields().row_problem(input_code::kRow,
                               "has neither a placement nor num_nodes and num_replicas");
    return false;
  }
  const auto nodes = table.whole(kNodes, {1, 1e6});
  const auto replicas = table.whole(kReplicas, {static_cast<double>(nodes), 1e6});
  if (!table.fields().clean()) return false;
  of(all, table.text(kApp))
      .add_size(static_cast<std::uint32_t>(nodes), static_cast<std::uint32_t>(replicas), sample);
  return true;
}

bool read_progress(CsvTable& table, std::vector<ElasticProfile>& all) {
  const auto batch = static_cast<std::uint64_t>(table.whole(kBatch, {1, kMostBatch}));
  ElasticProfile::Epoch epoch;
  epoch.progress = table.number(kProgress, {1e-9, 1e15});
  epoch.iteration = table.number(kIteration, {1, 1e15});
  epoch.noise.sqr = table.number(kSqr, {0, 1e300});
  epoch.noise.var = table.number(kVar, {0, 1e300});
  if (table.fields().clean() && epoch.noise.sqr + epoch.noise.var <= 0) {
    table.problem(kVar, input_code::kRange, "grad_sqr and grad_var are both 0");
  }
  if (!table.fields().clean()) return false;
  of(all, table.text(kOf)).add_epoch(batch, epoch);
  return true;
}

bool read_job(CsvTable& table, const ElasticProfiles& profiles, std::vector<ElasticJob>& rows) {
  ElasticJob job;
  job.line = table.fields().line_number();
  job.name = std::string(table.text(kJobName));
  job.submit = SimTime{} + seconds(table.number(kTime, {0, kMostSeconds}));
  job.accelerators = static_cast<std::uint32_t>(table.whole(kAsked, {1, 1e6}));
  job.batch = static_cast<std::uint64_t>(table.whole(kJobBatch, {1, kMostBatch}));
  const auto& all = profiles.applications;
  const auto known = std::find_if(all.begin(), all.end(), [&](const ElasticProfile& profile) {
    return profile.name() == table.text(kJobApp);
  });
  job.application = static_cast<std::uint32_t>(known - all.begin());
  if (known == all.end()) {
    std::vector<std::string> names;
    for (const ElasticProfile& profile : all) names.push_back(profile.name());
    const auto near = nearest(table.text(kJobApp), names);
    table.problem(
        kJobApp, input_code::kValue,
        fmt::format("application: there is no profile of {}", quoted(table.text(kJobApp), 40)),
        near ? fmt::format("did you mean \"{}\"?", *near) : "");
  } else {
    const ElasticProfile& profile = *known;
    if (job.batch < profile.first_batch() || job.batch > profile.last_batch()) {
      table.problem(kJobBatch, input_code::kRange,
                    fmt::format("batch_size: the profile of {} is of {} to {}", profile.name(),
                                profile.first_batch(), profile.last_batch()));
    }
  }
  if (table.fields().clean()) rows.push_back(std::move(job));
  return table.fields().clean();
}

void append(Issues& to, Result<std::string>& read) {
  if (auto* issues = std::get_if<Issues>(&read))
    to.insert(to.end(), issues->begin(), issues->end());
}

}  // namespace

Result<ElasticProfiles> read_elastic_profiles(const std::string& steps,
                                              const std::string& progress) {
  ElasticProfiles out;
  auto first = read_csv_rows(steps, kStepColumns, "steps",
                             [&](CsvTable& table) { return read_step(table, out.applications); });
  auto second = read_csv_rows(progress, kProgressColumns, "epochs", [&](CsvTable& table) {
    return read_progress(table, out.applications);
  });
  Issues issues;
  append(issues, first);
  append(issues, second);
  if (!issues.empty()) return issues;
  RowProblems of_steps(steps);
  RowProblems of_progress(progress);
  const auto note = [](RowProblems& problems, const std::string& name, const std::string& what) {
    if (what.empty()) return;
    problems.add(0, 0, 0, input_code::kRow, fmt::format("application {} {}", name, what));
  };
  for (ElasticProfile& profile : out.applications) {
    note(of_steps, profile.name(), profile.close_steps());
    note(of_progress, profile.name(), profile.close_progress());
  }
  issues = of_steps.take();
  for (Issue& issue : of_progress.take()) issues.push_back(std::move(issue));
  if (!issues.empty()) return issues;
  std::sort(out.applications.begin(), out.applications.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  out.steps_sha256 = std::get<std::string>(first);
  out.progress_sha256 = std::get<std::string>(second);
  return out;
}

Result<ElasticJobs> read_elastic_jobs(const std::string& file, const ElasticProfiles& profiles) {
  ElasticJobs out;
  auto read = read_csv_rows(file, kJobColumns, "jobs",
                            [&](CsvTable& table) { return read_job(table, profiles, out.rows); });
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const ElasticJob& a, const ElasticJob& b) { return a.submit < b.submit; });
  out.sha256 = std::get<std::string>(read);
  return out;
}

}  // namespace hyperdc
