// Those that look ahead, predictive and seasonal, worked out by hand.
#include "policy/autoscaler/hourly_forecast.hpp"
#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

SimTime at_hour(double hours) {
  return SimTime{} + seconds(hours * kHour);
}

/// Hours of these means, one reading each, from the beginning.
HourlyLoad hours_of(const std::vector<std::optional<double>>& means, std::size_t keep = 336) {
  HourlyLoad load(keep);
  for (std::size_t i = 0; i < means.size(); ++i) {
    load.add(at_hour(static_cast<double>(i + 1)), means[i]);
  }
  return load;
}

/// Requests/s by hour of the day: 100, and 400 from 9 h to 17 h.
double office(std::int64_t hour) {
  return hour % 24 >= 9 && hour % 24 < 17 ? 400 : 100;
}

}  // namespace

TEST_CASE("a reading belongs to the hour that ends with it") {
  HourlyLoad load(336);
  load.add(at_hour(0), 7.0);  // of before the run: of its first hour
  load.add(at_hour(0.5), 3.0);
  load.add(at_hour(1), 5.0);
  CHECK(load.closed() == 1);
  CHECK(load.current() == 1);
  CHECK(load.mean(0) == 5.0);  // (7 + 3 + 5) / 3
  load.add(at_hour(3.5), 9.0);
  CHECK(load.mean(1) == std::nullopt);
  CHECK(load.mean(2) == std::nullopt);
  CHECK(load.current() == 3);
  load.add(at_hour(4), std::nullopt);
  CHECK(load.mean(3) == 9.0);
}

TEST_CASE("the forecast of one day is that day again") {
  std::vector<std::optional<double>> day;
  for (int i = 0; i < 24; ++i) day.push_back(office(i));
  const auto next = forecast(hours_of(day), 48);
  for (std::size_t i = 0; i < 24; ++i) CHECK(next[i] == day[i]);
  // Two days ahead there is the hour of yesterday's day too: 24 - 24 and 24 - 48 hours back.
  for (std::size_t i = 24; i < 48; ++i) CHECK(next[i] == day[i - 24]);
}

TEST_CASE("the forecast of days takes their mean and grows with the last one") {
  // Two days of 100 and 150: P_24 = 125; growth 150 / 100 = 1.5, so 187.5.
  std::vector<std::optional<double>> days(24, 100.0);
  days.insert(days.end(), 24, 150.0);
  CHECK(forecast(hours_of(days), 1)[0] == 187.5);
  // Growth is taken from twelve pairs at least, and is 2 at most.
  for (std::size_t i = 24; i < 37; ++i) days[i].reset();
  CHECK(forecast(hours_of(days), 20)[19] == 125.0);  // eleven pairs; hour 19 of the day is known
  CHECK(forecast(hours_of(days), 1)[0] == 100.0);    // hour 0 only from the first day
  std::vector<std::optional<double>> leap(24, 100.0);
  leap.insert(leap.end(), 24, 300.0);
  CHECK(forecast(hours_of(leap), 1)[0] == 400.0);  // mean 200, growth 3 bounded to 2
}

TEST_CASE("with a week of history a weekend is not a weekday") {
  std::vector<std::optional<double>> week;
  for (int i = 0; i < 168; ++i) week.push_back(i < 120 ? 100.0 : 10.0);
  const auto next = forecast(hours_of(week), 168);
  CHECK(next[0] == 100.0);
  CHECK(next[119] == 100.0);
  CHECK(next[120] == 10.0);
  // A history of 48 h knows two weekend days and no week.
  CHECK(forecast(hours_of(week, 48), 1)[0] == 10.0);
  // A missing hour falls back on the days: mean of the others at hour 3 is (4 * 100 + 2 * 10) / 6,
  // growth of the days 10 / ((5 * 100 + 10) / 6).
  week[3].reset();
  const double growth = 10.0 / (510.0 / 6);
  CHECK(*forecast(hours_of(week), 4)[3] == Approx(70.0 * std::max(0.5, growth)));
}

