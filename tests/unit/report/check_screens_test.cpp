// The screen of a checked suite, approved by eye, and what machines read of it.
#include "report/check_screens.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/check_words.hpp"
#include "report/diagnostics.hpp"
#include "report/junit.hpp"

using namespace hyperdc;

namespace {

MetricChange moved_metric(const std::string& name, const std::string& unit, double before,
                          double now, double share) {
  MetricChange out;
  out.metric = name;
  out.unit = unit;
  out.state = MetricChange::State::moved;
  out.tolerance.relative = share;
  out.before = before;
  out.now = now;
  out.allowed = share * before;
  out.excess =
      before == 0 ? std::numeric_limits<double>::infinity() : (now - before) / *out.allowed;
  out.place = {"ci/suite/flash-crowd.baseline.json", 7, 5, 10};
  return out;
}

CheckedScenario failed_scenario() {
  CheckedScenario out;
  out.file = "ci/suite/flash-crowd.json";
  out.baseline_file = "ci/suite/flash-crowd.baseline.json";
  out.status = CheckStatus::failed;
  out.fingerprints = {"00000000000000ff"};
  out.wall_s = 3.44;
  out.diff = BaselineComparison{};
  out.diff->metrics = {moved_metric("workloads.web.latency.p99", "s", 0.0482, 0.0519, 0.02),
                       moved_metric("workloads.web.lost", "requests", 0, 118, 0.02)};
  out.diff->same_scenario = true;
  out.diff->identical_hours = 57;
  out.diff->hours_before = out.diff->hours_now = 168;
  ObjectiveChange missed;
  missed.state = ObjectiveChange::State::missed;
  missed.objective = {"workloads.web.latency.p99", 0.05, {}, "s", 0.0519, false};
  missed.of = 1;
  missed.place = {out.file, 31, 5, 10};
  out.objectives = {missed};
  return out;
}

CheckedScenario of_status(const std::string& name, CheckStatus status, const std::string& reason) {
  CheckedScenario out;
  out.file = "ci/suite/" + name + ".json";
  out.baseline_file = "ci/suite/" + name + ".baseline.json";
  out.status = status;
  out.reason = reason;
  if (status == CheckStatus::passed) {
    out.diff = BaselineComparison{};
    out.diff->same_fingerprints = true;
    out.fingerprints = {"0000000000000001"};
    out.wall_s = 1.2;
  }
  return out;
}

CheckReport suite_report() {
  CheckReport out;
  out.scenarios = {
      of_status("clos-incast", CheckStatus::passed, ""), failed_scenario(),
      of_status("azure-llm", CheckStatus::skipped, "trace azure-llm/conv.csv is missing")};
  return out;
}

const TextStyle kPlainScreen{false, true};

}  // namespace

TEST_CASE("the screen of a suite, approved by eye") {
  CHECK(check_screen(suite_report(), kPlainScreen, false) ==
        " ✓ clos-incast\n"
        " ✗ flash-crowd  2 metrics moved, 1 objective missed\n"
        " – azure-llm    skipped: trace azure-llm/conv.csv is missing\n"
        "\n"
        " flash-crowd (ci/suite/flash-crowd.json)\n"
        "   ~ workloads.web.latency.p99  48.2 ms → 51.9 ms  +7.68 %  allowed ±2 %\n"
        "   ~ workloads.web.lost               0 →     118     +118  allowed 0\n"
        "   ✗ objective at line 31: workloads.web.latency.p99 51.9 ms, at most 50 ms, 3.8 % over\n"
        "   identical until 2 d 9 h (57 of 168 hourly fingerprints)\n"
        "   the scenario is the one of the baseline: the program changed\n"
        "   accept: hyperdc check ci/suite/flash-crowd.json --update\n"
        "\n"
        "1 passed, 1 failed, 1 skipped\n");
  const std::string timed = check_screen(suite_report(), kPlainScreen, true);
  CHECK(timed.find(" ✓ clos-incast  1.2 s\n") != std::string::npos);
  CHECK(timed.find(" ✗ flash-crowd  3.4 s  2 metrics moved") != std::string::npos);
}

