// Other programs get their arguments as they are, and are ended when they take too long.
#include "experiment/child_process.hpp"

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "experiment/kubernetes_job.hpp"
#include "experiment/slurm_engine.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

using std::chrono::seconds;

TEST_CASE("a program gets words, whatever is in them") {
  const std::string word = "a 'b' \"c\" $(id) `id` \\ *\n;#";
  const ChildOutcome outcome = run_program({"printf", "%s", word}, seconds(10));
  CHECK(outcome.started);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == word);
  // And so does a shell that reads the word quoted.
  const ChildOutcome shell =
      run_program({"sh", "-c", "printf %s " + shell_word(word)}, seconds(10));
  CHECK(shell.out == word);
}

TEST_CASE("what a program says and how it ends is known") {
  const ChildOutcome outcome = run_program({"sh", "-c", "echo no >&2; exit 7"}, seconds(10));
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.err == "no\n");
  CHECK(run_program({"sh", "-c", "kill -9 $$"}, seconds(10)).exit_code == 128 + 9);
  CHECK_FALSE(run_program({"/no/such/program"}, seconds(10)).started);
  CHECK(program_exists("sh"));
  CHECK_FALSE(program_exists("no-such-program-of-anybody"));
}

TEST_CASE("a program that does not end is ended") {
  const ChildOutcome outcome = run_program({"sleep", "100"}, seconds(0));
  CHECK(outcome.started);
  CHECK(outcome.timed_out);
  CHECK(outcome.exit_code == 128 + 9);
}

TEST_CASE("output goes to a file where it is asked for") {
  const test::TemporaryDirectory home;
  const ChildOutcome outcome = run_program({"echo", "17"}, seconds(10), home.path("job"));
  CHECK(outcome.out.empty());
  CHECK(home.read("job") == "17\n");
}

TEST_CASE("ids of jobs are read with and without a cluster") {
  CHECK(slurm_job_id("17\n") == "17");
  CHECK(slurm_job_id("17;lab\n") == "17");
  CHECK(slurm_job_id("sbatch: warning") == "");
}

TEST_CASE("names of Kubernetes jobs are labels that leave room for an index") {
  CHECK(kubernetes_job_name("Scalers 2") == "hyperdc-scalers-2");
  CHECK(kubernetes_job_name("\xc3\xa4") == "hyperdc");
  CHECK(kubernetes_job_name(std::string(100, 'x')).size() == 52);
}

}  // namespace
}  // namespace hyperdc
