#include "results/json_writer.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <limits>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

TEST_CASE("blocks are indented by two, or kept on one line") {
  JsonWriter json;
  json.open_object();
  json.key("a").natural(1);
  json.key("b").open_array(true);
  json.number(0.5);
  json.open_object();  // inside a line everything is on the line
  json.key("c").null();
  json.close();
  json.close();
  json.key("d").open_object();
  json.close();
  json.key("e").open_array();
  json.boolean(false);
  json.integer(-3);
  json.close();
  json.close();
  CHECK(json.finish() ==
        "{\n  \"a\": 1,\n  \"b\": [0.5, {\"c\": null}],\n  \"d\": {},\n"
        "  \"e\": [\n    false,\n    -3\n  ]\n}\n");
}

TEST_CASE("text is escaped, and bytes that are not UTF-8 are replaced") {
  JsonWriter json;
  json.text("a\"b\\c\n\t\x01\x7f \xC3\xA9 \xFF.");
  CHECK(json.finish() == "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f \xC3\xA9 \xEF\xBF\xBD.\"\n");
}

TEST_CASE("raw JSON keeps its tokens and takes the indentation of its place") {
  JsonWriter json;
  json.open_object();
  json.key("r").raw("{ \"x\" :1e22,\"y\":[ \"a, {b}\\\"\",true ] , \"z\": {}}");
  json.close();
  CHECK(json.finish() ==
        "{\n  \"r\": {\n    \"x\": 1e22,\n    \"y\": [\n      \"a, {b}\\\"\",\n      true\n    ],\n"
        "    \"z\": {}\n  }\n}\n");
}

TEST_CASE("raw JSON that is not whole is a broken invariant") {
  for (const char* text : {"{", "[1", "}", "[1}", "{\"a\":"}) {
    JsonWriter json;
    json.open_array();
    CHECK_THROWS_AS(json.raw(text), InvariantError);
  }
}

TEST_CASE("numbers are the shortest text that reads back as the same double") {
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(86400) == "86400");
  CHECK(shortest(1.0 / 3) == "0.3333333333333333");
  CHECK(shortest(-0.0) == "-0");
  CHECK(shortest(1e6) == "1000000");
  CHECK(shortest(-123456789012345) == "-123456789012345");
  CHECK(shortest(1e15) == "1e+15");
  CHECK(shortest(5e-324) == "5e-324");
  for (const double value : {3.293e12, 2.0 / 3, 1e23, 123456789.123456789}) {
    CHECK(std::strtod(shortest(value).c_str(), nullptr) == value);
  }
  CHECK_THROWS_AS(shortest(std::numeric_limits<double>::infinity()), InvariantError);
  CHECK_THROWS_AS(shortest(std::numeric_limits<double>::quiet_NaN()), InvariantError);
}

TEST_CASE("fingerprints have sixteen digits") {
  CHECK(hex16(0xff) == "00000000000000ff");
  CHECK(hex16(0xfedcba9876543210ULL) == "fedcba9876543210");
}

TEST_CASE("misuse of the writer is a broken invariant") {
  JsonWriter json;
  CHECK_THROWS_AS(json.close(), InvariantError);
  CHECK_THROWS_AS(json.key("a"), InvariantError);
  json.open_object();
  CHECK_THROWS_AS(json.finish(), InvariantError);
}
