// What screens say about a run from its resolved scenario: how long, what was left out, limits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/run_result.hpp"

namespace hyperdc {

struct ResolvedFacts {
  std::string description;
  std::string provider, as_of;       // empty: of none
  std::optional<double> duration_s;  // nothing: until every job has left
  double warmup_s = 0;
  std::map<std::string, double> power_limit_w;         // of each region that has one
  std::vector<std::string> workloads, pools, regions;  // names, in order of the file
  std::map<std::string, std::string> platforms;        // of workloads that are on one
};

/// Facts that are missing or written in a way that is not understood are left at their defaults.
ResolvedFacts resolved_facts(const RunResult& result);

}  // namespace hyperdc
