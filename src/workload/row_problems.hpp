// Problems met while a file is read row by row: the first ones with their place, the rest counted,
// so that a file of ten million bad rows costs no more memory than one of twenty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <hyperdc/core/issue.hpp>

namespace hyperdc {

/// Stable codes of problems in input files; docs/reference/traces.md explains each.
namespace input_code {
inline constexpr const char* kUnreadable = "E060";  // missing, no permission, not a regular file
inline constexpr const char* kDamaged =
    "E061";  // cut off or corrupt gzip, NUL, not UTF-8, long line
inline constexpr const char* kColumns = "E062";  // header: unknown, repeated or missing column
inline constexpr const char* kRow = "E063";      // row of another shape than the header
inline constexpr const char* kValue = "E064";    // a field that cannot be read as what it should be
inline constexpr const char* kRange = "E065";    // a value outside its range
inline constexpr const char* kTooMuch = "E066";  // a limit of the program
inline constexpr const char* kEmpty = "E067";    // no rows
}  // namespace input_code

class RowProblems {
 public:
  static constexpr std::uint64_t kListed = 20;

  explicit RowProblems(std::string file) : file_(std::move(file)) {}

  /// `line` and `column` are 1-based; line 0: the whole file.
  void add(std::uint64_t line, int column, int length, const char* code, std::string message,
           std::string hint = {});
  std::uint64_t count() const { return count_; }
  /// The first kListed problems and, if there are more, one that says how many.
  Issues take();
  const std::string& file() const { return file_; }
  /// "FILE:LINE:COLUMN: MESSAGE" of the first problem; empty without problems.
  std::string first() const;

 private:
  std::string file_;
  Issues issues_;
  std::uint64_t count_ = 0;
};

}  // namespace hyperdc
