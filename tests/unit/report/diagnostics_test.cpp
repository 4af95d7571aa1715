#include "report/diagnostics.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

constexpr TextStyle kPlain{false, true};

Issue issue(const std::string& file, int line, int column, int length) {
  Issue out;
  out.code = "E012";
  out.path = "workloads.web.autoscaler.polcy";
  out.message = "unknown key";
  out.hint = "did you mean \"policy\"?";
  out.place = {file, line, column, length};
  return out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a problem shows its line, a caret and the hint") {
  const test::TemporaryDirectory dir;
  const std::string file =
      dir.write("a.json", "{\n      \"autoscaler\": {\"polcy\": \"x\", \"target\": 60}\n}\n");
  CHECK(issues_text({issue(file, 2, 22, 7)}, kPlain) ==
        file +
            ":2:22: error: workloads.web.autoscaler.polcy: unknown key [E012]\n"
            "   |\n"
            " 2 |       \"autoscaler\": {\"polcy\": \"x\", \"target\": 60}\n"
            "   |                      ^^^^^^^ did you mean \"policy\"?\n");
}

TEST_CASE("carets stand under wide characters and tabs") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", "\t\"\xE6\xBC\xA2\": 1, \"b\": 2\n");
  Issue wide = issue(file, 1, 10, 3);  // "b", counted in characters
  wide.hint.clear();
  const std::string text = issues_text({wide}, kPlain);
  CHECK(text.find(" 1 |  \"\xE6\xBC\xA2\": 1, \"b\": 2\n"
                  "   |           ^^^\n") != std::string::npos);
}

TEST_CASE("a line that cannot be shown puts the hint into the first line") {
  CHECK(issues_text({issue("missing.json", 6, 33, 3)}, kPlain) ==
        "missing.json:6:33: error: workloads.web.autoscaler.polcy: unknown key; did you mean "
        "\"policy\"? [E012]\n");
  Issue option;
  option.path = "--until";
  option.message = "\"5\" has no unit";
  option.warning = true;
  CHECK(issues_text({option}, kPlain) == "warning: --until: \"5\" has no unit\n");
}

TEST_CASE("notes follow, and control characters do not reach the terminal") {
  Issue noted = issue("missing.json", 6, 33, 3);
  noted.note = "extended from a.json:2";
  noted.message = "bad \x1b[2J";
  const std::string text = issues_text({noted}, kPlain);
  CHECK(text.find("bad ?[2J") != std::string::npos);
  CHECK(text.find("\n   = extended from a.json:2\n") != std::string::npos);
}

TEST_CASE("a very long line is cut around the caret") {
  const test::TemporaryDirectory dir;
  const std::string line = std::string(5000, 'a') + "KEY" + std::string(5000, 'b');
  const std::string file = dir.write("a.json", line + "\n");
  const std::string text = issues_text({issue(file, 1, 5001, 3)}, kPlain);
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one);) lines.push_back(one);
  REQUIRE(lines.size() == 4);
  CHECK(display_width(lines[2]) <= 100);
  const std::size_t key = lines[2].find("KEY");
  REQUIRE(key != std::string::npos);
  CHECK(lines[2].find("…a") != std::string::npos);
  CHECK(lines[2].substr(lines[2].size() - 4) == "b…");
  CHECK(display_width(lines[2].substr(0, key)) == lines[3].find("^^^"));

  const std::string ascii = issues_text({issue(file, 1, 5001, 3)}, {false, false});
  std::istringstream again(ascii);
  lines.clear();
  for (std::string one; std::getline(again, one);) lines.push_back(one);
  CHECK(lines[2].find("KEY") == lines[3].find("^^^"));
}

TEST_CASE("a caret beyond the line or in a binary file does no harm") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", "{}\n");
  CHECK(issues_text({issue(file, 1, 99, 5)}, kPlain).find("   |   ^ did") != std::string::npos);
  CHECK(count(issues_text({issue(file, 99, 1, 1)}, kPlain), "\n") == 1);
  const std::string binary = dir.write("b.gz", "\x1f\x8b\xff\xfe\n");
  CHECK(count(issues_text({issue(binary, 1, 1, 1)}, kPlain), "\n") == 1);
}

TEST_CASE("lines inside a compressed file are not looked for in its bytes") {
  const test::TemporaryDirectory dir;
  const std::string gzip = dir.write("b.gz", "\x1f\x8b\nvalid text\n");
  CHECK(count(issues_text({issue(gzip, 2, 1, 1)}, kPlain), "\n") == 1);
}

