#include "scenario/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kMaxBlanks = 65536;  // the parser copies them into its messages

/// Receives the events of the parser and follows them in the text, which tells where each is.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(std::uint32_t file, Sources& sources, Problems& problems)
      : file_(file), text_(sources.at(file).text), sources_(sources), problems_(problems) {}

  bool null() override { return scalar(Json::Kind::null, 0, {}); }
  bool boolean(bool value) override { return scalar(Json::Kind::boolean, value ? 1 : 0, {}); }
  bool number_integer(std::int64_t value) override {
    return scalar(Json::Kind::number, static_cast<double>(value), {});
  }
  bool number_unsigned(std::uint64_t value) override {
    return scalar(Json::Kind::number, static_cast<double>(value), {});
  }
  bool number_float(double value, const std::string&) override {
    return scalar(Json::Kind::number, value, {});
  }
  bool string(std::string& value) override { return scalar(Json::Kind::text, 0, std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in JSON text
  bool start_object(std::size_t) override { return open(Json::Kind::object); }
  bool start_array(std::size_t) override { return open(Json::Kind::list); }
  bool end_array() override { return close(); }
  bool end_object() override {
    report_duplicates(*open_.back());
    return close();
  }
  bool key(std::string& name) override {
    key_span_ = token();
    key_ = std::move(name);
    return no_nul(key_, key_span_);
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // "… - invalid string: …; last read: '…'", where what was read may say anything
    const std::string_view what = error.what();
    const bool in_text =
        what.substr(0, what.find("last read")).find("invalid string") != std::string_view::npos;
    report_syntax(position, error.id, in_text);
    return false;
  }

  Json root;

 private:
  Span span(std::size_t begin, std::size_t length) const {
    return {file_, static_cast<std::uint32_t>(std::min(begin, text_.size())),
            static_cast<std::uint32_t>(length)};
  }

  /// Moves over the next token (the parser has just accepted it) and says where it lies.
  Span token() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size());
    const std::size_t begin = at_;
    if (begin == text_.size()) return span(begin, 0);
    const char c = text_[at_++];
    if (c == '"') {
      while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
      ++at_;
    } else if (std::string_view("{}[]").find(c) == std::string_view::npos) {
      at_ = std::min(text_.find_first_of(" \t\r\n,:]}", at_), text_.size());
    }
    return span(begin, at_ - begin);
  }

  bool no_nul(const std::string& value, const Span& at) {
    if (value.find('\0') == std::string::npos) return true;
    problems_.error("E003", "", "a text with the character \\u0000", "", at);
    return false;
  }

  bool scalar(Json::Kind kind, double number, std::string text) {
    Json value;
    value.kind = kind;
    value.span = token();
    value.number = number;
    value.text = std::move(text);
    return no_nul(value.text, value.span) && put(std::move(value)) != nullptr;
  }

  Json* put(Json value) {
    if (++sources_.values > kMaxJsonValues) {
      problems_.error("E004", "", fmt::format("more than {} values", kMaxJsonValues),
                      "put long lists into a trace file", value.span);
      return nullptr;
    }
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    std::vector<Member>& into = open_.back()->members;
    into.push_back({std::move(key_), key_span_, std::move(value)});
    key_.clear();
    return &into.back().value;
  }

  bool open(Json::Kind kind) {
    Json value;
    value.kind = kind;
    value.span = token();
    if (open_.size() == kMaxJsonDepth) {
      problems_.error("E004", "", fmt::format("more than {} levels of nesting", kMaxJsonDepth), "",
                      value.span);
      return false;
    }
    Json* placed = put(std::move(value));
    if (placed == nullptr) return false;
    open_.push_back(placed);  // stays where it is: its parent grows only after it was closed
    return true;
  }

  bool close() {
    token();
    open_.back()->members.shrink_to_fit();
    open_.pop_back();
    return true;
  }

  void report_duplicates(const Json& object) {
    std::vector<const Member*> members;
    members.reserve(object.members.size());
    for (const Member& member : object.members) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
      return a->key != b->key ? a->key < b->key : a->key_span.begin < b->key_span.begin;
    });
    for (std::size_t i = 1; i < members.size(); ++i) {
      if (members[i]->key != members[i - 1]->key) continue;
      const SourcePlace first = sources_.place(members[i - 1]->key_span);
      problems_.error("E005", "",
                      fmt::format("{} is given twice", hyperdc::quoted(members[i]->key)),
                      fmt::format("the other is in line {}", first.line), members[i]->key_span);
    }
  }

  void report_syntax(std::size_t position, int id, bool in_text);
  std::pair<std::string, std::string> explain(std::size_t at) const;

  std::uint32_t file_;
  std::string_view text_;
  Sources& sources_;
  Problems& problems_;
  std::size_t at_ = 0;
  std::vector<Json*> open_;
  std::string key_;
  Span key_span_;
};

