#include "cli/command_line.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <streambuf>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran ran(const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment = {{"LANG", "C.UTF-8"}}) {
  std::ostringstream out, err;
  Console console{out, err, {false, environment}, {false, environment}};
  Ran result;
  result.code = run_command_line(arguments, console);
  result.out = out.str();
  result.err = err.str();
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// 200 random jobs on ten small servers; a run takes milliseconds.
std::string small_scenario(const std::string& name, const std::string& more = "") {
  return R"({"name": ")" + name + R"(", "seed": 3,
  "server_types": {"small": {"cores": 8, "memory": "64 GiB", "host_power": null,
                             "power_reason": "a server made up for a test"}},
  "regions": {"lab": {"racks": {"a": {"server": "small", "servers_per_rack": 10, "count": 1}}}},
  "pools": {"p": {"scheduler": {"policy": "fifo"}, "placement": {"policy": "best-fit"}}},
  "workloads": {"w": {"kind": "jobs", "pool": "p",
    "generate": {"count": 200, "run": {"exponential": {"mean": "10 min"}}, "cores": 4},
    "arrivals": {"poisson": {"rate": "90 /h"}}}})" +
         more + "}\n";
}

constexpr const char* kMissed =
    R"(, "objectives": [{"metric": "workloads.w.completion.mean", "at_most": "1 s"}])";

}  // namespace

TEST_CASE("help goes to the output, and to the errors when no command is named") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"--help"}, {"-h"}}) {
    const Ran help = ran(arguments);
    CHECK(help.code == 0);
    CHECK(help.err.empty());
    CHECK(contains(help.out, "Usage: hyperdc COMMAND [options]"));
    CHECK(contains(help.out, "Exit codes: 0 every objective holds"));
  }
  const Ran none = ran({});
  CHECK(none.code == 2);
  CHECK(none.out.empty());
  CHECK(contains(none.err, "Usage: hyperdc COMMAND [options]"));
}

TEST_CASE("every command has help with an example, within 100 columns") {
  for (const char* command : {"run", "sweep", "compare", "export", "validate", "catalog", "schema",
                              "docs", "completion"}) {
    const Ran help = ran({command, "--help"});
    CHECK(help.code == 0);
    CHECK(contains(help.out, std::string("Usage: hyperdc ") + command));
    CHECK(contains(help.out, "Examples:\n"));
    CHECK(contains(help.out, std::string("hyperdc ") + command + " "));
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 100);
  }
}

