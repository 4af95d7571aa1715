// A small storage system and its clients, for tests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "support/model_endpoint.hpp"
#include "support/temporary_directory.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc::test {

/// Racks "a", "b", ... of one server with one drive of 100 MB/s and 10 ms, and a workload "w".
inline nlohmann::json storage_racks(const std::string& names, const char* code,
                                    nlohmann::json requests) {
  using nlohmann::json;
  json text = {
      {"name", "s"},
      {"duration", "1 d"},
      {"drive_types",
       {{"d",
         {{"capacity", "1 TB"}, {"bandwidth", "100 MB/s"}, {"afr", 1e-6}, {"seek", "10 ms"}}}}},
      {"server_types",
       {{"box",
         {{"cores", 1}, {"memory", "1 GiB"}, {"host_power", {{"idle", "1 W"}, {"full", "2 W"}}}}}}},
      {"pools", {{"p", json::object()}}}};
  for (const char name : names) {
    text["regions"]["r"]["racks"][std::string(1, name)] = {{"server", "box"}, {"count", 1}};
  }
  text["regions"]["r"]["storage"]["s"] = {
      {"code", code}, {"drive", "d"}, {"drives_per_server", 1}, {"groups", 300}};
  requests.merge_patch({{"kind", "storage"}});
  text["workloads"]["w"] = std::move(requests);
  return text;
}

inline Simulation storage_run(const nlohmann::json& text, std::uint64_t seed = 1) {
  const TemporaryDirectory home;
  SimulateOptions options;
  options.seed = seed;
  return simulate(load_text(home, text), options);
}

/// Of the workload.
inline double request_metric(const Simulation& run, const std::string& name) {
  return value(run, "workloads.w." + name);
}

}  // namespace hyperdc::test
