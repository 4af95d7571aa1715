// RequestCsv: requests.csv, one row a request to a language model in the order in which they end.
#pragma once

#include <string>

#include "experiment/csv_file.hpp"
#include "world/request_log.hpp"

namespace hyperdc {

class RequestCsv final : public RequestLog {
 public:
  /// Throws OutputError when the file cannot be created.
  explicit RequestCsv(const std::string& path);
  void left(const RequestRow& row) override;
  /// Flushes; throws OutputError when anything could not be written.
  void close() { file_.close(); }

 private:
  CsvFile file_;
};

}  // namespace hyperdc
