// Reading of quantities. The grammar is in units.hpp; everything else here is about telling the
// user what to write instead.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <system_error>
#include <utility>
#include <vector>

#include <hyperdc/core/units.hpp>

#include "core/text.hpp"

namespace hyperdc {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What people write instead of the unit of the table.
struct Alias {
  std::string_view written;
  std::string_view unit;
};
constexpr auto kAliases = std::to_array<Alias>({
    {"m", "min"},          {"sec", "s"},          {"secs", "s"},         {"second", "s"},
    {"seconds", "s"},      {"mins", "min"},       {"minute", "min"},     {"minutes", "min"},
    {"hr", "h"},           {"hrs", "h"},          {"hour", "h"},         {"hours", "h"},
    {"day", "d"},          {"days", "d"},         {"week", "w"},         {"weeks", "w"},
    {"wk", "w"},           {"year", "y"},         {"years", "y"},        {"yr", "y"},
    {"\u00b5s", "us"},     {"\u03bcs", "us"},     {"msec", "ms"},        {"usec", "us"},
    {"byte", "B"},         {"bytes", "B"},        {"bps", "bit/s"},      {"kbps", "kbit/s"},
    {"Mbps", "Mbit/s"},    {"Gbps", "Gbit/s"},    {"Tbps", "Tbit/s"},    {"Mb/s", "Mbit/s"},
    {"Gb/s", "Gbit/s"},    {"Tb/s", "Tbit/s"},    {"kb/s", "kbit/s"},    {"GBps", "GB/s"},
    {"MBps", "MB/s"},      {"TBps", "TB/s"},      {"Watt", "W"},         {"watt", "W"},
    {"watts", "W"},        {"joule", "J"},        {"joules", "J"},       {"rps", "/s"},
    {"qps", "/s"},         {"1/s", "/s"},         {"req/s", "/s"},       {"jobs/s", "/s"},
    {"per s", "/s"},       {"FLOPS", "FLOP/s"},   {"GFLOPS", "GFLOP/s"}, {"TFLOPS", "TFLOP/s"},
    {"PFLOPS", "PFLOP/s"}, {"EFLOPS", "EFLOP/s"}, {"TOPS", "TOP/s"},     {"$", "USD"},
    {"$/kWh", "USD/kWh"},  {"$/MWh", "USD/MWh"},  {"$/h", "USD/h"},      {"gCO2/kWh", "g/kWh"},
});

constexpr auto kPrefixes = std::to_array<std::string_view>(
    {"n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"});

const UnitRow* find_unit(std::string_view unit) {
  for (const UnitRow& row : unit_table()) {
    if (row.unit == unit) return &row;
  }
  return nullptr;
}

bool equal_but_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> units_of(Dimension dimension) {
  std::vector<std::string_view> units;
  for (const UnitRow& row : unit_table()) {
    if (row.dimension == dimension) units.push_back(row.unit);
  }
  return units;
}

std::string_view usual_unit(Dimension dimension) {
  switch (dimension) {
    case Dimension::none:
      return "";
    case Dimension::bytes:
      return "GiB";
    case Dimension::data_rate:
      return "Gbit/s";
    case Dimension::energy:
      return "kWh";
    case Dimension::compute_rate:
      return "TFLOP/s";
    case Dimension::money_per_energy:
      return "USD/kWh";
    case Dimension::money_per_time:
      return "USD/h";
    case Dimension::carbon_per_energy:
      return "g/kWh";
    case Dimension::volume_per_energy:
      return "L/kWh";
    case Dimension::money_per_mass:
      return "USD/t";
    case Dimension::money_per_power:
      return "USD/kW";
    default:
      return si_unit(dimension);
  }
}

/// Factors below 1 are 1/n with a whole n: dividing by n rounds once, where multiplying by the
/// already rounded 1/n would round twice ("51.9 ms" would not be 0.0519).
double to_si(double value, double factor) {
  return factor < 1 ? value / std::round(1 / factor) : value * factor;
}

/// The first characters of `text` that are a decimal number as in JSON, but with zeros in front
/// allowed: -?digits(.digits)?([eE][+-]?digits)?. Empty if there is none.
std::string_view scan_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return {};
  std::size_t end = at;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits()) end = at;
  }
  at = end;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits()) end = at;
  }
  return text.substr(0, end);
}

/// "USD / kWh" and "10 / s" are accepted: one space on both sides of the slash, or none.
std::string without_spaced_slash(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool before = text[i] == ' ' && text.substr(i, 3) == " / " && i > 0;
    if (!before) {
      out += text[i];
      continue;
    }
    // After the number the space stays: it separates number and unit ("10 / s" is "10 /s").
    if (is_digit(text[i - 1])) out += ' ';
    out += '/';
    i += 2;
  }
  return out;
}

