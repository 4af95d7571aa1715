#include "results/store.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

using namespace hyperdc;
using test::TemporaryDirectory;

namespace {

constexpr const char* kResult = "{\n  \"schema\": \"hyperdc.result/1\"\n}\n";

constexpr const char* kIndex = "# hyperdc.runs/1: directories that one command wrote here\n";

std::size_t entries(const std::string& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("a single run lies in the directory itself, and nothing temporary stays") {
  const TemporaryDirectory dir;
  {
    ResultDirectory out(dir.path("out/lw"), {});
    std::ofstream(out.path(0, "jobs.csv")) << "job\n";
    out.write(0, "result.json", kResult);
    CHECK_FALSE(dir.exists("out/lw/result.json"));
    out.keep({0});
  }
  CHECK(dir.read("out/lw/result.json") == kResult);
  CHECK(dir.read("out/lw/jobs.csv") == "job\n");
  CHECK(entries(dir.path("out/lw")) == 2);
}

TEST_CASE("several runs get a directory each, and only those that are kept") {
  const TemporaryDirectory dir;
  {
    ResultDirectory out(dir.path("out"), {"a-seed1", "a-seed2"});
    out.write(0, "result.json", kResult);
    out.write(1, "result.json", kResult);
    out.write_common("summary.csv", "x\n");
    out.keep({1});
  }
  CHECK_FALSE(dir.exists("out/a-seed1"));
  CHECK(dir.exists("out/a-seed2/result.json"));
  CHECK(dir.exists("out/summary.csv"));
  CHECK(dir.read("out/runs.txt") == kIndex + std::string("a-seed2\n"));
  CHECK(entries(dir.path("out")) == 3);
}

TEST_CASE("without keep() everything is as it was before") {
  const TemporaryDirectory dir;
  { ResultDirectory(dir.path("new"), {}).write(0, "result.json", kResult); }
  CHECK_FALSE(dir.exists("new"));
  dir.write("old/result.json", kResult);
  { ResultDirectory(dir.path("old"), {}).write(0, "result.json", "other"); }
  CHECK(dir.read("old/result.json") == kResult);
  CHECK(entries(dir.path("old")) == 1);
}

TEST_CASE("an earlier result is replaced whole") {
  const TemporaryDirectory dir;
  const auto store = [&](const std::vector<std::string>& runs) {
    ResultDirectory out(dir.path("out"), runs);
    for (std::size_t i = 0; i < runs.size(); ++i) out.write(i, "result.json", kResult);
    out.write_common("summary.csv", "x\n");
    out.keep({0, 1});
  };
  dir.write("out/result.json", kResult);
  dir.write("out/jobs.csv", "old");
  dir.write("out/.partial-1/result.json", "left by a run that was killed");
  REQUIRE_FALSE(why_not_store_in(dir.path("out"), true));
  store({"a-seed1", "a-seed2"});
  CHECK_FALSE(dir.exists("out/result.json"));
  CHECK_FALSE(dir.exists("out/jobs.csv"));
  REQUIRE_FALSE(why_not_store_in(dir.path("out"), true));
  store({"a-seed2", "b-seed2"});
  CHECK_FALSE(dir.exists("out/a-seed1"));
  CHECK(dir.exists("out/a-seed2/result.json"));
  CHECK(dir.exists("out/b-seed2/result.json"));
}

TEST_CASE("results of other commands below the directory are not part of an earlier result") {
  const TemporaryDirectory dir;
  dir.write("out/a/result.json", kResult);
  dir.write("out/b/result.json", kResult);
  CHECK(why_not_store_in(dir.path("out"), false) == "it holds something else: a and 1 more");
  CHECK(why_not_store_in(dir.path("out"), true) == "it holds something else: a and 1 more");
  dir.write("out/runs.txt", kIndex + std::string("a\n"));
  dir.write("out/summary.csv", "x\n");
  CHECK(why_not_store_in(dir.path("out"), true) == "it holds something else: b");
  std::filesystem::remove_all(dir.path("out/b"));
  CHECK_FALSE(why_not_store_in(dir.path("out"), true));
  // A single run leaves them alone although the index names them.
  CHECK(why_not_store_in(dir.path("out"), false) == "it holds something else: a and 2 more");
}

TEST_CASE("an index names entries of its directory, and is one that this program wrote") {
  const TemporaryDirectory dir;
  dir.write("precious/result.json", kResult);
  dir.write("out/runs.txt", kIndex + std::string("../precious\n..\n.\n\n/tmp\n"));
  {
    ResultDirectory out(dir.path("out"), {"a-seed1"});
    out.write(0, "result.json", kResult);
    out.keep({0});
  }
  CHECK(dir.exists("precious/result.json"));
  dir.write("mine/runs.txt", "# my runs\na\n");
  CHECK(why_not_store_in(dir.path("mine"), true) == "it holds something else: runs.txt");
}

TEST_CASE("what a killed run left is removed, and only that") {
  const TemporaryDirectory dir;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);  // from here on there is no such process
  const std::string stale = "out/.partial-" + std::to_string(child);
  dir.write(stale + "/result.json", kResult);
  dir.write(stale + "/summary.csv", "x");
  dir.write(stale + "/a-seed1/jobs.csv", "x");
  dir.write("out/.partial-1/result.json", "of a process that lives");
  dir.write("out/.partial-x/result.json", "named by nobody here");
  dir.write("mine/.partial-" + std::to_string(child) + "/thesis.tex", "x");
  { const ResultDirectory out(dir.path("out"), {}); }
  { const ResultDirectory mine(dir.path("mine"), {}); }
  CHECK_FALSE(dir.exists(stale));
  CHECK(dir.exists("out/.partial-1/result.json"));
  CHECK(dir.exists("out/.partial-x/result.json"));
  CHECK(entries(dir.path("mine")) == 1);
}

TEST_CASE("files of a killed run with this process's number do not get into a result") {
  const TemporaryDirectory dir;
  dir.write("out/.partial-" + std::to_string(::getpid()) + "/jobs.csv", "of another run");
  ResultDirectory out(dir.path("out"), {});
  const ResultDirectory beside(dir.path("out"), {});  // locked: not stale
  out.write(0, "result.json", kResult);
  out.keep({0});
  CHECK(dir.exists("out/result.json"));
  CHECK_FALSE(dir.exists("out/jobs.csv"));
}

TEST_CASE("a directory that cannot be created is told before anything runs") {
  const TemporaryDirectory dir;
  const std::string file = dir.write("file", "");
  CHECK(why_not_store_in(file + "/out/a", false) == "\"" + file + "\" is not a directory");
  CHECK_FALSE(why_not_store_in(dir.path("new/out/a"), false));
  CHECK_THROWS_AS(ResultDirectory("/proc/hyperdc", {}), WriteFailed);
  { const ResultDirectory unused(dir.path("new/out/a"), {}); }
  CHECK_FALSE(dir.exists("new"));
}

TEST_CASE("a directory that holds something else is refused") {
  const TemporaryDirectory dir;
  CHECK_FALSE(why_not_store_in(dir.path("missing"), false));
  std::filesystem::create_directories(dir.path("empty"));
  CHECK_FALSE(why_not_store_in(dir.path("empty"), false));
  dir.write("trace/jobs.csv", "a trace of the user's");
  CHECK(why_not_store_in(dir.path("trace"), false) == "it holds something else: jobs.csv");
  dir.write("mixed/result.json", kResult);
  dir.write("mixed/thesis.tex", "");
  dir.write("mixed/notes/a.txt", "");
  CHECK(why_not_store_in(dir.path("mixed"), false) == "it holds something else: notes and 1 more");
  dir.write("foreign/result.json", "{\"answer\": 42}");
  CHECK(why_not_store_in(dir.path("foreign"), false) == "it holds something else: result.json");
  dir.write("deep/runs.txt", kIndex + std::string("a-seed1\n"));
  dir.write("deep/a-seed1/result.json", kResult);
  dir.write("deep/a-seed1/mine.txt", "");
  CHECK(why_not_store_in(dir.path("deep"), true) == "it holds something else: a-seed1/mine.txt");
  CHECK(why_not_store_in(dir.write("file", ""), false) == "it is not a directory");
  std::filesystem::create_directories(dir.path("pipe"));
  REQUIRE(::mkfifo(dir.path("pipe/result.json").c_str(), 0600) == 0);  // and does not wait for it
  CHECK(why_not_store_in(dir.path("pipe"), false) == "it holds something else: result.json");
}

TEST_CASE("what was put beside an earlier result meanwhile is left alone") {
  const TemporaryDirectory dir;
  dir.write("out/runs.txt", kIndex + std::string("a-seed1\n"));
  dir.write("out/a-seed1/result.json", kResult);
  {
    ResultDirectory out(dir.path("out"), {"a-seed2"});
    dir.write("out/precious/data.txt", "x");
    dir.write("out/other/result.json", kResult);
    out.write(0, "result.json", kResult);
    out.keep({0});
  }
  CHECK(dir.read("out/precious/data.txt") == "x");
  CHECK(dir.exists("out/other/result.json"));
  CHECK_FALSE(dir.exists("out/a-seed1"));
  CHECK(dir.exists("out/a-seed2/result.json"));
}

TEST_CASE("a failed write says which file and why") {
  CHECK_THROWS_WITH(write_file("/dev/full", "x"),
                    "cannot write /dev/full: No space left on device");
  CHECK_THROWS_AS(write_file("/nowhere/x", "x"), WriteFailed);
}

TEST_CASE("a device or a pipe is not replaced by a file") {
  const TemporaryDirectory dir;
  const std::string pipe = dir.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(why_not_write_to(pipe) == "it is not a regular file");
  CHECK(why_not_write_to(dir.path(".")) == "it is a directory");
  CHECK(why_not_write_to(dir.path("no/t.gz")) == "\"" + dir.path("no") + "\" is not a directory");
  CHECK_FALSE(why_not_write_to(dir.write("old.gz", "x")));
  CHECK_FALSE(why_not_write_to(dir.path("new.gz")));
  ResultFileWriter writer(pipe);
  CHECK_THROWS_AS(writer.keep(), WriteFailed);
  CHECK(std::filesystem::is_fifo(pipe));
}

TEST_CASE("a single file appears under its name when it is kept") {
  const TemporaryDirectory dir;
  {
    ResultFileWriter dropped(dir.path("a.json.gz"));
    write_file(dropped.temporary(), "x");
  }
  CHECK(entries(dir.path(".")) == 0);
  ResultFileWriter kept(dir.path("a.json.gz"));
  CHECK(kept.temporary().substr(kept.temporary().size() - 8) == ".json.gz");
  write_file(kept.temporary(), "x");
  kept.keep();
  CHECK(dir.read("a.json.gz") == "x");
  CHECK(entries(dir.path(".")) == 1);
}
