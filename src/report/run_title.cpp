#include "report/run_title.hpp"

#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "results/resolved.hpp"

namespace hyperdc {

std::string provider_text(const RunResult& result, const ResolvedFacts& facts) {
  if (facts.provider.empty()) return {};
  const MetricIndex metrics(result);
  const auto share = [&](const char* grade) {
    const ResultMetric* metric = metrics.find(std::string("inputs.") + grade);
    return metric == nullptr ? 0 : metric->value.value_or(0);
  };
  const bool known = share("measured") + share("published") >= 0.5;
  return fmt::format(
      "{}{} as of {}: of {:.0f} inputs {} measured, {} published, {} estimated, {} "
      "guessed",
      printable(facts.provider), known ? "" : "-like", printable(facts.as_of), share("count"),
      for_people(share("measured"), Show::share), for_people(share("published"), Show::share),
      for_people(share("estimated"), Show::share), for_people(share("guessed"), Show::share));
}

std::string run_title(const RunResult& result, const TextStyle& style) {
  std::string out = paragraph(
      style,
      fmt::format("{} · {} · seed {}", printable(result.scenario), span_text(result), result.seed),
      Ink::strong);
  const ResolvedFacts facts = resolved_facts(result);
  if (!facts.description.empty()) {
    out += paragraph(style, shorten(printable(facts.description), 480), Ink::faint);
  }
  if (!facts.provider.empty()) out += paragraph(style, provider_text(result, facts), Ink::faint);
  if (!result.complete) {
    out += paragraph(style,
                     fmt::format("INTERRUPTED after {} of simulated time: the numbers below cover "
                                 "only that, and are not stored",
                                 format_for_people(result.simulated_s, Dimension::time)),
                     Ink::warn);
  }
  return out;
}

}  // namespace hyperdc
