#include "report/diagnostics.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "core/text.hpp"
#include "report/format.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kSnippetWidth = 88;
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;

/// The lines that issues point to. Each file is read once, up to the last line that is wanted.
class SourceLines {
 public:
  explicit SourceLines(const Issues& issues) {
    for (const Issue& issue : issues) {
      const SourcePlace& place = issue.place;
      if (place.line > 0 && !place.file.empty()) files_[place.file].lines[place.line];
    }
  }

  /// Nothing for compressed or binary files, lines that are not there, and endless ones.
  const std::string* line(const SourcePlace& place) {
    const auto file = files_.find(place.file);
    if (place.line <= 0 || file == files_.end()) return nullptr;
    if (!file->second.read) read(file->first, file->second);
    const std::string& text = file->second.lines.at(place.line);
    return text.empty() ? nullptr : &text;
  }

 private:
  struct File {
    bool read = false;
    std::map<int, std::string> lines;
  };

  static void read(const std::string& path, File& file) {
    file.read = true;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return;
    std::ifstream in(path, std::ios::binary);
    std::vector<char> block(std::size_t{1} << 16U);
    auto wanted = file.lines.begin();
    int at = 1;
    bool endless = false, first = true;
    while (wanted != file.lines.end() && in) {
      in.read(block.data(), static_cast<std::streamsize>(block.size()));
      std::string_view rest(block.data(), static_cast<std::size_t>(in.gcount()));
      if (first && rest.substr(0, 2) == "\x1f\x8b") return;  // gzip: its lines are inside
      first = false;
      while (!rest.empty() && wanted != file.lines.end()) {
        const std::size_t newline = rest.find('\n');
        const std::string_view part = rest.substr(0, newline);
        if (at == wanted->first) {
          endless = endless || wanted->second.size() + part.size() > kLongestLine;
          if (!endless) wanted->second += part;
        }
        if (newline == std::string_view::npos) break;
        rest.remove_prefix(newline + 1);
        if (at++ != wanted->first) continue;
        finish(wanted->second, endless);
        endless = false;
        ++wanted;
      }
    }
    if (wanted != file.lines.end()) finish(wanted->second, endless);
  }

  static void finish(std::string& text, bool endless) {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (endless || !is_utf8(text)) text.clear();
  }

  std::map<std::string, File> files_;
};

/// A stretch of a line around the caret, as it is printed.
struct Snippet {
  std::string text;
  std::size_t caret = 0;   // columns before it
  std::size_t length = 1;  // columns under it
};

struct Glyph {
  std::string text;
  std::size_t width;
};

std::vector<Glyph> glyphs_of(std::string_view line) {
  std::vector<Glyph> glyphs;
  while (!line.empty()) {
    const Character character = first_character(line);
    const std::string shown = printable(line.substr(0, character.length));
    glyphs.push_back({shown, shown == "?" || shown == " " ? 1 : character_width(character.code)});
    line.remove_prefix(character.length);
  }
  return glyphs;
}

/// Bytes of the first `count` characters of UTF-8, and how many characters there really are.
std::pair<std::size_t, std::size_t> prefix_of(std::string_view text, std::size_t count) {
  std::size_t at = 0, characters = 0;
  for (; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts && characters++ == count) return {at, count};
  }
  return {at, characters};
}

Snippet snippet_of(const std::string& line, const SourcePlace& place) {
  // Only characters near the caret are laid out: a line may be a MiB long, and have many problems.
  constexpr std::size_t kNear = 2 * kSnippetWidth;
  const std::size_t column =
      prefix_of(line, static_cast<std::size_t>(std::max(1, place.column)) - 1)
          .second;  // at most where the line ends
  const auto [before, left] = prefix_of(line, column > kNear ? column - kNear : 0);
  std::string_view near = std::string_view(line).substr(before);
  const std::size_t behind = prefix_of(near, 2 * kNear).first;
  const bool cut = before > 0 || behind < near.size();
  near = near.substr(0, behind);

  const std::vector<Glyph> glyphs = glyphs_of(near);
  const std::size_t caret = column - left;
  const std::size_t length = static_cast<std::size_t>(std::max(1, place.length));
  const std::size_t caret_end = std::min(caret + length, std::max(caret, glyphs.size()));
  std::size_t width = 0;
  for (const Glyph& glyph : glyphs) width += glyph.width;
  std::size_t begin = 0, end = glyphs.size();
  if (cut || width > kSnippetWidth) {
    // As much before the caret as after it, then whatever room is left.
    begin = caret > kSnippetWidth / 2 ? caret - kSnippetWidth / 2 : 0;
    std::size_t used = 0;
    for (end = begin; end < glyphs.size() && used + glyphs[end].width <= kSnippetWidth; ++end) {
      used += glyphs[end].width;
    }
    while (begin > 0 && used + glyphs[begin - 1].width <= kSnippetWidth) {
      used += glyphs[--begin].width;
    }
  }
  const bool cut_before = before > 0 || begin > 0;
  const bool cut_behind = before + behind < line.size() || end < glyphs.size();
  Snippet snippet{cut_before ? "…" : "", cut_before ? std::size_t{1} : 0, 0};
  for (std::size_t i = begin; i < end; ++i) {
    snippet.text += glyphs[i].text;
    if (i < caret) snippet.caret += glyphs[i].width;
    if (i >= caret && i < caret_end) snippet.length += glyphs[i].width;
  }
  if (cut_behind) snippet.text += "…";
  snippet.length = std::max<std::size_t>(1, snippet.length);
  return snippet;
}

