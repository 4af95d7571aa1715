// What a study measured, for other tools.
#pragma once

#include <iosfwd>

#include "results/study_store.hpp"

namespace hyperdc {

/// schema "hyperdc.plan/1": the runs of a study with their parameters, seeds and keys.
std::string plan_json(const StudyPlan& plan);
/// schema "hyperdc.study/1": the study, its variations and its finished runs, one a line, keys in a
/// fixed order, nothing that depends on a machine or on the order in which runs finished.
void write_canonical(const StudyStore& store, std::ostream& out);
/// A row for each run and metric: variation, a column for each parameter, seed, metric, value,
/// unit.
void write_csv(const StudyStore& store, std::ostream& out);

}  // namespace hyperdc
