// The HTML page of `hyperdc report`: one file that holds its data, its charts and its style, and
// asks no network for anything. Everything on it is in the JSON that page_json() gives (schema
// hyperdc.page/1); the script of web/ draws it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/stored_result.hpp"
#include "results/study_comparison.hpp"
#include "results/study_store.hpp"

namespace hyperdc {

inline constexpr std::string_view kPageSchema = "hyperdc.page/1";

/// Of compared variations so many have their rows on the page, those of the least numbers first;
/// all are in the table of variations.
inline constexpr std::size_t kMostComparedOnPage = 60;

struct PageObjective {
  std::string metric, limit;  // "at most 50 ms"
  std::size_t met = 0, runs = 0;
};

/// One file of sweep.
struct PageStudy {
  std::string file;
  StudyPlan plan;
  StudyTable table;
  StudyComparison comparison;
  std::vector<std::vector<PageObjective>> objectives;  // by variation
  std::size_t runs_done = 0;
};

struct PageContents {
  std::string title;
  std::string version, build;  // of the program that writes the page
  std::string command;         // that wrote it
  std::vector<StoredResult> runs;
  std::optional<PageStudy> study;
};

/// Ends with a line feed.
std::string page_json(const PageContents& contents);

/// The page; `json` as page_json() gave it.
std::string page_html(std::string_view json, std::string_view title);

/// A summary for a pull request: verdict and objectives first, then the compact metrics; of a study
/// what compare says.
std::string page_markdown(const PageContents& contents);

/// JSON that may stand in an HTML script element: "<" as \u003c.
std::string escaped_for_script(std::string_view json);
/// Text that may stand in an element.
std::string escaped_for_html(std::string_view text);

}  // namespace hyperdc