TEST_CASE("a screen has at most 100 columns, whatever the names") {
  CheckReport wide;
  CheckedScenario one = failed_scenario();
  one.diff->metrics[0].metric = "workloads." + std::string(90, 'w') + ".latency.p99";
  for (int i = 0; i < 40; ++i) one.diff->metrics.push_back(one.diff->metrics[0]);
  one.diff->metrics.push_back(moved_metric("worst", "1", 1, 1e9, 0.001));
  wide.scenarios = {one};
  std::istringstream lines(check_screen(wide, kPlainScreen, true));
  for (std::string text; std::getline(lines, text);) {
    if (text.find("accept:") == std::string::npos) CHECK(display_width(text) <= 100);
  }
  // Of very many the worst.
  const std::string screen = check_screen(wide, kPlainScreen, false);
  CHECK(screen.find("~ worst") != std::string::npos);
  CHECK(screen.find("and 23 more: --format json") != std::string::npos);
}

TEST_CASE("what passes may still have something to say") {
  CheckReport drift;
  CheckedScenario one = of_status("a", CheckStatus::passed, "");
  one.diff->same_fingerprints = false;
  one.diff->metrics = {moved_metric("workloads.web.latency.p99", "s", 1, 1.001, 0.02)};
  one.diff->metrics[0].state = MetricChange::State::within;
  one.diff->hours_before = 24;
  one.diff->identical_hours = 0;
  drift.scenarios = {one};
  const std::string screen = check_screen(drift, kPlainScreen, false);
  CHECK(screen.find("✓ a  1 metric moved within tolerance") != std::string::npos);
  CHECK(screen.find("differs within the first hour (0 of 24 hourly fingerprints)") !=
        std::string::npos);
  CHECK(screen.find("accept") == std::string::npos);
  drift.scenarios[0].diff->metrics.clear();
  CHECK(check_screen(drift, kPlainScreen, false).find("other events, the same numbers") !=
        std::string::npos);
}

TEST_CASE("a small share shows its digits, and its difference as its tolerance is meant") {
  MetricChange share = moved_metric("workloads.web.failed_share", "1", 0.00035392, 0.0004767, 0.02);
  const ChangeWords relative = change_words(share);
  CHECK(relative.before == "0.03539 %");
  CHECK(relative.now == "0.04767 %");
  CHECK(relative.difference == "+34.7 %");
  CHECK(relative.allowed == "allowed ±2 %");
  share.tolerance = {};
  share.tolerance.absolute = 0.005;
  share.before = 0.9616;
  share.now = 0.9491;
  const ChangeWords points = change_words(share);
  CHECK(points.difference == "-1.25 pp");
  CHECK(points.allowed == "allowed ±0.5 pp");
}

TEST_CASE("JSON has all that the screen has") {
  const auto json = nlohmann::json::parse(check_json(suite_report()));
  CHECK(json["schema"] == "hyperdc.check/1");
  CHECK(json["counts"]["failed"] == 1);
  const auto& scenario = json["scenarios"][1];
  CHECK(scenario["status"] == "failed");
  CHECK(scenario["baseline"]["identical_hours"] == 57);
  CHECK(scenario["baseline"]["metrics"][1]["now"] == 118);
  CHECK(scenario["objectives"][0]["line"] == 31);
  CHECK(scenario["accept"] == "hyperdc check ci/suite/flash-crowd.json --update");
  CHECK(json["scenarios"][2]["reason"] == "trace azure-llm/conv.csv is missing");
}

TEST_CASE("annotations begin with the worst and end after nine") {
  CheckReport many = suite_report();
  for (int i = 0; i < 12; ++i) {
    many.scenarios[1].diff->metrics.push_back(
        moved_metric("m" + std::to_string(i), "1", 100, 103 + i, 0.02));
  }
  many.scenarios.push_back(of_status("boom", CheckStatus::crashed, "seed 1: broken, 100 %\nbad"));
  const std::string text = issues_github(check_annotations(many));
  std::istringstream lines(text);
  std::vector<std::string> all;
  for (std::string one; std::getline(lines, one);) all.push_back(one);
  REQUIRE(all.size() == 10);
  CHECK(all[0] ==
        "::error file=ci/suite/boom.json,title=boom could not finish::seed 1: broken, "
        "100 %25?bad");
  CHECK(all[1].find("line=31") != std::string::npos);
  CHECK(all[1].find("title=flash-crowd%3A objective missed::") != std::string::npos);
  CHECK(all[2].find("workloads.web.lost: 0 → 118") != std::string::npos);
  CHECK(all[3].find("::m11: 100 → 114") != std::string::npos);
  CHECK(all[9] == "::error title=hyperdc::7 problems more");
}

