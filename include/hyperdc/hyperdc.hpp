// hyperdc from another program: load a scenario, run it, read its numbers.
//
//   auto loaded = hyperdc::load("scenario.json");
//   if (auto* issues = std::get_if<hyperdc::Issues>(&loaded)) { ... every problem, at once ... }
//   auto result = hyperdc::run(*std::get<hyperdc::ScenarioPtr>(loaded), 1);
//   double wait = hyperdc::metric(*result, "workloads.batch.wait.p95").value();
//
// Link hyperdc_experiment. A scenario is const and may be run on many threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hyperdc/core/issue.hpp>

namespace hyperdc {

struct Scenario;
struct RunResult;
using ScenarioPtr = std::shared_ptr<const Scenario>;
using ResultPtr = std::shared_ptr<const RunResult>;

/// Reads, merges and checks a scenario file. `sets` are (path, JSON value) pairs as in --set.
Result<ScenarioPtr> load(const std::string& file,
                         const std::vector<std::pair<std::string, std::string>>& sets = {});

/// One run. Pure: no files, no globals. Throws InvariantError when a law of the model is broken.
ResultPtr run(const Scenario& scenario, std::uint64_t seed);

/// The value of a metric in its SI unit; nothing where the result has none.
std::optional<double> metric(const RunResult& result, std::string_view name);

/// The bytes of result.json.
std::string to_json(const RunResult& result);

}  // namespace hyperdc
