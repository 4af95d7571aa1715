#include "report/study_screens.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "report/format.hpp"
#include "report/screen.hpp"
#include "report/study_words.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kWidestVariation = 16, kWidestRowLabel = 40, kNarrowestRowLabel = 12;

class StudyScreen {
 public:
  StudyScreen(const StudyComparison& comparison, const TextStyle& style)
      : comparison_(comparison), style_(style) {}

  std::string render() const;

 private:
  std::string block(const ComparedVariation& variation) const;
  std::string title(const ComparedVariation& variation) const;
  std::string parameters(const ComparedVariation& variation) const;
  std::string rows(const ComparedVariation& variation) const;
  Table table(const ComparedVariation& variation, std::size_t label_width, bool unit_apart) const;
  std::vector<Cell> cells(const StudyDifference& row, const std::string& label,
                          bool unit_apart) const;
  std::string choice() const;
  std::string refusals() const;
  std::string footer() const;

  const StudyComparison& comparison_;
  const TextStyle& style_;
};

std::string StudyScreen::title(const ComparedVariation& variation) const {
  return paragraph(
      style_,
      printable(fmt::format("{} against {} · {} paired seeds · {} {}intervals, Holm over {}",
                            variation.variation.name, variation.base, variation.seeds.size(),
                            percent_text(comparison_.options.confidence),
                            comparison_.options.method == IntervalMethod::t ? "" : "bootstrap ",
                            plural(comparison_.comparisons, "comparison", "comparisons"))),
      Ink::strong);
}

std::string StudyScreen::parameters(const ComparedVariation& variation) const {
  std::string text;
  for (const VariedValue& value : variation.variation.parameters) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", value.name, value.label);
  }
  return text.empty() ? text : paragraph(style_, printable(text), Ink::faint);
}

std::vector<Cell> StudyScreen::cells(const StudyDifference& row, const std::string& label,
                                     bool unit_apart) const {
  const Show show = show_of(row.metric, row.unit);
  ValueTexts values = value_texts(row, show);
  if (!unit_apart && !values.unit.empty()) {
    values.base += " " + values.unit;
    values.other += " " + values.unit;
  }
  const DifferenceText text = difference_text(row, show);
  const Ink ink = ink_of(verdict_of(row));
  Cell verdict{verdict_text(row), ink};
  if (row.skewed()) verdict.text += " (skewed)";
  std::vector<Cell> out = {{label}, {values.base}, {values.other}};
  if (unit_apart) out.push_back({values.unit, Ink::faint});
  out.insert(out.end(), {{text.mean, ink},
                         {fmt::format("[{},", text.low), Ink::faint},
                         {fmt::format("{}]", text.high), Ink::faint},
                         std::move(verdict)});
  return out;
}

Table StudyScreen::table(const ComparedVariation& variation, std::size_t label_width,
                         bool unit_apart) const {
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::right, 2);
  table.column(Align::right, 2);
  if (unit_apart) table.column(Align::left, 1);
  for (const std::size_t gap : {2U, 2U, 1U}) table.column(Align::right, gap);
  table.column(Align::left, 2);
  const auto name = [](const std::string& text) {
    return shorten(printable(text), kWidestVariation);
  };
  std::vector<std::string> header = {"metric", name(variation.base),
                                     name(variation.variation.name)};
  if (unit_apart) header.emplace_back();
  header.insert(header.end(), {"difference", "", "", ""});
  table.header(header);
  const std::vector<std::string> labels = row_labels(variation);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    table.row(
        cells(variation.differences[i], shorten(printable(labels[i]), label_width), unit_apart));
  }
  return table;
}

/// Units stand beside their values where there is room, else once in a column of their own; names
/// of metrics are cut last.
std::string StudyScreen::rows(const ComparedVariation& variation) const {
  const bool unit_apart = table(variation, kWidestRowLabel, false).width() > kScreenWidth;
  std::size_t label_width = kWidestRowLabel;
  while (label_width > kNarrowestRowLabel &&
         table(variation, label_width, unit_apart).width() > kScreenWidth) {
    --label_width;
  }
  return table(variation, label_width, unit_apart).render();
}

std::string StudyScreen::block(const ComparedVariation& variation) const {
  std::string out = title(variation) + parameters(variation);
  if (variation.differences.empty()) return out;
  out += below_blank(rows(variation));
  out += '\n';
  for (const std::string& sentence : comparison_sentences(variation)) {
    out += paragraph(style_, printable(sentence));
  }
  for (const std::string& warning : comparison_warnings(comparison_, variation)) {
    out += paragraph(style_, printable(warning), Ink::warn);
  }
  return out;
}

std::string StudyScreen::choice() const {
  if (!comparison_.choice) return {};
  const StudyChoice& choice = *comparison_.choice;
  const std::string label = metric_label(metric_parts(choice.metric), choice.metric);
  std::string out = line(style_,
                         printable(fmt::format("CHOSEN by {}: {}, the best of {}", label,
                                               choice.variation, choice.among)),
                         Ink::strong);
  Table table(style_);
  table.column(Align::left, 1);
  for (const std::size_t gap : {2U, 2U, 2U, 2U, 1U}) table.column(Align::right, gap);
  table.column(Align::left, 2);
  const auto name = [](const std::string& text) {
    return shorten(printable(text), kWidestVariation);
  };
  table.header({"seeds", name(choice.base), name(choice.variation), "difference", "", "", ""});
  table.row(cells(choice.search, seed_list(choice.searched) + ", chosen on", false));
  table.row(cells(choice.fresh, seed_list(choice.unseen) + ", never seen", false));
  return out + table.render();
}

