// Json: a JSON value that knows where it was written. Merging moves values between trees; the span
// moves with them, so a problem is reported in the file that it is in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// Bytes of a source text (sources.hpp). `file` 0: a default, written in no file.
struct Span {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

struct Member;

struct Json {
  /// `missing`: absent, or present but wrong (then a problem was reported).
  enum class Kind : std::uint8_t { missing, null, boolean, number, text, list, object };

  Kind kind = Kind::missing;
  Span span;                    // of an object or list: its opening bracket
  double number = 0;            // of a boolean: 0 or 1; of a decoded quantity: its SI value
  std::string text;             // of a decoded quantity: its canonical form
  std::vector<Member> members;  // of a list: keys are empty

  bool is(Kind k) const { return kind == k; }
  const Json* find(std::string_view key) const;
  Json* find(std::string_view key);
  /// Appends a member and returns its value.
  Json& add(std::string key, Json value);

  static Json object(Span at = {});
  static Json list(Span at = {});
  static Json of_text(std::string text, Span at = {});
  static Json of_number(double number, Span at = {});
};

struct Member {
  std::string key;
  Span key_span;
  Json value;
};

/// "an object", "a text", … for messages.
std::string_view kind_name(Json::Kind kind);

/// Two-space indentation, keys in the order of the tree, shortest numbers that parse back to the
/// same double; lists of scalars on one line. Ends with a newline. `missing` members are left out.
std::string print_json(const Json& value);

/// On one line, at most about `limit` bytes (then "..."): for messages and tables.
std::string print_short(const Json& value, std::size_t limit = 60);

}  // namespace hyperdc
