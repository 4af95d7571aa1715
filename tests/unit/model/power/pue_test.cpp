#include "model/power/pue.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

double pue(const PueModel& model, double it_w, double outside_c) {
  return (it_w + losses_w(model, it_w, outside_c)) / it_w;
}

TEST_CASE("a constant PUE is a proportional loss") {
  const PueModel model{0, 0.09, 0, 0, 0, 0};
  CHECK(pue(model, 1e6, 40) == Approx(1.09));
  CHECK(pue(model, 10, -40) == Approx(1.09));
}

TEST_CASE("fixed losses weigh more at part load") {
  // 1 MW design; 4 % fixed, 5 % proportional, 1 % square. Full: 1.10. A quarter: 40 + 12.5 +
  // 10 * 0.0625 = 53.125 kW over 250 kW: 1.2125.
  const PueModel model{0.04, 0.05, 0.01, 1e6, 0, 0};
  CHECK(pue(model, 1e6, 20) == Approx(1.10));
  CHECK(pue(model, 250e3, 20) == Approx(1.2125));
  CHECK(losses_w(model, 0, 20) == Approx(40e3));
}

TEST_CASE("weather costs above the knee only") {
  const PueModel model{0, 0.05, 0, 0, 0.004, 18};
  CHECK(pue(model, 1e6, 10) == Approx(1.05));
  CHECK(pue(model, 1e6, 18) == Approx(1.05));
  CHECK(pue(model, 1e6, 33) == Approx(1.11));  // 15 K * 0.4 %
}

TEST_CASE("the weather wave is warmest where it says") {
  const double day = 86400;
  const Weather weather(Weather::Wave{10, 8, 5, 200 * day});
  // At 15 h on the warmest day: 10 + 8 + 5; half a year later at 3 h: 10 - 8 - 5.
  CHECK(weather.celsius(200 * day + 15 * 3600) == Approx(23).epsilon(1e-3));
  CHECK(weather.celsius((200 + 182) * day + 3 * 3600) == Approx(-3).epsilon(1e-2));
}

TEST_CASE("weather points are joined by lines") {
  const Weather weather(std::vector<WeatherPoint>{{100, 10}, {200, 20}, {400, 0}});
  CHECK(weather.celsius(0) == 10);
  CHECK(weather.celsius(150) == Approx(15));
  CHECK(weather.celsius(300) == Approx(10));
  CHECK(weather.celsius(1000) == 0);
}

}  // namespace
}  // namespace hyperdc
