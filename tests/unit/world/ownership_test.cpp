// Who owns AI compute, by hand.
#include <catch2/catch.hpp>
#include <map>

#include "support/load_example.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

std::map<std::string, double> owned(const std::vector<Override>& set, std::uint64_t seed = 1) {
  const Scenario scenario = test::load_file("tests/property/owners.json", set);
  SimulateOptions options;
  options.seed = seed;
  std::map<std::string, double> out;
  for (const MetricValue& metric : simulate(scenario, options).metrics) {
    if (metric.value) out[metric.name] = *metric.value;
  }
  return out;
}

TEST_CASE("shares, what is rentable and the largest runs of four owners by hand") {
  // a 5, b 3, c 2, the rest 2: of 12.
  const auto m = owned({{"ownership.owners.a.accelerators", "5"}});
  CHECK(m.at("concentration.accelerators") == 12);
  CHECK(m.at("owners.a.share") == Approx(5.0 / 12));
  CHECK(m.at("concentration.top_4") == Approx(10.0 / 12));
  CHECK(m.at("concentration.hhi") == Approx((25 + 9 + 4) * 1e4 / 144));
  CHECK(m.at("concentration.hhi_single") == Approx((25 + 9 + 4 + 4) * 1e4 / 144));
  CHECK(m.at("concentration.rentable") == Approx((2.5 + 0.6) / 12));
  CHECK(m.at("concentration.rentable_hhi") == Approx((6.25 + 0.36) * 1e4 / (3.1 * 3.1)));
  // 100 TFLOP/s * 0.4 * 100 d an accelerator: 3.456e20; half of a's five at one site.
  CHECK(m.at("owners.a.largest_run") == Approx(2.5 * 3.456e20));
  CHECK(m.at("owners.b.largest_run") == Approx(3 * 3.456e20));
  CHECK(m.at("concentration.able") == 1);  // of 1e21: b alone
}

TEST_CASE("merged owners are one at the largest of their sites, a factor takes from one") {
  const auto merged =
      owned({{"ownership.owners.a.accelerators", "5"}, {"ownership.merge", R"([["a", "c"]])"}});
  CHECK(merged.at("owners.a.share") == Approx(7.0 / 12));
  CHECK(merged.count("owners.c.share") == 0);
  CHECK(merged.at("owners.a.largest_run") == Approx(2.5 * 3.456e20));
  const auto limited =
      owned({{"ownership.owners.a.accelerators", "5"}, {"ownership.owners.b.factor", "0.5"}});
  CHECK(limited.at("owners.b.share") == Approx(1.5 / 10.5));
}

TEST_CASE("where sources differ each seed draws within them, and the same for the same seed") {
  const double one = owned({}, 1).at("concentration.accelerators");
  CHECK(one >= 4 + 3 + 2 + 2);
  CHECK(one <= 6 + 3 + 2 + 2);
  CHECK(one == owned({}, 1).at("concentration.accelerators"));
  CHECK(one != owned({}, 2).at("concentration.accelerators"));
}

}  // namespace
}  // namespace hyperdc
