// hyperdc parallelism: ranks the ways to spread training runs over their accelerators.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <utility>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "report/diagnostics.hpp"
#include "report/parallelism_screen.hpp"
#include "scenario/scenario.hpp"

namespace hyperdc {
namespace {

constexpr const char* kParallelismExamples =
    R"(Examples:
  hyperdc parallelism scenarios/examples/llama-405b-training.json
  hyperdc parallelism run.json --workload train --top 20
  hyperdc parallelism run.json --set workloads.train.accelerators=8192 --format json

Every plan is tried for the number of accelerators of the workload, its batch and its sequence;
beside "accelerators" what the scenario states of the plan is kept.

Exit codes: 0 ranked, 2 something is wrong with the scenario.)";

const char* recompute_name(Recompute recompute) {
  if (recompute == Recompute::none) return "none";
  return recompute == Recompute::selective ? "selective" : "full";
}

ParallelismRow row_of(const PlanQuestion& question, const TrainingPlan& plan,
                      const TrainingTime& time, const TrainingMemory& memory) {
  const double step_s = time.step();
  const double peak = static_cast<double>(question.accelerators) * question.chip.flops * step_s;
  ParallelismRow row;
  row.tensor = plan.tensor;
  row.context = plan.context;
  row.pipeline = plan.pipeline;
  row.data = plan.data;
  row.expert = plan.expert;
  row.interleave = plan.interleave;
  row.micro_batch = plan.micro_batch;
  row.zero = plan.zero;
  row.recompute = recompute_name(plan.recompute);
  row.schedule = std::string(name_of(plan.schedule));
  row.step_s = step_s;
  row.tokens_per_s =
      static_cast<double>(question.batch) * static_cast<double>(question.sequence) / step_s;
  row.mfu = training_flops(question.model, plan, question.software).model / peak;
  row.bubble = time.bubble / step_s;
  row.exchanged = time.exchanged() / step_s;
  row.memory_bytes = memory.sum();
  return row;
}

ParallelismScreen screen_of(const JobsWorkload& workload, std::size_t most) {
  const TrainingSpec& training = *workload.training;
  const PlanRanking ranking = rank_plans(training.question, most);
  ParallelismScreen screen;
  screen.workload = workload.name;
  screen.accelerators = training.question.accelerators;
  screen.tried = ranking.tried;
  screen.fitting = ranking.fitting;
  for (const RankedPlan& best : ranking.best) {
    screen.best.push_back(row_of(training.question, best.plan, best.time, best.memory));
  }
  screen.used = row_of(training.question, training.plan, training.time, training.memory);
  return screen;
}

/// Of the workloads that are asked for; a problem if there are none.
std::vector<ParallelismScreen> screens_of(const ParallelismOptions& options,
                                          const Scenario& scenario, Issues& issues) {
  std::vector<ParallelismScreen> screens;
  std::vector<std::string> names;
  for (const JobsWorkload& workload : scenario.workloads) {
    if (!workload.training) continue;
    names.push_back(workload.name);
    if (!options.workload.empty() && workload.name != options.workload) continue;
    screens.push_back(screen_of(workload, options.top));
  }
  if (names.empty()) {
    issues.push_back(option_issue(
        "", fmt::format("scenario {} has no training run", hyperdc::quoted(scenario.name)),
        "workloads of kind training are"));
  } else if (screens.empty()) {
    const auto near = nearest(options.workload, names);
    issues.push_back(option_issue(
        "--workload",
        fmt::format("no training run is called {}", hyperdc::quoted(options.workload)),
        fmt::format("did you mean {}?", hyperdc::quoted(near ? *near : names.front()))));
  }
  return screens;
}

}  // namespace

void add_parallelism_command(CLI::App& app, ParallelismOptions& options) {
  CLI::App& command = *app.add_subcommand(
      "parallelism", "Ranks the ways to spread training runs over accelerators, runs nothing");
  add_input_options(command, options.input, "files");
  command.add_option("--workload", options.workload, "Only this one")->option_text("NAME");
  command.add_option("--top", options.top, "How many of the fastest")
      ->option_text("N")
      ->check(CLI::Range(1, 1000));
  command.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  command.footer(kParallelismExamples);
}

int parallelism_command(const ParallelismOptions& options, Console& console) {
  return visit_inputs(options.input, console, [&](const Scenario& scenario, Issues& issues) {
    const auto screens = screens_of(options, scenario, issues);
    if (!issues.empty()) return;
    console.out << (options.format == "json" ? parallelism_json(scenario.name, screens)
                                             : parallelism_text(screens, console.out_style()));
  });
}

}  // namespace hyperdc
