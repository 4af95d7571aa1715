// Parts of totals add up to them, whatever is missing.
#include "report/page_breakdown.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "sample_results.hpp"

namespace hyperdc {
namespace {

std::string text(const std::vector<Breakdown>& all) {
  std::string out;
  for (const Breakdown& one : all) {
    out += one.title + ":";
    double sum = 0;
    for (const BreakdownPart& part : one.parts) {
      out += " " + part.label + " " + std::to_string(std::lround(part.value)) + ";";
      sum += part.value;
    }
    out += "\n";
    CHECK(sum == Approx(one.total).epsilon(1e-6));
  }
  return out;
}

void put_region(RunResult& run, const std::string& region, double servers, double energy) {
  sample::put(run, "regions." + region + ".cost.servers", "USD", servers);
  sample::put(run, "regions." + region + ".cost.energy", "USD", energy);
}

TEST_CASE("cost is broken into servers and energy of the regions, and servers by service") {
  RunResult run;
  put_region(run, "east", 70, 10);
  put_region(run, "west", 20, 0);
  sample::put(run, "workloads.shop.cost", "USD", 30);
  sample::put(run, "cost.servers", "USD", 90);
  sample::put(run, "cost.energy", "USD", 10);
  sample::put(run, "cost.total", "USD", 100);
  CHECK(text(breakdowns_of(run)) ==
        "Cost: east: servers 70; east: energy 10; west: servers 20;\n"
        "Cost of servers, by who holds them: shop 30; held by no service 60;\n");
}

TEST_CASE("what the parts do not reach is never hidden") {
  RunResult run;
  put_region(run, "east", 70, 10);
  sample::put(run, "cost.total", "USD", 100);
  CHECK(text(breakdowns_of(run)) == "Cost: servers 70; energy 10; other 20;\n");
  run.metrics.back().value = 80 * (1 + 1e-9);  // the rounding of a sum is no part
  CHECK(text(breakdowns_of(run)) == "Cost: servers 70; energy 10;\n");
  run.metrics.back().value = 79;  // parts that reach beyond
  CHECK(text(breakdowns_of(run)) == "Cost: servers 70; energy 10; other -1;\n");
  run.metrics[1].value.reset();  // energy without a tariff
  const std::vector<Breakdown> all = breakdowns_of(run);
  CHECK(text(all) == "Cost: servers 70; other 9;\n");
  CHECK(all.front().missing == std::vector<std::string>{"energy"});
  run.metrics.back().value.reset();
  CHECK(breakdowns_of(run).empty());
}

TEST_CASE("energy is that of servers and of losses and cooling where the PUE is known") {
  RunResult run;
  sample::put(run, "regions.east.energy", "J", 120);
  sample::put(run, "regions.east.pue", "1", 1.2);
  sample::put(run, "energy.total", "J", 120);
  CHECK(text(breakdowns_of(run)) == "Energy: servers 100; losses and cooling 20;\n");
  sample::put(run, "regions.west.energy", "J", 50);
  run.metrics[2].value = 170;
  CHECK(text(breakdowns_of(run)) ==
        "Energy: east: servers 100; east: losses and cooling 20; west 50;\n");
}

TEST_CASE("a total of one part, or of nothing, has no picture") {
  RunResult run;
  sample::put(run, "regions.east.energy", "J", 50);
  sample::put(run, "energy.total", "J", 50);
  CHECK(breakdowns_of(run).empty());
  run.metrics.back().value = 0;
  run.metrics.front().value = 0;
  CHECK(breakdowns_of(run).empty());
  CHECK(breakdowns_of(RunResult{}).empty());
}

TEST_CASE("of many parts the smallest are one") {
  RunResult run;
  double total = 0;
  for (int r = 0; r < 40; ++r) {
    put_region(run, "r" + std::to_string(r), 100 + r, 0);
    total += 100 + r;
  }
  sample::put(run, "cost.total", "USD", total);
  const std::vector<Breakdown> all = breakdowns_of(run);
  REQUIRE(all.size() == 1);
  CHECK(all[0].parts.size() == kMostBreakdownParts);
  CHECK(all[0].parts.back().label == "25 smaller parts");
  double sum = 0;
  for (const BreakdownPart& part : all[0].parts) sum += part.value;
  CHECK(sum == total);
}

}  // namespace
}  // namespace hyperdc
