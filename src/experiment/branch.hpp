// run_branches: one run to a moment, and from exactly that state on under several alternatives.
//
// The process forks at the moment, once for each alternative: a copy of the whole state costs what
// is written to afterwards. So no thread may exist, and no database be open, when it is called. The
// run itself goes on unchanged as the first branch, and equals a plain run in every byte; what an
// alternative changes is in world/branch.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/run.hpp"

namespace hyperdc {

struct BranchAlternative {
  std::string name;
  const Scenario* scenario = nullptr;  // differs from the base in live keys only
};

struct BranchRequest {
  RunRequest run;  // the base; without files to write
  SimTime at;      // before its end
  std::vector<BranchAlternative> alternatives;
  unsigned at_once = 1;  // branches that run side by side
};

/// The outcome of the base, then those of the alternatives in their order. The result of one that
/// changes something carries its name, and an assumption that says from when on it holds.
std::vector<RunOutcome> run_branches(const BranchRequest& request, ProgressSink* progress);

}  // namespace hyperdc
