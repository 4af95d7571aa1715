#include <catch2/catch.hpp>
#include <cstdio>
#include <sstream>

#include "cli/command_line.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

std::string script(const std::string& shell) {
  std::ostringstream out, err;
  Console console{out, err, {}, {}};
  REQUIRE(run_command_line({"completion", shell}, console) == 0);
  return out.str();
}

/// What bash offers for the last word of `words`, one a line, sorted.
std::string offered(const test::TemporaryDirectory& dir, const std::string& words) {
  dir.write("completion.bash", script("bash"));
  dir.write("ask.bash",
            "complete() { :; }\nsource \"$1\"; cd \"$2\"; shift 2\nCOMP_WORDS=(\"$@\")\n"
            "COMP_CWORD=$(($# - 1))\n_hyperdc\nprintf '%s\\n' \"${COMPREPLY[@]}\" | sort\n");
  dir.write("files/a.json", "");
  dir.write("files/sub/b.json", "");
  const std::string command = "bash " + dir.path("ask.bash") + " " + dir.path("completion.bash") +
                              " " + dir.path("files") + " " + words;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  CHECK(::pclose(pipe) == 0);
  return text;
}

}  // namespace

TEST_CASE("bash completes commands, options, values and files") {
  const test::TemporaryDirectory dir;
  CHECK(offered(dir, "hyperdc va") == "validate\n");
  CHECK(offered(dir, "hyperdc --ex") == "--explain\n");
  CHECK(offered(dir, "hyperdc run --se") == "--seed\n--seeds\n--set\n");
  CHECK(offered(dir, "hyperdc run --format ''") == "json\ntext\n");
  CHECK(offered(dir, "hyperdc validate x.json --format s") == "sarif\n");
  CHECK(offered(dir, "hyperdc run --color ''") == "always\nauto\nnever\n");
  CHECK(offered(dir, "hyperdc run ''") == "a.json\nsub\n");
  CHECK(offered(dir, "hyperdc run --out ''") == "sub\n");
  CHECK(offered(dir, "hyperdc completion z") == "zsh\n");
  CHECK(offered(dir, "hyperdc catalog ''") ==
        "accelerators\ncollectives\ndrives\nfabrics\nmodels\nplatforms\nservers\nserving\ntraining"
        "\n");
  CHECK(offered(dir, "hyperdc run --seed ''") == "\n");  // any number
}

TEST_CASE("every option of run is in every script") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string text = script(shell);
    for (const char* option : {"out", "seed", "seeds", "set", "until", "format", "summary",
                               "threads", "catalog", "traces", "timeline", "jobs-csv"}) {
      INFO(shell << " " << option);
      const std::string dashed = std::string(shell) == "fish" ? "-l " : "--";
      CHECK(text.find(dashed + option) != std::string::npos);
    }
  }
}
