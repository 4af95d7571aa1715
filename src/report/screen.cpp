#include "report/screen.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/table.hpp"
#include "results/resolved.hpp"

namespace hyperdc {

std::vector<std::string> owners(const RunResult& result, std::string_view scope) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const ResultMetric& metric : result.metrics) {
    const MetricParts parts = metric_parts(metric.name);
    if (parts.scope == scope && known.insert(parts.owner).second) names.push_back(parts.owner);
  }
  return names;
}

void Notes::missing(const std::string& metric, const std::string& reason) {
  const auto [place, fresh] = metrics_.try_emplace(reason);
  if (fresh) reasons_.push_back(reason);
  if (known_.emplace(reason, metric).second) place->second.push_back(metric);
}

std::string Notes::render(const TextStyle& style) const {
  std::string out;
  for (const std::string& reason : reasons_) {
    const std::vector<std::string>& metrics = metrics_.at(reason);
    std::string text = "– " + metrics.front();
    if (metrics.size() == 2) text += ", " + metrics[1];
    if (metrics.size() > 2) text += " and " + std::to_string(metrics.size() - 1) + " more";
    text += " has no value: ";
    if (metrics.size() > 1) text.replace(text.rfind(" has no value"), 4, " have");
    out += paragraph(style, text + printable(reason), Ink::faint);
  }
  return out;
}

Cell metric_cell(const RunResult& result, Notes& notes, const std::string& name) {
  const ResultMetric* metric = find_metric(result, name);
  if (metric == nullptr) return {};
  if (metric->value) return {for_people(*metric->value, show_of(name, metric->unit))};
  notes.missing(name, metric->reason);
  return {"–", Ink::faint};
}

std::string limit_text(const ResultObjective& objective) {
  const Show show = show_of(objective.metric, objective.unit);
  if (objective.at_most && objective.at_least) {
    return "between " + for_people(*objective.at_least, show) + " and " +
           for_people(*objective.at_most, show);
  }
  if (objective.at_most) return "at most " + for_people(*objective.at_most, show);
  if (objective.at_least) return "at least " + for_people(*objective.at_least, show);
  return "";
}

/// "3.8 % over", "18.8 % below", of shares "15.6 pp short": how far a value is from its limit.
std::string margin_text(const ResultObjective& objective) {
  if (!objective.value || (objective.at_most && objective.at_least)) return {};
  const double limit = objective.at_most ? *objective.at_most : *objective.at_least;
  // Per cent of a percentage would read as a difference of two percentages.
  const bool points = show_of(objective.metric, objective.unit) == Show::share;
  if (limit == 0 && !points) return {};
  const double apart = points ? *objective.value - limit : *objective.value / limit - 1;
  if (apart == 0) return "exactly";
  const double size = 100 * std::fabs(apart);
  const int decimals = size < 0.1 ? 3 : size < 1 ? 2 : 1;
  const std::string text = fmt::format("{:.{}f} {}", size, decimals, points ? "pp" : "%");
  if (objective.at_most) return text + (apart > 0 ? " over" : " below");
  return text + (apart < 0 ? " short" : " above");
}

std::string span_text(const RunResult& result) {
  const ResolvedFacts facts = resolved_facts(result);
  std::string text = format_for_people(result.simulated_s, Dimension::time);
  if (!facts.duration_s && result.complete) text += ", to the last event";
  if (facts.warmup_s > 0) {
    text += ", first " + format_for_people(facts.warmup_s, Dimension::time) + " excluded";
  }
  return text;
}

std::string line(const TextStyle& style, std::string_view text, Ink ink) {
  if (text.empty()) return "\n";
  return fmt::format(" {}\n", style.paint(style.fit(text), ink));
}

std::string paragraph(const TextStyle& style, std::string_view text, Ink ink) {
  // Wrapped as it will be shown: signs that the stream lacks are wider.
  const std::string shown = style.fit(text);
  const std::vector<std::string> pieces = folded(shown, kScreenWidth - 1);
  std::string out = line(style, pieces.front(), ink);
  if (pieces.size() == 1) return out;
  const std::string_view rest = std::string_view(shown).substr(std::min(
      shown.size(), pieces.front().size() + (shown[pieces.front().size()] == ' ' ? 1 : 0)));
  for (const std::string& piece : folded(rest, kScreenWidth - 3)) {
    out += line(style, "  " + piece, ink);
  }
  return out;
}

std::string below_blank(std::string_view text) {
  std::string out(1, '\n');
  return out.append(text);
}

}  // namespace hyperdc
