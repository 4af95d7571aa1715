#include "experiment/study_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "core/side_by_side.hpp"
#include "core/text.hpp"
#include "experiment/metric_check.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

/// Each issue once: variations share most of what is wrong with them. Of those that differ in
/// their words alone, as values of one knob do, the first few and how many there are.
class DistinctIssues {
 public:
  void add(const Issues& from) {
    for (const Issue& issue : from) {
      const std::string what = fmt::format("{}:{}:{}:{}:{}", issue.place.file, issue.place.line,
                                           issue.place.column, issue.path, issue.code);
      if (!seen_.insert(what + ":" + issue.message).second) continue;
      Alike& alike = alike_[what];
      if (++alike.count > kMostAlike) continue;
      alike.last = all_.size();
      all_.push_back(issue);
    }
  }

  Issues take() {
    for (const auto& [what, alike] : alike_) {
      if (alike.count <= kMostAlike) continue;
      std::string& note = all_[alike.last].note;
      note += fmt::format("{}and {} more like it in other variations", note.empty() ? "" : "; ",
                          alike.count - kMostAlike);
    }
    return std::move(all_);
  }

  bool empty() const { return all_.empty(); }

 private:
  static constexpr std::size_t kMostAlike = 3;
  struct Alike {
    std::size_t count = 0, last = 0;  // the last one in all_
  };
  std::set<std::string> seen_;
  std::map<std::string, Alike> alike_;
  Issues all_;
};

/// Metrics that the study is about and a variation does not have.
Issues unknown_aims(const Study& study, const Variation& variation, const Scenario& scenario) {
  if (study.aim_places.empty()) return {};
  std::set<std::string> known;
  std::vector<std::string> names;
  for (MetricValue& metric : metric_names(scenario)) {
    known.insert(metric.name);
    names.push_back(std::move(metric.name));
  }
  Issues out;
  for (const auto& aim : study.aim_places) {
    if (known.count(aim.first) != 0) continue;
    Issue issue;
    issue.code = "E040";
    issue.path = "metrics";
    issue.message = "the scenario has no metric " + hyperdc::quoted(aim.first, 200);
    if (const auto near = nearest(aim.first, names)) {
      issue.hint = "did you mean \"" + std::string(*near) + "\"?";
    }
    issue.place = aim.second;
    issue.note = fmt::format("in variation {}", hyperdc::quoted(variation.name));
    out.push_back(std::move(issue));
  }
  return out;
}

Issue same_scenario(const Study& study, const std::string& one, const std::string& other) {
  Issue issue;
  issue.warning = true;
  issue.code = "E034";
  issue.path = "";
  issue.message = fmt::format("the variations {} and {} are the same scenario",
                              hyperdc::quoted(one), hyperdc::quoted(other));
  issue.hint = "they are run once, and every difference is 0";
  issue.place.file = study.file;
  return issue;
}

/// What planning keeps of a variation.
struct ReadVariation {
  Issues problems, warnings;
  std::string sha256, resolved_json;  // empty: it cannot be read
  std::uint64_t seed = 0;
};

ReadVariation read_variation(const Study& study, const Variation& variation,
                             const LoadOptions& options) {
  ReadVariation out;
  Result<Loaded> result = load_variation(study, variation, options);
  if (auto* issues = std::get_if<Issues>(&result)) {
    out.problems = std::move(*issues);
    return out;
  }
  Loaded& loaded = std::get<Loaded>(result);
  const auto add = [&](const Issues& some) {
    out.problems.insert(out.problems.end(), some.begin(), some.end());
  };
  Issues before = check_before_run(loaded.scenario);
  place_in_study(study, variation, before);
  add(before);
  add(unknown_aims(study, variation, loaded.scenario));
  Issues windows = repeated_windows(loaded.scenario, study.replications);
  for (Issue& issue : windows) issue.place = study.replications_place;
  add(windows);
  out.warnings = std::move(loaded.warnings);
  out.sha256 = loaded.scenario.sha256;
  out.resolved_json = std::move(loaded.scenario.resolved_json);
  out.seed = loaded.scenario.seed;
  return out;
}

/// By variation, whoever reads it.
std::vector<ReadVariation> read_variations(const Study& study, const LoadOptions& options,
                                           unsigned threads,
                                           const std::function<void(std::size_t)>& read) {
  std::vector<ReadVariation> out(study.variations.size());
  std::mutex telling;
  std::size_t done = 0;
  side_by_side(out.size(), threads, [&](std::size_t v) {
    out[v] = read_variation(study, study.variations[v], options);
    if (!read) return;
    const std::lock_guard lock(telling);
    read(++done);
  });
  return out;
}

}  // namespace

std::optional<std::uint64_t> trace_windows(const Scenario& scenario) {
  std::optional<std::uint64_t> out;
  for (const JobsWorkload& workload : scenario.workloads) {
    if (!workload.jobs.trace || !workload.facts || !workload.jobs.trace->window) continue;
    const std::uint64_t windows = windows_in(*workload.jobs.trace, *workload.facts);
    out = std::min(out.value_or(windows), windows);
  }
  return out;
}

Issues repeated_windows(const Scenario& scenario, std::uint64_t seeds) {
  Issues out;
  for (const JobsWorkload& workload : scenario.workloads) {
    if (!workload.jobs.trace || !workload.facts) continue;
    const TraceSpec& trace = *workload.jobs.trace;
    const std::uint64_t windows = windows_in(trace, *workload.facts);
    if (!trace.window || windows >= seeds) continue;
    Issue issue;
    issue.code = "E034";
    issue.path = "replications";
    issue.message =
        fmt::format("the trace of workload {} has {} windows, and {} are to be replayed",
                    hyperdc::quoted(workload.name), windows, seeds);
    issue.hint = fmt::format("at most {} seeds, or a shorter window", windows);
    out.push_back(std::move(issue));
  }
  return out;
}

Result<PlannedStudy> plan_study(const Study& study, const LoadOptions& options, unsigned threads,
                                const std::function<void(std::size_t)>& read) {
  PlannedStudy out;
  StudyPlan& plan = out.plan;
  plan.name = study.name;
  plan.description = study.description;
  plan.aims = {study.metrics, study.margins};
  const std::string sources = sources_sha256();
  DistinctIssues problems;
  DistinctIssues warnings;
  problems.add(check_overrides(study, options.overrides));
  std::map<std::string, std::string> same;  // sha256 to the variation that has it
  std::vector<ReadVariation> all = read_variations(study, options, threads, read);
  for (std::size_t v = 0; v < all.size(); ++v) {
    const Variation& variation = study.variations[v];
    ReadVariation& one = all[v];
    problems.add(one.problems);
    warnings.add(one.warnings);
    if (one.sha256.empty()) continue;
    const auto [twin, fresh] = same.emplace(one.sha256, variation.name);
    if (!fresh) warnings.add({same_scenario(study, twin->second, variation.name)});
    const std::uint64_t first = study.first_seed.value_or(one.seed);
    plan.variations.push_back({variation.name, variation.parameters, one.sha256});
    plan.scenarios.push_back(std::move(one.resolved_json));
    for (std::uint64_t i = 0; i < study.replications; ++i) {
      plan.runs.push_back({v, first + i, run_key(one.sha256, first + i, sources)});
    }
  }
  out.warnings = warnings.take();
  if (problems.empty()) return out;
  Issues found = problems.take();
  found.insert(found.end(), out.warnings.begin(), out.warnings.end());
  return found;
}

}  // namespace hyperdc