class Reader {
 public:
  Reader(std::string_view text, Dimension dimension, std::string_view example)
      : text_(text), dimension_(dimension), example_(example) {
    if (example_.empty()) example_ = usual_unit(dimension);
  }

  std::variant<double, UnitError> read();

 private:
  using Outcome = std::variant<double, UnitError>;

  UnitError error(std::string message, std::string hint) const {
    return {std::move(message), std::move(hint)};
  }
  std::string suggest(std::string_view number) const {
    return fmt::format("write \"{} {}\"", number, example_);
  }
  Outcome number_alone(std::string_view number) const;
  Outcome value_of(std::string_view number) const;
  Outcome not_a_number() const;
  Outcome part(std::string_view number, std::string_view unit, const UnitRow** row) const;
  Outcome bad_unit(std::string_view number, std::string_view unit) const;
  Outcome compound(std::string_view rest) const;
  Outcome no_space(std::string_view number, std::string_view rest) const;

  std::string_view text_;
  Dimension dimension_;
  std::string_view example_;
};

std::variant<double, UnitError> Reader::value_of(std::string_view number) const {
  double value = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (code == std::errc::result_out_of_range) {
    return error(fmt::format("{} is outside the range of numbers", quoted(number)),
                 "numbers are between 1e-307 and 1e308 in size");
  }
  if (code != std::errc() || end != number.data() + number.size()) return not_a_number();
  return value;
}

std::variant<double, UnitError> Reader::not_a_number() const {
  const std::string shown = quoted(text_);
  const std::string sample =
      dimension_ == Dimension::none ? "write a number" : fmt::format("write \"10 {}\"", example_);
  if (text_.empty()) return error("the text is empty", sample);
  if (text_.front() == ' ' || text_.back() == ' ') {
    return error(fmt::format("{} begins or ends with a space", shown), sample);
  }
  if (text_.front() == '+') {
    return error(fmt::format("{} begins with \"+\"", shown), "leave the sign out");
  }
  if (text_.front() == '.') {
    return error(fmt::format("{} begins with a point", shown), "write \"0.5\", not \".5\"");
  }
  const std::string_view word = text_.substr(text_.front() == '-' ? 1 : 0);
  if (equal_but_case(word.substr(0, 3), "nan") || equal_but_case(word.substr(0, 3), "inf")) {
    return error(fmt::format("{} is not a finite number", shown), sample);
  }
  return error(fmt::format("{} does not begin with a number", shown), sample);
}

std::variant<double, UnitError> Reader::number_alone(std::string_view number) const {
  const Outcome value = value_of(number);
  if (dimension_ == Dimension::none || value.index() == 1) return value;
  return error(fmt::format("{} has no unit", number.substr(0, 40)), suggest(number.substr(0, 40)));
}

std::variant<double, UnitError> Reader::no_space(std::string_view number,
                                                 std::string_view rest) const {
  const std::string shown = quoted(text_);
  const char next = rest.front();
  if (next == ',') {
    return error(fmt::format("{} has a comma", shown),
                 "write a point before decimals and no separators between thousands");
  }
  if (next == '.') {
    return error(fmt::format("{} has a point without digits after it", shown), suggest(number));
  }
  if ((next == 'x' || next == 'X') && (number == "0" || number == "-0")) {
    return error(fmt::format("{} is a hexadecimal number", shown), "write a decimal number");
  }
  const UnitRow* row = find_unit(rest);
  if (row != nullptr && row->dimension == dimension_) {
    return error(fmt::format("{} has no space between number and unit", shown),
                 fmt::format("write \"{} {}\"", number, rest));
  }
  if (dimension_ == Dimension::none) {
    return error(fmt::format("{} is not a pure number", shown), fmt::format("write {}", number));
  }
  return bad_unit(number, rest);
}

