#include "workload/fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"

namespace hyperdc {

namespace {

bool blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

bool Fields::split_commas(std::string_view line, std::uint64_t number) {
  line_ = line;
  number_ = number;
  clean_ = true;
  fields_.clear();
  unquoted_.clear();
  if (unquoted_.capacity() < line.size() && line.find('"') != std::string_view::npos) {
    unquoted_.reserve(line.size());  // views into it must stay valid while the line is split
  }
  std::size_t position = 0;
  for (;;) {
    while (position < line.size() && blank(line[position])) ++position;
    if (position < line.size() && line[position] == '"') {
      if (!quoted_field(position)) return false;
    } else {
      const std::size_t comma = std::min(line.find(',', position), line.size());
      std::size_t end = comma;
      while (end > position && blank(line[end - 1])) --end;
      fields_.push_back({line.substr(position, end - position), position, end - position});
      position = comma;
    }
    if (position == line.size()) return true;
    ++position;  // the comma
  }
}

bool Fields::quoted_field(std::size_t& position) {
  const std::size_t begin = position++;
  const std::size_t text_begin = unquoted_.size();
  for (;; ++position) {
    if (position == line_.size()) {
      fields_.push_back({{}, begin, position - begin});
      problem(fields_.size() - 1, input_code::kRow, "the quotes do not close on this line");
      return false;
    }
    if (line_[position] == '"') {
      if (position + 1 == line_.size() || line_[position + 1] != '"') break;
      ++position;  // "" is one quote
    }
    unquoted_.push_back(line_[position]);
  }
  ++position;
  fields_.push_back({std::string_view(unquoted_).substr(text_begin), begin, position - begin});
  while (position < line_.size() && blank(line_[position])) ++position;
  if (position == line_.size() || line_[position] == ',') return true;
  problem(fields_.size() - 1, input_code::kRow, "something follows the closing quotes");
  return false;
}

void Fields::split_blanks(std::string_view line, std::uint64_t number) {
  line_ = line;
  number_ = number;
  clean_ = true;
  fields_.clear();
  std::size_t position = 0;
  for (;;) {
    while (position < line.size() && blank(line[position])) ++position;
    if (position == line.size()) return;
    const std::size_t begin = position;
    while (position < line.size() && !blank(line[position])) ++position;
    fields_.push_back({line.substr(begin, position - begin), begin, position - begin});
  }
}

// Columns count characters, as editors do, not bytes.
int Fields::column_at(std::size_t byte) const {
  const std::string_view before = line_.substr(0, byte);
  return 1 + static_cast<int>(std::count_if(before.begin(), before.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
         }));
}

void Fields::problem(std::size_t field, const char* code, std::string message, std::string hint) {
  clean_ = false;
  if (problems_.count() >= RowProblems::kListed) return problems_.add(number_, 0, 0, code, {});
  const Field& f = fields_[field];
  const int column = column_at(f.begin);
  const int length = std::max(1, column_at(f.begin + f.length) - column);
  problems_.add(number_, column, length, code, std::move(message), std::move(hint));
}

void Fields::row_problem(const char* code, std::string message, std::string hint) {
  clean_ = false;
  problems_.add(number_, 1, std::max(1, column_at(line_.size()) - 1), code, std::move(message),
                std::move(hint));
}

double Fields::outside(std::size_t i, std::string_view name, Range range) {
  std::string allowed = std::isinf(range.high) ? fmt::format("at least {}", range.low)
                                               : fmt::format("{}..{}", range.low, range.high);
  problem(i, input_code::kRange,
          fmt::format("{}: {} is outside the range", name, quoted(fields_[i].text, 40)),
          std::move(allowed));
  return range.low;
}

double Fields::number(std::size_t i, std::string_view name, Range range) {
  const std::string_view text = fields_[i].text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
    return outside(i, name, range);
  }
  if (error != std::errc{} || end != text.data() + text.size()) {
    problem(i, input_code::kValue,
            text.empty() ? fmt::format("{}: a number is missing", name)
                         : fmt::format("{}: {} is not a number", name, quoted(text, 40)));
    return range.low;
  }
  if (!(value >= range.low && value <= range.high)) return outside(i, name, range);  // and NaN
  return value;
}

std::int64_t Fields::whole(std::size_t i, std::string_view name, Range range) {
  const std::string_view text = fields_[i].text;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) {
    const bool inside = value >= static_cast<std::int64_t>(range.low) &&
                        value <= static_cast<std::int64_t>(range.high);
    return inside ? value : static_cast<std::int64_t>(outside(i, name, range));
  }
  const bool was_clean = clean_;
  clean_ = true;
  const double real = number(i, name, range);
  if (clean_ && real != std::floor(real)) {
    problem(i, input_code::kValue,
            fmt::format("{}: {} is not a whole number", name, quoted(text, 40)));
  }
  clean_ = clean_ && was_clean;
  return static_cast<std::int64_t>(real);
}

}  // namespace hyperdc