TEST_CASE("predictive: after a day the floor is there before its hour") {
  ScaledDeployment d(
      "predictive", {{"metric", "requests-per-replica"}, {"target", 100.0}, {"companion", "none"}});
  const auto run_to = [&](double from, double to) {
    for (double t = from; t < to; t += 60) {
      d.view.arrivals_per_s = office(hour_of(SimTime{} + seconds(t - 1)));
      d.at(t);
    }
  };
  run_to(60, 24 * kHour);
  CHECK(d.view.wanted == 1);  // no forecast yet, and nobody else to act
  run_to(24 * kHour, 33 * kHour - 5 * kMinute);
  CHECK(d.view.wanted == 1);
  d.at(33 * kHour - 5 * kMinute);  // 5 min before 9 h of the second day
  CHECK(d.view.wanted == 4);
  CHECK(d.why == "forecast load needs more");
  run_to(33 * kHour, 44 * kHour);
  CHECK(d.view.wanted == 4);  // it never removes
}

TEST_CASE("predictive: the greater of the floor and the companion") {
  ScaledDeployment d("predictive", {{"metric", "requests-per-replica"}, {"target", 100.0}});
  const auto minutes = [&](double from, double to, double load) {
    for (double t = from; t < to; t += 60) {
      d.view.arrivals_per_s = load < 0 ? office(hour_of(SimTime{} + seconds(t - 1))) : load;
      d.at(t);
    }
  };
  minutes(60, 26 * kHour, -1);
  CHECK(d.view.wanted == 1);
  // 9 h of the second day without its load: the floor of 4 holds against 15 min of low load.
  minutes(33 * kHour - 300, 34 * kHour, 100);
  CHECK(d.view.wanted == 4);
  // 900/s instead of 400: 4 * 225 / 100 = 9.
  minutes(34 * kHour, 34 * kHour + 240, 900);
  CHECK(d.view.wanted == 9);
  // From 17 h the floor is 1: the companion removes down to the load.
  minutes(41 * kHour, 42 * kHour, 100);
  CHECK(d.view.wanted == 1);
}

TEST_CASE("predictive: forecast only, history, refresh and horizon") {
  const Settings base = {{"metric", "requests-per-replica"},
                         {"target", 100.0},
                         {"companion", "none"},
                         {"period", 600.0}};
  const auto wanted_at_9 = [&](const Settings& more, double day) {
    Settings set = base;
    set.insert(set.end(), more.begin(), more.end());
    ScaledDeployment d("predictive", set);
    for (double t = 600; t <= (day * 24 + 9) * kHour; t += 600) {
      d.view.arrivals_per_s = office(hour_of(SimTime{} + seconds(t - 1)));
      d.at(t);
    }
    return d.view.wanted;
  };
  CHECK(wanted_at_9({}, 1) == 4);
  CHECK(wanted_at_9({{"mode", "forecast-only"}}, 1) == 1);
  CHECK(wanted_at_9({{"history_min", 48 * kHour}}, 1) == 1);
  CHECK(wanted_at_9({{"history_min", 48 * kHour}}, 2) == 4);
  // Made at 24 h for six hours, made again at 30 h for 30 to 36; not refreshed it ends at 30.
  CHECK(wanted_at_9({{"horizon", 6 * kHour}}, 1) == 4);
  CHECK(wanted_at_9({{"horizon", 6 * kHour}, {"refresh", 24 * kHour}}, 1) == 1);
  CHECK(problem_of("predictive", {{"history_max", 86400.0}, {"history_min", 172800.0}}) ==
        "history_min is longer than history_max");
}

TEST_CASE("seasonal: two seasons of two slots, step by step") {
  // Slots of 60 s, a season of two; loads 10, 20 | 30, 20. alpha = gamma = 0.5, beta 0, target 1.
  ScaledDeployment d("seasonal", {{"metric", "requests-per-replica"},
                                  {"target", 1.0},
                                  {"season", 120.0},
                                  {"slot", 60.0},
                                  {"alpha", 0.5},
                                  {"beta", 0.0},
                                  {"gamma", 0.5},
                                  {"lead", 0.0},
                                  {"safety", 0.0},
                                  {"down_window", 1.0}});
  d.view.arrivals_per_s = 10;
  CHECK(d.at(60) == 10);  // the present
  d.view.arrivals_per_s = 20;
  // The season is over: L = 15, s = (-5, 5). The slot that begins will have 15 - 5 = 10 < 20.
  CHECK(d.at(120) == 20);
  CHECK(d.why == "load needs more");
  d.view.arrivals_per_s = 30;
  // y = 30: L = 0.5 (30 + 5) + 0.5 * 15 = 25, s_0 = 0.5 (30 - 25) - 2.5 = 0. Coming: 25 + 5 = 30.
  CHECK(d.at(180) == 30);
  d.view.arrivals_per_s = 20;
  // y = 20: L = 0.5 (20 - 5) + 12.5 = 20, s_1 = 0.5 * 0 + 2.5 = 2.5. Coming: 20 + 0.
  CHECK(d.at(240) == 20);
  d.view.arrivals_per_s = 16;
  // y = 16: L = 0.5 * 16 + 10 = 18, s_0 = 0.5 (16 - 18) + 0 = -1. Coming: 18 + 2.5 = 20.5 > 16.
  CHECK(d.at(300) == 21);
  CHECK(d.why == "forecast load needs more");
}

