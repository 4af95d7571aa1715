// CheckReport: what became of each scenario of a suite. Screens, JUnit and JSON are made from it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "results/baseline.hpp"

namespace hyperdc {

enum class CheckStatus {
  passed,
  failed,   // an objective or the baseline does not hold
  skipped,  // `reason`
  invalid,  // `issues`
  crashed,  // `reason`
  not_run,  // `reason`: interrupted, or another file is invalid
};

struct CheckedScenario {
  std::string file;           // as it can be opened
  std::string baseline_file;  // where its baseline is or would be
  CheckStatus status = CheckStatus::passed;
  std::string reason;
  Issues issues;                           // of an invalid one, all
  std::vector<std::string> fingerprints;   // by seed; of what was run
  std::optional<BaselineComparison> diff;  // nothing: it has no baseline
  std::vector<ObjectiveChange> objectives;
  std::vector<std::string> notes;  // of what does not fail
  bool exact = false;              // another fingerprint fails
  enum class Update { none, written, unchanged };
  Update update = Update::none;  // of the baseline
  double wall_s = 0;
};

struct CheckReport {
  std::vector<CheckedScenario> scenarios;
  bool interrupted = false;
};

/// "flash-crowd" of "suite/flash-crowd.json".
std::string check_name(const CheckedScenario& scenario);
/// "suite" of it; "." of a file in the current directory.
std::string check_folder(const CheckedScenario& scenario);

std::size_t count_of(const CheckReport& report, CheckStatus status);

/// What `status` follows from, once it has run: failed for a missed or a vanished objective, a
/// metric that moved, no baseline, or with `exact` another fingerprint.
CheckStatus judged(const CheckedScenario& scenario);

bool objective_fails(const ObjectiveChange& change);
bool any_objective_fails(const CheckedScenario& scenario);

}  // namespace hyperdc
