// Rental markets and buyers: what a scenario may not ask of them, each with a reason.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "files.hpp"

using namespace hyperdc;
using nlohmann::json;
using test::has;

namespace {

Issues market_with(const json& changes, const json& top = json::object()) {
  json market = json::parse(R"({
    "zones": {"a": {"accelerators": 10}},
    "products": {
      "d": {"kind": "on-demand", "pricing": {"policy": "posted", "price": "2 USD/h"}},
      "s": {"kind": "spot", "notice": "30 s", "pricing": {"policy": "posted", "price": "1 USD/h"}}},
    "tenants": {"t": {"demand": "1 /h", "duration": "1 h", "products": ["d"]},
                "u": {"demand": "1 /h", "duration": "1 h", "products": ["s"]}}})");
  market.merge_patch(changes);
  json text = {{"name", "m"}, {"duration", "1 d"}, {"market", {{"m", market}}}};
  text.merge_patch(top);
  return test::issues_of_text(text.dump());
}

Issues buyer_with(const json& changes, const json& top = json::object()) {
  json buyer = json::parse(R"({
    "years": 1, "demand": {"start": 100}, "on_demand": {"price": "2 USD/h"},
    "terms": {"1y": {"term": "1 y", "price": "1 USD/h"}}, "purchasing": {"policy": "commit"}})");
  buyer.merge_patch(changes);
  json text = {{"name", "b"}, {"buyers", {{"b", buyer}}}};
  text.merge_patch(top);
  return test::issues_of_text(text.dump());
}

json tenant(const json& changes) {
  return {{"tenants", {{"t", changes}}}};
}

}  // namespace

