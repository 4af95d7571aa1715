// Growth plans: what a scenario may not ask of them, each with a reason.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "files.hpp"
#include "support/growth_plan.hpp"

using namespace hyperdc;
using nlohmann::json;
using test::has;

namespace {

Issues issues_with(const json& changes, const json& top = json::object()) {
  json text = test::growth_plan(changes);
  text.merge_patch(top);
  return test::issues_of_text(text.dump());
}

}  // namespace

TEST_CASE("a growth plan stands alone, and a scenario needs it or regions") {
  CHECK(issues_with(json::object()).empty());
  CHECK(has(test::issues_of_text(R"({"name": "s"})"), "E015", "", "regions"));
}

TEST_CASE("values of a growth plan that contradict each other") {
  const std::string p = "growth.p.";
  CHECK(has(issues_with({{"branches", {{"b", {{"weight", 0}, {"factor", 1}}}}}}), "E034",
            p + "branches", "no branch has a weight"));
  CHECK(has(issues_with({{"generations", {{"g", {{"from", "2 y"}, {"until", "1 y"}}}}}}), "E034",
            p + "generations.g.until", "ends before it begins"));
  CHECK(has(issues_with({{"generations", {{"g", {{"life", "2 y"}, {"repurpose", "3 y"}}}}}}),
            "E034", p + "generations.g.repurpose", "retired before"));
  CHECK(has(issues_with({{"sites", {{"s", {{"interrupted", 0.1}}}}}}), "E034",
            p + "sites.s.interrupted", "no power of the site is interruptible"));
  const json contract = {{"contract", {{"minimum_bill", 0.8}}}};
  CHECK(has(issues_with({{"sites", {{"s", {{"grid", {{"g", contract}}}}}}}}), "E034",
            p + "sites.s.grid.g.contract.minimum_bill", "the site has none"));
  CHECK(has(issues_with({{"generations", {{"g", {{"rack", {{"power", "0 W"}}}}}}}}), "E034",
            p + "generations.g.rack.power", "without power"));
  CHECK(has(issues_with({{"generations", {{"g", {{"rack", {{"liquid", 0.5}}}}}}}}), "E039",
            p + "generations.g.rack", "no empty row"));
  CHECK(has(issues_with({{"procurement", {{"policy", "buffer"}, {"reorder", 0.3}}}}), "E034",
            p + "procurement", "above up_to"));
  CHECK(has(issues_with({{"classes", {{"use", {{"reservation", 8}}}, {"more", {{"start", 1}}}}}}),
            "E034", p + "classes", "reservations"));
  CHECK(has(issues_with(json::object(), {{"duration", "1 y"}}), "E034", "duration",
            "before the 3 years"));
  CHECK(has(issues_with(json::object(), {{"duration", "5 y"}}), "E034", "duration",
            "goes on after the 3 years"));
  json other = test::growth_plan({{"years", 4}})["growth"]["p"];
  CHECK(has(issues_with(json::object(), {{"growth", {{"q", other}}}}), "E034", "growth.q.years",
            "end together"));
  CHECK(has(issues_with({{"generations", {{"g", {{"from", "400 d"}, {"until", "500 d"}}}}}}),
            "E034", p + "generations.g.until", "no step of the plan begins"));
  const json reservations = {{"classes", {{"use", {{"reservation", 8}}}}},
                             {"procurement", {{"policy", "reservation"}, {"size", 4}}}};
  CHECK(has(issues_with(reservations), "E034", p + "procurement", "write \"size\": 8"));
  CHECK(has(issues_with({{"procurement", {{"policy", "hedge"}}}}), "E034", p + "procurement",
            "nothing is split"));
  CHECK(has(issues_with(json::object(), {{"warmup", "1 d"}}), "E034", "warmup", "no warm-up"));
  CHECK(has(issues_with(
                {{"futures", 100'000}, {"sites", {{"s", {{"halls", {{"h", {{"rows", 9000}}}}}}}}}}),
            "E035", p + "futures", "times rows may be"));
  CHECK(has(issues_with({{"years", 30},
                         {"step", "month"},
                         {"futures", 10'000},
                         {"sites", {{"s", {{"halls", {{"h", {{"rows", 2000}}}}}}}}}}),
            "E035", p + "futures", "rows times steps may be"));
  CHECK(has(issues_with({{"procurement", {{"policy", "quantil"}}}}), "E013",
            p + "procurement.policy", "quantile"));
}

TEST_CASE("decisions of a growth plan, and what its policies need") {
  const auto decided = [](const json& decisions) {
    return issues_with({{"decisions", decisions}});
  };
  CHECK(decided({{"q", {{"procurement", {{"policy", "buffer"}}}}}}).empty());
  CHECK(has(decided({{"p", json::object()}}), "E034", "growth.p.decisions.p", "there already"));
  CHECK(has(decided({{"q", json::object()}}), "E034", "growth.p.decisions.q", "changes nothing"));
  CHECK(has(decided({{"q", {{"budget", nullptr}}}}), "E034", "growth.p.decisions.q",
            "changes nothing"));
  CHECK(has(decided({{"q", 3}}), "E010", "growth.p.decisions.q", "an object is needed"));
  CHECK(has(decided({{"q", {{"yeras", 3}}}}), "E012", "growth.q.yeras", "years"));
  CHECK(has(decided({{"q", {{"decisions", json::object()}}}}), "E034", "growth.p.decisions.q",
            "no decisions of its own"));
  CHECK(has(issues_with({{"procurement", {{"policy", "build-or-lease"}}}}), "E034",
            "growth.p.procurement", "without a lease"));
  const json no_share = {{"generations", {{"g", {{"share", 0}}}}},
                         {"procurement", {{"policy", "portfolio"}}}};
  CHECK(has(issues_with(no_share), "E034", "growth.p.generations", "no generation has a share"));
  CHECK(has(issues_with({{"generations", {{"g", {{"share", 2}}}}}}), "E034",
            "growth.p.generations.g.share", "only the policy"));
}

TEST_CASE("windows of a growth plan, and what cannot be beside them") {
  const json web = {{"kind", "service"},
                    {"demand", "1 /s"},
                    {"service_time", "1 s"},
                    {"instance", {{"accelerators", 1}, {"cores", 1}}}};
  const auto with = [&](const json& window, const json& service = json::object(),
                        const json& top = json::object()) {
    json all = {{"at", "1 y"}, {"class", "use"}, {"units", 10}, {"services", {{"g", "web"}}}};
    all.merge_patch(window);
    json text = test::model_servers(2, {{"web", web}, {"back", web}});
    text["workloads"]["web"].merge_patch(service);
    text.merge_patch(test::growth_plan({{"windows", {{"w", all}}}}));
    text.merge_patch(top);
    return test::issues_of_text(text.dump());
  };
  const std::string w = "growth.p.windows.w.";
  CHECK(with(json::object()).empty());
  CHECK(has(with({{"at", "3 y"}}), "E034", w + "at", "ends after 3 years"));
  CHECK(has(with({{"class", "used"}}), "E030", w + "class", "use"));
  CHECK(has(with({{"services", {{"h", "back"}}}}), "E030", w + "services.h", "no generation"));
  CHECK(has(with({{"services", {{"g", "wob"}}}}), "E030", w + "services.g", "web"));
  const json scaled = {{"autoscaler", {{"policy", "hpa"}}}, {"replicas", {{"max", 2}}}};
  CHECK(has(with(json::object(), scaled), "E034", w + "services.g", "has an autoscaler"));
  CHECK(has(with(json::object(), {{"instance", {{"accelerators", 0}}}}), "E034", w + "services.g",
            "no accelerators"));
  CHECK(has(with(json::object(), {{"fidelity", "fluid"}}), "E034", w + "services.g", "is fluid"));
  CHECK(has(with(json::object(), json::object(), {{"duration", nullptr}}), "E033", "workloads.web",
            "never ends"));
  const json twice = {{"generations", {{"h", {{"from", "1 y"}}}}},
                      {"windows", {{"w", {{"services", {{"h", "web"}}}}}}}};
  json other = test::growth_plan(json::object())["growth"]["p"]["generations"]["g"];
  json top = {{"growth", {{"p", twice}}}};
  top["growth"]["p"]["generations"]["h"] = other;
  CHECK(has(with(json::object(), json::object(), top), "E034", w + "services.h",
            "run the same service"));
}
