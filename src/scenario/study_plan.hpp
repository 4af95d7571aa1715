// PlanStudy: a study whose key "plan" says what to search (docs/adr/0012-plan.md).
//
// Each knob becomes a list of values in order, so that a candidate is one index a knob; a candidate
// as a scenario is a Variation of the base, and means what --set would make of it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenario/study.hpp"

namespace hyperdc {

struct PlanKnob {
  std::string name;
  std::vector<std::string> at;      // paths that are set together
  std::vector<SourcePlace> places;  // of these, in the study file
  std::vector<std::string> values;  // JSON, from the least capacity to the most
  std::vector<std::string> labels;  // as people read them
  std::vector<double> numbers;      // of the values; empty where some value is no number
  std::string unit;                 // of these
  bool monotone = true;
};

/// Part of what is minimised: a knob, or a metric.
struct PlanTerm {
  std::string name;
  double weight = 1;
  std::optional<std::size_t> knob;  // nothing: a metric
  SourcePlace place;
};

struct PlanSpec {
  std::vector<PlanKnob> knobs;
  std::vector<PlanTerm> minimize;
  std::string objectives;  // JSON; empty: those of the base
  std::vector<SourcePlace> objective_places;
  SourcePlace place;  // of the plan
  double confidence = 0.95;
  std::size_t first = 8, most = 64;  // seeds
  std::size_t candidates = 200;
};

struct PlanStudy {
  Study study;  // without variations
  PlanSpec plan;
};

/// Reads and checks the file, but not the scenarios of its candidates.
Result<PlanStudy> load_plan_study(const std::string& file,
                                  std::optional<std::uint64_t> first_seed = std::nullopt);

/// True when the file is JSON with a key "plan" beside "base".
bool is_plan_study(const std::string& file);

/// The candidate with this value of each knob.
Variation plan_variation(const PlanSpec& plan, std::span<const std::size_t> point);

}  // namespace hyperdc
