// The search of the fastest plan: what it finds is fastest, fits, and keeps what is fixed.
#include "ai/training/plan_search.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace hyperdc;

namespace {

PlanQuestion small_question() {
  PlanQuestion question;
  ModelCard& model = question.model;
  model.layers = 24;
  model.hidden = 2304;
  model.heads = 24;
  model.kv_heads = 24;
  model.head_size = 96;
  model.intermediate = 4 * 2304;
  model.vocabulary = 51200;
  question.chip = {312e12, 2e12, 300e9, 25e9, 3e-6, 5e-6, 8};
  question.memory_bytes = 80e9;
  question.accelerators = 64;
  question.sequence = 2048;
  question.batch = 512;
  return question;
}

/// Every plan, by nested loops over more than the search may try.
std::vector<TrainingPlan> all_plans(const PlanQuestion& q) {
  std::vector<TrainingPlan> plans;
  TrainingPlan plan;
  plan.sequence = q.sequence;
  plan.batch = q.batch;
  for (plan.tensor = 1; plan.tensor <= 8; ++plan.tensor) {
    if (q.model.heads % plan.tensor != 0) continue;
    plan.sequence_parallel = plan.tensor > 1;
    for (plan.context = 1; plan.context <= 2; plan.context *= 2) {
      for (plan.pipeline = 1; plan.pipeline <= q.model.layers; ++plan.pipeline) {
        const std::uint64_t ranks = std::uint64_t{plan.tensor} * plan.context * plan.pipeline;
        if (q.accelerators % ranks != 0) continue;
        plan.data = static_cast<std::uint32_t>(q.accelerators / ranks);
        for (plan.micro_batch = 1; plan.micro_batch <= 8; plan.micro_batch *= 2) {
          if (q.batch % (plan.data * plan.micro_batch) != 0) continue;
          for (plan.interleave = 1; plan.interleave * plan.pipeline <= q.model.layers;
               ++plan.interleave) {
            if (plan.interleave > 1 &&
                (plan.pipeline == 1 || plan.micro_batches() % plan.pipeline != 0)) {
              continue;
            }
            for (const auto again : {Recompute::none, Recompute::selective, Recompute::full}) {
              plan.recompute = again;
              for (plan.zero = 1; plan.zero <= 3; ++plan.zero) plans.push_back(plan);
            }
          }
        }
      }
    }
  }
  return plans;
}

}  // namespace

TEST_CASE("the ranking is that of all plans that fit, fastest first") {
  const PlanQuestion question = small_question();
  std::vector<double> times;
  double least = 1e300;
  for (const TrainingPlan& plan : all_plans(question)) {
    const double bytes = training_memory(question.model, plan, question.software).sum();
    least = std::min(least, bytes);
    if (bytes > question.memory_bytes) continue;
    times.push_back(training_time(question.model, plan, question.chip, question.software).step());
  }
  std::sort(times.begin(), times.end());
  const PlanRanking ranking = rank_plans(question, 20);
  CHECK(ranking.tried == all_plans(question).size());
  CHECK(ranking.fitting == times.size());
  CHECK(ranking.least_bytes == least);
  REQUIRE(ranking.best.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    INFO(i << ": " << describe_plan(ranking.best[i].plan));
    CHECK(ranking.best[i].time.step() == times[i]);
    CHECK(ranking.best[i].plan.accelerators() == 64);
    CHECK(ranking.best[i].memory.sum() <= question.memory_bytes);
  }
}

TEST_CASE("what is fixed of a plan is kept, and what cannot be is not found") {
  PlanQuestion question = small_question();
  question.fixed.tensor = 4;
  question.fixed.zero = 2;
  question.fixed.recompute = Recompute::full;
  for (const RankedPlan& ranked : rank_plans(question, 50).best) {
    CHECK(ranked.plan.tensor == 4);
    CHECK(ranked.plan.zero == 2);
    CHECK(ranked.plan.recompute == Recompute::full);
  }
  question.fixed.tensor = 5;  // 24 heads
  CHECK(rank_plans(question, 5).tried == 0);
  question.fixed = {};
  question.fixed.data = 64;
  const PlanRanking copies = rank_plans(question, 5);
  REQUIRE_FALSE(copies.best.empty());
  CHECK(copies.best[0].plan.accelerators() == 64);
  CHECK(copies.best[0].plan.data == 64);
  question.memory_bytes = 3e8;
  CHECK(rank_plans(question, 5).fitting == 0);
  CHECK(rank_plans(question, 5).best.empty());
}

TEST_CASE("experts are shared by those who divide them") {
  PlanQuestion question = small_question();
  question.model.moe = ExpertLayers{};
  question.model.moe->layers = 24;
  question.model.moe->experts = 12;
  question.model.moe->per_token = 2;
  question.model.moe->intermediate = 2304;
  const PlanRanking ranking = rank_plans(question, 1000);
  bool shared = false;
  for (const RankedPlan& ranked : ranking.best) {
    CHECK(12 % ranked.plan.expert == 0);
    CHECK(ranked.plan.data * ranked.plan.context % ranked.plan.expert == 0);
    shared = shared || ranked.plan.expert > 1;
  }
  CHECK(shared);
}

TEST_CASE("schedules that the software has are ranked too") {
  PlanQuestion question = small_question();
  question.fixed.pipeline = 8;
  question.fixed.interleave = 1;
  const PlanRanking plain = rank_plans(question, 1);
  question.schedules = {Schedule::one_f_one_b, Schedule::zb_h1, Schedule::zb_h2,
                        Schedule::dualpipe};
  const PlanRanking all = rank_plans(question, 1000);
  CHECK(all.tried > 3 * plain.tried);
  CHECK(all.best[0].time.step() < plain.best[0].time.step());
  CHECK(all.best[0].plan.schedule != Schedule::one_f_one_b);
  for (const RankedPlan& ranked : all.best) CHECK(why_not(ranked.plan.stages()).empty());
  question.fixed.schedule = Schedule::zb_h1;
  for (const RankedPlan& ranked : rank_plans(question, 50).best) {
    CHECK(ranked.plan.schedule == Schedule::zb_h1);
    CHECK(describe_plan(ranked.plan).find("zb-h1") != std::string::npos);
  }
}
