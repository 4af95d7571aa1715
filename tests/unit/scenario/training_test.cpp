// Training runs: what a scenario may not ask of them, each with a reason, and what comes out.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

struct RunParts {
  std::string more;
  std::string model = "llama-3-1-8b";
  std::string server = R"("server": "hgx-h100", "count": 4)";
};

std::string training_text(const RunParts& parts) {
  return fmt::format(
      R"({{"name": "t", "regions": {{"r": {{"racks": {{"a": {{{}}}}}}}}}, "pools": {{"p": {{}}}},
    "workloads": {{"train": {{"kind": "training", "model": "{}", "software": "meta-2024",
      "sequence": 8192, "batch": 64, "tokens": 1e9{}}}}}}})",
      parts.server, parts.model, parts.more);
}

bool refused(const RunParts& parts, const char* key, const char* reason,
             const char* code = "E034") {
  const Issues issues = test::issues_of_text(training_text(parts));
  INFO(test::print(issues));
  return has(issues, code, std::string("workloads.train") + key, reason);
}

}  // namespace

TEST_CASE("a training run is a gang of whole servers for as long as its steps take") {
  const test::TemporaryDirectory home;
  const Scenario scenario =
      test::load(home.write("s.json", training_text({R"(, "tensor_parallel": 8, "data_parallel": 4,
                                "sequence_parallel": true, "recompute": "full")"})))
          .scenario;
  const JobsWorkload& workload = scenario.workloads.front();
  REQUIRE(workload.training);
  CHECK(workload.training->course.steps == 1908);  // 1e9 over 64 x 8192, whole
  CHECK(workload.training->plan.micro_batches() == 16);
  const GeneratorSpec& job = *workload.jobs.generate;
  CHECK(std::get<Constant>(job.members).value == 4);
  CHECK(std::get<Constant>(job.accelerators).value == 8);
  CHECK(std::get<Constant>(job.run_s).value ==
        Approx(1908 * workload.training->time.step()).epsilon(1e-9));
}

TEST_CASE("what of a training run does not go into each other is refused by its key") {
  CHECK(test::issues_of_text(training_text({R"(, "tensor_parallel": 8, "data_parallel": 4,
      "sequence_parallel": true, "recompute": "full")"}))
            .size() == 0);
  CHECK(refused({R"(, "data_parallel": 24, "tensor_parallel": 8)"}, ".batch", "not divided by 24"));
  CHECK(refused({R"(, "tensor_parallel": 16)"}, ".tensor_parallel", "share a scale-up fabric"));
  CHECK(refused({R"(, "tensor_parallel": 3)"}, ".tensor_parallel", "32 heads are not divided"));
  CHECK(refused({R"(, "interleave": 2)"}, ".interleave", "there is one stage"));
  CHECK(refused({R"(, "pipeline_parallel": 64)"}, ".pipeline_parallel", "64 parts of 32 layers"));
  CHECK(refused({R"(, "pipeline_parallel": 3, "interleave": 2)"}, ".interleave",
                "64 micro-batches are not divided by 3"));
  CHECK(refused({R"(, "context_parallel": 3)"}, ".context_parallel", "8192 tokens"));
  CHECK(refused({R"(, "expert_parallel": 2)"}, ".expert_parallel", "no experts"));
  CHECK(refused({R"(, "expert_parallel": 3, "data_parallel": 4)", "mixtral-8x7b"},
                ".expert_parallel", "divides not both"));
  CHECK(refused({R"(, "sequence_parallel": true)"}, ".sequence_parallel", "no matrix is shared"));
  CHECK(refused({"", "llama-3-1-70b"}, ".model", "has to hold"));
  CHECK(refused({"", "bert-large"}, ".model", "is no transformer"));
  CHECK(refused({"", "deepseek-v3"}, ".model", "fewer than 16 bits"));
  CHECK(refused({R"(, "precision": "fp8")", "gpt-oss-20b"}, ".model", "fewer than 8 bits"));
  CHECK(refused({R"(, "precision": "fp8")", "llama-3-1-8b", R"("server": "hgx-a100", "count": 4)"},
                ".software", "accelerators.a100-80-sxm does not say \"compute.fp8\""));
  CHECK(refused({R"(, "imbalance": 1.5)"}, ".imbalance", "no experts"));
  CHECK(refused({R"(, "expert_domains": 2)"}, ".expert_domains", "no experts"));
  CHECK(refused({R"(, "schedule": "zb-h1")"}, ".schedule", "there is one stage"));
  CHECK(refused({R"(, "schedule": "zb-h2", "pipeline_parallel": 8, "interleave": 2)"}, ".schedule",
                "not interleaved"));
  CHECK(refused({R"(, "schedule": "dualpipe", "pipeline_parallel": 8, "data_parallel": 8)"},
                ".schedule", "twice the stages"));
  CHECK(refused({R"(, "data_parallel": 64, "tensor_parallel": 8)"}, ".data_parallel",
                "of which the pool has 32", "E050"));
  CHECK(refused({R"(, "tensor_parallel": 8, "cores": 100)"}, ".cores", "no server has", "E050"));
  CHECK(refused({R"(, "tensor_parallel": 8, "recompute": "selective")"}, ".recompute",
                "saves nothing", "E016"));
  const Issues several = test::issues_of_text(
      training_text({R"(, "data_parallel": 24, "tensor_parallel": 16)", "llama-3-1-9b"}));
  CHECK(has(several, "E034", "workloads.train.batch", "not divided"));
  CHECK(has(several, "E034", "workloads.train.tensor_parallel", "scale-up fabric"));
  CHECK(has(several, "E030", "workloads.train.model", "did you mean"));
  CHECK(refused({"", "llama-3-1-9b"}, ".model", "did you mean", "E030"));
  CHECK(refused({"", "llama-3-1-8b", R"("server": "general-32c", "count": 2)"}, "", "0 types of"));
  CHECK(refused({R"(, "tensor_parallel": 4, "data_parallel": 4, "context_parallel": 1,
                    "pipeline_parallel": 1, "steps": 5)"},
                "", "", "E015"));
}

TEST_CASE("a training run that states its accelerators takes the fastest plan") {
  const test::TemporaryDirectory home;
  const Scenario scenario =
      test::load(home.write("s.json", training_text({R"(, "accelerators": 32)"}))).scenario;
  const TrainingSpec& training = *scenario.workloads.front().training;
  const PlanRanking ranking = rank_plans(training.question, 1);
  CHECK(training.plan.accelerators() == 32);
  CHECK(training.time.step() == ranking.best[0].time.step());
  REQUIRE_FALSE(scenario.assumptions.empty());
  const bool said = std::any_of(
      scenario.assumptions.begin(), scenario.assumptions.end(), [&](const Assumption& assumption) {
        return assumption.path == "workloads.train.accelerators" &&
               assumption.text.find(describe_plan(training.plan)) != std::string::npos;
      });
  CHECK(said);
  CHECK(refused({R"(, "accelerators": 31)"}, ".accelerators", "not whole servers"));
  CHECK(refused({R"(, "accelerators": 296)"}, ".accelerators", "cannot be spread over 296"));
  CHECK(refused({R"(, "accelerators": 32, "data_parallel": 3)"}, ".accelerators",
                "cannot be spread"));
  CHECK(refused({R"(, "accelerators": 8, "data_parallel": 8, "zero": 0, "recompute": "none")",
                 "llama-3-1-405b"},
                ".accelerators", "the one that needs least"));
}
