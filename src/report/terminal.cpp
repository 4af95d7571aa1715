#include "report/terminal.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/text.hpp"

namespace hyperdc {
namespace {

struct Range {
  char32_t first, last;
};

// Combining marks, zero-width characters and variation selectors that people use in names.
constexpr auto kNoWidth = std::to_array<Range>({{0x0300, 0x036F},
                                                {0x0483, 0x0489},
                                                {0x0591, 0x05BD},
                                                {0x0610, 0x061A},
                                                {0x064B, 0x065F},
                                                {0x0E34, 0x0E3A},
                                                {0x1AB0, 0x1AFF},
                                                {0x1DC0, 0x1DFF},
                                                {0x200B, 0x200F},
                                                {0x202A, 0x202E},
                                                {0x2060, 0x2064},
                                                {0x20D0, 0x20FF},
                                                {0xFE00, 0xFE0F},
                                                {0xFE20, 0xFE2F},
                                                {0xFEFF, 0xFEFF},
                                                {0xE0100, 0xE01EF}});
// East Asian Width W and F (Unicode 15, UAX 11), by block.
constexpr auto kWide = std::to_array<Range>({{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0x33FF},
                                             {0x3400, 0x4DBF},
                                             {0x4E00, 0x9FFF},
                                             {0xA000, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1F64F},
                                             {0x1F680, 0x1F6FF},
                                             {0x1F900, 0x1F9FF},
                                             {0x20000, 0x3FFFD}});

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
    return range.first <= code && code <= range.last;
  });
}

/// Signs of the screens and what stands for them in ASCII.
constexpr auto kAscii = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"✗", "x"}, {"✓", "ok"}, {"±", "+-"}, {"·", "-"}, {"–", "-"},  {"…", "..."},
    {"×", "x"}, {"→", "->"}, {"▁", "_"},  {"▂", "."}, {"▃", "-"},  {"▄", "="},
    {"▅", "+"}, {"▆", "*"},  {"▇", "%"},  {"█", "#"}, {"≤", "<="}, {"≥", ">="},
    {"─", "-"}, {"−", "-"},  {"■", "#"},  {"○", "o"},
});

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool says_yes(std::string_view value) {
  return !value.empty() && value != "0" && lower(value) != "false";
}

bool is_dumb(const StreamFacts& facts) {
  return facts.variable("TERM") == "dumb";
}

bool wants_color(ColorChoice choice, const StreamFacts& facts) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  if (!facts.variable("NO_COLOR").empty()) return false;
  if (says_yes(facts.variable("CLICOLOR_FORCE")) || says_yes(facts.variable("FORCE_COLOR"))) {
    return true;
  }
  if (facts.variable("CLICOLOR") == "0") return false;
  return facts.terminal && !is_dumb(facts);
}

bool has_unicode(const StreamFacts& facts) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = lower(facts.variable(name));
    if (value.empty()) continue;
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

std::string_view escape_of(Ink ink) {
  switch (ink) {
    case Ink::strong:
      return "\x1b[1m";
    case Ink::faint:
      return "\x1b[2m";
    case Ink::good:
      return "\x1b[32m";
    case Ink::bad:
      return "\x1b[31m";
    case Ink::warn:
      return "\x1b[33m";
    case Ink::accent:
      return "\x1b[36m";
    case Ink::plain:
      break;
  }
  return {};
}

}  // namespace

std::string_view StreamFacts::variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

std::string TextStyle::paint(std::string_view text, Ink ink) const {
  const std::string_view escape = escape_of(ink);
  if (!color || escape.empty() || text.empty()) return std::string(text);
  return std::string(escape).append(text).append("\x1b[0m");
}

std::string TextStyle::fit(std::string_view text) const {
  if (unicode) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const auto sign = std::find_if(kAscii.begin(), kAscii.end(), [&](const auto& pair) {
      return text.substr(0, pair.first.size()) == pair.first;
    });
    if (sign != kAscii.end()) {
      out += sign->second;
      text.remove_prefix(sign->first.size());
      continue;
    }
    const Character character = first_character(text);
    if (character.code < 0x80) {
      out += text.front();
    } else {
      out += '?';
    }
    text.remove_prefix(character.length);
  }
  return out;
}

TextStyle text_style(ColorChoice choice, const StreamFacts& facts) {
  return {wants_color(choice, facts), has_unicode(facts)};
}

bool can_animate(const StreamFacts& facts) {
  return facts.terminal && !is_dumb(facts) && !says_yes(facts.variable("CI"));
}

Character first_character(std::string_view text) {
  const std::size_t good = utf8_prefix(text.substr(0, 4));
  if (good == 0) return {0xFFFD, 1};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  char32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = (code << 6U) | (byte(i) & 0x3FU);
  return {code, length};
}

std::size_t character_width(char32_t code) {
  if (code < 0x300) return 1;
  if (within(kNoWidth, code)) return 0;
  return within(kWide, code) ? 2 : 1;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += character_width(character.code);
    text.remove_prefix(character.length);
  }
  return width;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character character = first_character(text);
    const char32_t code = character.code;
    const bool bad = code == 0xFFFD && character.length == 1;
    const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (code == '\t') {
      out += ' ';
    } else if (bad || direction || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
      out += '?';
    } else {
      out.append(text, 0, character.length);
    }
    text.remove_prefix(character.length);
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    used += character_width(character.code);
    if (used + 1 > width) break;
    out.append(text, 0, character.length);
    text.remove_prefix(character.length);
  }
  return out + "…";
}

}  // namespace hyperdc
