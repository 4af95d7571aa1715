#include "cli/run_output.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "results/json_writer.hpp"
#include "results/place_files.hpp"
#include "results/summary.hpp"

namespace hyperdc {
namespace {

double rate(double events, double wall_s) {
  return wall_s > 0 ? events / wall_s : 0;
}

std::string summary_csv(const std::vector<RunResult>& results) {
  const auto cell = [](const std::optional<double>& value) {
    return value ? shortest(*value) : std::string();
  };
  std::string out = "scenario,metric,unit,n,mean,half_width,min,max\n";
  for (const SummaryRow& row : summarise(results)) {
    out += fmt::format("{},{},{},{},{},{},{},{}\n", row.scenario, row.metric, row.unit, row.n,
                       cell(row.mean), cell(row.half_width), cell(row.min), cell(row.max));
  }
  return out;
}

void store_places(ResultDirectory& directory, std::size_t run, const PlaceMaps& places) {
  if (!places.racks.rows.empty()) directory.write(run, "racks.csv", place_csv(places.racks));
  if (places.links.rows.empty()) return;
  directory.write(run, "links.csv", place_csv(places.links));
  directory.write(run, "fabrics.json", fabrics_json(places.fabrics));
}

}  // namespace

std::string program_version() {
  return HYPERDC_VERSION;
}

std::string program_build() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string cost_text(const std::vector<RunOutcome>& outcomes, const CommandCost& cost) {
  double events = 0;
  std::uint64_t memory = 0;
  std::size_t runs = 0, simulated = 0;
  for (const RunOutcome& outcome : outcomes) {
    if (!outcome.result) continue;
    ++runs;
    memory = std::max(memory, outcome.cost.peak_rss_bytes);
    if (outcome.reused) continue;
    ++simulated;
    events += static_cast<double>(outcome.result->events);
  }
  std::string text = runs > 1 ? fmt::format("{} runs, ", runs) : std::string();
  if (simulated < runs) {
    text += fmt::format("{} simulated (the others draw nothing at random), ", simulated);
  }
  text += fmt::format("{} events in {} ({}/s), {}", compact_count(events),
                      format_for_people(cost.wall_s, Dimension::time),
                      compact_count(rate(events, cost.wall_s)),
                      format_for_people(static_cast<double>(memory), Dimension::bytes));
  return text;
}

std::string run_json(const RunOutcome& outcome, const CommandCost& cost) {
  const auto events = static_cast<double>(outcome.result ? outcome.result->events : 0);
  JsonWriter json;
  json.open_object();
  json.key("schema").text("hyperdc.run/1");
  json.key("version").text(program_version());
  json.key("build").text(program_build());
  json.key("wall_s").number(outcome.cost.wall_s);
  json.key("cpu_s").number(outcome.cost.cpu_s);
  json.key("events_per_s").number(rate(events, outcome.cost.wall_s));
  json.key("peak_rss_bytes").natural(outcome.cost.peak_rss_bytes);
  json.key("threads").natural(cost.threads);
  json.close();
  return json.finish();
}

std::size_t store_results(ResultDirectory& directory, const RunPlan& plan,
                          const std::vector<RunOutcome>& outcomes, const CommandCost& cost) {
  std::vector<std::size_t> kept;
  std::vector<RunResult> results;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const RunOutcome& outcome = outcomes[i];
    if (!outcome.result || !outcome.result->complete) continue;
    directory.write(i, "result.json", to_json(*outcome.result));
    directory.write(i, "run.json", run_json(outcome, cost));
    directory.write(i, "series.csv", series_csv(*outcome.result));
    directory.write(i, "distributions.csv", distributions_csv(*outcome.result));
    if (outcome.result->places) store_places(directory, i, *outcome.result->places);
    kept.push_back(i);
    results.push_back(*outcome.result);
  }
  if (plan.requests.size() > 1 && !kept.empty()) {
    directory.write_common("summary.csv", summary_csv(results));
  }
  directory.keep(kept);
  return kept.size();
}

}  // namespace hyperdc