/// Message and hint for the token at `at`, which is not allowed there.
std::pair<std::string, std::string> Reader::explain(std::size_t at) const {
  const std::string_view rest = text_.substr(at);
  const std::size_t previous =
      at == 0 ? std::string_view::npos : text_.find_last_not_of(kBlank, at - 1);
  const char before = previous == std::string_view::npos ? '\0' : text_[previous];
  const auto word = rest.substr(0, rest.find_first_of(" \t\r\n,:]}"));
  const std::string shown = rest.starts_with('"')
                                ? "a text"
                                : hyperdc::quoted(word.empty() ? rest.substr(0, 1) : word, 24);
  if (rest.empty()) return {"the text ends too early", "a bracket or a quote is not closed"};
  if (rest.front() == '/' || rest.front() == '#') {
    return {"comments are not allowed in JSON", "use the key \"description\""};
  }
  if ((rest.front() == ']' || rest.front() == '}') && before == ',') {
    return {"a comma before the closing bracket is not allowed", "remove the comma"};
  }
  if (word == "NaN" || word == "nan" || word.find("nfinity") != std::string_view::npos) {
    return {fmt::format("{} is not a number in JSON", hyperdc::quoted(word)),
            "leave the key out instead"};
  }
  if (rest.front() == '\'') return {"texts are in double quotes", "write \"…\""};
  if (word == "True" || word == "False" || word == "None") {
    return {fmt::format("{} is not JSON", hyperdc::quoted(word)), "write true, false or null"};
  }
  if (before != '\0' && std::string_view("{[,:").find(before) == std::string_view::npos) {
    if (open_.empty()) return {"something follows the end of the JSON value", ""};
    return {fmt::format("{} is not expected here", shown), "is a comma or a colon missing?"};
  }
  const bool letter = (rest.front() | 0x20) >= 'a' && (rest.front() | 0x20) <= 'z';
  return {fmt::format("{} is not expected here", shown),
          letter ? "keys and texts are in double quotes" : ""};
}

void Reader::report_syntax(std::size_t position, int id, bool in_text) {
  constexpr int kOutOfRange = 406;
  const std::size_t begin = std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size());
  const std::size_t end = std::min(position, text_.size());
  if (id == kOutOfRange) {
    const std::size_t stop = std::min(text_.find_first_of(" \t\r\n,:]}", begin), text_.size());
    problems_.error("E006", "",
                    fmt::format("{} is too large for a number",
                                hyperdc::quoted(text_.substr(begin, stop - begin), 24)),
                    "numbers go up to 1.7e308", span(begin, stop - begin));
    return;
  }
  if (in_text && begin < end) {
    const bool open =
        position > text_.size() || text_.find('"', begin + 1) == std::string_view::npos;
    const bool control = static_cast<unsigned char>(text_[end - 1]) < 0x20U;
    problems_.error("E002", "",
                    control ? "a text may not contain a line break or control character"
                    : open  ? "the text is not closed"
                            : "a wrong escape in a text",
                    "", span(control || open ? begin : end - 1, 1));
    return;
  }
  const std::size_t at = std::min(text_.find_first_not_of(kBlank, at_), text_.size());
  // A separator that is itself wrong ("{,", "[1:2]") or the token behind it.
  const std::size_t where = position <= begin ? (position == 0 ? at : position - 1) : begin;
  const auto [message, hint] = explain(std::min(where, text_.size()));
  problems_.error("E002", "", message, hint, span(where, 1));
}

bool check_text(std::uint32_t file, const Sources& sources, Problems& problems) {
  const std::string_view text = sources.at(file).text;
  const auto at = [&](std::size_t begin) {
    return Span{file, static_cast<std::uint32_t>(begin), 1};
  };
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    problems.error("E003", "", "the file begins with a byte order mark",
                   "save it as UTF-8 without one", at(0));
    return false;
  }
  if (const std::size_t good = utf8_prefix(text); good < text.size()) {
    problems.error("E003", "",
                   fmt::format("byte {} (0x{:02X}) is not UTF-8", good,
                               static_cast<unsigned char>(text[good])),
                   "save the file as UTF-8", at(good));
    return false;
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    problems.error("E003", "", fmt::format("byte {} is zero", nul), "is this a text file?",
                   at(nul));
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t begin = i;
    while (i < text.size() && kBlank.find(text[i]) != std::string_view::npos) ++i;
    if (i - begin <= kMaxBlanks) continue;
    problems.error("E004", "", fmt::format("more than {} blanks in a row", kMaxBlanks), "",
                   at(begin));
    return false;
  }
  if (text.find_first_not_of(kBlank) == std::string_view::npos) {
    problems.error("E002", "", "the file is empty", "a scenario is a JSON object: {…}", at(0));
    return false;
  }
  return true;
}

void forget_spans(Json& value) {
  value.span = {};
  for (Member& member : value.members) {
    member.key_span = {};
    forget_spans(member.value);
  }
}

}  // namespace

std::optional<Json> parse_json(std::uint32_t file, Sources& sources, Problems& problems) {
  if (!check_text(file, sources, problems)) return std::nullopt;
  Reader reader(file, sources, problems);
  const std::string& text = sources.at(file).text;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) return std::nullopt;
  return std::move(reader.root);
}

std::optional<Json> read_json(const std::string& file, Sources& sources, Problems& problems) {
  const std::uint32_t source = read_source(file, file, {}, sources, problems);
  if (source == 0) return std::nullopt;
  return parse_json(source, sources, problems);
}

Json parse_builtin(std::string_view text) {
  Sources sources;
  Problems problems(sources);
  auto value = parse_json(sources.add({"", std::string(text), "", {}, {}}), sources, problems);
  HYPERDC_CHECK(value.has_value() && !problems.failed(), std::string(text));
  forget_spans(*value);
  return std::move(*value);
}

}  // namespace hyperdc