std::variant<double, UnitError> Reader::bad_unit(std::string_view number,
                                                 std::string_view unit) const {
  const std::string shown = quoted(unit, 30);
  const auto write = [&](std::string_view right) {
    return fmt::format("write \"{} {}\"", number, right);
  };
  const std::vector<std::string_view> units = units_of(dimension_);
  std::string same_letters;
  for (const std::string_view candidate : units) {
    if (!equal_but_case(candidate, unit)) continue;
    same_letters +=
        fmt::format("{}\"{} {}\"", same_letters.empty() ? "write " : " or ", number, candidate);
  }
  if (!same_letters.empty()) {
    return error(fmt::format("{} is not a unit; upper and lower case differ", shown), same_letters);
  }
  const UnitRow* other = find_unit(unit);
  for (const Alias& alias : kAliases) {
    const UnitRow* meant = find_unit(alias.unit);
    if (alias.written != unit || meant->dimension != dimension_) continue;
    if (other != nullptr) break;  // "5 m" where a time is needed: say both
    return error(fmt::format("{} is not a unit", shown), write(alias.unit));
  }
  if (other != nullptr) {
    const bool minutes = dimension_ == Dimension::time && unit == "m";
    return error(fmt::format("{} is a unit of {}, but a unit of {} is needed", shown,
                             dimension_name(other->dimension), dimension_name(dimension_)),
                 write(minutes ? "min" : example_));
  }
  if (std::find(kPrefixes.begin(), kPrefixes.end(), unit) != kPrefixes.end()) {
    return error(fmt::format("{} is a prefix without a unit", shown), suggest(number));
  }
  const std::size_t space = unit.find(' ');
  const std::string_view head = unit.substr(0, space);
  if (space != std::string_view::npos && find_unit(head) != nullptr) {
    const bool several = space + 1 < unit.size() && is_digit(unit[space + 1]);
    return error(several ? fmt::format("{} has several parts; only times may", quoted(text_))
                         : fmt::format("{} goes on after the unit", quoted(text_)),
                 write(head));
  }
  if (const auto near = nearest(unit, std::span<const std::string_view>(units))) {
    return error(fmt::format("{} is not a unit", shown), write(*near));
  }
  std::string list = "units are ";
  for (const std::string_view known : units) {
    if (known != units.front()) list += ", ";
    list += known;
  }
  return error(fmt::format("{} is not a unit of {}", shown, dimension_name(dimension_)), list);
}

/// One "number unit" of the dimension; `row` is set on success.
std::variant<double, UnitError> Reader::part(std::string_view number, std::string_view unit,
                                             const UnitRow** row) const {
  const Outcome value = value_of(number);
  if (value.index() == 1) return value;
  *row = find_unit(unit);
  if (*row == nullptr || (*row)->dimension != dimension_) return bad_unit(number, unit);
  const double si = to_si(std::get<double>(value), (*row)->factor);
  if (!std::isfinite(si)) {
    return error(fmt::format("{} is outside the range of numbers", quoted(text_)),
                 "numbers are between 1e-307 and 1e308 in size");
  }
  return si;
}

/// "2 d 9 h 30 min": parts in falling order of unit, none negative.
std::variant<double, UnitError> Reader::compound(std::string_view rest) const {
  double sum = 0;
  const UnitRow* before = nullptr;
  while (!rest.empty()) {
    const std::string_view number = scan_number(rest);
    if (number.empty()) {
      return error(fmt::format("{} goes on after the unit", quoted(text_)),
                   "write, for example, \"2 d 9 h 30 min\"");
    }
    std::string_view unit = rest.substr(number.size());
    if (unit.empty()) return error(fmt::format("{} has no unit", quoted(number)), suggest(number));
    if (unit.front() != ' ') return no_space(number, unit);
    unit.remove_prefix(1);
    const std::size_t space = unit.find(' ');
    rest = space == std::string_view::npos ? std::string_view() : unit.substr(space + 1);
    if (space != std::string_view::npos && rest.empty()) return not_a_number();
    unit = unit.substr(0, space);

    const UnitRow* row = nullptr;
    const Outcome value = part(number, unit, &row);
    if (value.index() == 1) return value;
    const bool several = before != nullptr || !rest.empty();
    if (several && number.front() == '-') {
      return error(fmt::format("{} has a negative part", quoted(text_)),
                   "only a single number with a unit may be negative");
    }
    if (before != nullptr && row->factor >= before->factor) {
      return error(fmt::format("the units of {} do not fall", quoted(text_)),
                   "write larger units first, each once: \"2 d 9 h 30 min\"");
    }
    sum += std::get<double>(value);
    before = row;
  }
  return sum;
}

std::variant<double, UnitError> Reader::read() {
  const std::string_view number = scan_number(text_);
  if (number.empty() || text_.back() == ' ') return not_a_number();
  if (number.size() == text_.size()) return number_alone(number);
  const std::string_view rest = text_.substr(number.size());
  if (rest.front() != ' ') return no_space(number, rest);
  if (rest.size() > 1 && rest[1] == ' ') {
    return error(fmt::format("{} has more than one space after the number", quoted(text_)),
                 fmt::format("write \"{} {}\"", number, example_));
  }
  if (dimension_ == Dimension::none) {
    return error(fmt::format("{} has a unit, but a pure number is needed", quoted(text_)),
                 fmt::format("write {}", number));
  }
  if (dimension_ == Dimension::time) return compound(text_);
  const UnitRow* row = nullptr;
  return part(number, rest.substr(1), &row);
}

}  // namespace

std::variant<double, UnitError> parse_quantity(std::string_view text, Dimension dimension,
                                               std::string_view example) {
  // No quantity is longer; what is written of it into messages stays short.
  constexpr std::size_t kLongest = 400;
  if (text.size() > kLongest) {
    return UnitError{fmt::format("{} is too long for a quantity", quoted(text)),
                     "write a number, a space and a unit"};
  }
  const std::string joined = without_spaced_slash(text);
  return Reader(joined, dimension, example).read();
}

}  // namespace hyperdc