TEST_CASE("the version says how it was built") {
  const Ran version = ran({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.substr(0, 8) == "hyperdc ");
  CHECK((contains(version.out, "gcc") || contains(version.out, "clang")));
}

TEST_CASE("wrong command lines are exit code 2 and name what was meant") {
  const auto wrong = [](const std::vector<std::string>& arguments, const std::string& message) {
    const Ran bad = ran(arguments);
    CHECK(bad.code == 2);
    CHECK(bad.out.empty());
    CHECK(bad.err == message + "\n");
  };
  wrong({"rn", "a.json"}, "error: there is no command \"rn\"; did you mean \"run\"?");
  wrong({"--color", "never", "validat"},
        "error: there is no command \"validat\"; did you mean \"validate\"?");
  wrong({"xyzzy"}, "error: there is no command \"xyzzy\"; see: hyperdc --help");
  wrong({"run", "--sed", "1", "a.json"},
        "error: hyperdc run has no option \"--sed\"; did you mean \"--set\"?");
  wrong({"run"}, "error: hyperdc run needs FILE...; see: hyperdc run --help");
  wrong({"--explain", "E999"}, "error: there is no error code \"E999\"; see: hyperdc docs errors");
  CHECK(ran({"run", "a.json", "--format", "xml"}).code == 2);
  CHECK(ran({"schema"}).code == 2);
}

TEST_CASE("numbers on the command line are decimal digits, and values are not empty") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  for (const char* seed : {"-1", "18446744073709551616", "0x10", "", " 1", "1 ", "1.0", "+1"}) {
    const Ran bad = ran({"run", file, std::string("--seed=") + seed});
    INFO(seed << ": " << bad.err);
    CHECK(bad.code == 2);
    if (*seed != '\0') {
      CHECK(contains(bad.err, "is not a whole number from 0 to 18446744073709551615"));
    }
    CHECK(ran({"run", file, "--seed", seed}).code == 2);
    CHECK(ran({"run", file, "--seeds", seed}).code == 2);
    CHECK(ran({"run", file, "--threads", seed}).code == 2);
  }
  CHECK(ran({"run", file, "--seeds", "0"}).code == 2);
  CHECK(ran({"run", file, "--seeds", "100001"}).code == 2);
  const Ran ten = ran({"run", file, "--seed", "010", "--format", "json"});
  CHECK(nlohmann::json::parse(ten.out)["scenario"]["seed"] == 10);  // 8 if it were octal
  const Ran last = ran({"run", file, "--seed", "18446744073709551615", "--format", "json"});
  CHECK(contains(last.out, "\"seed\": 18446744073709551615"));
  for (const char* option : {"--until", "--out", "--timeline"}) {
    CHECK(contains(ran({"run", file, option, ""}).err, "the value is empty"));
    CHECK(ran({"run", file, option, ""}).code == 2);
    CHECK(ran({"run", file, std::string(option) + "="}).code == 2);
  }
  for (const char* option : {"--set", "--catalog", "--traces"}) {
    CHECK(ran({"run", file, option, ""}).code == 2);
  }
  CHECK(ran({"docs", "--out", ""}).code == 2);
  CHECK(ran({"--explain", ""}).code == 2);
}

TEST_CASE("a run that would end within its warm-up is refused") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a", R"(, "warmup": "1 h")"));
  const Ran bad = ran({"run", file, "--until", "60 min"});
  CHECK(bad.code == 2);
  CHECK(contains(bad.err, "--until: the run would end within the warm-up of 1 h"));
  CHECK(ran({"run", file, "--until", "61 min"}).code == 0);
  CHECK(contains(ran({"run", file, "--until", "1e-12 s"}).err, "is not between 0 and 200 y"));
}

TEST_CASE("an objective on nothing does not hide what else there is to say") {
  const test::TemporaryDirectory dir;
  std::string text =
      small_scenario("a", R"(, "objectives": [{"metric": "no.such", "at_most": 1}])");
  const std::string racks = R"("racks": {)";
  text.replace(text.find(racks), racks.size(),
               racks + R"("spare": {"server": "small", "count": 1}, )");
  const std::string pool = R"("p": {)";
  text.replace(text.find(pool), pool.size(), pool + R"("racks": ["lab.a"], )");
  const Ran bad = ran({"validate", dir.write("a.json", text)});
  CHECK(bad.code == 2);
  CHECK(contains(bad.out, "[E040]"));
  CHECK(contains(bad.out, "[E051]"));
}

TEST_CASE("the option --set does not take a base") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  const Ran bad = ran({"run", file, "--set", "extends=" + file});
  CHECK(bad.code == 2);
  CHECK(contains(bad.err, "[E009]"));
}

