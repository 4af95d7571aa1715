// hyperdc report: one HTML page of runs or of a study.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/option_checks.hpp"
#include "cli/run_output.hpp"
#include "core/text.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "report/page.hpp"
#include "report/screen.hpp"
#include "report/study_screens.hpp"
#include "results/store.hpp"
#include "results/stored_result.hpp"

namespace hyperdc {
namespace {

constexpr const char* kReportExamples =
    R"(Examples:
  hyperdc run launch-week.json --out out/lw && hyperdc report out/lw -o launch-week.html
  hyperdc report out/fgd out/best-fit -o placements.html
  hyperdc sweep scalers.json && hyperdc report scalers.sqlite -o scalers.html
  hyperdc report scalers.sqlite --base hpa --format json
  hyperdc report scalers.sqlite --format markdown > comment.md

Exit codes: 0 written, 2 wrong input (nothing was written), 3 it could not finish.)";

constexpr std::size_t kMostRuns = 64;

bool is_study(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

void read_runs(const std::vector<std::string>& paths, PageContents& page, Issues& issues,
               std::ostream& err) {
  std::vector<std::string> directories;
  std::vector<std::string> missing;
  for (const std::string& path : paths) {
    const std::vector<std::string> found = result_directories(path, &missing);
    if (found.empty()) {
      issues.push_back(option_issue("RESULT", hyperdc::quoted(path, 200) + " holds no result",
                                    "give a directory of `run --out` or a file of `sweep`"));
    }
    directories.insert(directories.end(), found.begin(), found.end());
  }
  if (!missing.empty()) {
    const std::size_t more = missing.size() - 1;
    err << fmt::format("without a result, and so not on the page: {}{}\n",
                       hyperdc::quoted(missing.front(), 200),
                       more > 0 ? fmt::format(" and {} more", more) : std::string());
  }
  if (directories.size() > kMostRuns) {
    issues.push_back(option_issue(
        "RESULT", fmt::format("{} runs are more than one page can show", directories.size()),
        fmt::format("give {} at most, or make a study of them: hyperdc sweep", kMostRuns)));
    return;
  }
  for (const std::string& directory : directories) {
    try {
      page.runs.push_back(read_stored_result(directory));
    } catch (const ResultProblem& problem) {
      issues.push_back(
          option_issue("RESULT", problem.what(), "was it written by another version of hyperdc?"));
    }
  }
}

std::string limit_of(const StoredObjective& objective, const std::vector<ResultMetric>& metrics) {
  ResultObjective of;
  of.metric = objective.metric;
  of.at_most = objective.at_most;
  of.at_least = objective.at_least;
  for (const ResultMetric& metric : metrics) {
    if (metric.name == objective.metric) of.unit = metric.unit;
  }
  return limit_text(of);
}

std::vector<std::vector<PageObjective>> objectives_of(const StudyStore& store,
                                                      const StudyPlan& plan, std::size_t& done) {
  std::vector<std::vector<PageObjective>> out(plan.variations.size());
  done = 0;
  store.each_run(plan, [&](const StudyStore::Row& row) {
    ++done;
    std::vector<PageObjective>& here = out[row.run.variation];
    for (std::size_t i = 0; i < row.objectives.size(); ++i) {  // the same in all runs
      const StoredObjective& objective = row.objectives[i];
      if (i == here.size()) {
        here.push_back({objective.metric, limit_of(objective, row.metrics), 0, 0});
      }
      ++here[i].runs;
      here[i].met += objective.met ? 1 : 0;
    }
  });
  return out;
}

PageStudy read_study(const ReportOptions& options, const std::string& file, Issues& issues) {
  const StudyStore store(file, StudyStore::Open::read);
  PageStudy study;
  study.file = std::filesystem::path(file).filename().string();
  study.plan = store.plan();
  study.table = store.table();
  study.objectives = objectives_of(store, study.plan, study.runs_done);
  std::vector<std::string> names;
  for (const StudyVariation& one : study.table.variations) names.push_back(one.name);
  StudyComparisonOptions how;
  how.base = options.base;
  if (how.base.empty() && !names.empty()) how.base = names.front();
  if (!options.base.empty() && std::ranges::find(names, options.base) == names.end()) {
    const auto near = nearest(options.base, names);
    issues.push_back(option_issue(
        "--base", fmt::format("the study has no {}", hyperdc::quoted(options.base)),
        near ? fmt::format("did you mean {}?", hyperdc::quoted(*near)) : std::string()));
    return study;
  }
  if (options.summary.empty()) how.metrics = study.table.aims.metrics;
  if (how.metrics.empty() && options.summary != "full") how.metrics = compact_metrics(study.table);
  how.margins = study.table.aims.margins;
  study.comparison = compare_study(study.table, how);
  return study;
}

std::string command_text(const ReportOptions& options) {
  std::string text = "hyperdc report";
  for (const std::string& path : options.results) text += " " + path;
  if (!options.base.empty()) text += " --base " + options.base;
  if (!options.summary.empty()) text += " --summary " + options.summary;
  return text;
}

std::string title_of(const ReportOptions& options, const PageContents& page) {
  if (!options.title.empty()) return options.title;
  if (page.study) return page.study->plan.name;
  std::vector<std::string> names;
  for (const StoredResult& run : page.runs) {
    if (std::ranges::find(names, run.result.scenario) == names.end()) {
      names.push_back(run.result.scenario);
    }
  }
  std::string title;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, names.size()); ++i) {
    title += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  return names.size() > 3 ? fmt::format("{} and {} more", title, names.size() - 3) : title;
}

PageContents read_contents(const ReportOptions& options, Issues& issues, std::ostream& err) {
  PageContents page;
  page.version = program_version();
  page.build = program_build();
  page.command = command_text(options);
  const auto studies = std::ranges::count_if(options.results, is_study);
  if (studies > 1 || (studies == 1 && options.results.size() > 1)) {
    issues.push_back(option_issue("RESULT", "a page shows one study, or runs",
                                  "hyperdc compare takes several studies"));
  } else if (studies == 1) {
    page.study = read_study(options, options.results.front(), issues);
  } else {
    if (!options.base.empty()) {
      issues.push_back(option_issue("--base", "only the variations of a study have a base",
                                    "the first run that is given is the base of the others"));
    }
    read_runs(options.results, page, issues, err);
  }
  page.title = title_of(options, page);
  return page;
}

int write_page(const ReportOptions& options, const PageContents& page, Console& console) {
  if (options.format == "markdown") {
    const std::string text = page_markdown(page);
    console.out << text;
    console.step_summary(text);
    return kExitOk;
  }
  const std::string json = page_json(page);
  if (options.format == "json") {
    console.out << json;
    return kExitOk;
  }
  const std::string html = page_html(json, page.title);
  ResultFileWriter writer(options.out);
  write_file(writer.temporary(), html);
  writer.keep();
  console.out << fmt::format("{}: {}, {}\n", options.out,
                             page.study
                                 ? plural(page.study->runs_done, "run", "runs") + " of a study"
                                 : plural(page.runs.size(), "run", "runs"),
                             for_people(static_cast<double>(html.size()), Show::bytes));
  return kExitOk;
}

}  // namespace

