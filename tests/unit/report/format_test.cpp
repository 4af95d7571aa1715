#include "report/format.hpp"

#include <array>
#include <catch2/catch.hpp>

#include "report/metric_info.hpp"

using namespace hyperdc;

TEST_CASE("single values") {
  CHECK(for_people(8152, Show::count) == "8 152");
  CHECK(for_people(12345678, Show::count) == "12 345 678");
  CHECK(for_people(12.345, Show::count) == "12.3");
  CHECK(for_people(1.494e11, Show::count) == "149 G");
  CHECK(for_people(0.951, Show::share) == "95.1 %");
  CHECK(for_people(1, Show::share) == "100 %");
  CHECK(for_people(0.99996, Show::share) == "100.0 %");  // not quite all
  CHECK(for_people(0.05, Show::share) == "5.00 %");
  CHECK(for_people(0.00002, Show::share) == "0.0020 %");
  CHECK(for_people(0, Show::share) == "0 %");
  CHECK(for_people(1.865, Show::factor) == "1.86 ×");
  CHECK(for_people(3 * 3600 + 12 * 60, Show::time) == "3 h 12 min");
  CHECK(for_people(19.6e6, Show::power) == "19.6 MW");
  CHECK(for_people(7200, Show::accelerator_time) == "2.00 acc. h");
  CHECK(compact_count(12'400'000) == "12.4 M");
  CHECK(compact_count(9999) == "9999");
  CHECK(compact_count(999'999) == "1.00 M");
  CHECK(plural(1, "error", "errors") == "1 error");
  CHECK(plural(1200, "error", "errors") == "1 200 errors");
}

TEST_CASE("values side by side share a unit and decimals") {
  const std::array<double, 2> waits{7000, 3000};
  const RowScale minutes = row_scale(waits, {}, Show::time);
  CHECK(minutes.unit == "min");
  CHECK(in_scale(7000, minutes) == "117");
  CHECK(in_scale(3000, minutes) == "50");
  const std::array<double, 2> shares{0.951, 0.923};
  const std::array<double, 2> halves{0.0012, 0.034};
  const RowScale percent = row_scale(shares, halves, Show::share);
  CHECK(percent.unit == "%");
  CHECK(in_scale(0.951, percent) == "95.10");
  CHECK(in_scale(0.0012, percent) == "0.12");
  const std::array<double, 1> jobs{1234567};
  CHECK(in_scale(1234567, row_scale(jobs, {}, Show::count)) == "1 234 567");
  const std::array<double, 1> narrow{0.52};
  CHECK(in_scale(1234567, row_scale(jobs, narrow, Show::count)) == "1 234 567");
  CHECK(in_scale(-0.00001, percent) == "0.00");  // no "-0.00"
}

TEST_CASE("values too far apart for one unit keep their own") {
  const std::array<double, 2> waits{8 * 86400.0, 134};
  const RowScale scale = row_scale(waits, {}, Show::time);
  CHECK(scale.unit.empty());
  CHECK(in_scale(waits[0], scale) == "8 d");
  CHECK(in_scale(waits[1], scale) == "2 min 14 s");
}

TEST_CASE("lists of seeds") {
  const std::array<std::uint64_t, 5> run{3, 4, 5, 6, 7};
  CHECK(seed_list(run) == "3 to 7");
  const std::array<std::uint64_t, 3> apart{1, 3, 9};
  CHECK(seed_list(apart) == "1, 3, 9");
  const std::array<std::uint64_t, 1> one{7};
  CHECK(seed_list(one) == "7");
}

TEST_CASE("metric names are taken apart") {
  const MetricParts wait = metric_parts("workloads.batch.wait.p95");
  CHECK(wait.scope == "workloads");
  CHECK(wait.owner == "batch");
  CHECK(wait.quantity == "wait");
  CHECK(wait.statistic == "p95");
  REQUIRE(wait.info != nullptr);
  CHECK(wait.info->better == Better::lower);
  CHECK(metric_label(wait, "") == "wait, p95");

  const MetricParts point = metric_parts("pools.gpu.allocation_at.100");
  CHECK(point.quantity == "allocation_at.N");
  CHECK(point.number == "100");
  CHECK(metric_label(point, "") == "allocated at 100 % of demand");

  const MetricParts power = metric_parts("regions.us-east.power.share_of_limit");
  CHECK(power.owner == "us-east");
  CHECK(power.quantity == "power.share_of_limit");
  CHECK(power.info != nullptr);

  CHECK(metric_parts("energy.total").info != nullptr);
  CHECK(metric_parts("workloads.w.unheard_of.p99").info == nullptr);
  CHECK(metric_label(metric_parts("a.b"), "a.b") == "a.b");
  CHECK(metric_parts("workloads").info == nullptr);
}

TEST_CASE("metrics that are not in the table are shown by their unit") {
  CHECK(show_of("workloads.w.unheard_of.p99", "s") == Show::time);
  CHECK(show_of("x", "furlong") == Show::number);
  CHECK(show_of("workloads.w.slowdown.mean", "1") == Show::factor);
  CHECK(show_of("pools.p.allocation.cores.mean", "1") == Show::share);
  CHECK(show_of("workloads.w.wait.count", "1") == Show::count);
}

TEST_CASE("the reference names every metric once") {
  const std::string reference = metric_reference();
  for (const MetricInfoRow& row : metric_info_table()) {
    CHECK(reference.find(std::string(row.meaning)) != std::string::npos);
    CHECK_FALSE(row.unit.empty());
    CHECK(row.meaning.back() == '.');
  }
}
