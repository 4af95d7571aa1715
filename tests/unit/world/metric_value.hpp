// Metrics of one simulation by name, for tests.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "world/simulate.hpp"

namespace hyperdc::test {

/// The value of a metric that the run must have reported.
inline double value(const Simulation& run, const std::string& name) {
  for (const MetricValue& metric : run.metrics) {
    if (metric.name != name) continue;
    INFO(name << ": " << metric.reason);
    REQUIRE(metric.value);
    return *metric.value;
  }
  FAIL("no metric " << name);
  return 0;
}

}  // namespace hyperdc::test
