// The SLA planner by hand, with the engine of scaled_deployment.hpp.
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

AutoscalerContext context_of(bool first, bool later) {
  AutoscalerContext context;
  context.engine = std::make_shared<HandEngine>();
  context.first_tokens = first;
  context.later_tokens = later;
  return context;
}

ScaledDeployment planner(bool first, bool later, const Settings& set = {}) {
  ScaledDeployment d("sla-planner", set, context_of(first, later));
  d.view.concurrency = 40;
  d.view.arrivals_per_s = 20;
  d.view.prompt_mean = 200;
  d.view.output_mean = 101;
  return d;
}

TEST_CASE("sla-planner: prompts by the use at which they keep the first token") {
  auto d = planner(true, false);
  // Alone 0.2 s, so 0.3 s to wait: a use of 0.6 / 0.8 = 0.75. 20 * 0.2 / 0.75 = 5.33.
  CHECK(d.at(0) == 6);
  CHECK(d.why == "predicted prompts need more");
  d.view.arrivals_per_s = 60;
  CHECK(d.at(180) == 16);
  d.view.arrivals_per_s = 1;
  CHECK(d.at(360) == 1);
  CHECK(d.why == "predicted tokens need fewer");
  // Half of the time of a prompt: caches help, and half as many do. Longer times are of queues,
  // which more of the same would not tell apart, and change nothing.
  d.view.arrivals_per_s = 20;
  d.view.ttft = TailReading{1, 1, 0.1};
  CHECK(d.at(540) == 3);
  d.view.ttft = TailReading{1, 1, 0.9};
  CHECK(d.at(720) == 6);
  // A target that one prompt alone misses: not above a use of 0.1.
  auto late = planner(true, false, {{"ttft", 0.1}});
  CHECK(late.at(0) == 40);
}

TEST_CASE("sla-planner: outputs by the sequences that keep the time between tokens") {
  auto d = planner(false, true, {{"tpot", 0.030}});
  // 19 sequences take 29 ms and a little, 20 would take more than 30: 20 * 100 * 0.029 / 19 = 3.05.
  CHECK(d.at(0) == 4);
  CHECK(d.why == "predicted outputs need more");
  // Of 40 that a replica may run a quarter did: 20 ms expected, 40 measured, so a goal of 15 ms:
  // 4 sequences in 14 ms, 20 * 100 * 0.014 / 4 = 7.0004 of which 7 are not enough.
  d.view.utilization = 0.25;
  d.view.tpot = TailReading{1, 1, 0.040};
  CHECK(d.at(180) == 8);
  auto uncorrected = planner(false, true, {{"tpot", 0.030}, {"correction", false}});
  uncorrected.view.utilization = 0.25;
  uncorrected.view.tpot = TailReading{1, 1, 0.040};
  CHECK(uncorrected.at(0) == 4);
  // The cache holds 10 sequences of 4000 tokens: 20 * 100 * 0.020 / 10 = 4.0008.
  auto long_ones = planner(false, true, {{"tpot", 0.030}});
  long_ones.view.prompt_mean = 3949.5;
  CHECK(long_ones.at(0) == 5);
  // No goal that even one sequence misses asks for more than one each: 20 * 100 * 0.011.
  auto hopeless = planner(false, true, {{"tpot", 0.001}});
  CHECK(hopeless.at(0) == 23);
}

TEST_CASE("sla-planner: an endpoint that does both takes the larger, and one that does neither 1") {
  auto prompts = planner(true, true, {{"tpot", 0.030}});
  CHECK(prompts.at(0) == 6);
  auto outputs = planner(true, true, {{"tpot", 0.013}});
  CHECK(outputs.at(0) == 13);  // two in 12 ms: 20 * 100 * 0.012 / 2 = 12.0003
  // 5.33 and 3.06 together.
  auto sum = planner(true, true, {{"tpot", 0.030}, {"both", std::string("sum")}});
  CHECK(sum.at(0) == 9);
  auto single = planner(false, true);
  single.view.output_mean = 1;
  CHECK(single.at(0) == 1);
}

TEST_CASE("sla-planner: what comes is the last, the mean, or on the line") {
  const auto rates = [](const std::string& predictor) {
    auto d = planner(true, false, {{"predictor", predictor}, {"history", 3.0}});
    std::uint32_t wanted = 0;
    for (const double rate : {300.0, 10.0, 20.0, 30.0}) {  // the first is forgotten
      d.view.arrivals_per_s = rate;
      wanted = d.at(rate);
    }
    return wanted;
  };
  CHECK(rates("constant") == 8);  // 30 * 0.2 / 0.75
  CHECK(rates("mean") == 6);      // 20
  CHECK(rates("trend") == 11);    // 40: 10.67
}

TEST_CASE("sla-planner: lengths last until others are known, and nobody asks without any") {
  auto d = planner(true, false);
  d.view.prompt_mean.reset();
  CHECK(d.at(0) == 1);
  CHECK(d.why.empty());
  d.view.prompt_mean = 200;
  CHECK(d.at(180) == 6);
  d.view.prompt_mean.reset();
  d.view.arrivals_per_s = 60;
  CHECK(d.at(360) == 16);
  d.view.arrivals_per_s.reset();
  CHECK(d.at(540) == 16);
}

}  // namespace
}  // namespace hyperdc::testing
