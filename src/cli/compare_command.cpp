// hyperdc compare: which differences between the variations of studies are real.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "core/text.hpp"
#include "report/diagnostics.hpp"
#include "report/metric_info.hpp"
#include "report/study_screens.hpp"
#include "results/store.hpp"
#include "results/study_store.hpp"

namespace hyperdc {
namespace {

constexpr const char* kCompareExamples =
    R"(Examples:
  hyperdc compare scalers.sqlite
  hyperdc compare scalers.sqlite --base hpa --metric workloads.shop.attainment
  hyperdc compare scalers.sqlite --choose workloads.shop.attainment
  hyperdc compare before.sqlite after.sqlite --margin 0.01 --fail-if worse
  hyperdc compare scalers.sqlite --margin workloads.shop.latency.p99=0.05 --format json

Exit codes: 0 compared, 1 something is worse (with --fail-if worse), 2 wrong input, or nothing that
can be compared.)";

/// "did you mean …", or all that there are.
std::string hint_for(const std::string& name, const std::vector<std::string>& known) {
  if (const auto near = nearest(name, known)) {
    return fmt::format("did you mean {}?", hyperdc::quoted(*near));
  }
  std::string out = "known are";
  for (std::size_t i = 0; i < known.size() && i < 8; ++i) {
    out += fmt::format("{} {}", i == 0 ? "" : ",", hyperdc::quoted(known[i]));
  }
  return known.size() > 8 ? out + " and more" : out;
}

void check_names(const std::string& option, const std::vector<std::string>& names,
                 const std::vector<std::string>& known, Issues& issues) {
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    issues.push_back(option_issue(option, fmt::format("the study has no {}", hyperdc::quoted(name)),
                                  hint_for(name, known)));
  }
}

/// "0.01", or "METRIC=0.01".
void read_margin(const std::string& text, StudyComparisonOptions& out, Issues& issues) {
  const std::size_t equals = text.rfind('=');
  const std::string number = equals == std::string::npos ? text : text.substr(equals + 1);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(value >= 0 && value <= 1)) {
    issues.push_back(option_issue("--margin", hyperdc::quoted(text) + " is no share from 0 to 1",
                                  "write 0.01 or METRIC=0.01"));
  } else if (equals == std::string::npos) {
    out.margin = value;  // of all metrics, whatever the study says
    out.margins.clear();
  } else {
    out.margins[text.substr(0, equals)] = value;
  }
}

struct ReadStudies {
  StudyTable table;
  /// Of several files: the variations of the later ones and their namesakes in the first.
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> alone;  // variations without one
};

ReadStudies read_studies(const std::vector<std::string>& files) {
  std::vector<StudyTable> tables;
  for (const std::string& file : files) {
    tables.push_back(StudyStore(file, StudyStore::Open::read).table());
    if (tables.back().metrics.empty()) {
      throw StoreProblem(fmt::format("{}: no run of the study is done", file));
    }
  }
  ReadStudies out;
  if (tables.size() == 1) {
    out.table = std::move(tables.front());
  } else {
    out.pairs = pairs_by_name(tables, out.alone);
    out.table = joined_studies(tables);
  }
  return out;
}

StudyComparisonOptions options_for(const CompareOptions& options, const ReadStudies& studies,
                                   Issues& issues) {
  const StudyTable& table = studies.table;
  std::vector<std::string> variations;
  for (const StudyVariation& one : table.variations) variations.push_back(one.name);
  std::vector<std::string> metrics;
  for (const StudyMetric& one : table.metrics) metrics.push_back(one.name);
  StudyComparisonOptions out;
  out.base = options.base;
  if (out.base.empty() && !variations.empty()) out.base = variations.front();
  if (!options.base.empty()) check_names("--base", {options.base}, variations, issues);
  check_names("--variation", options.variations, variations, issues);
  check_names("--metric", options.metrics, metrics, issues);
  out.variations = options.variations;
  out.metrics = options.metrics;
  if (out.metrics.empty() && options.summary.empty()) out.metrics = table.aims.metrics;
  if (out.metrics.empty() && options.summary != "full") out.metrics = compact_metrics(table);
  out.margins = table.aims.margins;
  out.confidence = options.confidence;
  if (options.method == "bootstrap") out.method = IntervalMethod::bootstrap;
  if (options.base.empty() && options.variations.empty()) out.pairs = studies.pairs;
  // One of all metrics first: those of single metrics come on top, in whatever order they stand.
  for (const bool of_one : {false, true}) {
    for (const std::string& margin : options.margins) {
      const std::size_t equals = margin.rfind('=');
      if ((equals != std::string::npos) != of_one) continue;
      read_margin(margin, out, issues);
      if (of_one) check_names("--margin", {margin.substr(0, equals)}, metrics, issues);
    }
  }
  return out;
}

