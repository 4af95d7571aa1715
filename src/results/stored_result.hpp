// Results that `run --out` stored, read back: result.json, run.json, series.csv, distributions.csv
// and the maps of places of a directory. Results of before have no distributions.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_result.hpp"

namespace hyperdc {

/// The text is no such result, and why; for the user.
class ResultProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The inverse of to_json(RunResult) but for the series, which stay empty. ResultProblem.
RunResult result_from_json(std::string_view json);

/// The inverse of series_csv(). ResultProblem with the line.
ResultTable series_from_csv(std::string_view csv);

/// The inverse of distributions_csv(). ResultProblem with the line.
std::vector<ResultDistribution> distributions_from_csv(std::string_view csv);

/// Fields of a line of a CSV file (RFC 4180), without line breaks in them.
std::vector<std::string> csv_fields(std::string_view line);

struct StoredResult {
  std::string directory;
  RunResult result;      // with its series and distributions, and its places where they were stored
  std::string run_json;  // of run.json, empty without: what depends on the machine
};

/// The directories of runs below `path`: itself, or those that runs.txt names, or those directly
/// below that hold a result, by name. Nothing if there is none. `missing` gets those that runs.txt
/// names and that hold none.
std::vector<std::string> result_directories(const std::string& path,
                                            std::vector<std::string>* missing = nullptr);

/// ResultProblem names the file.
StoredResult read_stored_result(const std::string& directory);

}  // namespace hyperdc
