// Lines of a text file, plain or gzip, in bounded memory, with the SHA-256 of the bytes on disk.
//
// Accepts "\n" and "\r\n", a byte order mark, and several gzip members one after another. Refuses
// what is not a regular file, lines above kMaxLineBytes, NUL, bytes that are not UTF-8, and gzip
// that is corrupt, cut off or followed by something else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hyperdc {

inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
/// A few MB of gzip hold hundreds of millions of them.
inline constexpr std::uint64_t kMaxBlankLines = 1'000'000;

class LineReader {
 public:
  struct Failure {
    const char* code;  // input_code
    std::string message;
    std::uint64_t line = 0;  // 0: the whole file
    int column = 0;
  };

  explicit LineReader(const std::string& file);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// The next line without its end; valid until the next call. False at the end of the file and
  /// on failure.
  bool next(std::string_view& line);
  /// The next line that is not blank. A failure after kMaxBlankLines blank ones in a row.
  bool next_filled(std::string_view& line);
  /// 1-based number of the line that next() gave last.
  std::uint64_t line_number() const;
  /// Whether the last line was ended by a newline (false: the file may have been cut off).
  bool ended() const;
  const std::optional<Failure>& failure() const;

  /// Size when it was opened, in bytes on disk.
  std::uint64_t size() const;
  /// Reads what is left without interpreting it, and returns the SHA-256 (lower-case hexadecimal)
  /// of all bytes on disk. Afterwards next() is false.
  std::string sha256();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Position of the first byte that is not part of valid UTF-8 or is NUL; npos if there is none.
std::size_t find_bad_byte(std::string_view text);

}  // namespace hyperdc
