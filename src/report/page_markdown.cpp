// The summary of runs and studies as Markdown, for pull requests and pages of a CI.
#include <algorithm>
#include <fmt/format.h>

#include "report/comparison.hpp"
#include "report/format.hpp"
#include "report/markdown.hpp"
#include "report/page_parts.hpp"
#include "report/run_title.hpp"
#include "report/screen.hpp"
#include "report/study_screens.hpp"
#include "report/study_words.hpp"
#include "report/summary_many.hpp"
#include "results/resolved.hpp"

namespace hyperdc {
namespace {

std::string cells(const std::vector<std::string>& texts) {
  std::string out = "|";
  for (const std::string& text : texts) out += fmt::format(" {} |", markdown_text(text));
  return out + "\n";
}

/// `left`: so many columns of words; those that follow are numbers.
std::string head(const std::vector<std::string>& titles, std::size_t left) {
  std::string out = cells(titles) + "|";
  for (std::size_t i = 0; i < titles.size(); ++i) out += i < left ? "---|" : "--:|";
  return out + "\n";
}

std::string row_name(const ComparedRow& row) {
  return row.parts.owner.empty() ? row.label : row.parts.owner + " " + row.label;
}

std::string with_unit(const std::string& value, const RowScale& scale) {
  return scale.unit.empty() ? value : value + " " + scale.unit;
}

std::string origin_of(const RunResult& result) {
  return fmt::format("seed {}, {}, sha256 {}, fingerprint {}", result.seed, span_text(result),
                     result.sha256.substr(0, 12), hex16(result.fingerprint));
}

std::string objectives_table(const RunResult& result) {
  if (result.objectives.empty()) return {};
  std::string out = head({"", "objective", "asked for", "measured", "margin"}, 3);
  for (const ResultObjective& one : result.objectives) {
    out += cells({one.met ? "✅" : "❌", objective_label(one.metric), limit_text(one),
                  one.value ? for_people(*one.value, show_of(one.metric, one.unit)) : "–",
                  one.value ? margin_text(one) : ""});
  }
  return out + "\n";
}

std::string met_text(std::size_t met, std::size_t runs) {
  return fmt::format("{} {} of {}", met == runs ? "✅" : "❌", met, runs);
}

/// Without its series, which no row of a comparison needs.
RunResult numbers_of(const StoredResult& run) {
  RunResult out = run.result;
  out.series = {};
  return out;
}

std::string one_run(const StoredResult& run) {
  const RunResult result = numbers_of(run);
  std::string out = markdown_text(run_verdict(result)) + "\n\n";
  const std::string provider = provider_text(result, resolved_facts(result));
  if (!provider.empty()) out += markdown_text(provider) + "\n\n";
  out += objectives_table(result);
  out += head({"metric", "value"}, 1);
  for (const ComparedRow& row : compare_results(std::vector{result}, Detail::compact).rows) {
    const ComparedValue& value = row.values.front();
    const std::string text = value.mean ? for_people(*value.mean, row.show) : "–";
    out += cells({row_name(row), text});
  }
  return out +
         fmt::format("\nOne seed: no uncertainty is shown. {}\n", markdown_text(origin_of(result)));
}

/// In how many runs of each scenario an objective holds.
std::string objectives_by_scenario(const Comparison& comparison) {
  if (comparison.objectives.empty()) return {};
  std::vector<std::string> titles = {"objective", "asked for"};
  titles.insert(titles.end(), comparison.scenarios.begin(), comparison.scenarios.end());
  std::string out = head(titles, 2);
  for (const ComparedObjective& one : comparison.objectives) {
    std::vector<std::string> texts = {objective_label(one.metric), one.limit};
    for (std::size_t i = 0; i < one.met.size(); ++i) {
      texts.push_back(one.met[i] ? met_text(*one.met[i], comparison.seeds[i].size()) : "–");
    }
    out += cells(texts);
  }
  return out + "\n";
}

/// The same of a study, and what could not be compared.
std::string study_objectives(const PageStudy& study) {
  std::string out;
  for (std::size_t v = 0; v < study.objectives.size(); ++v) {
    for (const PageObjective& one : study.objectives[v]) {
      out += cells({study.table.variations[v].name, objective_label(one.metric), one.limit,
                    met_text(one.met, one.runs)});
    }
    if (out.size() > kMostMarkdown / 4) break;
  }
  if (out.empty()) return {};
  return head({"variation", "objective", "asked for", "holds in"}, 3) + out;
}

std::string many_runs(const std::vector<StoredResult>& runs) {
  std::vector<RunResult> results;
  for (const StoredResult& run : runs) results.push_back(numbers_of(run));
  const Comparison comparison = compare_results(results, Detail::compact);
  const bool two = comparison.scenarios.size() == 2;
  const bool alone =
      std::ranges::all_of(comparison.seeds, [](const auto& seeds) { return seeds.size() < 2; });
  std::string out;
  if (alone) {
    out = "One seed each: a difference may be chance.\n\n";
  } else {
    out = markdown_text(verdict_sentence(comparison)) + "\n\n";
  }
  std::vector<std::string> titles = {"metric"};
  titles.insert(titles.end(), comparison.scenarios.begin(), comparison.scenarios.end());
  if (two && !alone) titles.emplace_back("second against first");
  out += head(titles, 1);
  for (const ComparedRow& row : comparison.rows) {
    const RowScale scale = scale_of(row);
    std::vector<std::string> texts = {row_name(row)};
    for (const ComparedValue& value : row.values) {
      std::string text = value.mean ? with_unit(in_scale(*value.mean, scale), scale) : "–";
      if (value.half_width) text += " ±" + in_scale(*value.half_width, scale);
      texts.push_back(std::move(text));
    }
    if (two && !alone) texts.emplace_back(word_of(row.verdict));
    out += cells(texts);
  }
  out += "\n" + objectives_by_scenario(comparison);
  for (std::size_t i = 0; i < comparison.scenarios.size(); ++i) {
    out += fmt::format("{}{}: seed {}", i == 0 ? "" : "; ", markdown_text(comparison.scenarios[i]),
                       seed_list(comparison.seeds[i]));
  }
  return out + (alone ? ".\n" : ". ±: half of the 95 % interval of the mean.\n");
}

std::string variation_table(const ComparedVariation& variation) {
  std::string out = fmt::format("\n**{}** against {}, {} paired seeds\n\n",
                                markdown_text(variation.variation.name),
                                markdown_text(variation.base), variation.seeds.size());
  out +=
      head({"metric", variation.base, variation.variation.name, "difference", "interval", ""}, 1);
  const std::vector<std::string> labels = row_labels(variation);
  for (std::size_t i = 0; i < variation.differences.size(); ++i) {
    const StudyDifference& row = variation.differences[i];
    const Show show = show_of(row.metric, row.unit);
    const ValueTexts values = value_texts(row, show);
    const std::string unit = values.unit.empty() ? "" : " " + values.unit;
    const DifferenceText text = difference_text(row, show);
    out += cells({labels[i], values.base + unit, values.other + unit, text.mean,
                  fmt::format("{} to {}", text.low, text.high), verdict_text(row)});
  }
  out += "\n";
  for (const std::string& sentence : comparison_sentences(variation)) {
    out += markdown_text(sentence) + "\n";
  }
  return out;
}

std::string study_text(const PageStudy& study) {
  std::string out;
  if (study.runs_done < study.plan.runs.size()) {
    out = fmt::format("Unfinished: {} of {} runs are done, and what follows may still change.\n",
                      study.runs_done, study.plan.runs.size());
  }
  out += study_objectives(study);
  std::size_t left_out = 0;
  for (const ComparedVariation& variation : study.comparison.variations) {
    std::string part = variation_table(variation);
    for (const std::string& warning : comparison_warnings(study.comparison, variation)) {
      part += markdown_text(warning) + "\n";
    }
    if (out.size() + part.size() > kMostMarkdown) {
      ++left_out;
    } else {
      out += part;
    }
  }
  if (left_out > 0) out += fmt::format("\nand {} more variations\n", left_out);
  for (const auto& refused : study.comparison.refused) {
    out += fmt::format("\nNot compared: {}{}{}: {}\n", markdown_text(refused.variation),
                       refused.metric.empty() ? "" : " in ", markdown_text(refused.metric),
                       markdown_text(refused.reason));
  }
  out += fmt::format("\n{} intervals; verdicts hold together (Holm over {}).\n",
                     percent_text(study.comparison.options.confidence),
                     plural(study.comparison.comparisons, "comparison", "comparisons"));
  return out;
}

}  // namespace

std::string page_markdown(const PageContents& contents) {
  std::string out = fmt::format("### {}\n\n", markdown_text(contents.title));
  if (contents.study) {
    out += study_text(*contents.study);
  } else if (contents.runs.size() == 1) {
    out += one_run(contents.runs.front());
  } else {
    out += many_runs(contents.runs);
  }
  return out + fmt::format("\nhyperdc {}: `{}`\n", contents.version,
                           contents.command.find('`') == std::string::npos ? contents.command
                                                                           : "hyperdc report");
}

}  // namespace hyperdc
