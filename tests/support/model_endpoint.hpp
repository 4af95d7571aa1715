// For tests: a scenario of one rack with endpoints of language models, and how to load it.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenario/load.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc::test {

/// So many servers with one accelerator each, in pool "p", for an hour.
inline nlohmann::json model_servers(std::uint64_t servers, nlohmann::json workloads) {
  return {{"name", "m"},
          {"duration", "1 h"},
          {"accelerator_types", {{"x", {{"power", {{"idle", "50 W"}, {"full", "300 W"}}}}}}},
          {"server_types",
           {{"s",
             {{"cores", 8},
              {"memory", "8 GiB"},
              {"accelerator", "x"},
              {"accelerators", 1},
              {"host_power", {{"idle", "1 W"}, {"full", "2 W"}}}}}}},
          {"regions", {{"r", {{"racks", {{"k", {{"server", "s"}, {"count", servers}}}}}}}}},
          {"pools", {{"p", nlohmann::json::object()}}},
          {"workloads", std::move(workloads)}};
}

inline Scenario load_text(const TemporaryDirectory& home, const nlohmann::json& text,
                          const LoadOptions& options = {}) {
  auto result = load_scenario(home.write("m.json", text.dump()), options);
  if (const auto* issues = std::get_if<Issues>(&result)) {
    FAIL(issues->front().path << ": " << issues->front().message);
  }
  return std::get<Loaded>(std::move(result)).scenario;
}

}  // namespace hyperdc::test
