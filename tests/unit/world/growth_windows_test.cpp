// Growth plans: windows that are simulated event by event, and taxes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/growth_plan.hpp"
#include "unit/world/metric_value.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

Simulation run_text(const json& text) {
  const test::TemporaryDirectory home;
  SimulateOptions options;
  options.seed = 3;
  return simulate(test::load_text(home, text), options);
}

/// Four servers that run "chat", on one accelerator each.
json chat_servers(const std::string& demand) {
  json text = test::model_servers(4, {{"chat",
                                       {{"kind", "service"},
                                        {"demand", demand},
                                        {"service_time", {{"exponential", {{"mean", "10 s"}}}}},
                                        {"slo", "30 s"},
                                        {"instance", {{"accelerators", 1}, {"cores", 1}}},
                                        {"replicas", {{"min", 4}}}}}});
  text["warmup"] = "5 min";
  return text;
}

/// A hundred units that are there at the beginning, and a window "w" of class "use".
json plan_with_window(const json& changes) {
  json plan = {
      {"generations", {{"g", {{"installed", 10}}}}},
      {"windows",
       {{"w", {{"at", "1 y"}, {"class", "use"}, {"units", 20}, {"services", {{"g", "chat"}}}}}}}};
  plan.merge_patch(changes);
  return plan;
}

Simulation windowed(const json& changes) {
  json text = chat_servers("2 /s");
  text.merge_patch(test::growth_plan(plan_with_window(changes)));
  return run_text(text);
}

double in_window(const Simulation& run, const std::string& name) {
  return test::value(run, "growth.p.windows.w." + name);
}

std::string why(const Simulation& run, const std::string& name) {
  const std::string whole = "growth.p.windows.w." + name;
  const auto found = std::find_if(run.metrics.begin(), run.metrics.end(),
                                  [&](const MetricValue& value) { return value.name == whole; });
  REQUIRE(found != run.metrics.end());
  CHECK(!found->value);
  return found->reason;
}

TEST_CASE("a window is what the endpoint alone gives with the load of the plan") {
  // 80 units ask for 2/s x 80 / 20 = 8/s of 100 replicas; four of them for 0.32/s.
  const Simulation run = windowed({{"classes", {{"use", {{"start", 80}}}}}});
  const Simulation alone = run_text(chat_servers("0.32 /s"));
  CHECK(in_window(run, "demand") == 80);
  CHECK(in_window(run, "capacity") == 100);
  CHECK(in_window(run, "load") == 0.8);
  CHECK(in_window(run, "covered") == 1);
  CHECK(in_window(run, "generations.g.replicas") == 100);
  CHECK(in_window(run, "generations.g.simulated") == 4);
  const std::string of = "workloads.chat.";
  CHECK(in_window(run, "attainment") == test::value(alone, of + "attainment"));
  for (const char* name : {"attainment", "latency.p50", "latency.p99", "failed_share"}) {
    CHECK(in_window(run, std::string("generations.g.") + name) == test::value(alone, of + name));
  }
  CHECK(why(run, "generations.g.ttft.p99") == "the service does not measure it");
  CHECK(run.events > alone.events);
  const bool no_fleet =
      std::none_of(run.metrics.begin(), run.metrics.end(),
                   [](const MetricValue& value) { return value.name.starts_with("workloads."); });
  CHECK(no_fleet);  // it does not run for years
}

TEST_CASE("demand that is held on average misses its objective in a window near its capacity") {
  const auto at = [](double demand) {
    return windowed({{"classes", {{"use", {{"start", demand}}}}}});
  };
  const Simulation low = at(40);
  const Simulation full = at(99);
  CHECK(test::value(full, "growth.p.unserved_share.mean") == 0);
  CHECK(in_window(full, "attainment") < in_window(low, "attainment") - 0.1);
  CHECK(in_window(full, "generations.g.latency.p99") >
        1.5 * in_window(low, "generations.g.latency.p99"));
}

