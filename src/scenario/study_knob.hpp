// A knob of a study: a value of the scenario that varies, and what it may be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/varied_value.hpp"
#include "scenario/decode.hpp"
#include "scenario/study.hpp"
#include "scenario/study_design.hpp"

namespace hyperdc {

struct Knob {
  std::string name;
  std::string at;
  View where;                       // the "at" that says so
  std::vector<std::string> values;  // JSON
  std::vector<std::string> labels;  // of these, no two alike
  double low = 0, high = 0;         // of a stretch
  std::string scale;
  std::string unit;
};

/// Nothing when something is wrong with it: then that was reported.
std::optional<Knob> read_knob(const View::Entry& entry, Problems& problems);

/// What the knob is at a point of a design.
VariedValue value_at(const Knob& knob, const DesignPoint& point);

/// What tells a value from others: its policy or kind, or itself. Without control characters.
std::string label_of(const Json& value);
/// Numbers labels that are alike from 1: "hpa.1", "hpa.2".
void tell_apart(std::vector<std::string>& labels);

/// Name, description, base and first seed of a study file, whatever it asks for.
void read_study_head(const View& view, const std::string& file, Problems& problems, Study& out);

/// "100", "100 kW": a number as people read it, and as JSON that a scenario takes.
std::string number_label(double value, const std::string& unit);
std::string number_json(const std::string& label, const std::string& unit);

/// How many values lie from one number to another in `steps` steps, a little rounding allowed.
std::size_t values_in(double steps);

}  // namespace hyperdc