TEST_CASE("Markdown is a table that names cannot break") {
  CheckReport odd = suite_report();
  odd.scenarios[0].file = "x/a|b<c>`.json";
  const std::string page = check_markdown(odd);
  CHECK(page.rfind("### hyperdc check: 1 passed, 1 failed, 1 skipped\n", 0) == 0);
  CHECK(page.find("| ✅ | x/a\\|b\\<c>\\`.json |") != std::string::npos);
  CHECK(page.find("`````text\n   ~ workloads.web.latency.p99") != std::string::npos);
  CheckReport endless;
  for (int i = 0; i < 3000; ++i) endless.scenarios.push_back(failed_scenario());
  CHECK(check_markdown(endless).size() < 250'000);
  CHECK(check_markdown(endless).find("more scenarios") != std::string::npos);
}

TEST_CASE("XML holds whatever a name holds") {
  CHECK(xml_text("a<b>&\"'\n\t") == "a&lt;b&gt;&amp;&quot;&apos;\n\t");
  CHECK(xml_attribute("a\n\t\r") == "a&#10;&#9;&#13;");
  CHECK(xml_text("\r") == "&#13;");
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(xml_text(std::string("\0\x01\x1b\x1f", 4)) == bad + bad + bad + bad);
  CHECK(xml_text("\xff\xc3") == bad + bad);
  CHECK(xml_text("\xEF\xBF\xBE") == bad);  // U+FFFE
  CHECK(xml_text("]]>") == "]]&gt;");
  CHECK(xml_text("\xC3\xA9\xF0\x9F\x98\x80") == "\xC3\xA9\xF0\x9F\x98\x80");
}

TEST_CASE("JUnit has a testcase for each scenario and an outcome for each kind") {
  CheckReport all = suite_report();
  CheckedScenario invalid = of_status("bad", CheckStatus::invalid, "invalid");
  invalid.issues = {
      {"E012", "a.b", "unknown key", "did you mean \"c\"?", {invalid.file, 12, 3, 1}, "", false}};
  all.scenarios.push_back(invalid);
  all.scenarios.push_back(of_status("boom", CheckStatus::crashed, "seed 1: broken"));
  const std::string xml = check_junit(all);
  CHECK(xml.find("<testsuites name=\"hyperdc check\" tests=\"5\" failures=\"1\" errors=\"2\" "
                 "skipped=\"1\" time=\"4.640\">") != std::string::npos);
  CHECK(xml.find("<testcase classname=\"ci/suite\" name=\"flash-crowd\" "
                 "file=\"ci/suite/flash-crowd.json\" line=\"31\" time=\"3.440\">") !=
        std::string::npos);
  CHECK(xml.find("<property name=\"fingerprint\" value=\"00000000000000ff\"/>") !=
        std::string::npos);
  CHECK(xml.find("<failure type=\"objective\" message=\"objective at line 31:") !=
        std::string::npos);
  CHECK(xml.find("<failure type=\"baseline\" message=\"2 metrics moved, 1 objective missed\">") !=
        std::string::npos);
  CHECK(xml.find("<skipped message=\"trace azure-llm/conv.csv is missing\"/>") !=
        std::string::npos);
  CHECK(xml.find("name=\"bad\" file=\"ci/suite/bad.json\" line=\"12\"") != std::string::npos);
  CHECK(xml.find("<error type=\"invalid\" message=\"1 error in 1 file\">") != std::string::npos);
  CHECK(xml.find("<error type=\"crash\" message=\"seed 1: broken\">") != std::string::npos);
}
