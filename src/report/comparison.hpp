// Comparison: several scenarios, each over its seeds, row by row: what the side-by-side screen
// shows.
//
// Computes: mean and 95 % t interval over seeds, and, where scenarios ran with the same seeds, the
// paired difference and whether it is one. Units: those of the metric. Source: results/summary.hpp.
// Leaves out: correction for many rows; each row stands alone, and the screen says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/run_result.hpp"
#include "results/summary.hpp"

namespace hyperdc {

/// Differences below this share of the base (for shares: this share of the whole) count as none.
inline constexpr double kSameMargin = 0.001;

enum class Verdict { none, same, better, worse, higher, lower, undecided };

struct ComparedValue {
  bool present = false;  // the scenario has such a metric
  std::optional<double> mean, half_width, min, max;
  std::string reason;  // why there is no mean
};

struct ComparedRow {
  std::string metric, unit;
  std::string label;  // "wait, mean"
  MetricParts parts;
  Show show = Show::number;
  Better better = Better::neither;
  std::vector<ComparedValue> values;       // by scenario
  std::optional<MeanInterval> difference;  // of two scenarios: second minus first
  Verdict verdict = Verdict::none;         // of the second against the first
  std::vector<std::size_t> best;  // of more than two: those that none beats; not of one seed
  bool all_same = false;          // of more than two
};

struct ComparedObjective {
  std::string metric, limit;
  std::vector<std::optional<std::size_t>> met;  // by scenario: in how many runs; nothing: no such
};

struct Comparison {
  std::vector<std::string> scenarios;             // in order of appearance
  std::vector<std::vector<std::uint64_t>> seeds;  // by scenario, ascending
  bool paired = false;                            // the same seeds everywhere, every run complete
  bool one_seed = false;  // paired, and each ran with one seed: what differs may be chance
  bool partial = false;   // a scenario has no complete run and shows what it measured so far
  bool varies = false;    // some metric differs between seeds
  std::vector<ComparedObjective> objectives;
  std::vector<ComparedRow> rows;
};

/// Compact: the rows that matter to a planner, without those that are 0 everywhere. Full: all.
Comparison compare_results(std::span<const RunResult> results, Detail detail);

/// Of all rows those of the compact screen, in its order.
std::vector<ComparedRow> compact_rows(const std::vector<ComparedRow>& rows);

/// "better", "undecided"; empty for none.
std::string_view word_of(Verdict verdict);
Ink ink_of(Verdict verdict);

/// In some run jobs of the workload were stopped: then the first start says little about how long
/// they waited in all.
bool preempts(std::span<const ComparedRow> rows, std::string_view workload);

/// One unit and number of decimals for all values of a row.
RowScale scale_of(const ComparedRow& row);
/// "3.21" and "±0.05" of one scenario; what has no value is added to `notes`.
std::vector<Cell> value_cells(const ComparedRow& row, std::size_t scenario, const RowScale& scale,
                              Notes& notes);

/// The verdict on a difference from `base`. Without a half width (one seed) its sign decides; what
/// is then better or worse is not said (Comparison::one_seed).
Verdict judge(const MeanInterval& difference, double base, Show show, Better better);

}  // namespace hyperdc
