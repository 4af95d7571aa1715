// Training runs with failures and checkpoints against formulas and published runs.
//
// Each simulated value is the mean of seeds 1..n; it must lie in the 99.9 % interval of the formula
// where that is exact, and within the bound of validation.md everywhere.
#include <boost/math/distributions/students_t.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

#include "ai/training/training_run.hpp"
#include "support/load_example.hpp"

namespace hyperdc {
namespace {

constexpr double kServers = 100;  // of training_runs.json

struct Sample {
  double mean = 0, half_width = 0, variance = 0;  // 99.9 %
};

Sample sample_of(const std::vector<RunResult>& results, const std::string& name) {
  const auto n = static_cast<double>(results.size());
  Sample out;
  for (const RunResult& r : results) out.mean += test::metric(r, name) / n;
  for (const RunResult& r : results) {
    const double d = test::metric(r, name) - out.mean;
    out.variance += d * d / (n - 1);
  }
  const boost::math::students_t t(n - 1);
  out.half_width = boost::math::quantile(t, 1 - 0.0005) * std::sqrt(out.variance / n);
  return out;
}

/// `checkpoint`: a JSON object; the others in seconds. The failure rate is of the whole run.
std::vector<RunResult> run_with(const std::string& checkpoint, double mttf_s, double downtime_s,
                                double start_s, double duration_s, int seeds) {
  return test::run_seeds(
      test::load_file(
          "tests/validation/training_runs.json",
          {{"workloads.train.checkpoints", R"({"store": )" + checkpoint + "}"},
           {"workloads.train.restart",
            fmt::format(R"({{"detect": "{} s", "start": "{} s"}})", downtime_s, start_s)},
           {"failures.nodes.time_to_failure.exponential.mean",
            fmt::format(R"("{} s")", kServers * mttf_s)},
           {"duration", fmt::format(R"("{} s")", duration_s)},
           {"series_step", fmt::format(R"("{} s")", duration_s / 10)}}),
      seeds);
}

}  // namespace

TEST_CASE("the exact efficiency of periodic checkpoints", "[validation]") {
  // mu = 3.093 h, C = R = 300 s, D = 600 s (validation.md V4)
  const double mttf = 3.093 * 3600;
  const std::vector<std::pair<double, double>> published = {
      {900, 0.59121}, {1800, 0.70917}, {3000, 0.72432}};
  for (const auto& [period, efficiency] : published) {
    CHECK(checkpoint_efficiency(mttf, period, 300, 600, 300) == Approx(efficiency).epsilon(1e-4));
    const auto results = run_with(fmt::format(R"({{"write": "300 s", "every": "{} s"}})", period),
                                  mttf, 600, 0, 3000 * mttf, 30);
    const Sample ettr = sample_of(results, "workloads.train.ettr");
    const double every = test::metric(results[0], "workloads.train.checkpoints.store.every");
    const double exact = checkpoint_efficiency(mttf, every, 300, 600, 300);
    INFO(
        fmt::format("T {} s (in whole steps {:.2f}): published {}, exact {:.5f}, simulated "
                    "{:.5f} +- {:.5f}",
                    period, every, efficiency, exact, ettr.mean, ettr.half_width));
    CHECK(std::fabs(ettr.mean - efficiency) <= 0.003);
    CHECK(std::fabs(ettr.mean - exact) <= ettr.half_width);
    CHECK(ettr.half_width <= 0.003);
  }
}

TEST_CASE("the best period between checkpoints", "[validation]") {
  // C = R = 600 s, D = 60 s; Aupy, Robert, Vivien, Zaidouni, table 2 (validation.md V3).
  const std::vector<std::pair<double, double>> published = {
      {3849609, 68240}, {1924805, 48320}, {962402, 34189}, {481201, 24231}, {240601, 17194},
      {120300, 12218},  {60150, 8701},    {30075, 6214},   {15038, 4458},   {7519, 3218}};
  for (const auto& [mttf, period] : published) {
    const double best = best_period(mttf, 600);
    const double efficiency = checkpoint_efficiency(mttf, best, 600, 60, 600);
    INFO(fmt::format("mu {}: published {}, here {:.0f}, efficiency {:.5f}", mttf, period, best,
                     efficiency));
    CHECK(std::fabs(best / period - 1) <= 0.0015);
    CHECK(efficiency >= checkpoint_efficiency(mttf, period, 600, 60, 600));
    CHECK(efficiency <= checkpoint_efficiency(mttf, period, 600, 60, 600) * 1.00001);
  }
  // A run that is not told how often finds it, and is as efficient; 10 % beside it is no better.
  for (const double mttf : {120300.0, 15038.0, 7519.0}) {
    const auto at = [&](const std::string& every) {
      return run_with(R"({"write": "600 s")" + every + "}", mttf, 60, 0, 1000 * mttf, 30);
    };
    const auto results = at("");
    const double every = test::metric(results[0], "workloads.train.checkpoints.store.every");
    const Sample ettr = sample_of(results, "workloads.train.ettr");
    const double exact = checkpoint_efficiency(mttf, every, 600, 60, 600);
    INFO(fmt::format("mu {}: every {:.0f} s, exact {:.5f}, simulated {:.5f} +- {:.5f}", mttf, every,
                     exact, ettr.mean, ettr.half_width));
    CHECK(every == Approx(best_period(mttf, 600)).epsilon(0.005));
    CHECK(std::fabs(ettr.mean - exact) <= ettr.half_width);
    CHECK(std::fabs(ettr.mean / exact - 1) <= 0.005);
    const Sample longer =
        sample_of(at(fmt::format(R"(, "every": "{} s")", every * 2)), "workloads.train.ettr");
    CHECK(longer.mean < ettr.mean);
  }
}

TEST_CASE("the expected share of time that trains, of large clusters", "[validation]") {
  // Kokolis et al. (2024, arXiv 2410.21680): 1 - N r (u0 + dt / 2), without a cost of writing
  // (validation.md V9). N servers, failures of one a day, restart and period in minutes.
  struct Row {
    double servers, rate, restart_min, period_min, published;
  };
  for (const Row& row : {Row{256, 6.5e-3, 5, 60, 0.960}, Row{512, 6.5e-3, 5, 60, 0.919},
                         Row{2048, 6.5e-3, 5, 5, 0.931}, Row{12500, 2.34e-3, 2, 2, 0.939},
                         Row{2048, 6.5e-3, 5, 60, 0.676}}) {
    const double mttf = 86400 / (row.servers * row.rate);
    const auto results = run_with(
        fmt::format(R"({{"write": "1 ns", "blocking": false, "load": "0 s", "every": "{} min"}})",
                    row.period_min),
        mttf, 0, row.restart_min * 60, 1500 * mttf, 30);
    const Sample ettr = sample_of(results, "workloads.train.ettr");
    const double lost = row.servers * row.rate * (row.restart_min + row.period_min / 2) / 1440;
    const double exact =
        checkpoint_efficiency(mttf, row.period_min * 60, 0, 0, row.restart_min * 60);
    INFO(fmt::format(
        "{} servers, period {} min: published {}, 1 - {:.3f}, exact {:.4f}, simulated "
        "{:.4f} +- {:.4f}",
        row.servers, row.period_min, row.published, lost, exact, ettr.mean, ettr.half_width));
    CHECK(1 - lost == Approx(row.published).margin(0.0015));
    CHECK(std::fabs(ettr.mean - exact) <= ettr.half_width + 0.001);  // steps are whole
    if (lost < 0.25) CHECK(std::fabs(ettr.mean / row.published - 1) <= 0.05);
    // Where a restart is often interrupted too, the sum of what one failure costs is too much.
    if (lost >= 0.25) CHECK(ettr.mean > row.published);
  }
}

TEST_CASE("Llama 3 405B: failures, and what keeps the time that trains above 90 %",
          "[validation]") {
  // 419 unexpected interruptions in 54 days (validation.md V7): the rates are inputs, so this
  // checks the plumbing.
  const auto fails = [&](const std::vector<Override>& overrides, int seeds) {
    return test::run_seeds(test::load_example("llama-405b-failures", overrides), seeds);
  };
  const auto results = fails({{"regions.us-east.racks.gpu.count", "1024"},
                              {"failures.gpu.repair.time", R"("0 s")"},
                              {"failures.hbm.repair.time", R"("0 s")"},
                              {"failures.gpu-other.repair.time", R"("0 s")"},
                              {"failures.network.repair.time", R"("0 s")"},
                              {"failures.host-maintenance.repair.time", R"("0 s")"},
                              {"failures.host.repair.time", R"("0 s")"}},
                             50);
  double mean = 0, squares = 0;
  for (const RunResult& r : results) {
    double count = 0;
    for (const char* cause :
         {"gpu", "hbm", "gpu-other", "software", "network", "host-maintenance", "host"}) {
      count += test::metric(r, fmt::format("failures.{}.count", cause));
    }
    count += test::metric(r, "workloads.train.corruptions");
    mean += count / 50;
    squares += count * count / 50;
  }
  const double variance = (squares - mean * mean) * 50 / 49;
  INFO(fmt::format("failures {:.1f}, variance over mean {:.2f}", mean, variance / mean));
  CHECK(std::fabs(mean - 419) <= 9);
  CHECK(variance / mean > 0.5);
  CHECK(variance / mean < 1.6);

  const Sample all = sample_of(fails({}, 10), "workloads.train.ettr");
  CHECK(all.mean - all.half_width > 0.9);
  // A blocking checkpoint of 60 s at its best, with 5 min of downtime and 5 of recovery, loses
  // more.
  const auto blocking =
      fails({{"workloads.train.checkpoints",
              R"({"peer": null, "storage": {"every": null, "rate": null, "limit": null,
                                  "blocking": true, "stall": null, "write": "60 s"}})"},
             {"workloads.train.restart", R"({"detect": "5 min", "start": "4 min"})"},
             {"workloads.train.corruption", "null"}},
            10);
  const Sample slow = sample_of(blocking, "workloads.train.ettr");
  const double mttf = test::metric(blocking[0], "workloads.train.mttf");
  const double best = best_period(mttf, 60);
  const double exact = checkpoint_efficiency(mttf, best, 60, 300, 300);
  INFO(fmt::format("all {:.4f} +- {:.4f}; blocking {:.4f} +- {:.4f}, exact {:.4f}", all.mean,
                   all.half_width, slow.mean, slow.half_width, exact));
  CHECK(exact == Approx(0.853).margin(0.003));
  CHECK(std::fabs(slow.mean - exact) <= slow.half_width + 0.002);
  CHECK(slow.mean + slow.half_width < 0.9);
}

}  // namespace hyperdc