TEST_CASE("the option --color and the locale hold for help and for wrong command lines") {
  CHECK(contains(ran({"--color", "always", "rn"}).err, "\x1b["));
  CHECK(contains(ran({"run", "--sed", "--color=always"}).err, "\x1b["));
  CHECK_FALSE(contains(ran({"rn"}).err, "\x1b["));
  for (const char* command : {"run", "sweep", "compare", "export", "validate", "catalog", "schema",
                              "docs", "completion"}) {
    const Ran help = ran({command, "--help"}, {{"LC_ALL", "C"}});
    INFO(command);
    CHECK(std::all_of(help.out.begin(), help.out.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}

TEST_CASE("a code is explained whatever stands beside it") {
  const test::TemporaryDirectory dir;
  const Ran code = ran({"run", dir.path("none.json"), "--explain", "E001"});
  CHECK(code.code == 0);
  CHECK(code.out == ran({"--explain", "E001"}).out);
}

TEST_CASE("all problems of options and files at once, and nothing is written") {
  const test::TemporaryDirectory dir;
  const std::string good = dir.write("launch.json", small_scenario("launch"));
  dir.write("taken/notes.txt", "");
  const Ran bad = ran({"run", dir.path("lanch.json"), good, good, "--until", "5", "--set",
                       "novalue", "--out", dir.path("taken"), "--timeline", dir.path("no/t.json"),
                       "--catalog", dir.path("nowhere")});
  CHECK(bad.code == 2);
  CHECK(bad.out.empty());
  CHECK(contains(bad.err, "did you mean \"" + good + "\"?"));
  CHECK(contains(bad.err, "name: \"launch\" is the name of"));
  CHECK(contains(bad.err, "--until: "));
  CHECK(contains(bad.err, "--set: \"novalue\" is not PATH=VALUE"));
  CHECK(contains(bad.err, "it holds something else: notes.txt"));
  CHECK(contains(bad.err, "3 runs, and a timeline shows one"));
  CHECK(contains(bad.err, "--catalog: "));
  CHECK(contains(bad.err, "Nothing was run.\n"));
  CHECK(dir.exists("taken/notes.txt"));
}

TEST_CASE("one run: a screen, the files, and the objective's exit code") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a", kMissed));
  const Ran run = ran({"run", file, "--out", dir.path("out")});
  CHECK(run.code == 1);
  CHECK(contains(run.out, " a · "));
  CHECK(contains(run.out, "OBJECTIVES  1 of 1 missed"));
  CHECK(contains(run.out, "next: hyperdc run " + file + " --seeds 5"));
  CHECK(contains(run.err, " events in "));
  CHECK_FALSE(contains(run.err, "\x1b"));
  for (const char* name :
       {"result.json", "run.json", "series.csv", "distributions.csv", "jobs.csv"}) {
    CHECK(dir.exists(std::string("out/") + name));
  }
  const auto result = nlohmann::json::parse(dir.read("out/result.json"));
  CHECK(result["schema"] == "hyperdc.result/1");
  CHECK(result["metrics"]["workloads.w.finished"]["value"] == 200);
  CHECK(result["complete"] == true);
  CHECK(nlohmann::json::parse(dir.read("out/run.json"))["schema"] == "hyperdc.run/1");

  const Ran json = ran({"run", file, "--format", "json"});
  CHECK(json.code == 1);
  CHECK(json.out == dir.read("out/result.json"));
  CHECK(ran({"run", file, "--set", "objectives.0.at_most=1 d"}).code == 0);
}

TEST_CASE("results are stored before anything is printed") {
  /// Notes at the first character whether `file` exists, and takes none: a pipe without a reader.
  class Watcher final : public std::streambuf {
   public:
    explicit Watcher(std::string file) : file_(std::move(file)) {}
    std::optional<bool> stored;

   protected:
    int overflow(int) override {
      if (!stored) stored = std::filesystem::exists(file_);
      return traits_type::eof();
    }

   private:
    std::string file_;
  };
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  Watcher watcher(dir.path("out/result.json"));
  std::ostream out(&watcher);
  std::ostringstream err;
  Console console{out, err, {false, {}}, {false, {}}};
  run_command_line({"run", file, "--format", "json", "--out", dir.path("out")}, console);
  CHECK(watcher.stored == true);
}

TEST_CASE("where results cannot be written nothing runs") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  for (const char* option : {"--out", "--timeline"}) {
    for (const std::string& path : {file + "/x", std::string("/proc/hyperdc-x")}) {
      const Ran bad = ran({"run", file, option, path});
      CHECK(bad.code == 2);
      CHECK(bad.out.empty());
      CHECK(contains(bad.err, "Nothing was run."));
    }
  }
  REQUIRE(::mkfifo(dir.path("pipe").c_str(), 0600) == 0);
  const Ran pipe = ran({"run", file, "--timeline", dir.path("pipe")});
  CHECK(pipe.code == 2);
  CHECK(contains(pipe.err, "it is not a regular file"));
  CHECK(std::filesystem::is_fifo(dir.path("pipe")));
}

TEST_CASE("a command never removes what another one stored") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  CHECK(ran({"run", file, "--out", dir.path("out/a")}).code == 0);
  CHECK(ran({"run", file, "--out", dir.path("out/b")}).code == 0);
  CHECK(ran({"run", file, "--out", dir.path("out")}).code == 2);
  CHECK(ran({"run", file, "--seeds", "2", "--out", dir.path("out")}).code == 2);
  CHECK(dir.exists("out/a/result.json"));
  CHECK(dir.exists("out/b/result.json"));
  CHECK(ran({"run", file, "--seeds", "2", "--out", dir.path("two")}).code == 0);
  CHECK(ran({"run", file, "--seeds", "2", "--seed", "4", "--out", dir.path("two")}).code == 0);
  CHECK_FALSE(dir.exists("two/a-seed3"));
  CHECK(dir.exists("two/a-seed5/result.json"));
}

