// What became of a suite in words: the parts that its screen, JUnit, Markdown and annotations
// share.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "report/terminal.hpp"
#include "results/baseline.hpp"
#include "results/check_report.hpp"

namespace hyperdc {

/// The metrics that a new baseline has: those of the compact screen and of the objectives, and if
/// there are none of these all that have a value. Tolerances: 2 %, of shares of a half and more
/// half a point; of several seeds what the paired test of 99 % calls real and is more than 1 %.
std::vector<BaselinePick> default_picks(std::span<const RunResult> runs);

/// "48.20 ms", "51.90 ms", "+7.7 %", "allowed ±2 %". Without numbers `difference` is the reason.
struct ChangeWords {
  std::string before, now, difference, allowed;
};
ChangeWords change_words(const MetricChange& change);

/// "objective at line 31: workloads.web.latency.p99 51.9 ms, at most 50 ms, 3.8 % over".
std::string objective_sentence(const CheckedScenario& scenario, const ObjectiveChange& change);
/// "identical until 2 d 9 h (57 of 168 hourly fingerprints)"; empty where nothing differs.
std::string divergence_sentence(const BaselineComparison& diff);
/// What is said beside the name: "3 metrics moved, 1 objective missed", "skipped: …".
std::string result_words(const CheckedScenario& scenario);
/// "hyperdc check suite/flash-crowd.json --update".
std::string accept_command(const CheckedScenario& scenario);
/// "1 passed, 1 failed, 1 skipped".
std::string count_words(const CheckReport& report);

/// The metrics that moved; of very many the worst.
struct MovedMetrics {
  std::vector<const MetricChange*> shown;
  std::size_t more = 0;
};
MovedMetrics moved_metrics(const CheckedScenario& scenario);

/// Names of the scenarios for lists: "flash-crowd", or where there are several folders their files.
std::vector<std::string> check_labels(const CheckReport& report);

}  // namespace hyperdc