TEST_CASE("a window takes what earlier classes leave, and the future of its quantile") {
  json changes = {{"classes", {{"a", {{"start", 30}}}, {"use", {{"start", 35}}}}},
                  {"generations", {{"h", {{"installed", 5}, {"performance", 2}}}}}};
  json other = test::growth_plan(json::object())["growth"]["p"]["generations"]["g"];
  other.merge_patch(changes["generations"]["h"]);
  changes["generations"]["h"] = other;
  // 10 racks of 10 and 5 of 20 units, less 30: of each kind 170 / 200 are left.
  const Simulation run = windowed(changes);
  CHECK(in_window(run, "capacity") == 170);
  CHECK(in_window(run, "covered") == Approx(0.5));
  CHECK(in_window(run, "generations.g.replicas") == 85);
  const auto of_quantile = [](double quantile) {
    return windowed({{"futures", 11},
                     {"classes", {{"use", {{"volatility", 0.3}}}}},
                     {"windows", {{"w", {{"quantile", quantile}}}}}});
  };
  CHECK(in_window(of_quantile(0.9), "load") > in_window(of_quantile(0.1), "load"));
}

TEST_CASE("a window without racks says so, and services of other windows are silent") {
  json late = {{"at", "2 y"}, {"class", "use"}, {"units", 20}, {"services", {{"g", "chat"}}}};
  const Simulation run = windowed({{"generations", {{"g", {{"installed", 0}}}}},
                                   {"windows", {{"w", {{"at", "0 s"}}}, {"late", late}}}});
  CHECK(in_window(run, "covered") == 0);
  CHECK(why(run, "load") == "the class has no capacity then");
  CHECK(why(run, "attainment") == "no replica stands there then");
  CHECK(why(run, "generations.g.latency.p99") == "no replica stands there then");
  CHECK(test::value(run, "growth.p.windows.late.generations.g.replicas") == 100);
}

