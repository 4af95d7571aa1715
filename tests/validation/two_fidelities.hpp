// One scenario both ways: requests one by one, and expected numbers.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <string>
#include <vector>

#include "support/intervals.hpp"
#include "support/load_example.hpp"

namespace hyperdc::test {

struct Bound {
  std::string name;
  double share = 0.02;
};

struct BothWays {
  std::string file, workload;
  std::vector<Override> settings;
  int seeds = 1;
};

/// Runs both and holds them together. HYPERDC_SHOW prints every pair, for the page.
inline void hold_fidelities(const std::string& name, BothWays both,
                            const std::vector<Bound>& bounds) {
  const std::vector<RunResult> exact = run_seeds(load_file(both.file, both.settings), both.seeds);
  both.settings.push_back({"workloads." + both.workload + ".fidelity", "fluid"});
  const std::vector<RunResult> fluid = run_seeds(load_file(both.file, both.settings), both.seeds);
  for (const Bound& bound : bounds) {
    std::vector<double> values;
    std::vector<double> fluid_values;
    for (const RunResult& result : exact) values.push_back(metric(result, bound.name));
    for (const RunResult& result : fluid) fluid_values.push_back(metric(result, bound.name));
    Interval of = interval_999(values);
    const Interval other = interval_999(fluid_values);
    const double value = other.mean;
    const double error = (value - of.mean) / of.mean;
    of.half_width = std::hypot(of.half_width, other.half_width);
    const std::string line =
        fmt::format("{:<34} {:<40} exact {:.6g} +- {:.2f} %, fluid {:.6g}: {:+.2f} %", name,
                    bound.name, of.mean, 100 * of.half_width / of.mean, value, 100 * error);
    if (std::getenv("HYPERDC_SHOW") != nullptr) std::cout << line << std::endl;
    INFO(line);
    CHECK(of.half_width <= bound.share * of.mean);
    CHECK(std::fabs(value - of.mean) <= bound.share * of.mean + of.half_width);
  }
}

}  // namespace hyperdc::test