TEST_CASE("seasonal: lead, margin and trend") {
  const Settings base = {{"metric", "requests-per-replica"},
                         {"target", 1.0},
                         {"season", 240.0},
                         {"slot", 60.0},
                         {"alpha", 0.5},
                         {"beta", 0.0},
                         {"gamma", 0.0},
                         {"lead", 0.0},
                         {"safety", 0.0},
                         {"down_window", 1.0}};
  const auto after = [&](const Settings& more, const std::vector<double>& loads) {
    Settings set = base;
    set.insert(set.end(), more.begin(), more.end());
    ScaledDeployment d("seasonal", set);
    double t = 0;
    for (const double load : loads) {
      d.view.arrivals_per_s = load;
      d.at(t += 60);
    }
    return d.view.wanted;
  };
  // Season 10, 10, 40, 20: L = 20, s = (-10, -10, 20, 0). Then slot 0 as forecast, 10.
  const std::vector<double> loads = {10, 10, 40, 20, 10};
  CHECK(after({}, loads) == 10);                // slot 1: 10
  CHECK(after({{"lead", 60.0}}, loads) == 40);  // slot 2 begins 60 s from now
  CHECK(after({{"lead", 180.0}}, loads) == 40);
  // An error of 8 instead: y = 18, L = 0.5 * 28 + 10 = 24, v = 0.1 * 64; slot 1: 24 - 10 = 14 < 18,
  // and with 2 sqrt(6.4) = 5.06 more: 19.06.
  CHECK(after({}, {10, 10, 40, 20, 18}) == 18);
  CHECK(after({{"safety", 2.0}}, {10, 10, 40, 20, 18}) == 20);
  // beta = 0.5: B = 0.5 * 4 = 2; slot 1: 24 + 2 - 10 = 16, slot 2: 24 + 4 + 20 = 48.
  CHECK(after({{"beta", 0.5}, {"lead", 60.0}}, {10, 10, 40, 20, 18}) == 48);
  CHECK(problem_of("seasonal", {{"slot", 1000.0}}) ==
        "season is not a multiple of slot, two at least");
}

TEST_CASE("seasonal: gaps, and replicas that are kept for a while") {
  ScaledDeployment silent("seasonal", {{"season", 120.0}, {"slot", 60.0}});
  for (int i = 1; i < 20; ++i)
    CHECK(silent.at(60 * i, std::nullopt) == 1);  // nothing was ever seen
  // The first season is not over: the present, and the greatest need of 300 s.
  ScaledDeployment d("seasonal", {{"target", 1.0}});
  d.view.wanted = 10;
  CHECK(d.at(60, 0.8) == 8);
  for (int i = 2; i < 6; ++i) CHECK(d.at(60 * i, 0.25) == 8);  // 2
  CHECK(d.at(360, 0.25) == 2);
  CHECK(d.at(420, std::nullopt) == 2);
}

TEST_CASE("seasonal: a slot without a reading moves the level by the trend only") {
  ScaledDeployment d("seasonal", {{"metric", "requests-per-replica"},
                                  {"target", 1.0},
                                  {"season", 120.0},
                                  {"slot", 60.0},
                                  {"alpha", 0.5},
                                  {"beta", 0.5},
                                  {"gamma", 0.0},
                                  {"lead", 0.0},
                                  {"safety", 0.0},
                                  {"down_window", 1.0}});
  const auto at = [&](double t, std::optional<double> load) {
    d.view.arrivals_per_s = load;
    return d.at(t);
  };
  at(60, 10);
  at(120, 10);  // L = 10, s = 0
  // y = 18: L = 14, B = 2. Coming: 16, below what there is.
  CHECK(at(180, 18) == 18);
  // Nothing seen: L = 16. Coming: 18.
  CHECK(at(240, std::nullopt) == 18);
  CHECK(at(300, std::nullopt) == 20);
}

}  // namespace hyperdc::testing
