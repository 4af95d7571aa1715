// FlowCsv: flows.csv, one row a transfer in the order in which they end.
#pragma once

#include <string>

#include "experiment/csv_file.hpp"
#include "world/flow_log.hpp"

namespace hyperdc {

class FlowCsv final : public FlowLog {
 public:
  /// Throws OutputError when the file cannot be created.
  explicit FlowCsv(const std::string& path);
  void ended(const FlowRow& row) override;
  /// Flushes; throws OutputError when anything could not be written.
  void close() { file_.close(); }

 private:
  CsvFile file_;
};

}  // namespace hyperdc