TEST_CASE("several runs: the same bytes whatever the threads, a directory each") {
  const test::TemporaryDirectory dir;
  const std::string a = dir.write("a.json", small_scenario("a"));
  const std::string b = dir.write("b.json", small_scenario("b"));
  const std::vector<std::string> command = {"run", a, b, "--seeds", "3", "--format", "json"};
  std::vector<std::string> alone = command, beside = command;
  alone.insert(alone.end(), {"--threads", "1", "--out", dir.path("out")});
  beside.insert(beside.end(), {"--threads", "4"});
  const Ran one = ran(alone);
  CHECK(one.code == 0);
  CHECK(one.out == ran(beside).out);
  const auto results = nlohmann::json::parse(one.out);
  CHECK(results["schema"] == "hyperdc.results/1");
  REQUIRE(results["results"].size() == 6);
  CHECK(results["results"][1]["scenario"]["seed"] == 4);
  CHECK(dir.exists("out/a-seed3/result.json"));
  CHECK(dir.exists("out/b-seed5/series.csv"));
  CHECK_FALSE(dir.exists("out/b-seed5/jobs.csv"));
  CHECK(dir.read("out/summary.csv").substr(0, 9) == "scenario,");

  const Ran text = ran({"run", a, b, "--seeds", "3", "--jobs-csv", "--out", dir.path("out")});
  CHECK(text.code == 0);
  CHECK(contains(text.out, " b against a · seeds 3 to 5"));
  CHECK(dir.exists("out/b-seed5/jobs.csv"));
  std::istringstream lines(text.out);
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 100);
}

TEST_CASE("the option --until ends a run, --summary none says nothing, GitHub gets a page") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a"));
  const Ran json = ran({"run", file, "--until", "10 min", "--format", "json"});
  CHECK(nlohmann::json::parse(json.out)["simulated"]["seconds"] == 600);
  const Ran none =
      ran({"run", file, "--summary", "none"}, {{"GITHUB_STEP_SUMMARY", dir.path("page.md")}});
  CHECK(none.out.empty());
  CHECK_FALSE(dir.exists("page.md"));
  ran({"run", file}, {{"GITHUB_STEP_SUMMARY", dir.path("page.md")}});
  CHECK(contains(dir.read("page.md"), "```text\n a · "));
}

