// Metrics that are read at the end of a run, one by one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metrics/recorder.hpp"

namespace hyperdc {

inline void put(std::vector<MetricValue>& values, std::string name, std::string unit,
                double value) {
  values.push_back({std::move(name), std::move(unit), value, {}});
}

inline void put_missing(std::vector<MetricValue>& values, std::string name, std::string unit,
                        std::string reason) {
  values.push_back({std::move(name), std::move(unit), std::nullopt, std::move(reason)});
}

}  // namespace hyperdc
