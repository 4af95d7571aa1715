// hyperdc preview: draws the demand of scenarios before anything runs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <utility>

#include <hyperdc/core/units.hpp>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "report/chart.hpp"
#include "report/demand_preview.hpp"
#include "report/diagnostics.hpp"
#include "scenario/curves.hpp"

namespace hyperdc {
namespace {

constexpr const char* kPreviewExamples =
    R"(Examples:
  hyperdc preview launch-week.json
  hyperdc preview launch-week.json --workload web --until "2 d"
  hyperdc preview launch-week.json --set workloads.web.demand.scale=2 --format json

Exit codes: 0 drawn, 2 something is wrong with the scenario.)";

constexpr double kLongestPreview = 100 * 365 * 86400.0;

/// How far to look: --until, the duration of the scenario, or a week.
std::optional<SimTime> end_of(const std::string& until, const Scenario& scenario, Issues& issues) {
  if (until.empty()) return SimTime{} + scenario.duration.value_or(whole_seconds(7 * 86400));
  const auto parsed = parse_quantity(until, Dimension::time, "d");
  if (const auto* error = std::get_if<UnitError>(&parsed)) {
    issues.push_back(option_issue("--until", error->message, error->hint));
    return std::nullopt;
  }
  const double value = std::get<double>(parsed);
  if (!(value >= 1e-3 && value <= kLongestPreview)) {
    issues.push_back(option_issue(
        "--until", hyperdc::quoted(until) + " is not between 1 ms and 100 y", "write \"2 d\""));
    return std::nullopt;
  }
  return SimTime{} + seconds(value);
}

/// The curves that are asked for; a problem if there are none.
std::vector<NamedDemand> chosen(const PreviewOptions& options, const Scenario& scenario,
                                Issues& issues) {
  std::vector<NamedDemand> curves = curves_of(scenario);
  std::vector<std::string> names;
  for (const NamedDemand& curve : curves) names.push_back(curve.name);
  if (names.empty()) {
    issues.push_back(option_issue(
        "", fmt::format("scenario {} has no demand curve", hyperdc::quoted(scenario.name)),
        "workloads of kind service have one"));
    return {};
  }
  if (options.workload.empty()) return curves;
  if (std::find(names.begin(), names.end(), options.workload) == names.end()) {
    const auto near = nearest(options.workload, names);
    issues.push_back(option_issue(
        "--workload",
        fmt::format("no workload with a demand curve is called {}",
                    hyperdc::quoted(options.workload)),
        fmt::format("did you mean {}?", hyperdc::quoted(near ? *near : names.front()))));
    return {};
  }
  std::erase_if(curves, [&](const NamedDemand& curve) { return curve.name != options.workload; });
  return curves;
}

void preview_one(const PreviewOptions& options, const Scenario& scenario, Console& console,
                 Issues& issues) {
  const std::vector<NamedDemand> curves = chosen(options, scenario, issues);
  const auto end = end_of(options.until, scenario, issues);
  if (!end || curves.empty()) return;
  const std::uint64_t seed = options.seed.value_or(scenario.seed);
  std::vector<DemandPreview> previews;
  for (const NamedDemand& curve : curves) {
    previews.push_back(preview_of(curve, seed, *end, kChartColumns));
  }
  console.out << (options.format == "json" ? preview_json(scenario.name, seed, previews)
                                           : preview_text(previews, console.out_style()));
}

}  // namespace

void add_preview_command(CLI::App& app, PreviewOptions& options) {
  CLI::App& preview =
      *app.add_subcommand("preview", "Draws the demand curves of scenarios, runs nothing");
  add_input_options(preview, options.input, "files");
  preview.add_option("--workload", options.workload, "Only the curve of this workload")
      ->option_text("NAME");
  preview.add_option("--until", options.until, "Until this time instead of the duration")
      ->option_text("TIME");
  preview.add_option("--seed", options.seed, "Of the noise, instead of the scenario's")
      ->option_text("N");
  preview.add_option("--format", options.format, "A chart, or its points")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  preview.footer(kPreviewExamples);
}

int preview_command(const PreviewOptions& options, Console& console) {
  return visit_inputs(options.input, console, [&](const Scenario& scenario, Issues& issues) {
    preview_one(options, scenario, console, issues);
  });
}

}  // namespace hyperdc
