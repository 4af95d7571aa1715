// JobCsv: jobs.csv, one row a job in the order in which they leave.
#pragma once

#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>

#include "world/job_log.hpp"

namespace hyperdc {

/// Writing failed: disk full, directory gone. The run ends, the command exits with 3.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class JobCsv final : public JobLog {
 public:
  /// Throws OutputError when the file cannot be created.
  explicit JobCsv(const std::string& path);
  void left(const JobRow& row) override;
  /// Flushes; throws OutputError when anything could not be written.
  void close();

 private:
  void flush();

  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  fmt::memory_buffer buffer_;
};

}  // namespace hyperdc