TEST_CASE("values of a rental market that contradict each other") {
  const std::string t = "market.m.tenants.t.";
  CHECK(market_with(json::object()).empty());
  CHECK(has(market_with(json::object(), {{"duration", nullptr}}), "E034", "market", "no end"));
  CHECK(has(market_with(json::object(), {{"warmup", "1 h"}}), "E034", "warmup", "no warm-up"));
  CHECK(has(market_with({{"zones", {{"a", {{"blocks", 11}}}}}}), "E034", "market.m.zones.a.blocks",
            "11 of 10"));
  const json auction = {{"policy", "auction"}, {"floor", "1 USD/h"}, {"price", nullptr}};
  CHECK(has(market_with({{"products", {{"d", {{"pricing", auction}}}}}}), "E034",
            "market.m.products.d.pricing.policy", "nobody bids"));
  json bids = tenant({{"products", {"s"}}});
  bids["products"]["s"]["pricing"] = auction;
  CHECK(has(market_with(bids), "E034", t + "products", "needs bids"));
  CHECK(has(market_with(tenant({{"products", {"x"}}})), "E030", t + "products.0", "product"));
  CHECK(has(market_with(tenant({{"products", {"d", "d"}}})), "E034", t + "products.1", "twice"));
  CHECK(has(market_with(tenant({{"bid", "1 USD/h"}})), "E034", t + "bid", "no spot"));
  CHECK(has(market_with(tenant({{"ahead", "1 h"}})), "E034", t + "ahead", "no blocks"));
  CHECK(has(market_with(tenant({{"elasticity", 1}})), "E034", t + "elasticity", "price above 0"));
  json free = tenant({{"elasticity", 1}, {"reference", "1 USD/h"}});
  free["products"]["d"]["pricing"]["price"] = "0 USD/h";
  CHECK(has(market_with(free), "E034", t + "elasticity", "may cost nothing"));
  CHECK(has(market_with(tenant({{"elasticity", 20}, {"reference", "4 USD/h"}})), "E034",
            t + "elasticity", "1.05e+06 times"));
  CHECK(has(market_with(tenant({{"products", {"s"}}, {"bid", "0.5 USD/h"}})), "E034", t + "bid",
            "0.5 USD/h at most"));
  CHECK(has(market_with(tenant({{"accelerators", 11}})), "E034", t + "products",
            "none of its zones has 11"));
  json block = tenant({{"products", {"b"}}});
  block["products"]["b"] = {{"kind", "block"}, {"price", "1 USD/h"}};
  CHECK(has(market_with(block), "E034", t + "products", "the most is 0"));
  CHECK(has(market_with(tenant({{"retry", {{"every", "2 h"}, {"for", "1 h"}}}})), "E034",
            t + "retry.every", "before it asks"));
  const auto in_zone = [](const json& zone) { return market_with({{"zones", {{"a", zone}}}}); };
  CHECK(has(in_zone({{"oversell", 2}}), "E034", "market.m.zones.a.oversell", "no reservations"));
  CHECK(has(in_zone({{"blocks", 2}}), "E034", "market.m.zones.a.blocks", "of blocks"));
  CHECK(has(market_with({{"tenants", {{"u", nullptr}}}}), "E034", "market.m.products.s",
            "no tenant"));
  json dear = {{"zones", {{"a", {{"accelerators", 10'000'000}}}}}};
  dear["products"]["d"]["pricing"]["price"] = "900 USD/s";
  CHECK(has(market_with(dear), "E034", "market.m.products", "can be booked"));
  json slow = {{"tenants", {{"u", {{"duration", "300 d"}}}}}};
  slow["tenants"]["u"]["checkpoint"] = {{"every", "1 s"}, {"cost", "10 min"}};
  CHECK(market_with(slow).empty());  // it runs for a day
  CHECK(has(market_with(slow, {{"duration", "1 y"}}), "E034", "market.m.tenants.u.checkpoint.every",
            "494 years"));
  // An auction asks what is bid; who prepays a term pays it at each begin.
  json wild = tenant({{"products", {"s"}}, {"bid", {{"exponential", {{"mean", "99 USD/s"}}}}}});
  wild["products"]["s"]["pricing"] = auction;
  wild["products"]["d"] = nullptr;
  wild["tenants"]["u"] = nullptr;
  wild["zones"]["a"]["accelerators"] = 1'000;
  CHECK(market_with(wild).empty());
  wild["zones"]["a"]["accelerators"] = 10'000'000;
  CHECK(has(market_with(wild), "E034", "market.m.products", "highest price or bid"));
  json churn = tenant(
      {{"products", {"r"}}, {"demand", "1 /min"}, {"accelerators", 100'000}, {"duration", "1 h"}});
  churn["products"]["d"] = nullptr;
  churn["products"]["r"] = {
      {"kind", "reserved"}, {"term", "30 d"}, {"price", "900 USD/h"}, {"upfront", 1}};
  churn["zones"]["a"]["accelerators"] = 100'000;
  const json month = {{"duration", "30 d"}};
  CHECK(has(market_with(churn, month), "E034", "market.m.products", "follow each other"));
  churn["tenants"]["t"]["duration"] = "30 d";
  CHECK(market_with(churn, month).empty());
}

TEST_CASE("values of a buyer that contradict each other") {
  CHECK(buyer_with(json::object()).empty());
  CHECK(has(buyer_with(json::object(), {{"duration", "1 d"}}), "E034", "duration",
            "does not end with"));
  CHECK(has(buyer_with({{"demand", {{"volatility", 2}, {"growth_cv", 3}}}, {"years", 10}}), "E034",
            "buyers.b.demand", "can be booked"));
  CHECK(has(buyer_with({{"terms", {{"1y", {{"term", "1 h"}}}}}}), "E034", "buyers.b.terms.1y.term",
            "shorter than a step"));
  CHECK(has(buyer_with({{"purchasing", {{"term", "2y"}}}}), "E030", "buyers.b.purchasing.term",
            "term"));
  CHECK(has(buyer_with({{"terms", {{"1y", nullptr}}}}), "E034", "buyers.b.purchasing", "no terms"));
  CHECK(has(buyer_with({{"purchasing", {{"policy", "spot-first"}}}}), "E034", "buyers.b.purchasing",
            "no spot"));
  const json spot = json::parse(R"({"notice": "30 s", "interruptions": "1 /h",
    "checkpoint": {"every": "1 h"}, "zones": {"a": {"ratio": 0.5}}})");
  CHECK(has(buyer_with({{"spot", spot}}), "E034", "buyers.b.spot.interruptions", "between two"));
  json scarce = {{"spot", spot}, {"on_demand", {{"stock", 0.5}}}};
  scarce["spot"]["interruptions"] = "0 /h";
  CHECK(has(buyer_with(scarce), "E034", "buyers.b.spot.zones.a.available", "on-demand leaves"));
  CHECK(has(buyer_with({{"demand", {{"start", 1e7}, {"growth", 1000}}}}), "E034", "buyers.b.demand",
            "can be booked"));
  CHECK(has(buyer_with({{"futures", 100'000}, {"step", "hour"}}), "E035", "buyers.b.futures",
            "8760 steps"));
  const json often = {{"futures", 5'000}, {"step", "hour"}, {"review", 1}};
  CHECK(has(buyer_with(often), "E035", "buyers.b.futures", "8760 reviews"));
  // A term that is prepaid is paid whole, though the run ends before it does.
  json prepaid = {{"demand", {{"start", 1e6}}}, {"on_demand", {{"price", "5 USD/h"}}}};
  prepaid["terms"]["1y"] = {{"term", "30 y"}, {"price", "5 USD/h"}};
  CHECK(buyer_with(prepaid).empty());
  prepaid["terms"]["1y"]["upfront"] = 1;
  CHECK(has(buyer_with(prepaid), "E034", "buyers.b.demand", "can be booked"));
}
