// A small training run for tests: 16 accelerators on 4 of 8 servers, 2 a rack.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc::test {

using nlohmann::json;

inline constexpr double kGang = 16;  // accelerators, on 4 of the 8 servers, 2 a rack

inline json training_world(const json& more) {
  json text = json::parse(R"({
    "name": "t", "duration": "2 h",
    "accelerator_types": {"x100": {"power": {"idle": "50 W", "full": "300 W"}, "memory": "80 GB",
      "memory_bandwidth": "2 TB/s", "compute": {"bf16": "300 TFLOP/s"},
      "scale_up": {"domain": 4, "rate": "300 GB/s"}}},
    "server_types": {"box": {"cores": 64, "memory": "512 GiB", "accelerator": "x100",
      "accelerators": 4, "nics": {"count": 4, "rate": "100 Gbit/s"},
      "host_power": {"idle": "100 W", "full": "400 W"}}},
    "model_types": {"dense": {"kind": "transformer", "layers": 16, "hidden": 2048, "heads": 16,
      "kv_heads": 16, "head_size": 128, "intermediate": 8192, "vocabulary": 32000}},
    "regions": {"lab": {"racks": {"boxes": {"server": "box", "count": 4, "servers_per_rack": 2}}}},
    "pools": {"main": {}},
    "workloads": {"train": {"kind": "training", "model": "dense", "software": "megatron-lm-2022",
      "sequence": 2048, "batch": 64, "tensor_parallel": 2, "pipeline_parallel": 2,
      "data_parallel": 4, "steps": 100000, "restart": {"detect": "60 s", "start": "20 s"}}}})");
  text.merge_patch(more);
  return text;
}

inline Simulation run_world(const json& text, std::uint64_t seed = 1) {
  const TemporaryDirectory home;
  SimulateOptions options;
  options.seed = seed;
  return simulate(load_text(home, text), options);
}

inline double of_train(const Simulation& run, const std::string& name) {
  return value(run, "workloads.train." + name);
}

inline double seconds_in(const Simulation& run, const std::string& part) {
  return of_train(run, "time." + part) / kGang;
}

inline json outage(double at_s, std::uint64_t items, const char* of = "server",
                   const char* lasts = "1 h") {
  return {{"kind", "outage"},
          {"of", of},
          {"at", fmt::format("{} s", at_s)},
          {"for", lasts},
          {"items", items}};
}

}  // namespace hyperdc::test
