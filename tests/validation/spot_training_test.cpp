// Training on spot servers by Bamboo's trace: what checkpoints are worth there, against the formula
// of exponential failures with the mean time that the trace gave this gang.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>

#include "support/load_example.hpp"

namespace hyperdc {
namespace {

constexpr double kRun_s = 11 * 3600;
constexpr double kDetection_s = 30, kStart_s = 60;
constexpr double kAccelerators = 64;

struct SpotRun {
  double ettr = 0, formula = 0;
};

SpotRun train(const std::string& every) {
  const Scenario scenario =
      test::load_file("scenarios/examples/spot-training.json",
                      {{"workloads.train.checkpoints.storage.every", '"' + every + '"'}});
  const RunResult run = test::run_seeds(scenario, 1).front();
  const MetricIndex metrics(run);
  const auto value = [&](const std::string& name) {
    return *metrics.find("workloads.train." + name)->value;
  };
  // Nobody waits on 32 servers; while the gang hangs nothing else fails.
  CHECK(value("time.waiting") == 0);
  const double up_s = kRun_s - value("time.detection") / kAccelerators;
  const double mu = up_s / value("restarts");
  const double stall = value("checkpoints.storage.stall");
  const double period = value("checkpoints.storage.every");
  const double lost = (mu + kDetection_s) * std::exp((kStart_s + stall) / mu);
  return {value("ettr"), (period - stall) / (lost * (std::exp(period / mu) - 1))};
}

TEST_CASE("checkpoints that know how often spot servers go beat naive ones by what is predicted") {
  const SpotRun aware = train("2 min");
  const SpotRun naive = train("10 min");
  const SpotRun eager = train("30 s");
  for (const SpotRun& run : {aware, naive, eager}) {
    INFO("time that trains " << run.ettr << ", formula " << run.formula);
    // 33 losses: the formula's exponential times are those of this trace only on average.
    CHECK(run.ettr == Approx(run.formula).margin(0.03));
  }
  CHECK(aware.ettr - naive.ettr == Approx(aware.formula - naive.formula).margin(0.03));
  CHECK(aware.ettr > naive.ettr + 0.08);
  CHECK(aware.ettr > eager.ettr + 0.1);
}

}  // namespace
}  // namespace hyperdc
