#include "scenario/study_knob.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "core/math.hpp"
#include "core/text.hpp"
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kLabelBytes = 24;

class KnobReader {
 public:
  KnobReader(Problems& problems, Knob& knob) : problems_(problems), knob_(knob) {}

  void read(const View& spec) {
    knob_.where = spec["at"];
    knob_.at = knob_.where.text();
    knob_.unit = spec["unit"].text();
    if (const View values = spec["values"]) {
      if (!knob_.unit.empty()) {
        error(spec["unit"], "values state their own units", "leave it out");
      }
      read_values(values);
    } else if (const View range = spec["range"]) {
      read_range(range);
    } else if (const View between = spec["between"]) {
      read_stretch(between, spec["scale"].text());
    }
  }

 private:
  void error(const View& at, std::string message, std::string hint) {
    problems_.error("E034", at.path(), std::move(message), std::move(hint), at.span());
  }

  void read_values(const View& values) {
    std::set<std::string> seen;
    for (const Member& member : values.json()->members) {
      const Json& value = member.value;
      std::string json = print_short(value, kMaxJsonBytes);
      if (!seen.insert(json).second) {
        problems_.error("E034", values.path(), "the same value twice", "leave one out", value.span);
      }
      knob_.values.push_back(std::move(json));
      knob_.labels.push_back(label_of(value));
    }
    tell_apart(knob_.labels);
  }

  void read_range(const View& range) {
    const std::vector<double> numbers = range.numbers();
    if (numbers.size() != 3) {
      error(range, "a range is from, to and step", "write [100, 400, 50]");
      return;
    }
    const double steps = (numbers[1] - numbers[0]) / numbers[2];
    if (!(numbers[2] != 0) || !(steps >= 0) || steps >= static_cast<double>(kMaxVariations)) {
      error(range, "a range goes from the first number to the second in steps",
            "write [100, 400, 50]");
      return;
    }
    const auto count = values_in(steps);
    for (std::size_t i = 0; i < count; ++i) {
      const double value = numbers[0] + numbers[2] * static_cast<double>(i);
      // 0.1 + 0.2: what a person would write.
      std::string label = number_label(std::stod(fmt::format("{:.12g}", value)), knob_.unit);
      if (!knob_.labels.empty() && knob_.labels.back() == label) {
        error(range, "the step is too small beside the numbers", "write the values out");
        return;
      }
      knob_.values.push_back(number_json(label, knob_.unit));
      knob_.labels.push_back(std::move(label));
    }
  }

  void read_stretch(const View& between, const std::string& scale) {
    const std::vector<double> ends = between.numbers();
    knob_.scale = scale;
    if (ends.size() != 2 || !(ends[0] < ends[1])) {
      error(between, "a stretch is between a least and a larger most", "write [0.4, 0.9]");
      return;
    }
    if (scale == "log" && ends[0] <= 0) {
      error(between, "a logarithmic stretch begins above 0", "");
      return;
    }
    if (scale == "integer" && std::ceil(ends[0]) > std::floor(ends[1])) {
      error(between, "there is no whole number between these", "");
      return;
    }
    knob_.low = ends[0];
    knob_.high = ends[1];
  }

  Problems& problems_;
  Knob& knob_;
};

}  // namespace

std::string number_label(double value, const std::string& unit) {
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

std::string number_json(const std::string& label, const std::string& unit) {
  return unit.empty() ? label : print_short(Json::of_text(label), kMaxTextBytes);
}

std::size_t values_in(double steps) {
  return static_cast<std::size_t>(std::floor(steps * (1 + 1e-12) + 1e-9)) + 1;
}

void tell_apart(std::vector<std::string>& labels) {
  const std::multiset<std::string> given(labels.begin(), labels.end());
  std::set<std::string> taken(labels.begin(), labels.end());
  for (std::string& label : labels) {
    if (given.count(label) == 1) continue;
    int number = 1;
    while (!taken.insert(fmt::format("{}.{}", label, number)).second) ++number;
    label = fmt::format("{}.{}", label, number);
  }
}

std::string label_of(const Json& value) {
  const Json* chosen = &value;
  for (const char* tag : {"policy", "kind", "family"}) {
    const Json* text = value.is(Json::Kind::object) ? value.find(tag) : nullptr;
    if (text != nullptr && text->is(Json::Kind::text)) chosen = text;
  }
  if (!chosen->is(Json::Kind::text)) return print_short(*chosen, kLabelBytes);
  const std::string marked = quoted(chosen->text);
  return marked.substr(1, marked.size() - 2);
}

std::optional<Knob> read_knob(const View::Entry& entry, Problems& problems) {
  const std::size_t before = problems.errors();
  Knob knob;
  knob.name = entry.key;
  KnobReader(problems, knob).read(entry.value);
  const bool whole = knob.where && problems.errors() == before;
  return whole ? std::optional(std::move(knob)) : std::nullopt;
}

VariedValue value_at(const Knob& knob, const DesignPoint& point) {
  if (!knob.values.empty()) return {knob.name, knob.labels[point.value], knob.values[point.value]};
  double value = knob.low + point.share * (knob.high - knob.low);
  if (knob.scale == "log") {
    const double low = math::log(knob.low);
    value = math::exp(low + point.share * (math::log(knob.high) - low));
  }
  if (knob.scale == "integer") {
    const double low = std::ceil(knob.low);
    value = low + std::floor(point.share * (std::floor(knob.high) - low + 1));
  } else {
    value = std::stod(fmt::format("{:.9g}", value));
  }
  const std::string label = number_label(value, knob.unit);
  return {knob.name, label, number_json(label, knob.unit)};
}

}  // namespace hyperdc
