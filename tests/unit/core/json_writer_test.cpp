#include "core/json_writer.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

namespace {

void write_sample(JsonStream& json) {
  json.begin_object().key("a").number(0.1).key("b").begin_array();
  json.integer(-3).natural(18446744073709551615ULL).boolean(true).null().end_array();
  json.key("c").begin_object().end_object().key("d").begin_array().end_array().end_object();
}

}  // namespace

TEST_CASE("a compact document", "[json]") {
  JsonStream json;
  write_sample(json);
  CHECK(json.complete());
  CHECK(json.take() == R"({"a":0.1,"b":[-3,18446744073709551615,true,null],"c":{},"d":[]})");
}

TEST_CASE("an indented document", "[json]") {
  JsonStream json(2);
  write_sample(json);
  CHECK(json.take() ==
        "{\n  \"a\": 0.1,\n  \"b\": [\n    -3,\n    18446744073709551615,\n    true,\n    null\n  "
        "],\n"
        "  \"c\": {},\n  \"d\": []\n}");
}

TEST_CASE("text can be taken while the document is open", "[json]") {
  JsonStream json;
  json.begin_array().integer(1);
  CHECK_FALSE(json.complete());
  CHECK(json.take() == "[1");
  CHECK(json.pending_bytes() == 0);
  json.integer(2).end_array();
  CHECK(json.take() == ",2]");
}

TEST_CASE("strings are escaped and must be UTF-8", "[json]") {
  JsonStream json;
  json.string("q\" b\\ n\n e\x1B d\x7F \xE2\x82\xAC");
  CHECK(json.take() == "\"q\\\" b\\\\ n\\u000a e\\u001b d\\u007f \xE2\x82\xAC\"");
  CHECK_THROWS_AS(JsonStream().string("\xFF"), InvariantError);
}

TEST_CASE("numbers are the shortest that read back", "[json]") {
  JsonStream json;
  json.begin_array().number(1.0 / 3).number(1e22).number(5e-324).number(100).number(-0.0);
  json.end_array();
  CHECK(json.take() == "[0.3333333333333333,1e+22,5e-324,100,-0]");
  CHECK_THROWS_AS(JsonStream().number(std::numeric_limits<double>::quiet_NaN()), InvariantError);
  CHECK_THROWS_AS(JsonStream().number(std::numeric_limits<double>::infinity()), InvariantError);
}

TEST_CASE("what would not be JSON is refused", "[json]") {
  CHECK_THROWS_AS(JsonStream().begin_object().integer(1), InvariantError);
  CHECK_THROWS_AS(JsonStream().begin_array().key("a"), InvariantError);
  CHECK_THROWS_AS(JsonStream().begin_array().end_object(), InvariantError);
  CHECK_THROWS_AS(JsonStream().begin_object().key("a").key("b"), InvariantError);
  CHECK_THROWS_AS(JsonStream().begin_object().key("a").end_object(), InvariantError);
  CHECK_THROWS_AS(JsonStream().integer(1).integer(2), InvariantError);
  CHECK_THROWS_AS(JsonStream().end_array(), InvariantError);
}
