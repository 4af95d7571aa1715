// Runs side by side on threads do not know of each other: run under TSan too.
#include <atomic>
#include <catch2/catch.hpp>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

RunOutcome run_one(const RunRequest& request) {
  const std::atomic<bool> stop{false};
  return std::move(run_all({&request, 1}, 1, stop, nullptr)[0]);
}

TEST_CASE("a run gives the same bytes beside other runs as alone") {
  const Scenario fcfs = test::load_example("batch-fcfs");
  const Scenario easy = test::load_example("batch-easy");
  std::vector<RunRequest> requests(8);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].scenario = i % 2 == 0 ? &fcfs : &easy;
    requests[i].seed = 1;
  }
  const std::string alone_fcfs = to_json(*run_one(requests[0]).result);
  const std::string alone_easy = to_json(*run_one(requests[1]).result);
  CHECK(alone_fcfs != alone_easy);
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all(requests, 4, stop, nullptr);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    REQUIRE(outcomes[i].result);
    CHECK(to_json(*outcomes[i].result) == (i % 2 == 0 ? alone_fcfs : alone_easy));
  }
}

TEST_CASE("seeds on which nothing depends are simulated once, with the bytes of each alone") {
  const Scenario fcfs = test::load_example("batch-fcfs");
  const Scenario easy = test::load_example("batch-easy");
  const Scenario queue = test::load_example(
      "queue-mmc", {{"duration", "\"1 h\""}, {"warmup", "\"1 min\""}});  // draws arrivals
  std::vector<RunRequest> requests;
  for (const Scenario* scenario : {&fcfs, &queue, &easy}) {
    for (std::uint64_t seed = 3; seed <= 5; ++seed) {
      requests.push_back({scenario, seed, std::nullopt, {}, {}});
    }
  }
  requests.push_back({&easy, 6, SimTime{} + whole_seconds(100'000), {}, {}});
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all(requests, 3, stop, nullptr);
  const std::vector<bool> reused = {false, true,  true, false, false,
                                    false, false, true, true,  false};
  for (std::size_t i = 0; i < requests.size(); ++i) {
    INFO(i);
    REQUIRE(outcomes[i].result);
    CHECK(outcomes[i].reused == reused[i]);
    CHECK(to_json(*outcomes[i].result) == to_json(*run_one(requests[i]).result));
  }
}

TEST_CASE("a failure is each seed's own, and files are written by the run that they belong to") {
  const Scenario scenario = test::load_example("batch-fcfs");
  const RunRequest first{&scenario, 1, std::nullopt, "/no/such/directory/jobs.csv", {}};
  const RunRequest second{&scenario, 2, std::nullopt, "/no/such/directory/jobs.csv", {}};
  const RunRequest third{&scenario, 3, std::nullopt, {}, {}};
  const RunRequest requests[] = {first, second, third};
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all(requests, 2, stop, nullptr);
  REQUIRE(outcomes[0].failure);
  REQUIRE(outcomes[1].failure);
  CHECK(outcomes[1].failure->seed == 2);
  REQUIRE(outcomes[2].result);
  CHECK(outcomes[2].result->seed == 3);
}

TEST_CASE("a stop that was asked for before the start runs nothing") {
  const Scenario scenario = test::load_example("batch-fcfs");
  const RunRequest request{&scenario, 1, std::nullopt, {}, {}};
  const std::atomic<bool> stop{true};
  const std::vector<RunOutcome> outcomes = run_all({&request, 1}, 2, stop, nullptr);
  REQUIRE(outcomes.size() == 1);
  CHECK_FALSE(outcomes[0].result);
  CHECK_FALSE(outcomes[0].failure);
}

TEST_CASE("a jobs.csv that cannot be written fails its run, not the others") {
  const Scenario scenario = test::load_example("batch-fcfs");
  const RunRequest broken{&scenario, 1, std::nullopt, "/no/such/directory/jobs.csv", {}};
  const RunRequest fine{&scenario, 1, std::nullopt, {}, {}};
  const RunRequest requests[] = {broken, fine};
  const std::atomic<bool> stop{false};
  const std::vector<RunOutcome> outcomes = run_all(requests, 2, stop, nullptr);
  REQUIRE(outcomes[0].failure);
  CHECK(outcomes[0].failure->message.find("/no/such/directory/jobs.csv") != std::string::npos);
  CHECK(outcomes[1].result);
}

}  // namespace
}  // namespace hyperdc
