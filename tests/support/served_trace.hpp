// Measured runs of inference engines: their requests through a run of ours, one replica.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "support/temporary_directory.hpp"
#include "world/simulate.hpp"

namespace hyperdc::test {

/// What was, or is, measured of a request; ms. `number`: of its place in the trace.
struct MeasuredRequest {
  std::int64_t arrival_ns = 0;
  std::uint64_t prompt = 1, output = 1;
  std::string prefix = {};  // blocks of 16 tokens that it shares with others: "1;2;3"
  double ttft = 0, e2e = 0;
  /// Per token after the first; of requests for two or more.
  double tpot() const { return (e2e - ttft) / static_cast<double>(output - 1); }
};

/// The requests with times as the engine of this scenario gives them. `engine` is that of the
/// workload; a replica has the accelerators that it says, on a server of that type.
inline std::vector<MeasuredRequest> serve(const std::vector<MeasuredRequest>& requests,
                                          const nlohmann::json& engine, const std::string& server) {
  const int accelerators = engine.value("tensor_parallel", 1) * engine.value("data_parallel", 1);
  const nlohmann::json text = {
      {"name", "measured"},
      {"duration", "2 h"},
      {"regions", {{"lab", {{"racks", {{"k", {{"server", server}, {"count", 1}}}}}}}}},
      {"pools", {{"gpu", nlohmann::json::object()}}},
      {"workloads",
       {{"llm",
         {{"kind", "llm-inference"},
          {"requests", {{"trace", {{"file", "requests.csv"}, {"prefix_block", 16}}}}},
          {"engine", engine},
          {"instance", {{"accelerators", accelerators}, {"start", "0 s"}}},
          {"replicas", {{"min", 1}, {"max", 1}}}}}}}};
  const TemporaryDirectory home;
  std::string csv = "arrival_ns,prompt,output,prefix\n";
  for (const MeasuredRequest& r : requests) {
    csv += std::to_string(r.arrival_ns) + "," + std::to_string(r.prompt) + "," +
           std::to_string(r.output) + "," + r.prefix + "\n";
  }
  home.write("requests.csv", csv);
  const Scenario scenario = load_text(home, text);
  const double outside = to_seconds(scenario.services.at(0).inference->request_time) * 1e3;
  RequestRows rows;
  SimulateOptions options;
  options.request_log = &rows;
  simulate(scenario, options);
  std::vector<MeasuredRequest> out;
  for (const auto& [number, row] : rows.all) {
    MeasuredRequest one = requests.at(number);
    one.ttft = outside + 1e-6 * static_cast<double>(row.first_token.value().ns - one.arrival_ns);
    one.e2e = outside + 1e-6 * static_cast<double>(row.done.value().ns - one.arrival_ns);
    out.push_back(one);
  }
  return out;
}

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

inline double quantile_of(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size()));
  return values.at(std::min(at, values.size() - 1));
}

}  // namespace hyperdc::test