/// The choice that was asked for, added to the comparison.
void add_choice(const CompareOptions& options, const StudyTable& table,
                const StudyComparisonOptions& how, StudyComparison& comparison, Issues& issues) {
  if (options.choose.empty()) return;
  std::vector<std::string> metrics;
  for (const StudyMetric& one : table.metrics) metrics.push_back(one.name);
  check_names("--choose", {options.choose}, metrics, issues);
  const Better better = better_of(metric_parts(options.choose));
  if (better == Better::neither) {
    issues.push_back(option_issue("--choose",
                                  fmt::format("of {} neither more nor less is known to be better",
                                              hyperdc::quoted(options.choose)),
                                  "name a metric such as a latency, a cost or an attainment"));
  }
  if (!how.pairs.empty()) {
    issues.push_back(option_issue("--choose", "it chooses among the variations of one study",
                                  "name one file, or a --base"));
  }
  if (!issues.empty()) return;
  comparison.choice = choose_variation(table, how, options.choose, better == Better::lower);
  if (!comparison.choice) {
    issues.push_back(option_issue("--choose",
                                  "it takes two seeds to choose and two to confirm, "
                                  "and a value of the metric in each run",
                                  "give the study more replications"));
  }
}

bool any_worse(const StudyComparison& comparison) {
  for (const ComparedVariation& variation : comparison.variations) {
    const bool worse = std::ranges::any_of(
        variation.differences,
        [](const StudyDifference& difference) { return verdict_of(difference) == Verdict::worse; });
    if (worse) return true;
  }
  return false;
}

}  // namespace

void add_compare_command(CLI::App& app, CompareOptions& options) {
  CLI::App& command = *app.add_subcommand(
      "compare", "Says which differences between the variations of studies are real");
  command.add_option("studies", options.studies, "Files that sweep wrote")
      ->required()
      ->option_text("FILE...");
  command
      .add_option(
          "--base", options.base,
          "The variation that the others are held against; without, the first, and of several "
          "files the one of the same name in the first")
      ->option_text("NAME")
      ->check(not_empty());
  command
      .add_option("--variation", options.variations,
                  "Holds this one against the base; may be repeated; all without")
      ->option_text("NAME")
      ->allow_extra_args(false);
  command
      .add_option("--metric", options.metrics,
                  "Looks at this metric; may be repeated; without, those of the compact summary")
      ->option_text("NAME")
      ->allow_extra_args(false);
  command
      .add_option(
          "--summary", options.summary,
          "Which metrics are looked at; without, those that the study names, or the compact ones")
      ->option_text("compact|full")
      ->check(CLI::IsMember({"compact", "full"}));
  command.add_option("--confidence", options.confidence, "Of intervals and findings")
      ->option_text("SHARE")
      ->check(CLI::Range(0.5, 0.9999));
  command
      .add_option("--margin", options.margins,
                  "A difference below this share of the base counts as none, of all metrics or of "
                  "one; may be repeated")
      ->option_text("[METRIC=]SHARE")
      ->allow_extra_args(false);
  command.add_option("--method", options.method, "Of the interval that decides")
      ->option_text("t|bootstrap")
      ->check(CLI::IsMember({"t", "bootstrap"}));
  command
      .add_option("--choose", options.choose,
                  "Chooses the best variation by this metric on the first half of the seeds, and "
                  "confirms it on the other half")
      ->option_text("METRIC")
      ->check(not_empty());
  command.add_option("--fail-if", options.fail_if, "Exits with 1 if anything is worse")
      ->option_text("worse")
      ->check(CLI::IsMember({"worse"}));
  command.add_option("--format", options.format, "Of what is printed")
      ->option_text("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  command.footer(kCompareExamples);
}

int compare_command(const CompareOptions& options, Console& console) {
  ReadStudies studies;
  try {
    studies = read_studies(options.studies);
  } catch (const StoreProblem& problem) {
    console.error(problem.what());
    return kExitBadInput;
  } catch (const WriteFailed& problem) {
    console.error(problem.what());
    return kExitBadInput;
  }
  Issues issues;
  const StudyComparisonOptions how = options_for(options, studies, issues);
  if (!issues.empty()) {
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was compared.\n";
    return kExitBadInput;
  }
  StudyComparison comparison = compare_study(studies.table, how);
  add_choice(options, studies.table, how, comparison, issues);
  if (!issues.empty()) {
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was compared.\n";
    return kExitBadInput;
  }
  if (!how.pairs.empty()) {
    for (const std::string& name : studies.alone) {
      comparison.refused.push_back({name, "", "no other study has a variation of this name",
                                    "name both sides: --base and --variation"});
    }
  }
  if (options.format == "json") {
    console.out << comparison_json(comparison);
  } else {
    console.out << comparison_screen(comparison, console.out_style());
    console.step_summary(fmt::format("### hyperdc compare\n\n```text\n{}```\n\n",
                                     comparison_screen(comparison, TextStyle{false, true})));
  }
  const bool compared = std::ranges::any_of(
      comparison.variations, [](const auto& variation) { return !variation.differences.empty(); });
  if (!compared) return kExitBadInput;
  // A gate that could not look at everything does not open.
  if (options.fail_if == "worse" && !comparison.refused.empty()) return kExitBadInput;
  return options.fail_if == "worse" && any_worse(comparison) ? kExitMissed : kExitOk;
}

}  // namespace hyperdc
