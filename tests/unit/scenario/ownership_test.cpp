// Ownership of AI compute and its outlooks: what a scenario may not say, each with a reason.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "files.hpp"

using namespace hyperdc;
using nlohmann::json;
using test::has;

namespace {

Issues ownership_with(const json& changes) {
  json ownership = json::parse(R"({
    "owners": {"a": {"accelerators": 5, "capex": [{"year": 2025, "usd": "8 USD"}]},
               "b": {"accelerators": 3, "capex": [{"year": 2025, "usd": "4 USD"}]}},
    "others_capex": [{"year": 2025, "usd": "0 USD"}],
    "run": {"flop": 1e21, "peak": "100 TFLOP/s"},
    "year": 2025,
    "outlooks": {"o": {"until": 2027, "chip_share": 0.5, "price": "2 USD", "life": 5}}})");
  ownership.merge_patch(changes);
  return test::issues_of_text(json{{"name", "o"}, {"ownership", ownership}}.dump());
}

json outlook(const json& changes) {
  return {{"outlooks", {{"o", changes}}}};
}

}  // namespace

TEST_CASE("an outlook needs a year, the capex of all and years in order") {
  CHECK(ownership_with(json::object()).empty());
  CHECK_FALSE(ownership_with({{"year", nullptr}}).empty());
  const json gap =
      json::parse(R"([{"year": 2023, "usd": "1 USD"}, {"year": 2025, "usd": "1 USD"}])");
  CHECK(has(ownership_with({{"owners", {{"a", {{"capex", gap}}}}}}), "E034",
            "ownership.owners.a.capex.1.year", "2024 should follow"));
  CHECK(has(ownership_with({{"owners", {{"b", {{"capex", nullptr}}}}}}), "E034",
            "ownership.owners.b", "need its capex"));
  CHECK(has(ownership_with({{"others_capex", nullptr}}), "E034", "ownership", "the others"));
  CHECK(has(ownership_with({{"owners", {{"a", {{"site_power", "1 MW"}}}}}}), "E034",
            "ownership.owners.a.site_power", "what an accelerator draws"));
  CHECK_FALSE(ownership_with({{"owners", {{"a", {{"accelerators", nullptr}}}}}}).empty());
}

TEST_CASE("years, entrants, mergers and limits of an outlook that contradict it") {
  const std::string o = "ownership.outlooks.o.";
  CHECK(has(ownership_with(outlook({{"until", 2025}})), "E034", o + "until", "before 2026"));
  CHECK(has(ownership_with(outlook({{"from_capex_of", 2026}})), "E034", o + "from_capex_of",
            "is not in the outlook"));
  CHECK(has(ownership_with(outlook({{"entrants", {{"a", {{"from", 2026}, {"capex", "1 USD"}}}}}})),
            "E034", o + "entrants.a", "an owner already"));
  const json merger = json::parse(R"([{"from": 2026, "owners": ["a", "nobody"]}])");
  CHECK_FALSE(ownership_with(outlook({{"mergers", merger}})).empty());
  const json limit = json::parse(R"([{"from": 2026, "owner": "nobody", "factor": 0.5}])");
  CHECK_FALSE(ownership_with(outlook({{"limits", limit}})).empty());
}
