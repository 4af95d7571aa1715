// JobCsv: jobs.csv, one row a job in the order in which they leave.
#pragma once

#include <string>

#include "experiment/csv_file.hpp"
#include "world/job_log.hpp"

namespace hyperdc {

class JobCsv final : public JobLog {
 public:
  /// Throws OutputError when the file cannot be created.
  explicit JobCsv(const std::string& path);
  void left(const JobRow& row) override;
  /// Flushes; throws OutputError when anything could not be written.
  void close() { file_.close(); }

 private:
  CsvFile file_;
};

}  // namespace hyperdc
