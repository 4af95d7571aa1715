// CsvFile: a table that is written row by row while a run goes on.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hyperdc {

/// Writing failed: disk full, directory gone. The run ends, the command exits with 3.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CsvFile {
 public:
  /// Throws OutputError when the file cannot be created.
  CsvFile(const std::string& path, std::string_view header);
  /// Where the next row, its line end included, is to be appended. Writes out what has gathered.
  fmt::memory_buffer& row();
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

/// Seconds with as many digits as the nanoseconds need; exact.
void put_seconds(fmt::memory_buffer& out, std::int64_t ns);
/// RFC 4180: quoted where needed.
void put_text(fmt::memory_buffer& out, std::string_view text);

}  // namespace hyperdc
