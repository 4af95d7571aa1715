#include "scenario/json_text.hpp"

#include <catch2/catch.hpp>

#include "files.hpp"

using namespace hyperdc;

namespace {

struct Parsed {
  std::optional<Json> json;
  Issues issues;
  Sources sources;
};

Parsed parse(std::string text) {
  Parsed out;
  Problems problems(out.sources);
  const std::uint32_t id = out.sources.add({"t.json", std::move(text), "", {}, {}});
  out.json = parse_json(id, out.sources, problems);
  out.issues = problems.take();
  return out;
}

/// The one problem of a text that does not parse: "line:column message".
std::string problem(std::string text) {
  const Parsed parsed = parse(std::move(text));
  CHECK_FALSE(parsed.json.has_value());
  REQUIRE(parsed.issues.size() == 1);
  const Issue& issue = parsed.issues.front();
  return issue.code + " " + std::to_string(issue.place.line) + ":" +
         std::to_string(issue.place.column) + " " + issue.message;
}

}  // namespace

TEST_CASE("every key and value knows its place") {
  const Parsed parsed = parse(
      "{\n  \"ключ\": [1, -2.5e3, \"a\\\"b\"],\n"
      "\t\"b\" : {\"c\": true}}");
  REQUIRE(parsed.json);
  const auto place = [&](const Span& span) {
    const SourcePlace at = parsed.sources.place(span);
    return std::vector<int>{at.line, at.column, at.length};
  };
  const Member& first = parsed.json->members[0];
  CHECK(place(first.key_span) == std::vector{2, 3, 6});
  CHECK(place(first.value.span) == std::vector{2, 11, 1});
  CHECK(place(first.value.members[0].value.span) == std::vector{2, 12, 1});
  CHECK(place(first.value.members[1].value.span) == std::vector{2, 15, 6});
  CHECK(place(first.value.members[2].value.span) == std::vector{2, 23, 6});
  CHECK(first.value.members[1].value.number == -2500);
  CHECK(first.value.members[2].value.text == "a\"b");
  const Member& second = parsed.json->members[1];
  CHECK(place(second.key_span) == std::vector{3, 2, 3});
  CHECK(place(second.value.members[0].value.span) == std::vector{3, 14, 4});
}

TEST_CASE("places far into a long line and a long file are exact") {
  std::string text = "[";
  for (int i = 0; i < 5000; ++i) text += "1234567,";
  text += "\n\n" + std::string(9000, ' ') + "true]";
  const Parsed parsed = parse(text);
  REQUIRE(parsed.json);
  const auto at = [&](std::size_t i) {
    return parsed.sources.place(parsed.json->members[i].value.span);
  };
  CHECK(at(4321).line == 1);
  CHECK(at(4321).column == 2 + 4321 * 8);
  CHECK(at(5000).line == 3);
  CHECK(at(5000).column == 9001);
}

TEST_CASE("what is not JSON is explained where it is") {
  CHECK(problem("{\"a\": 1,}") == "E002 1:9 a comma before the closing bracket is not allowed");
  CHECK(problem("[1, 2,\n]") == "E002 2:1 a comma before the closing bracket is not allowed");
  CHECK(problem("{\n // x\n}") == "E002 2:2 comments are not allowed in JSON");
  CHECK(problem("{\"a\": 1 /* x */}") == "E002 1:9 comments are not allowed in JSON");
  CHECK(problem("{\"a\": NaN}") == "E002 1:7 \"NaN\" is not a number in JSON");
  CHECK(problem("{\"a\": -Infinity}") == "E002 1:7 \"-Infinity\" is not a number in JSON");
  CHECK(problem("{\"a\": 'x'}") == "E002 1:7 texts are in double quotes");
  CHECK(problem("{\"a\": True}") == "E002 1:7 \"True\" is not JSON");
  CHECK(problem("{\"a\": 1e999}") == "E006 1:7 \"1e999\" is too large for a number");
  CHECK(problem("{\"a\": \"x\ny\"}") ==
        "E002 1:7 a text may not contain a line break or control character");
  CHECK(problem("{\"a\": \"x") == "E002 1:7 the text is not closed");
  CHECK(problem("{\"a\": [1, 2").find("the text ends too early") != std::string::npos);
  CHECK(problem("{} {}") == "E002 1:4 something follows the end of the JSON value");
  CHECK(problem("{\"a\": 1 \"b\": 2}") == "E002 1:9 a text is not expected here");
  CHECK(problem("") == "E002 1:1 the file is empty");
  CHECK(problem(" \n\t") == "E002 1:1 the file is empty");
  CHECK(problem("{\"a\": \"\\ud800\"}").substr(0, 7) == "E002 1:");
}

TEST_CASE("what is not text is refused with its byte") {
  CHECK(problem("{\"a\": \"\xff\"}") == "E003 1:8 byte 7 (0xFF) is not UTF-8");
  CHECK(problem("{\n\"a\xc0\xaf\": 1}") == "E003 2:3 byte 4 (0xC0) is not UTF-8");
  CHECK(problem("\xEF\xBB\xBF{}") == "E003 1:1 the file begins with a byte order mark");
  CHECK(problem(std::string("{}\0{}", 5)) == "E003 1:3 byte 2 is zero");
  CHECK(problem(R"({"a\u0000b": 1})") == "E003 1:2 a text with the character \\u0000");
}

TEST_CASE("duplicate keys are all reported, with the place of the other") {
  const Parsed parsed = parse("{\"a\": 1,\n\"b\": {\"x\": 1, \"x\": 2},\n\"a\": 3, \"a\": 4}");
  CHECK(parsed.json.has_value());
  REQUIRE(parsed.issues.size() == 3);
  CHECK(parsed.issues[0].message == "\"x\" is given twice");
  CHECK(parsed.issues[1].message == "\"a\" is given twice");
  CHECK(parsed.issues[1].hint == "the other is in line 1");
  CHECK(parsed.issues[1].place.line == 3);
  CHECK(parsed.issues[2].hint == "the other is in line 3");
}

TEST_CASE("nesting and the number of values have bounds") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(parse(nested(kMaxJsonDepth)).json.has_value());
  CHECK(problem(nested(kMaxJsonDepth + 1)) == "E004 1:65 more than 64 levels of nesting");
  CHECK(problem("[1]" + std::string(100'000, '\n') + "x") ==
        "E004 1:4 more than 65536 blanks in a row");
  CHECK(problem(nested(2'000'000)) == "E004 1:65 more than 64 levels of nesting");
  std::string many = "[0";
  for (std::uint64_t i = 1; i < kMaxJsonValues; ++i) many += ",0";
  CHECK(problem(many + "]").find("more than 1000000 values") != std::string::npos);
}

TEST_CASE("a printed value parses back to itself") {
  const std::string text =
      R"({"a": [1, 0.1, -1e300, "\u0007\n\"ü", true, null], "b": {}, "c": [[], {"d": 1e-9}]})";
  const Parsed first = parse(text);
  REQUIRE(first.json);
  const std::string printed = print_json(*first.json);
  const Parsed second = parse(printed);
  REQUIRE(second.json);
  CHECK(print_json(*second.json) == printed);
  CHECK(second.json->find("a")->members[1].value.number == 0.1);
  CHECK(second.json->find("a")->members[3].value.text == "\a\n\"ü");
}
