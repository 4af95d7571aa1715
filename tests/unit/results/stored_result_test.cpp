// Results read back are those that were written.
#include "results/stored_result.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "results/store.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

RunResult full_result() {
  RunResult out;
  out.scenario = "night \"shift\"";
  out.seed = std::numeric_limits<std::uint64_t>::max();
  out.sha256 = std::string(64, 'b');
  out.resolved_json = R"({"name":"night","levels":[1,2.5,null,true],"empty":{}})";
  out.fingerprint = 0xfedcba9876543210U;
  out.hourly_fingerprints = {1, 0xffffffffffffffffU};
  out.simulated_s = 0.1;
  out.events = 12'345'678'901'234U;
  out.metrics = {{"energy.total", "J", 1.0 / 3, ""},
                 {"makespan", "s", std::nullopt, "no job finished"},
                 {"a.count", "1", 0.0, ""}};
  out.objectives = {{"energy.total", 5.0, std::nullopt, "J", 1.0 / 3, true},
                    {"makespan", std::nullopt, 2.0, "s", std::nullopt, false}};
  out.checks = {{"little", "L = 1", 1e-12}};
  out.assumptions = {{"pools.x", "nobody says"}};
  out.files = {{"x.json", std::string(64, 'c')}};
  out.series.columns = {"time_s", "pools.\"a,b\".waiting_jobs"};
  out.series.rows = {60, 1.0 / 3, 120, 0};
  return out;
}

TEST_CASE("a result that was written and read back is written the same") {
  const RunResult result = full_result();
  const std::string json = to_json(result);
  RunResult back = result_from_json(json);
  CHECK(to_json(back) == json);
  back.series = series_from_csv(series_csv(result));
  CHECK(back.series.columns == result.series.columns);
  CHECK(back.series.rows == result.series.rows);
  CHECK(series_csv(back) == series_csv(result));
}

TEST_CASE("what is no result is refused with its reason") {
  CHECK_THROWS_WITH(result_from_json("{"), "it is not JSON, or only a part of it");
  CHECK_THROWS_WITH(result_from_json("[]"), "its schema is not hyperdc.result/1");
  CHECK_THROWS_WITH(result_from_json(R"({"schema": "hyperdc.result/2"})"),
                    "its schema is not hyperdc.result/1");
  CHECK_THROWS_WITH(result_from_json(R"({"schema": "hyperdc.result/1"})"), "it has no scenario");
  CHECK_THROWS_WITH(result_from_json(R"({"schema": 7})"), "its schema is not hyperdc.result/1");
  CHECK_THROWS_WITH(result_from_json(R"({"schema": "hyperdc.result/1", "scenario": 3})"),
                    "something is not an object");
  CHECK_THROWS_WITH(series_from_csv("time_s,x\n1,2\n2,two\n"), "line 3 holds what is not a number");
  CHECK_THROWS_WITH(series_from_csv("time_s,x\n1\n"), "line 2 has 1 values and not 2");
}

TEST_CASE("every result cut short is refused, none crashes") {
  const std::string json = to_json(full_result());
  for (std::size_t size = 0; size + 2 < json.size(); size += 7) {
    CHECK_THROWS_AS(result_from_json(std::string_view(json).substr(0, size)), ResultProblem);
  }
}

TEST_CASE("directories of runs are found: one, several, or those below") {
  const test::TemporaryDirectory directory;
  const std::filesystem::path root = directory.path();
  const auto put = [&](const std::filesystem::path& where) {
    std::filesystem::create_directories(where);
    write_file((where / "result.json").string(), to_json(full_result()));
  };
  CHECK(result_directories(root.string()).empty());
  CHECK(result_directories((root / "missing").string()).empty());
  put(root / "b");
  put(root / "a");
  std::filesystem::create_directories(root / "other");
  CHECK(result_directories((root / "a").string()) ==
        std::vector<std::string>{(root / "a").string()});
  CHECK(result_directories(root.string()) ==
        std::vector<std::string>{(root / "a").string(), (root / "b").string()});
  write_file((root / "runs.txt").string(), "# hyperdc.runs/1: x\nb\ngone\n");
  std::vector<std::string> missing;
  CHECK(result_directories(root.string(), &missing) ==
        std::vector<std::string>{(root / "b").string()});
  CHECK(missing == std::vector<std::string>{(root / "gone").string()});
  write_file((root / "b" / "series.csv").string(), series_csv(full_result()));
  const StoredResult stored = read_stored_result((root / "b").string());
  CHECK(stored.result.series.rows.size() == 4);
  CHECK(stored.run_json.empty());
  write_file((root / "b" / "series.csv").string(), "time_s\nx\n");
  CHECK_THROWS_WITH(read_stored_result((root / "b").string()),
                    Catch::Contains("series.csv: line 2 holds what is not a number"));
}

}  // namespace
}  // namespace hyperdc