std::string StudyScreen::refusals() const {
  if (comparison_.refused.empty()) return {};
  std::string out = line(style_, "NOT COMPARED", Ink::strong);
  // One reason for many variations is said once.
  std::vector<std::pair<const NotComparable*, std::size_t>> all;
  for (const NotComparable& refused : comparison_.refused) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& other) {
      return !refused.metric.empty() && other.first->metric == refused.metric &&
             other.first->variation.empty() == refused.variation.empty() &&
             other.first->reason == refused.reason;
    });
    if (known == all.end()) {
      all.emplace_back(&refused, 0);
    } else {
      ++known->second;
    }
  }
  for (const auto& [refused, more] : all) {
    std::string text = refused->variation;
    if (!refused->metric.empty())
      text += fmt::format("{}{}", text.empty() ? "" : " ", refused->metric);
    if (!text.empty()) text += ": ";
    text = fmt::format("✗ {}{}", text, refused->reason);
    if (!refused->hint.empty()) text += "; " + refused->hint;
    if (more > 0) text += fmt::format(" (and {} more)", plural(more, "variation", "variations"));
    out += paragraph(style_, printable(text), Ink::bad);
  }
  return out;
}

std::string StudyScreen::footer() const {
  if (comparison_.comparisons == 0) return {};
  std::string text = fmt::format(
      "Verdicts of higher, lower, better or worse hold together with {} (Holm); each interval "
      "stands alone. Seeds to decide: with {} power, if the difference stays as measured.",
      percent_text(comparison_.options.confidence), percent_text(comparison_.options.power));
  if (const auto ratio = median_variance_ratio(comparison_)) {
    text += fmt::format(
        " Common random numbers: the variance of differences is {:.3g} % of that of "
        "independent runs (median).",
        *ratio * 100);
  }
  return paragraph(style_, text, Ink::faint);
}

std::string StudyScreen::render() const {
  std::string out;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) out += out.empty() ? part : below_blank(part);
  };
  for (const ComparedVariation& variation : comparison_.variations) add(block(variation));
  add(choice());
  add(refusals());
  add(footer());
  return out;
}

}  // namespace

ValueTexts value_texts(const StudyDifference& row, Show show) {
  const std::vector<double> means = {row.pairs.a.mean, row.pairs.b.mean};
  const std::vector<double> halves = {(row.base.high - row.base.low) / 2,
                                      (row.other.high - row.other.low) / 2};
  const RowScale scale = row_scale(means, halves, show);
  return {in_scale(means[0], scale), in_scale(means[1], scale), scale.unit};
}

std::string verdict_text(const StudyDifference& row) {
  std::string text(word_of(verdict_of(row)));
  if (row.finding != Finding::same) return text;
  if (row.pairs.difference.mean == 0 && row.pairs.difference.deviation == 0) return "identical";
  return text + ", within " + percent_text(row.margin_share);
}

std::vector<std::string> compact_metrics(const StudyTable& table) {
  std::vector<ComparedRow> rows;
  for (std::size_t m = 0; m < table.metrics.size(); ++m) {
    ComparedRow row;
    row.metric = table.metrics[m].name;
    row.unit = table.metrics[m].unit;
    row.parts = metric_parts(row.metric);
    for (std::size_t v = 0; v < table.variations.size(); ++v) {
      ComparedValue value;
      for (std::size_t s = 0; s < table.seeds.size(); ++s) {
        const std::optional<double> here = table.at(v, s, m);
        if (!here) continue;
        value.present = true;
        value.min = std::min(value.min.value_or(*here), *here);
        value.max = std::max(value.max.value_or(*here), *here);
        value.mean = here;  // that there is one is all that is asked
      }
      row.values.push_back(value);
    }
    const bool known = std::any_of(row.values.begin(), row.values.end(),
                                   [](const ComparedValue& value) { return value.present; });
    if (known) rows.push_back(std::move(row));
  }
  std::vector<std::string> names;
  for (ComparedRow& row : compact_rows(rows)) names.push_back(std::move(row.metric));
  return names;
}

Verdict verdict_of(const StudyDifference& difference) {
  if (difference.finding == Finding::same) return Verdict::same;
  if (difference.finding == Finding::undecided) return Verdict::undecided;
  const bool higher = difference.finding == Finding::higher;
  const Better better = better_of(metric_parts(difference.metric));
  if (better == Better::neither) return higher ? Verdict::higher : Verdict::lower;
  return higher == (better == Better::higher) ? Verdict::better : Verdict::worse;
}

std::string comparison_screen(const StudyComparison& comparison, const TextStyle& style) {
  return StudyScreen(comparison, style).render();
}

}  // namespace hyperdc
