// Small helpers for names and texts that people type: the nearest known name, the check that
// bytes are UTF-8, and quoting of input in messages.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hyperdc {

/// Edits between `a` and `b`: insertions, deletions, substitutions and swaps of neighbours, no
/// substring edited twice (optimal string alignment). Bytes, letters A-Z taken as a-z.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `name` for "did you mean": at most one edit for every three bytes of
/// `name` (at least one), and not more than `name` has bytes minus one. Ties: the first candidate.
/// Nothing when none is that near, or when `name` is longer than 64 bytes.
std::optional<std::string_view> nearest(std::string_view name,
                                        std::span<const std::string_view> candidates);
std::optional<std::string_view> nearest(std::string_view name,
                                        std::span<const std::string> candidates);

/// Bytes of `text` before the first that is not well-formed UTF-8 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF); text.size() when all is well.
std::size_t utf8_prefix(std::string_view text);
inline bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

/// `text` in double quotes for a message: at most about `limit` bytes (then "..."), control
/// characters and bytes that are not UTF-8 as '?', so that input cannot write to a terminal.
std::string quoted(std::string_view text, std::size_t limit = 60);
/// As above; std::quoted, where <iomanip> is read, would be the better match for a std::string.
inline std::string quoted(const std::string& text) {
  return quoted(std::string_view(text));
}
inline std::string quoted(const char* text) {
  return quoted(std::string_view(text));
}

/// `text` as one word of a POSIX shell: as it stands, or in single quotes.
std::string shell_word(const std::string& text);

/// `text` as one field of CSV (RFC 4180): quoted where a comma, a quote or a line end needs it.
std::string csv_field(const std::string& text);

}  // namespace hyperdc
