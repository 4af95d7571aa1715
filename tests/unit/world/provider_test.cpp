// Whose datacenter a scenario stands for: its inputs by grade, and the five that are shipped.
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

std::array<std::uint32_t, kGrades> graded(const std::string& sources) {
  const Scenario scenario = test::load_file(
      "tests/property/costs.json", {{"provider", R"({"name": "X", "as_of": "2026-11-22"})"},
                                    {"server_types.box.sources", sources}});
  REQUIRE(scenario.provider);
  return scenario.provider->inputs;
}

TEST_CASE("inputs have the worst grade of their sources, and none without one") {
  // Of the server: cores, memory, host_power, price, embodied; of the facility: pue, electricity,
  // carbon, water, and four costs. Nothing has a source at first.
  CHECK(graded("{}") == std::array<std::uint32_t, kGrades>{0, 0, 0, 13});
  CHECK(graded(R"({"cores": {"source": "a page"}, "memory": {"source": "memory"},
                   "host_power": {"source": "a page", "assumed": true},
                   "price": {"source": "a page", "grade": "measured"}})") ==
        std::array<std::uint32_t, kGrades>{1, 1, 1, 10});
  CHECK(graded(R"({"host_power.idle": {"source": "memory", "grade": "measured"},
                   "host_power.full": {"source": "a page"}})") ==
        std::array<std::uint32_t, kGrades>{0, 0, 0, 13});
}

TEST_CASE("the shipped providers load, each as of a date and with inputs of every kind it has") {
  for (const char* name : {"aws", "azure", "google", "alibaba", "meta"}) {
    INFO(name);
    const Scenario scenario = test::load_file(std::string("scenarios/providers/") + name + ".json");
    REQUIRE(scenario.provider);
    CHECK(scenario.provider->as_of == "2026-11-22");
    CHECK(scenario.provider->count() >= 14);
    const auto& inputs = scenario.provider->inputs;
    const bool known = 2 * (inputs[0] + inputs[1]) >= scenario.provider->count();
    CHECK(known == (std::string(name) != "azure" && std::string(name) != "meta"));
  }
}

}  // namespace
}  // namespace hyperdc
