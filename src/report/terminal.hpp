// What a stream can show: colour, Unicode, motion. Decided once for each stream.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace hyperdc {

enum class ColorChoice { automatic, always, never };

/// What is known of one stream and of the environment; empty variables count as not set.
struct StreamFacts {
  bool terminal = false;
  std::map<std::string, std::string> environment;

  std::string_view variable(const std::string& name) const;
};

enum class Ink { plain, strong, faint, good, bad, warn, accent };

struct TextStyle {
  bool color = false;
  bool unicode = true;

  /// `text` between the escape sequences of `ink`, or as it is without colour.
  std::string paint(std::string_view text, Ink ink) const;
  /// `text` with the signs of the screens replaced where the stream has no Unicode. Widths change,
  /// so cells pass through here before they are laid out.
  std::string fit(std::string_view text) const;
};

/// --color, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then: a terminal that is not dumb.
/// Unicode if the locale (LC_ALL, LC_CTYPE, LANG, the first that is set) is UTF-8.
TextStyle text_style(ColorChoice choice, const StreamFacts& facts);

/// May a line be redrawn? On a terminal that is not dumb and outside CI.
bool can_animate(const StreamFacts& facts);

/// Columns that `text` takes on a terminal: wide East Asian characters two, combining ones none,
/// bytes that are not UTF-8 one each. No escape sequences expected.
std::size_t display_width(std::string_view text);

/// Control characters and bytes that are not UTF-8 become '?', tabs one space: text of an input
/// file must not be able to write to a terminal.
std::string printable(std::string_view text);

/// At most `width` columns, cut at the end with an ellipsis.
std::string shorten(std::string_view text, std::size_t width);

/// One character of UTF-8: its code point and length in bytes. `length` is 1 for a bad byte.
struct Character {
  char32_t code = 0;
  std::size_t length = 1;
};
Character first_character(std::string_view text);
std::size_t character_width(char32_t code);

}  // namespace hyperdc
