// For tests that run scenarios: load an example with overrides, run it under seeds 1..n.
#pragma once

#include <string>
#include <vector>

#include "experiment/run.hpp"
#include "scenario/load.hpp"

namespace hyperdc::test {

/// "queue-mmc" is scenarios/examples/queue-mmc.json. Fails the test when it does not load.
Scenario load_example(const std::string& name, const std::vector<Override>& overrides = {});

/// Any other file, relative to the project; trace files of scenarios/examples/data may be named.
Scenario load_file(const std::string& path, const std::vector<Override>& overrides = {});

/// One complete run a seed, 1..seeds, on two threads. Fails the test when one does not end.
std::vector<RunResult> run_seeds(const Scenario& scenario, int seeds);

/// The value of a metric that must be there.
double metric(const RunResult& result, const std::string& name);

}  // namespace hyperdc::test
