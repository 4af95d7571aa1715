// Parts that the screens of one run and of several share.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/table.hpp"
#include "report/terminal.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

enum class Detail { compact, full };

struct ScreenOptions {
  TextStyle style;
  Detail detail = Detail::compact;
  std::size_t runs = 0;            // that were asked for; more than there are: interrupted
  std::vector<std::string> files;  // scenarios as on the command line, for the next command
  std::string branched_at = {};    // "14 h 5 min": these are branches of one run; empty: runs
};

/// "w" of "workloads.w.wait.mean", in order of appearance.
std::vector<std::string> owners(const RunResult& result, std::string_view scope);

/// Why cells of a screen show no number. Printed below it; never a 0 instead.
class Notes {
 public:
  void missing(const std::string& metric, const std::string& reason);
  /// " – regions.a.energy: power of G2 is not published", one line a reason.
  std::string render(const TextStyle& style) const;

 private:
  std::vector<std::string> reasons_;                         // in order of appearance
  std::map<std::string, std::vector<std::string>> metrics_;  // by reason
  std::set<std::pair<std::string, std::string>> known_;      // reason and metric
};

/// The value as text; "–" and a note if there is none, empty if the run has no such metric.
Cell metric_cell(const RunResult& result, Notes& notes, const std::string& name);

/// "at most 50 ms", "at least 90 %", "between 1 s and 2 s".
std::string limit_text(const ResultObjective& objective);
/// "3.8 % over", "18.8 % below": how far a value is from its limit.
std::string margin_text(const ResultObjective& objective);

/// "7 d, first 2 h excluded", "3 d 4 h, to the last event".
std::string span_text(const RunResult& result);

/// One line of a screen: a space, the text as the stream can show it, a line feed.
std::string line(const TextStyle& style, std::string_view text, Ink ink = Ink::plain);
/// The same, broken between words at the width of the screen.
std::string paragraph(const TextStyle& style, std::string_view text, Ink ink = Ink::plain);

/// `text` below an empty line.
std::string below_blank(std::string_view text);

}  // namespace hyperdc
