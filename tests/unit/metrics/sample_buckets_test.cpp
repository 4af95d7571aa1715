#include "metrics/sample_buckets.hpp"

#include <catch2/catch.hpp>

#include "metrics/recorder.hpp"

namespace hyperdc {
namespace {

TEST_CASE("gathered samples have the mean, maximum and quantiles of samples told one by one") {
  Recorder recorder(SimTime{});
  const MetricId one = recorder.declare({"one", "s", "one by one", MetricKind::sample});
  const MetricId gathered = recorder.declare({"gathered", "s", "gathered", MetricKind::sample});
  SampleBuckets buckets;
  std::uint64_t bits = 1;
  for (int i = 0; i < 20000; ++i) {
    bits = bits * 6364136223846793005U + 1442695040888963407U;
    const double value = i % 7 == 0 ? 0 : static_cast<double>(bits >> 20) * 1e-12;
    const std::uint64_t times = i % 5;
    recorder.sample(one, SimTime{}, value, times);
    buckets.add(value, times);
  }
  buckets.flush(recorder, gathered, SimTime{});
  buckets.flush(recorder, gathered, SimTime{});  // nothing is left
  recorder.finish(SimTime{} + whole_seconds(1));
  CHECK(recorder.count(gathered) == recorder.count(one));
  CHECK(recorder.mean(gathered) == Approx(recorder.mean(one)).epsilon(1e-12));
  CHECK(recorder.max(gathered) == recorder.max(one));
  CHECK(recorder.min(gathered) == recorder.min(one));
  for (const double q : {0.1, 0.2, 0.5, 0.9, 0.99, 0.999}) {
    CHECK(recorder.quantile(gathered, q) == Approx(recorder.quantile(one, q)).epsilon(4e-3));
  }
}

TEST_CASE("a single gathered sample is itself") {
  Recorder recorder(SimTime{});
  const MetricId id = recorder.declare({"x", "s", "x", MetricKind::sample});
  SampleBuckets buckets;
  buckets.add(0.3, 1);
  buckets.add(2e-10, 3);  // less than a nanosecond
  buckets.flush(recorder, id, SimTime{});
  recorder.finish(SimTime{} + whole_seconds(1));
  CHECK(recorder.count(id) == 4);
  CHECK(recorder.max(id) == 0.3);
  CHECK(recorder.min(id) == Approx(2e-10));
}

}  // namespace
}  // namespace hyperdc
