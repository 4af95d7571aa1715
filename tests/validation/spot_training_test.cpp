// Training on spot servers by Bamboo's trace: what checkpoints are worth there, against the formula
// of exponential failures, with the time between two losses that the rows of the trace give a gang.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

constexpr double kRun_s = 11 * 3600;
constexpr double kDetection_s = 30, kStart_s = 60;
constexpr double kAccelerators = 64;
constexpr int kGang = 8;
constexpr double kDeviations = 2.5;

/// Losses of a gang of 8 servers drawn from those that are there: of each time at which some go,
/// the probability that one of the gang is among them.
double losses_by_rows() {
  std::ifstream file(HYPERDC_SOURCE_DIR "/scenarios/examples/data/failure-bamboo/p3-trace.csv");
  struct Moment {
    std::set<std::string> come, go;
  };
  std::map<double, Moment> moments;
  for (std::string line; std::getline(file, line);) {
    std::istringstream row(line);
    std::string at, what, server;
    std::getline(row, at, ',');
    std::getline(row, what, ',');
    std::getline(row, server, ',');
    Moment& moment = moments[std::stod(at) / 1000];
    (what == "add" ? moment.come : moment.go).insert(server);
  }
  REQUIRE(moments.size() > 100);
  double losses = 0;
  double there = 0;
  for (const auto& [at, moment] : moments) {
    if (at > kRun_s) break;
    const auto go = static_cast<double>(moment.go.size());
    double none = 1;
    for (int i = 0; i < kGang && go > 0; ++i) {
      none *= std::max(0.0, there - go - i) / std::max(1.0, there - i);
    }
    losses += 1 - none;
    there += static_cast<double>(moment.come.size()) - go;
  }
  return losses;
}

struct SpotRun {
  double ettr = 0, losses = 0, up_s = 0, stall_s = 0, period_s = 0;

  /// The share of time that trains, with so many losses in the run.
  double formula(double expected) const {
    const double mu = up_s / expected;
    const double lost = (mu + kDetection_s) * std::exp((kStart_s + stall_s) / mu);
    return (period_s - stall_s) / (lost * (std::exp(period_s / mu) - 1));
  }
  /// Standard deviation of the work lost between two checkpoints, uniform each time, of all time.
  double deviation() const { return period_s * std::sqrt(losses / 12) / kRun_s; }
};

SpotRun train(double every_s) {
  const Scenario scenario = test::load_file(
      "scenarios/examples/spot-training.json",
      {{"workloads.train.checkpoints.storage.every", fmt::format("\"{:.3f} s\"", every_s)}});
  const RunResult run = test::run_seeds(scenario, 1).front();
  const MetricIndex metrics(run);
  const auto value = [&](const std::string& name) {
    return *metrics.find("workloads.train." + name)->value;
  };
  // Nobody waits on 32 servers; while the gang hangs nothing else fails.
  CHECK(value("time.waiting") == 0);
  return {value("ettr"), value("restarts"), kRun_s - value("time.detection") / kAccelerators,
          value("checkpoints.storage.stall"), value("checkpoints.storage.every")};
}

TEST_CASE("checkpoints that know how often spot servers go beat naive ones by what is predicted") {
  const double expected = losses_by_rows();
  const SpotRun naive = train(600);
  const SpotRun eager = train(30);
  // Young's interval, of the rows alone.
  const SpotRun aware = train(std::sqrt(2 * naive.stall_s * naive.up_s / expected));
  const double drawn = kDeviations * std::sqrt(expected);
  for (const SpotRun* run : {&aware, &naive, &eager}) {
    INFO("trains " << run->ettr << " of the time, losses " << run->losses << " of " << expected
                   << ", formula " << run->formula(run->losses) << " of those, "
                   << run->formula(expected) << " of the rows");
    // This gang loses 33 servers, one of all gangs 41 in the mean: the formula of the rows is below
    // what this one trains, by as much as that explains.
    CHECK(run->losses == Approx(expected).margin(drawn));
    const double margin = kDeviations * run->deviation();
    CHECK(run->ettr == Approx(run->formula(run->losses)).margin(margin));
    CHECK(run->ettr > run->formula(expected + drawn) - margin);
    CHECK(run->ettr < run->formula(expected - drawn) + margin);
  }
  const double margin = kDeviations * std::hypot(aware.deviation(), naive.deviation());
  CHECK(aware.ettr - naive.ettr ==
        Approx(aware.formula(aware.losses) - naive.formula(naive.losses)).margin(margin));
  CHECK(aware.ettr > naive.ettr + 0.08);
  CHECK(aware.ettr > eager.ettr + 0.1);
}

}  // namespace
}  // namespace hyperdc
