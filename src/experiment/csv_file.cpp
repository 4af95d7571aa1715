#include "experiment/csv_file.hpp"

#include <cerrno>
#include <cstring>
#include <iterator>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

namespace {

constexpr std::size_t kFlushAt = 1U << 16;

}  // namespace

void put_seconds(fmt::memory_buffer& out, std::int64_t ns) {
  fmt::format_to(std::back_inserter(out), "{}", ns / kNsPerSecond);
  std::int64_t fraction = ns % kNsPerSecond;
  if (fraction == 0) return;
  int width = 9;
  while (fraction % 10 == 0) {
    fraction /= 10;
    --width;
  }
  fmt::format_to(std::back_inserter(out), ".{:0{}}", fraction, width);
}

void put_text(fmt::memory_buffer& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

CsvFile::CsvFile(const std::string& path, std::string_view header)
    : path_(path), file_(std::fopen(path.c_str(), "wb")) {
  if (!file_) throw OutputError(path + ": " + std::strerror(errno));
  buffer_.append(header);
}

fmt::memory_buffer& CsvFile::row() {
  if (buffer_.size() >= kFlushAt) flush();
  return buffer_;
}

void CsvFile::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    throw OutputError(path_ + ": " + std::strerror(errno));
  }
  buffer_.clear();
}

void CsvFile::close() {
  flush();
  std::FILE* file = file_.release();
  if (std::fclose(file) != 0) throw OutputError(path_ + ": " + std::strerror(errno));
}

}  // namespace hyperdc
