// For tests: a small growth plan, of one site with room and power for everything.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "support/model_endpoint.hpp"

namespace hyperdc::test {

/// One class "use" of 100 units, one generation "g" of racks of 10 accelerators and 100 kW that
/// cost a million and come after a year; changes are merged over the plan "p".
inline nlohmann::json growth_plan(const nlohmann::json& changes) {
  nlohmann::json plan = {{"years", 3},
                         {"step", "year"},
                         {"futures", 1},
                         {"classes", {{"use", {{"start", 100}}}}},
                         {"sites",
                          {{"s",
                            {{"grid", {{"g", {{"at", "0 s"}, {"power", "1000 GW"}}}}},
                             {"halls",
                              {{"h",
                                {{"at", "0 s"},
                                 {"rows", 10},
                                 {"row", {{"positions", 10'000}, {"power", "10 GW"}}}}}}}}}}},
                         {"generations",
                          {{"g",
                            {{"rack", {{"accelerators", 10}, {"power", "100 kW"}}},
                             {"price", "1 MUSD"},
                             {"lead_time", "365 d"},
                             {"life", "30 y"}}}}},
                         {"procurement", {{"policy", "just-in-time"}}}};
  plan.merge_patch(changes);
  return {{"name", "plan"}, {"growth", {{"p", std::move(plan)}}}};
}

}  // namespace hyperdc::test