TEST_CASE("a run that ends early has no windows that it did not reach") {
  const test::TemporaryDirectory home;
  json text = chat_servers("2 /s");
  text.merge_patch(test::growth_plan(plan_with_window(json::object())));
  SimulateOptions options;
  options.until = SimTime{} + whole_seconds(300 * 86'400);
  const Simulation run = simulate(test::load_text(home, text), options);
  CHECK(why(run, "demand") == "the run ended before this window");
  CHECK(why(run, "generations.g.latency.p99") == "the run ended before this window");
}

// Halls of 4 MUSD, ten racks of 1 MUSD from year 2 on, sold for half their price in two years;
// 100 units bring 7.008 MUSD a year.
Simulation taxed(const json& tax) {
  return run_text(
      test::growth_plan({{"classes", {{"use", {{"price", "8 USD/h"}}}}},
                         {"sites", {{"s", {{"halls", {{"h", {{"capex", "4 MUSD"}}}}}}}}},
                         {"generations", {{"g", {{"residual", 0.5}}}}},
                         {"discount", 0.1},
                         {"tax", tax}}));
}

double of_plan(const Simulation& run, const std::string& name) {
  return test::value(run, "growth.p." + name);
}

TEST_CASE(
    "income is what is left of revenue after costs and straight lines, and losses carry over") {
  const json tax = {{"rate", 0.25}, {"racks", "5 y"}, {"halls", "4 y"}};
  const Simulation run = taxed(tax);
  CHECK(of_plan(run, "years.1.income.mean") == -1e6);
  CHECK(of_plan(run, "years.2.income.mean") == 7.008e6 - 1e6 - 2e6);
  // Year 3: sold for 2.5 MUSD; 2 of 10 MUSD are written off, then the other 6.
  CHECK(of_plan(run, "years.3.income.mean") == 7.008e6 + 2.5e6 - 1e6 - 8e6);
  CHECK(of_plan(run, "years.1.tax.mean") == 0);
  CHECK(of_plan(run, "years.2.tax.mean") == 0.25 * (4.008e6 - 1e6));
  CHECK(of_plan(run, "years.3.tax.mean") == 0.25 * 0.508e6);
  CHECK(of_plan(run, "depreciation.mean") == 13e6);
  json alone = tax;
  alone["carry_forward"] = false;
  CHECK(of_plan(taxed(alone), "years.2.tax.mean") == 0.25 * 4.008e6);
  // Cash: taxes at the end of their years, and nothing else moves with them.
  const Simulation none = taxed(nullptr);
  CHECK(of_plan(run, "npv.mean") ==
        Approx(of_plan(none, "npv.mean") - 752'000 / (1.1 * 1.1) - 127'000 / (1.1 * 1.1 * 1.1)));
  CHECK(of_plan(run, "opex.mean") == of_plan(none, "opex.mean"));
}

TEST_CASE("a longer life in the books changes when tax is paid, not how much, and no other cash") {
  const auto books = [](const char* life) {
    return taxed({{"rate", 0.25}, {"racks", life}, {"halls", "4 y"}});
  };
  const Simulation five = books("5 y");
  const Simulation six = books("6 y");
  CHECK(of_plan(six, "years.2.tax.mean") > of_plan(five, "years.2.tax.mean"));
  CHECK(of_plan(six, "tax.mean") == Approx(of_plan(five, "tax.mean")).margin(0.02));
  CHECK(of_plan(six, "npv.mean") < of_plan(five, "npv.mean"));
  CHECK(of_plan(six, "capex.mean") == of_plan(five, "capex.mean"));
  CHECK(of_plan(six, "retired.mean") == of_plan(five, "retired.mean"));
}

TEST_CASE("what is left in the books of a hall that is sold is written off") {
  // 20 MUSD over ten years in the books, sold after three for 17 MUSD: 14 are left.
  const Simulation run = run_text(test::growth_plan(
      {{"sites", {{"s", {{"halls", {{"h", {{"capex", "20 MUSD"}, {"life", "20 y"}}}}}}}}},
       {"generations", {{"g", {{"from", "4 y"}}}}},
       {"tax", {{"rate", 0.25}, {"racks", "5 y"}, {"halls", "10 y"}, {"carry_forward", false}}}}));
  CHECK(of_plan(run, "tax.mean") == Approx(0.25 * (17e6 - 2e6 - 14e6)));
}

TEST_CASE("to the cent, capex is what was written off and what is left in the books") {
  const Simulation run = run_text(test::growth_plan(
      {{"years", 9},
       {"futures", 20},
       {"step", "month"},
       {"classes", {{"use", {{"growth", 1.3}, {"volatility", 0.2}, {"price", "8 USD/h"}}}}},
       {"sites",
        {{"s",
          {{"grid", {{"g", {{"capex", "1234567.89 USD"}}}}},
           {"halls", {{"h", {{"at", "400 d"}, {"capex", "3 MUSD"}, {"life", "7 y"}}}}}}}}},
       {"generations",
        {{"g",
          {{"life", "3 y"}, {"afr", 0.1}, {"residual", 0.6}, {"deposit", 0.3}, {"installed", 3}}}}},
       {"procurement", {{"policy", "quantile"}, {"fractile", 0.8}, {"cancel", true}}},
       {"tax", {{"rate", 0.3}, {"racks", "50 w"}, {"grid", "11 y"}}}}));
  const auto found = std::find_if(run.checks.begin(), run.checks.end(),
                                  [](const auto& check) { return check.name == "books growth.p"; });
  REQUIRE(found != run.checks.end());
  CHECK(found->error == 0);
  CHECK(of_plan(run, "tax.mean") > 0);
  CHECK(of_plan(run, "depreciation.mean") < of_plan(run, "capex.mean"));
}

}  // namespace
}  // namespace hyperdc
