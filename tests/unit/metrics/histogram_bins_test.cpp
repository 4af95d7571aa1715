// The bins of a histogram hold every sample once, keep the extremes and the usual quantiles, and
// are few.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/distribution.hpp"
#include "metrics/histogram.hpp"
#include "metrics/recorder.hpp"

using namespace hyperdc;

namespace {

std::vector<double> drawn(const DistributionSpec& spec, std::size_t n) {
  const Distribution distribution{spec};
  const RandomStream stream(5, "histogram-bins-test");
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = distribution.draw(stream, i);
  return values;
}

Histogram histogram_of(const std::vector<double>& values) {
  Histogram histogram;
  for (const double value : values) histogram.add(value);
  return histogram;
}

std::size_t below(const std::vector<double>& sorted, double bound) {
  return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), bound) -
                                  sorted.begin());
}

void check_bins(std::vector<double> values, std::size_t most) {
  const Histogram histogram = histogram_of(values);
  std::sort(values.begin(), values.end());
  const std::vector<HistogramBin> bins = histogram.bins(most);
  CAPTURE(values.size(), most, bins.size());
  REQUIRE(bins.size() <= most);
  REQUIRE(bins.size() >= 2);
  CHECK(bins.front().from == values.front());
  CHECK(bins.front().to == values.front());
  CHECK(bins.back().from == values.back());
  CHECK(bins.back().to == values.back());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    REQUIRE(bins[i].count > 0);
    REQUIRE(bins[i].from <= bins[i].to);
    sum += bins[i].count;
    // Samples below the upper bound are those of the bins up to here; but the greatest is apart.
    if (i > 0 && i + 2 < bins.size()) {
      REQUIRE(sum == below(values, bins[i].to));
      REQUIRE(bins[i + 1].from >= bins[i].to);
    }
  }
  CHECK(sum == values.size());
}

double from_bins(const std::vector<HistogramBin>& bins, double q, std::uint64_t n) {
  std::uint64_t rank = nearest_rank(q, n);
  for (const HistogramBin& bin : bins) {
    if (rank <= bin.count) {
      return std::clamp((bin.from + bin.to) / 2, bins.front().from, bins.back().to);
    }
    rank -= bin.count;
  }
  return -1;
}

}  // namespace

TEST_CASE("bins hold every sample once, whatever is drawn", "[histogram]") {
  for (const std::size_t most : {std::size_t{8}, std::size_t{16}, std::size_t{64}, kMostBinsEach}) {
    check_bins(drawn(Uniform{0, 1}, 20001), most);
    check_bins(drawn(Exponential{1e-6}, 20000), most);
    check_bins(drawn(Lognormal{3600, 5}, 20000), most);
    check_bins(drawn(Gamma{1, 10}, 20000), most);  // 60 orders of magnitude
    check_bins(drawn(Pareto{1, 0.5, 0}, 20000), most);
    check_bins({1, 2}, most);
    check_bins({5e-324, 1, 1.7976931348623157e308}, most);
  }
}

TEST_CASE("the usual quantiles are the same from the bins", "[histogram]") {
  for (const DistributionSpec& spec :
       {DistributionSpec{Exponential{0.05}}, DistributionSpec{Lognormal{3600, 5}},
        DistributionSpec{Gamma{1, 10}}, DistributionSpec{Uniform{10, 11}}}) {
    const Histogram histogram = histogram_of(drawn(spec, 30'000));
    for (const std::size_t most : {std::size_t{64}, kMostBinsEach}) {
      const std::vector<HistogramBin> bins = histogram.bins(most);
      for (const double q : kKeptQuantiles) {
        CAPTURE(q, most);
        CHECK(from_bins(bins, q, histogram.count()) == histogram.quantile(q));
      }
    }
  }
}

TEST_CASE("bins by hand", "[histogram]") {
  Histogram histogram;
  CHECK(histogram.bins(64).empty());
  histogram.add(0, 3);
  std::vector<HistogramBin> bins = histogram.bins(64);
  REQUIRE(bins.size() == 1);
  CHECK((bins[0].from == 0 && bins[0].to == 0 && bins[0].count == 3));
  histogram.add(1.5, 10);
  histogram.add(4);
  bins = histogram.bins(64);
  REQUIRE(bins.size() == 3);
  CHECK((bins[0].from == 0 && bins[0].to == 0 && bins[0].count == 3));
  CHECK((bins[1].from == 1.5 && bins[1].to == 1.5 + 1.0 / 256 && bins[1].count == 10));
  CHECK((bins[2].from == 4 && bins[2].to == 4 && bins[2].count == 1));
  Histogram equal;
  equal.add(0.25, 1'000'000);
  bins = equal.bins(8);
  REQUIRE(bins.size() == 1);
  CHECK((bins[0].from == 0.25 && bins[0].to == 0.25 && bins[0].count == 1'000'000));
  CHECK_THROWS_AS(equal.bins(7), InvariantError);
}

TEST_CASE("a recorder gives the distributions of metrics with samples, in order", "[metrics]") {
  Recorder recorder(SimTime{} + seconds(10));
  const MetricId none = recorder.declare({"none", "s", "", MetricKind::sample});
  const MetricId wait = recorder.declare({"wait", "s", "", MetricKind::sample});
  recorder.declare({"power", "W", "", MetricKind::level});
  const MetricId slow = recorder.declare({"slow", "1", "", MetricKind::sample});
  recorder.sample(none, SimTime{} + seconds(9), 3);  // within the warm-up
  recorder.sample(slow, SimTime{} + seconds(10), 2);
  for (int i = 1; i <= 1000; ++i) recorder.sample(wait, SimTime{} + seconds(11), i);
  CHECK_THROWS_AS(recorder.distributions(), InvariantError);
  recorder.finish(SimTime{} + seconds(20));
  const std::vector<MetricDistribution> all = recorder.distributions();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "wait");
  CHECK(all[0].unit == "s");
  CHECK(all[0].bins.size() <= kMostBinsEach);
  CHECK(all[0].bins.size() > 100);
  CHECK(all[0].bins.back().to == 1000);
  CHECK(all[1].name == "slow");
  REQUIRE(all[1].bins.size() == 1);
}

TEST_CASE("many metrics share the bins of a run", "[metrics]") {
  Recorder recorder{SimTime{}};
  constexpr std::size_t kMetrics = 2000;
  for (std::size_t m = 0; m < kMetrics; ++m) {
    recorder.declare({"m" + std::to_string(m), "s", "", MetricKind::sample});
  }
  for (std::uint32_t m = 0; m < kMetrics; ++m) {
    for (int i = 1; i <= 200; ++i) recorder.sample(MetricId{m}, SimTime{}, i);
  }
  recorder.finish(SimTime{} + seconds(1));
  std::size_t bins = 0;
  for (const MetricDistribution& one : recorder.distributions()) bins += one.bins.size();
  CHECK(bins <= kMostBins);
  CHECK(bins >= kMostBins / 3);
}
