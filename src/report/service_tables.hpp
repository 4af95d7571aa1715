// The part of the one-run screen about services: requests and replicas.
#pragma once

#include <string>

#include "report/screen.hpp"
#include "results/run_result.hpp"

namespace hyperdc {

/// True when the workload is a service.
bool is_service(const RunResult& result, const std::string& workload);
/// Two tables, or nothing where no workload is a service. Metrics without value go to `notes`.
std::string service_tables(const RunResult& result, const TextStyle& style, Notes& notes);

}  // namespace hyperdc