void add_report_command(CLI::App& app, ReportOptions& options) {
  CLI::App& command =
      *app.add_subcommand("report", "Writes an HTML page of runs or of a study, for any browser");
  command
      .add_option("results", options.results,
                  "Directories that run --out wrote, or one file that sweep or plan wrote")
      ->required()
      ->option_text("RESULT...");
  command.add_option("-o,--out", options.out, "The page: one file that needs no network")
      ->option_text("FILE")
      ->check(not_empty());
  command.add_option("--title", options.title, "Of the page; the name of the scenario without")
      ->option_text("TEXT")
      ->check(not_empty());
  command
      .add_option("--base", options.base,
                  "The variation that the others are held against; the first without")
      ->option_text("NAME")
      ->check(not_empty());
  command
      .add_option("--summary", options.summary,
                  "Which metrics of a study are compared; without, those that it names, or the "
                  "compact ones")
      ->option_text("compact|full")
      ->check(CLI::IsMember({"compact", "full"}));
  command
      .add_option("--format", options.format,
                  "html writes the page; json prints everything that is on it; markdown prints a "
                  "summary for a pull request")
      ->option_text("html|json|markdown")
      ->check(CLI::IsMember({"html", "json", "markdown"}));
  command.footer(kReportExamples);
}

int report_command(const ReportOptions& options, Console& console) {
  Issues issues;
  PageContents page;
  try {
    page = read_contents(options, issues, console.err);
  } catch (const StoreProblem& problem) {
    console.error(problem.what());
    return kExitBadInput;
  } catch (const WriteFailed& problem) {
    console.error(problem.what());
    return kExitBadInput;
  }
  if (options.format == "html") {
    if (const auto reason = why_not_write_to(options.out)) {
      issues.push_back(option_issue(
          "--out", fmt::format("{}: {}", hyperdc::quoted(options.out, 200), *reason), ""));
    } else if (const auto input = input_replaced_by(options.out, options.results)) {
      issues.push_back(option_issue(
          "--out", fmt::format("it would replace {}, which is read", hyperdc::quoted(*input, 200)),
          "name another file"));
    }
  }
  if (!issues.empty()) {
    console.problems(issues);
    console.err << "\n" << issue_counts(issues) << ". Nothing was written.\n";
    return kExitBadInput;
  }
  try {
    return write_page(options, page, console);
  } catch (const WriteFailed& problem) {
    console.error(problem.what());
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