std::string place_text(const SourcePlace& place) {
  if (place.file.empty()) return {};
  std::string text = printable(place.file) + ":";
  if (place.line > 0) text += fmt::format("{}:{}:", place.line, std::max(1, place.column));
  return text + " ";
}

std::string message_text(const Issue& issue, bool with_hint) {
  std::string text;
  if (!issue.path.empty()) text += printable(issue.path) + ": ";
  text += printable(issue.message);
  if (with_hint && !issue.hint.empty()) text += "; " + printable(issue.hint);
  return text;
}

void append_snippet(std::string& out, const Issue& issue, const std::string& source,
                    const TextStyle& style) {
  const Snippet snippet = snippet_of(source, issue.place);
  const std::string number = std::to_string(issue.place.line);
  const std::string margin(number.size(), ' ');
  const std::string bar = style.paint(margin + " |", Ink::faint);
  out += fmt::format(" {}\n {} {}\n", bar, style.paint(number + " |", Ink::faint),
                     style.fit(snippet.text));
  const Ink ink = issue.warning ? Ink::warn : Ink::bad;
  std::string marks(snippet.length, '^');
  if (!issue.hint.empty()) marks.append(1, ' ').append(style.fit(printable(issue.hint)));
  // Without Unicode the ellipsis in front of the line is three columns wide.
  const bool cut = snippet.text.rfind("…", 0) == 0;
  const std::size_t shift = cut && !style.unicode ? 2 : 0;
  out += fmt::format(" {} {:{}}{}\n", bar, "", snippet.caret + shift, style.paint(marks, ink));
}

void append_issue(std::string& out, const Issue& issue, SourceLines& lines,
                  const TextStyle& style) {
  const std::string* source = lines.line(issue.place);
  const Ink ink = issue.warning ? Ink::warn : Ink::bad;
  out += style.paint(place_text(issue.place), Ink::strong);
  out += style.paint(issue.warning ? "warning:" : "error:", ink) + " ";
  out += style.fit(message_text(issue, source == nullptr));
  if (!issue.code.empty()) out += style.paint(" [" + issue.code + "]", Ink::faint);
  out += "\n";
  if (source != nullptr) append_snippet(out, issue, *source, style);
  if (!issue.note.empty()) {
    const std::size_t digits = source == nullptr ? 1 : std::to_string(issue.place.line).size();
    out += fmt::format("{:{}}{}{}\n", "", digits + 1, style.paint(" = ", Ink::faint),
                       style.fit(printable(issue.note)));
  }
}

}  // namespace

Issues distinct_issues(Issues issues) {
  std::set<std::tuple<std::string, int, int, std::string, std::string>> seen;
  Issues distinct;
  for (Issue& issue : issues) {
    const SourcePlace& place = issue.place;
    const bool known =
        place.line > 0 &&
        !seen.emplace(place.file, place.line, place.column, issue.path, issue.message).second;
    if (!known) distinct.push_back(std::move(issue));
  }
  return distinct;
}

std::size_t error_count(const Issues& issues) {
  return static_cast<std::size_t>(std::count_if(issues.begin(), issues.end(),
                                                [](const Issue& issue) { return !issue.warning; }));
}

std::string issues_text(const Issues& issues, const TextStyle& style) {
  SourceLines lines(issues);
  std::string out;
  for (const Issue& issue : issues) append_issue(out, issue, lines, style);
  return out;
}

std::string issue_counts(const Issues& issues) {
  const std::size_t errors = error_count(issues);
  const std::size_t warnings = issues.size() - errors;
  std::set<std::string> files;
  for (const Issue& issue : issues) {
    if (!issue.place.file.empty()) files.insert(issue.place.file);
  }
  std::string text;
  if (errors > 0 || warnings == 0) text = plural(errors, "error", "errors");
  if (warnings > 0) {
    if (!text.empty()) text += " and ";
    text += plural(warnings, "warning", "warnings");
  }
  if (!files.empty()) text += " in " + plural(files.size(), "file", "files");
  return text;
}

}  // namespace hyperdc
