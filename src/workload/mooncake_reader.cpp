// mooncake: requests of the traces of Mooncake (Qin et al., FAST'25), a line of JSON each:
//   {"timestamp": 27000, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 14]}
//
// at = timestamp ms; prompt = input_length, output = output_length tokens; hash_ids name the blocks
// of 512 tokens of the prompt, the last one perhaps shorter, each with all before it. The fields
// may stand in any order. Units: ms, tokens.
// Leaves out: anything else that JSON may say: one object of these four fields is a line.
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "core/text.hpp"
#include "workload/csv_rows.hpp"
#include "workload/token_trace.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kMooncakeBlock = 512;
constexpr double kMostId = 0x1p53;

enum MooncakeFields : std::size_t { kMooncakeTime, kMooncakeInput, kMooncakeOutput, kMooncakeIds };
constexpr std::array<std::string_view, 4> kMooncakeNames{"timestamp", "input_length",
                                                         "output_length", "hash_ids"};

class MooncakeLine {
 public:
  MooncakeLine(std::string_view text, std::uint64_t number, RowProblems& problems)
      : text_(text), number_(number), problems_(problems) {}

  /// False, with problems, where it is no request.
  bool read(TokenRequest& row, std::vector<std::uint64_t>& ids) {
    if (!take('{')) return fails("a line is {\"timestamp\": ..., ...}");
    do {
      if (!read_field(ids)) return false;
    } while (take(','));
    if (!take('}')) return fails("a comma or } is missing");
    if (blanks(); at_ < text_.size()) return fails("something follows the }");
    for (std::size_t i = 0; i < kMooncakeNames.size(); ++i) {
      if (begins_[i]) continue;
      problem(0, text_.size(), input_code::kColumns,
              fmt::format("{}: field missing", quoted(kMooncakeNames[i])));
      return false;
    }
    row.at.ns = values_[kMooncakeTime] * 1'000'000;
    row.prompt = static_cast<std::uint64_t>(values_[kMooncakeInput]);
    row.output = static_cast<std::uint64_t>(values_[kMooncakeOutput]);
    return blocks_fit(row);
  }

 private:
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void problem(std::size_t begin, std::size_t length, const char* code, std::string message,
               std::string hint = {}) {
    problems_.add(number_, static_cast<int>(begin) + 1, static_cast<int>(length), code,
                  std::move(message), std::move(hint));
  }
  bool fails(std::string message) {
    problem(at_, 1, input_code::kRow, std::move(message));
    return false;
  }

  std::optional<std::size_t> read_name() {
    blanks();
    const std::size_t begin = at_;
    if (!take('"')) {
      fails("the name of a field is missing");
      return std::nullopt;
    }
    const std::size_t end = std::min(text_.find('"', at_), text_.size());
    const std::string_view name = text_.substr(at_, end - at_);
    const auto known = std::find(kMooncakeNames.begin(), kMooncakeNames.end(), name);
    if (known == kMooncakeNames.end()) {
      const auto near = nearest(name, kMooncakeNames);
      problem(begin, end - begin + 1, input_code::kColumns,
              fmt::format("{}: unknown field", quoted(name, 40)),
              near ? fmt::format("did you mean {}?", quoted(*near))
                   : "known are timestamp, input_length, output_length, hash_ids");
      return std::nullopt;
    }
    const auto field = static_cast<std::size_t>(known - kMooncakeNames.begin());
    if (begins_[field]) {
      problem(begin, name.size() + 2, input_code::kColumns,
              fmt::format("{}: field repeated", quoted(name)));
      return std::nullopt;
    }
    begins_[field] = begin;
    at_ = std::min(end + 1, text_.size());
    return field;
  }

  bool read_field(std::vector<std::uint64_t>& ids) {
    const auto field = read_name();
    if (!field) return false;
    if (!take(':')) return fails("a colon is missing");
    if (*field == kMooncakeIds) return read_ids(ids);
    constexpr std::array<std::pair<double, double>, 3> kRanges{
        {{0, kMostArrivalNs / 1e6}, {1, kMostTokens}, {1, kMostTokens}}};
    return read_whole(kMooncakeNames[*field], kRanges[*field], values_[*field]);
  }

  bool read_ids(std::vector<std::uint64_t>& ids) {
    if (!take('[')) return fails("hash_ids: a list is missing");
    if (take(']')) return true;
    do {
      std::int64_t id = 0;
      if (!read_whole("hash_ids", {0, kMostId}, id)) return false;
      ids.push_back(static_cast<std::uint64_t>(id));
      ++ids_;
    } while (take(','));
    return take(']') || fails("hash_ids: the list does not end");
  }

  bool read_whole(std::string_view name, std::pair<double, double> range, std::int64_t& value) {
    blanks();
    const std::size_t end = std::min(text_.find_first_of(" \t,]}", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc{} && stop == word.data() + word.size();
    const bool inside = whole && static_cast<double>(value) >= range.first &&
                        static_cast<double>(value) <= range.second;
    if (!inside) {
      problem(at_, std::max<std::size_t>(1, word.size()),
              whole ? input_code::kRange : input_code::kValue,
              fmt::format("{}: {} is {}", name, quoted(word, 40),
                          whole ? "outside the range" : "not a whole number"),
              whole ? fmt::format("{}..{}", range.first, range.second) : std::string());
    }
    at_ = end;
    return inside;
  }

  bool blocks_fit(const TokenRequest& row) {
    const std::uint64_t blocks = (row.prompt + kMooncakeBlock - 1) / kMooncakeBlock;
    if (ids_ == blocks) return true;
    problem(*begins_[kMooncakeIds], kMooncakeNames[kMooncakeIds].size() + 2, input_code::kValue,
            fmt::format("hash_ids: {} for a prompt of {} tokens", ids_, row.prompt),
            fmt::format("one for each 512 tokens that are begun: {}", blocks));
    return false;
  }

  std::string_view text_;
  std::uint64_t number_;
  RowProblems& problems_;
  std::size_t at_ = 0;
  std::array<std::int64_t, 3> values_{};
  std::uint64_t ids_ = 0;
  std::array<std::optional<std::size_t>, 4> begins_;  // where fields are that were read
};

}  // namespace

Result<std::string> read_mooncake(const std::string& file, TokenTrace& trace) {
  trace.tokens_each = kMooncakeBlock;
  RowProblems problems(file);
  return read_rows(file, "requests", problems, [&](std::string_view line, LineReader& lines) {
    TokenRequest row;
    row.ids_from = trace.ids.size();
    const bool good = MooncakeLine(line, lines.line_number(), problems).read(row, trace.ids);
    if (!good) {
      trace.ids.resize(row.ids_from);
      return LineWas::other;
    }
    row.ids = static_cast<std::uint32_t>(trace.ids.size() - row.ids_from);
    trace.rows.push_back(row);
    return LineWas::row;
  });
}

}  // namespace hyperdc
