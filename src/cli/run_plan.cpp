#include "cli/run_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

#include <hyperdc/core/units.hpp>

#include "core/text.hpp"
#include "experiment/study_plan.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

void check_outputs(const RunOptions& options, std::size_t runs, Issues& issues) {
  if (!options.out.empty()) {
    if (const auto reason = why_not_store_in(options.out, runs > 1)) {
      issues.push_back(
          option_issue("--out", hyperdc::quoted(options.out) + " cannot take results: " + *reason,
                       "name a new or an empty directory"));
    }
  } else if (options.jobs_csv) {
    issues.push_back(
        option_issue("--jobs-csv", "there is no directory to write jobs.csv to", "add --out DIR"));
  }
  if (options.timeline.empty()) return;
  if (runs > 1) {
    issues.push_back(option_issue("--timeline",
                                  fmt::format("{} runs, and a timeline shows one", runs),
                                  "name one scenario and one seed"));
  }
  if (const auto reason = why_not_write_to(options.timeline)) {
    issues.push_back(option_issue(
        "--timeline", hyperdc::quoted(options.timeline) + " cannot take a timeline: " + *reason,
        "name a file: trace.json.gz"));
  }
}

void check_warmup(const Scenario& scenario, const std::string& file, std::optional<SimTime> until,
                  Issues& issues) {
  if (!until || *until > SimTime{} + scenario.warmup) return;
  issues.push_back(option_issue(
      "--until",
      fmt::format("the run would end within the warm-up of {}, and nothing would be measured",
                  format_for_people(to_seconds(scenario.warmup), Dimension::time)),
      "name a later end, or --set warmup=\"0 s\""));
  issues.back().place.file = file;
}

void load_scenarios(const RunOptions& options, std::optional<SimTime> until, RunPlan& plan,
                    Issues& issues) {
  const LoadOptions load = load_options(options.input, issues);
  std::map<std::string, std::string> files;  // by scenario name
  for (const std::string& file : options.input.files) {
    Result<Loaded> loaded = load_input(file, load, until);
    if (auto* found = std::get_if<Issues>(&loaded)) {
      issues.insert(issues.end(), found->begin(), found->end());
      continue;
    }
    auto scenario = std::make_unique<Loaded>(std::move(std::get<Loaded>(loaded)));
    check_warmup(scenario->scenario, file, until, issues);
    const std::string& name = scenario->scenario.name;
    const auto [known, fresh] = files.emplace(name, file);
    if (!fresh) {
      issues.push_back(option_issue(
          "name", fmt::format("{} is the name of {} too", hyperdc::quoted(name), known->second),
          "scenarios that stand side by side need different names"));
      issues.back().place.file = file;
      continue;
    }
    plan.warnings.insert(plan.warnings.end(), scenario->warnings.begin(), scenario->warnings.end());
    plan.scenarios.push_back(std::move(scenario));
  }
}

void make_requests(const RunOptions& options, std::optional<SimTime> until, RunPlan& plan,
                   Issues& issues) {
  for (const auto& loaded : plan.scenarios) {
    const Scenario& scenario = loaded->scenario;
    const std::uint64_t first = options.seed.value_or(scenario.seed);
    if (first > std::numeric_limits<std::uint64_t>::max() - (options.seeds - 1)) {
      issues.push_back(
          option_issue("--seeds", "the last seed does not fit 64 bits", "name a smaller --seed"));
      return;
    }
    for (const Issue& issue : repeated_windows(scenario, options.seeds)) {
      issues.push_back(option_issue("--seeds", issue.message, issue.hint));
    }
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
      RunRequest request;
      request.scenario = &scenario;
      request.seed = first + i;
      request.until = until;
      plan.requests.push_back(std::move(request));
      plan.names.push_back(fmt::format("{}-seed{}", scenario.name, first + i));
    }
  }
}

}  // namespace

std::optional<SimTime> time_option(const std::string& option, const std::string& text,
                                   Issues& issues) {
  if (text.empty()) return std::nullopt;
  constexpr double kLatestEnd = 200 * 365 * 86400.0;  // SimTime ends after 292 years
  const auto parsed = parse_quantity(text, Dimension::time, "d");
  if (const auto* error = std::get_if<UnitError>(&parsed)) {
    issues.push_back(option_issue(option, error->message, error->hint));
    return std::nullopt;
  }
  const double value = std::get<double>(parsed);
  // Compared as it will be used: a billionth of a second is the least.
  if (!(value > 0 && value <= kLatestEnd) || seconds(value).ns == 0) {
    issues.push_back(option_issue(option, hyperdc::quoted(text) + " is not between 0 and 200 y",
                                  "write \"2 d\""));
    return std::nullopt;
  }
  return SimTime{} + seconds(value);
}

Result<std::unique_ptr<RunPlan>> plan_runs(const RunOptions& options) {
  Issues issues;
  auto plan = std::make_unique<RunPlan>();
  const std::optional<SimTime> until = time_option("--until", options.until, issues);
  const std::size_t runs = options.input.files.size() * options.seeds;
  check_outputs(options, runs, issues);
  load_scenarios(options, until, *plan, issues);
  make_requests(options, until, *plan, issues);
  if (!issues.empty()) {
    issues.insert(issues.end(), plan->warnings.begin(), plan->warnings.end());
    return issues;
  }
  plan->write_jobs_csv =
      !options.out.empty() && !options.no_jobs_csv && (runs == 1 || options.jobs_csv);
  return plan;
}

}  // namespace hyperdc
