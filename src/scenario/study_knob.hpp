// A knob of a study: a value of the scenario that varies, and what it may be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/varied_value.hpp"
#include "scenario/decode.hpp"
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

}  // namespace hyperdc
