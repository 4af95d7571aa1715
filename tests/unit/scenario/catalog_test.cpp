#include "scenario/catalog.hpp"

#include <catch2/catch.hpp>

#include "files.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

TEST_CASE("every entry of the installed catalog is good and has a source for its power") {
  const auto entries = list_catalog({});
  REQUIRE(entries.size() >= 30);
  for (const CatalogEntry& entry : entries) {
    INFO(entry.file);
    const auto shown = show_catalog({}, entry.kind, entry.name);
    if (const auto* issues = std::get_if<Issues>(&shown)) FAIL(test::print(*issues));
    CHECK(std::get<std::string>(shown).find("\"sources\"") != std::string::npos);
    CHECK_FALSE(entry.summary.empty());
  }
}

TEST_CASE("every server of the catalog builds a scenario") {
  Sources sources;
  Problems problems(sources);
  const Catalog catalog({}, sources, problems);
  for (const std::string& name : catalog.names(kServers)) {
    INFO(name);
    const Issues issues = test::issues_of_text(R"({"name": "s", "regions": {"r": {"racks": {"a":
      {"server": ")" + name + R"(", "count": 1}}}}, "pools": {"p": {}}})");
    CHECK(test::print(issues).empty());
  }
}

TEST_CASE("a catalog directory hides entries of the installed one") {
  const Files files;
  files.write("cat/servers/hgx-h100.json", R"({"name": "hgx-h100", "cores": 3, "memory": "1 GiB",
    "power_reason": "test"})");
  files.write("cat/servers/broken.json", R"({"name": "other", "cores": 3})");
  files.write("cat/servers/.hidden.json", "{");
  const std::string file = files.write("s.json", R"({"name": "s", "regions": {"r": {"racks": {
    "a": {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}}})");
  LoadOptions options;
  options.catalog_dirs = {files.path("cat")};
  CHECK(test::load(file, options).scenario.server_types[0].shape.cores_milli == 3000);
  CHECK(test::load(file).scenario.server_types[0].shape.cores_milli > 3000);

  options.overrides = {{"regions.r.racks.a.server", "broken"}};
  const Issues issues = test::issues_of(file, options);
  INFO(test::print(issues));
  REQUIRE(issues.size() == 2);
  CHECK(has(issues, "E011", "memory", "is missing"));
  CHECK(has(issues, "E014", "name", "an entry is named as its file"));
  CHECK(issues[0].place.file == files.path("cat/servers/broken.json"));

  options.catalog_dirs = {files.path("none")};
  CHECK(has(test::issues_of(file, options), "E001", "", "no catalog directory"));
}

TEST_CASE("show_catalog prints an entry as it was written") {
  const auto shown = show_catalog({}, "accelerators", "h100-sxm");
  REQUIRE(ok(shown));
  CHECK(std::get<std::string>(shown).find("\"memory\": \"80 GB\"") != std::string::npos);
  const auto wrong = show_catalog({}, "accelerators", "h100-sxn");
  CHECK(has(std::get<Issues>(wrong), "E030", "", "did you mean \"h100-sxm\"?"));
  CHECK(has(std::get<Issues>(show_catalog({}, "server", "x")), "E013", "",
            "did you mean \"servers\"?"));
}