TEST_CASE("an interrupted run prints what it measured and stores nothing") {
  const test::TemporaryDirectory dir;
  const std::string file = dir.write("a.json", small_scenario("a", R"(, "duration": "100 y")"));
  // Blocked here and in the thread that sends it, so that only the watch can take the signal.
  sigset_t interrupt, before;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &before);
  std::thread sender([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::kill(::getpid(), SIGINT);
  });
  const Ran run = ran({"run", file, "--set", "workloads.w.generate.count=1000000000", "--format",
                       "json", "--out", dir.path("out")});
  sender.join();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(run.code == 130);
  CHECK(nlohmann::json::parse(run.out)["complete"] == false);
  CHECK(contains(run.err, "0 of 1 runs stored"));
  CHECK_FALSE(dir.exists("out"));
}

TEST_CASE("validate says what is wrong in every format and runs nothing") {
  const test::TemporaryDirectory dir;
  const std::string good = dir.write("good.json", small_scenario("good"));
  const std::string bad = dir.write("bad.json", small_scenario("bad", ", \"durration\": \"1 d\""));
  const Ran right = ran({"validate", good});
  CHECK(right.code == 0);
  CHECK(right.out == "1 file is right. Nothing was run.\n");
  const Ran text = ran({"validate", good, bad});
  CHECK(text.code == 2);
  CHECK(contains(text.out, bad + ":"));
  CHECK(contains(text.out, "did you mean \"duration\"?"));
  CHECK(contains(text.out, "1 error in 1 file. Nothing was run.\n"));
  const auto json = nlohmann::json::parse(ran({"validate", bad, "--format", "json"}).out);
  CHECK(json["issues"].size() == 1);
  CHECK(ran({"validate", bad, "--format", "github"}).out.substr(0, 8) == "::error ");
  CHECK(nlohmann::json::parse(ran({"validate", bad, "--format", "sarif"}).out)["version"] ==
        "2.1.0");
  CHECK(contains(ran({"validate", bad}, {{"GITHUB_ACTIONS", "true"}}).err, "::error file="));
  CHECK(ran({"validate", dir.path("none.json")}).code == 2);
}

TEST_CASE("schemas are JSON, and codes are explained") {
  CHECK(nlohmann::json::parse(ran({"schema", "result"}).out).contains("definitions"));
  CHECK(nlohmann::json::parse(ran({"schema", "scenario"}).out).is_object());
  const Ran code = ran({"--explain", "e001"});
  CHECK(code.code == 0);
  CHECK_FALSE(code.out.empty());
}

TEST_CASE("the catalog lists, narrows and shows") {
  const Ran all = ran({"catalog"});
  CHECK(all.code == 0);
  CHECK(contains(all.out, "accelerators\n"));
  const auto list = nlohmann::json::parse(ran({"catalog", "accelerators", "--format", "json"}).out);
  REQUIRE(list.size() > 3);
  const std::string name = list[0]["name"];
  const Ran one = ran({"catalog", "accelerators", name});
  CHECK(one.code == 0);
  CHECK(nlohmann::json::parse(one.out).is_object());
  CHECK(contains(ran({"catalog", "acelerators"}).err, "did you mean \"accelerators\"?"));
  CHECK(ran({"catalog", "accelerators", "no-such-thing"}).code == 2);
  const Ran nowhere = ran({"catalog", "--catalog", "/no/such/directory"});
  CHECK(nowhere.code == 2);
  CHECK(nowhere.out.empty());
  CHECK(contains(nowhere.err, "is not a directory"));
}

TEST_CASE("the reference is printed by page or written to a directory") {
  const test::TemporaryDirectory dir;
  CHECK(ran({"docs", "--out", dir.path("reference")}).code == 0);
  for (const char* page :
       {"commands", "scenario", "policies", "metrics", "traces", "units", "errors"}) {
    CHECK(dir.read(std::string("reference/") + page + ".md") == ran({"docs", page}).out);
  }
  CHECK(contains(ran({"docs", "commands"}).out, "## hyperdc run\n"));
  CHECK(ran({"docs", "nonsense"}).code == 2);
}
