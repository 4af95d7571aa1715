// Which files a scenario may read, and files that are no files.
#include "scenario/paths.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "files.hpp"

using namespace hyperdc;
using test::Files;
using test::has;

namespace {

constexpr const char* kJobs = "submit_s,run_s,cores\n0,10,1\n";

std::string with_trace(const std::string& file) {
  return test::small_scenario("", "", R"(, "trace": {"format": "csv", "file": ")" + file + "\"}");
}

constexpr const char* kTrace = "workloads.w.trace.file";

}  // namespace

TEST_CASE("a scenario reads files of its own tree and of the trace directories") {
  const Files files;
  files.write("outside.csv", kJobs);
  files.write("traces/t.csv", kJobs);
  files.write("home/in/jobs.csv", kJobs);
  files.write("home/jobs.csv", kJobs);
  const auto issues = [&](const std::string& file, const LoadOptions& options = {}) {
    return test::issues_of(files.write("home/s.json", with_trace(file)), options);
  };
  CHECK(issues("jobs.csv").empty());
  CHECK(issues("in/../in/jobs.csv").empty());
  CHECK(has(issues("../outside.csv"), "E008", kTrace, "outside the directory"));
  CHECK(has(issues("in/../../outside.csv"), "E008", kTrace));
  CHECK(has(issues(files.path("outside.csv")), "E008", kTrace));
  CHECK(has(issues("/etc/hostname"), "E008", kTrace));
  CHECK(has(issues("jobz.csv"), "E001", kTrace, "did you mean \"jobs.csv\"?"));
  CHECK(has(issues("in"), "E001", kTrace, "not a regular file"));
  CHECK(has(issues(""), "E001", kTrace));

  std::filesystem::create_symlink(files.path("outside.csv"), files.path("home/link.csv"));
  CHECK(has(issues("link.csv"), "E008", kTrace));
  std::filesystem::create_directory_symlink(files.path(), files.path("home/up"));
  CHECK(has(issues("up/outside.csv"), "E008", kTrace));
  std::filesystem::create_symlink("loop.csv", files.path("home/loop.csv"));
  CHECK(has(issues("loop.csv"), "E001", kTrace));

  LoadOptions options;
  options.trace_dirs = {files.path("traces")};
  CHECK(issues("t.csv", options).empty());
  CHECK(issues(files.path("traces/t.csv"), options).empty());
  CHECK(has(issues("../outside.csv", options), "E008", kTrace));
}

TEST_CASE("a file given with --set may lie anywhere: it is the user's own word") {
  const Files files;
  files.write("outside.csv", kJobs);
  files.write("home/jobs.csv", kJobs);
  LoadOptions options;
  options.overrides = {{kTrace, files.path("outside.csv")}};
  const std::string file = files.write("home/s.json", with_trace("jobs.csv"));
  const Scenario scenario = test::load(file, options).scenario;
  CHECK(scenario.workloads[0].jobs.trace->file == files.path("outside.csv"));
}

TEST_CASE("paths of a base file are relative to the base file") {
  const Files files;
  files.write("bases/data/jobs.csv", kJobs);
  files.write("bases/base.json", with_trace("data/jobs.csv"));
  const Loaded loaded = test::load(files.write("s.json", R"({"extends": "bases/base.json"})"));
  CHECK(loaded.scenario.workloads[0].jobs.trace->file == files.path("bases/data/jobs.csv"));
  CHECK(loaded.scenario.resolved_json.find("\"bases/data/jobs.csv\"") != std::string::npos);
}

TEST_CASE("what is not a regular file is refused at once") {
  const Files files;
  CHECK(has(test::issues_of(files.path("none.json")), "E001", ""));
  CHECK(has(test::issues_of(files.path()), "E001", "", "directory"));
  CHECK(has(test::issues_of("/dev/zero"), "E001", "", "not a regular file"));
  REQUIRE(mkfifo(files.path("pipe").c_str(), 0600) == 0);
  CHECK(has(test::issues_of(files.path("pipe")), "E001", "", "not a regular file"));
  CHECK(has(test::issues_of(files.write("s.json", with_trace("pipe"))), "E001", kTrace));
  CHECK(has(test::issues_of(files.write("s.json", R"({"extends": "pipe"})")), "E001", "extends"));
  CHECK(has(test::issues_of(""), "E001", ""));
}

TEST_CASE("a file of more than 64 MiB is refused before it is read") {
  const Files files;
  const std::string file = files.write("big.json", "{");
  REQUIRE(truncate(file.c_str(), off_t{1} << 40) == 0);
  CHECK(has(test::issues_of(file), "E004", "", "67108864 bytes"));
}
