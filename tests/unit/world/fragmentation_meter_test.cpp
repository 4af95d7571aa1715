#include "world/fragmentation_meter.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/random_pool.hpp"
#include "unit/policy/placement_cases.hpp"
#include "world/placer.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

TEST_CASE("the meter is the sum over servers, and forgets how it came about") {
  Dice dice(3);
  const std::vector<FleetBlock> blocks = random_blocks(dice, 60);
  std::vector<JobMixEntry> mix;
  for (int i = 0; i < 20; ++i) mix.push_back({random_request(dice), 1.0 / (i + 1)});
  Fleet fleet(blocks, {}, false);
  Placer placer(fleet, make_placement("best-fit"), RandomStream(1, "placement"));
  FragmentationMeter meter(fleet, mix);
  placer.watch(&meter);

  const Fragmentation f(typical_mix(mix, 0.95));
  const auto slow_total = [&] {
    double sum = 0;
    for (std::uint32_t s = 0; s < fleet.servers(); ++s) {
      sum += f.of({&fleet.shape(ServerId{s}), fleet.cores_left_milli(ServerId{s}),
                   fleet.accelerators_left_milli(ServerId{s}), 0});
    }
    return sum;
  };
  const double idle = meter.total_milli();
  CHECK(idle == Approx(slow_total()));
  struct Running {
    Request request;
    std::vector<Share> shares;
  };
  std::vector<Running> running;
  for (std::uint64_t step = 0; step < 2000; ++step) {
    Running job{random_request(dice), {}};
    if (placer.place(job.request, 1 + dice.below(3), step, job.shares)) running.push_back(job);
    if (dice.below(3) > 0 && !running.empty()) {
      std::swap(running[dice.below(static_cast<std::uint32_t>(running.size()))], running.back());
      placer.release(running.back().request, running.back().shares);
      running.pop_back();
    }
    placer.would_fit(random_request(dice), 4, step, {});
    if (step % 20 == 0) REQUIRE(meter.total_milli() == Approx(slow_total()).epsilon(1e-9));
  }
  REQUIRE(running.size() > 5);
  // A meter that starts now reads the same to the last bit.
  CHECK(meter.total_milli() == FragmentationMeter(fleet, mix).total_milli());
  for (const Running& job : running) placer.release(job.request, job.shares);
  CHECK(meter.total_milli() == idle);
}
