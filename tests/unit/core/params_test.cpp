#include <catch2/catch.hpp>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/params.hpp>

using namespace hyperdc;

TEST_CASE("parameters are read back as what they are", "[params]") {
  Params params;
  params.set("shuffle", true);
  params.set("target", 0.6);
  params.set("depth", 12.0);
  params.set("interval", 90.0);
  params.set("mode", std::string("best"));
  params.set("bounds", std::vector<double>{1, 2.5});
  params.set("names", std::vector<std::string>{"a", "b"});
  CHECK(params.flag("shuffle"));
  CHECK(params.number("target") == 0.6);
  CHECK(params.integer("depth") == 12);
  CHECK(params.duration("interval") == whole_seconds(90));
  CHECK(params.text("mode") == "best");
  CHECK(params.list("bounds") == std::vector<double>{1, 2.5});
  CHECK(params.texts("names") == std::vector<std::string>{"a", "b"});
  CHECK(params.all().size() == 7);
  params.set("target", 0.7);
  CHECK(params.number("target") == 0.7);
  CHECK(params.all().size() == 7);
}

TEST_CASE("asking for what was not declared is a mistake of the program", "[params]") {
  Params params;
  params.set("target", 0.6);
  CHECK_THROWS_WITH(params.number("targte"), Catch::Contains("targte"));
  CHECK_THROWS_AS(params.flag("target"), InvariantError);
  CHECK_THROWS_AS(params.text("target"), InvariantError);
  CHECK_THROWS_AS(params.integer("target"), InvariantError);
  params.set("huge", 1e300);
  CHECK_THROWS_AS(params.integer("huge"), InvariantError);
}