TEST_CASE("thousands of problems in a long file cost one reading of it") {
  // A reading for each would be 10^10 bytes here; the long line must not be laid out for each.
  const test::TemporaryDirectory dir;
  std::string text, line;
  Issues issues;
  for (int i = 1; i <= 5'000; ++i) {
    text += std::string(2000, ' ') + "key" + std::to_string(i) + "\n";
    issues.push_back(issue(dir.path("a.json"), i, 2001, 4));
  }
  for (int i = 0; i < 1000; ++i) {
    issues.push_back(issue(dir.path("b.json"), 1, static_cast<int>(line.size()) + 1, 3));
    line += "mark" + std::string(996, ' ');
  }
  dir.write("a.json", text);
  dir.write("b.json", line);
  const std::string shown = issues_text(issues, kPlain);
  for (const int i : {1, 2499, 5'000}) {
    CHECK(shown.find("key" + std::to_string(i) + "\n") != std::string::npos);
  }
  CHECK(count(shown, "mark ") == 1000);
}

TEST_CASE("a line without an end is shown, an endless one is not") {
  const test::TemporaryDirectory dir;
  const std::string last = dir.write("a.json", "{\n  \"a\"\r\n}");
  CHECK(issues_text({issue(last, 3, 1, 1)}, kPlain).find(" 3 | }\n") != std::string::npos);
  CHECK(issues_text({issue(last, 2, 3, 3)}, kPlain).find(" 2 |   \"a\"\n") != std::string::npos);
  const std::string endless = dir.write("b.json", std::string(1'100'000, 'a') + "\nend\n");
  const std::string text = issues_text({issue(endless, 1, 1, 1), issue(endless, 2, 1, 1)}, kPlain);
  CHECK(count(text, "aaa") == 0);
  CHECK(text.find(" 2 | end\n") != std::string::npos);
}

TEST_CASE("counts") {
  Issues issues = {issue("a", 1, 1, 1), issue("a", 2, 1, 1), issue("b", 1, 1, 1)};
  CHECK(issue_counts(issues) == "3 errors in 2 files");
  issues[0].warning = true;
  CHECK(issue_counts(issues) == "2 errors and 1 warning in 2 files");
  CHECK(error_count(issues) == 2);
  issues.resize(1);
  CHECK(issue_counts(issues) == "1 warning in 1 file");
}

TEST_CASE("the same problem of a shared base is told once") {
  Issues issues = {issue("a", 1, 1, 1), issue("a", 1, 1, 1), issue("a", 2, 1, 1)};
  issues[1].note = "extended from b.json:2";
  CHECK(distinct_issues(issues).size() == 2);
  Issues options(2);  // without a place nothing is known to be the same
  CHECK(distinct_issues(options).size() == 2);
}

TEST_CASE("GitHub shows the worst nine and how many more") {
  Issues issues;
  for (int i = 1; i <= 12; ++i) issues.push_back(issue("a,b:c.json", i, 2, 3));
  issues[0].warning = true;
  issues[1].message = "100 % wrong\nreally";
  const std::string text = issues_github(issues);
  CHECK(count(text, "\n") == 10);
  CHECK(text.find("::error file=a%2Cb%3Ac.json,line=2,col=2,endColumn=5,title=E012::workloads.web."
                  "autoscaler.polcy: 100 %25 wrong?really; did you mean \"policy\"?\n") == 0);
  CHECK(text.find("::warning") == std::string::npos);  // errors come first
  CHECK(text.find("::error title=hyperdc::3 problems more\n") != std::string::npos);
}

TEST_CASE("paths of any bytes are a property of GitHub and a URI of SARIF") {
  const Issues issues = {issue("a b/\x1b[2J%\xC3\xA9:1.json", 4, 2, 3)};
  const std::string github = issues_github(issues);
  CHECK(github.find("file=a b/?[2J%25\xC3\xA9%3A1.json,") != std::string::npos);
  const auto sarif = nlohmann::json::parse(issues_sarif(issues, "0.1.0"));
  const auto& location = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
  CHECK(location["artifactLocation"]["uri"] == "a%20b/%1B%5B2J%25%C3%A9%3A1.json");
}

TEST_CASE("JSON and SARIF hold every problem") {
  Issues issues = {issue("a.json", 4, 2, 3)};
  issues.push_back({});
  issues[1].message = "\xFF";
  issues[1].warning = true;
  const auto json = nlohmann::json::parse(issues_json({"a.json", "b.json"}, issues));
  CHECK(json["schema"] == "hyperdc.issues/1");
  CHECK(json["valid"] == false);
  CHECK(json["files"].size() == 2);
  CHECK(json["issues"][0]["line"] == 4);
  CHECK(json["issues"][0]["severity"] == "error");
  CHECK(json["issues"][1]["message"] == "\xEF\xBF\xBD");

  const auto sarif = nlohmann::json::parse(issues_sarif(issues, "0.1.0"));
  CHECK(sarif["version"] == "2.1.0");
  const auto& run = sarif["runs"][0];
  CHECK(run["tool"]["driver"]["rules"].size() == 2);
  CHECK(run["results"][0]["ruleId"] == "E012");
  const auto& region = run["results"][0]["locations"][0]["physicalLocation"]["region"];
  CHECK(region["startLine"] == 4);
  CHECK(region["startColumn"] == 2);
  CHECK(region["endColumn"] == 5);
  CHECK(run["results"][1]["level"] == "warning");
  CHECK(run["results"][1]["locations"].empty());
}
