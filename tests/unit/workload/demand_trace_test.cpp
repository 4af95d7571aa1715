// Demand traces: each layout of the public files, conversions by hand, and every kind of bad row.
#include "workload/demand/demand_trace.hpp"

#include <catch2/catch.hpp>

#include "support/instants.hpp"
#include "workload/demand/csv_columns.hpp"
#include "workload/demand/demand_curve.hpp"
#include "workload_files.hpp"

using namespace hyperdc;
using hyperdc::test::at_s;
using testing::TempDir;

namespace {

DemandCurve curve_of(const DemandTraceSpec& spec) {
  const auto loaded = load_demand_trace(spec);
  if (!ok(loaded)) FAIL(std::get<Issues>(loaded).front().message);
  return DemandCurve({std::get<LoadedDemandTrace>(loaded).table}, 1);
}

Issues issues_of(const DemandTraceSpec& spec) {
  const auto loaded = load_demand_trace(spec);
  REQUIRE(!ok(loaded));
  return std::get<Issues>(loaded);
}

}  // namespace

TEST_CASE("dates are days and seconds since 1970") {
  CHECK(parse_date("1970-01-01 00:00:00") == 0);
  CHECK(parse_date("2014-07-01 00:30:00") == 1404174600);
  CHECK(parse_date("2000-02-29") == 951782400);
  CHECK(parse_date("2024-12-31T23:59") == 1735689540);
  CHECK(parse_date("2024-12-31T23:59Z") == 1735689540);
  CHECK(parse_date("2014-07-01 00:30:00Z") == 1404174600);
  for (const char* bad :
       {"", "2014-7-01", "2014-02-30", "2100-02-29", "2014-07-01 24:00:00", "2014-07-01 00:60",
        "2014-07-01 00:00:00z", "2014-07-01Z", "2014-07-01 00:00:00+01", "2014-07-01x00:00:00",
        "2014-07-01 00:00:0", "2014/07/01"}) {
    INFO(bad);
    CHECK(!parse_date(bad));
  }
}

TEST_CASE("counts over dated intervals") {
  const TempDir dir;
  DemandTraceSpec spec;
  spec.file = dir.write("taxi.csv",
                        "timestamp,value\n2014-07-01 00:00:00,3600\n2014-07-01 00:30:00,1800\n"
                        "2014-07-01 01:00:00,900\n");
  spec.time_column = "timestamp";
  spec.value_column = "value";
  spec.value = DemandTraceSpec::Value::count;
  const DemandCurve once = curve_of(spec);
  CHECK(once.rate(at_s(0)) == 2);
  CHECK(once.rate(at_s(1800)) == 1);
  CHECK(once.rate(at_s(1e6)) == 0.5);
  CHECK(once.expected(at_s(0), at_s(5400)) == Approx(6300));
  spec.repeat = true;
  const DemandCurve again = curve_of(spec);
  CHECK(again.rate(at_s(5400)) == 2);
  CHECK(again.expected(at_s(0), at_s(54000)) == Approx(63000));
  spec.interval = seconds(900);
  CHECK(curve_of(spec).rate(at_s(0)) == 4);
}

TEST_CASE("rates without a header, by number, in units") {
  const TempDir dir;
  DemandTraceSpec spec;
  spec.file = dir.write("chunk.csv.gz", testing::gzip("0,10,Gamma\n600,20,Gamma\n1200,0,Weibull"));
  spec.header = false;
  spec.time_unit_s = 60;  // minutes
  spec.unit = 1.0 / 60;   // a minute
  spec.linear = true;
  const DemandCurve curve = curve_of(spec);
  CHECK(curve.rate(at_s(18000)) == Approx(0.25));
  CHECK(curve.rate(at_s(54000)) == Approx(10.0 / 60));
}

TEST_CASE("a shape has mean one") {
  const TempDir dir;
  DemandTraceSpec spec;
  spec.file = dir.write("a.csv", "t,v\n0,1\n10,5\n30,2\n");
  spec.time_unit_s = 1;
  spec.value = DemandTraceSpec::Value::shape;
  // 10 s of 1, 20 s of 5, 20 s of 2: mean 150 / 50 = 3
  const DemandCurve curve = curve_of(spec);
  CHECK(curve.rate(at_s(5)) == Approx(1.0 / 3));
  CHECK(curve.rate(at_s(15)) == Approx(5.0 / 3));
  CHECK(curve.expected(at_s(0), at_s(50)) == Approx(50));
}

TEST_CASE("every bad row is found, with its place") {
  const TempDir dir;
  DemandTraceSpec spec;
  spec.file = dir.write("a.csv", "t,v\n0,1\n10\nx,2\n5,-1\n20,2\n20,3\n30,4,5\n40,1e99\n50,");
  spec.time_column = "t";
  spec.value_column = "v";
  spec.time_unit_s = 1;
  const Issues issues = issues_of(spec);
  std::string text;
  for (const Issue& issue : issues) {
    text += std::to_string(issue.place.line) + ":" + std::to_string(issue.place.column) + " " +
            issue.message + " [" + issue.code + "]\n";
  }
  CHECK(text ==
        "3:1 1 fields where the first line has 2 [E063]\n"
        "4:1 t: \"x\" is not a number [E064]\n"
        "5:3 v: \"-1\" is outside the range [E065]\n"
        "7:1 not later than the row before [E065]\n"
        "8:1 3 fields where the first line has 2 [E063]\n"
        "9:4 v: \"1e99\" is outside the range [E065]\n"
        "10:4 v: a number is missing [E064]\n");
}

TEST_CASE("columns that are not there, files that are empty") {
  const TempDir dir;
  DemandTraceSpec spec;
  spec.file = dir.write("a.csv", "timestamp,value\n2014-07-01,1\n");
  spec.time_column = "timestmp";
  CHECK(issues_of(spec).front().message == "there is no column \"timestmp\"");
  CHECK(issues_of(spec).front().hint == "did you mean \"timestamp\"?");
  spec.time_column = "3";
  CHECK(issues_of(spec).front().hint == "the first line has 2 fields");
  spec.time_column = "1";
  spec.value = DemandTraceSpec::Value::count;
  CHECK(issues_of(spec).front().message == "one row says nothing about its interval");
  spec.file = dir.write("b.csv", "timestamp,value\n");
  CHECK(issues_of(spec).front().code == "E067");
  spec.file = dir.path("missing.csv");
  CHECK(issues_of(spec).front().code == "E060");
  spec.file = dir.write("c.csv", "timestamp,value\n2014-07-01,0\n2014-07-02,0\n");
  spec.value = DemandTraceSpec::Value::shape;
  CHECK(issues_of(spec).front().message == "every value is 0: there is no shape");
}

TEST_CASE("the public curves of the examples have their totals") {
  const std::string data = HYPERDC_SOURCE_DIR "/scenarios/examples/data/";
  DemandTraceSpec taxi;
  taxi.file = data + "demand-nab/nyc_taxi.until_2014-08-25.csv";
  taxi.time_column = "timestamp";
  taxi.value_column = "value";
  taxi.value = DemandTraceSpec::Value::count;
  // eight weeks, 39,968,958 passengers, the most on the eve of the 4th of July, 19:00
  const DemandCurve passengers = curve_of(taxi);
  const double weeks = 56 * 86400;
  CHECK(passengers.expected(at_s(0), at_s(weeks)) == Approx(39'968'958).epsilon(1e-12));
  const DemandPeak peak = find_peak(passengers, at_s(0), at_s(weeks));
  CHECK(peak.rate == Approx(29'985 / 1800.0));
  CHECK(peak.at >= at_s(2 * 86400 + 19 * 3600));
  CHECK(peak.at < at_s(2 * 86400 + 19 * 3600 + 1800));

  DemandTraceSpec elb;
  elb.file = data + "demand-nab/elb_request_count_8c0756.csv";
  elb.value = DemandTraceSpec::Value::count;
  elb.interval = seconds(300);
  // 4,032 rows over 13 d 24 h 35 min: eight gaps of one row, in which the value holds
  const DemandCurve requests = curve_of(elb);
  CHECK(requests.rate(at_s(0)) == Approx(94.0 / 300));
  CHECK(find_peak(requests, at_s(0), at_s(14 * 86400)).rate == Approx(656.0 / 300));

  DemandTraceSpec model;
  model.file = data + "demand-servegen/m-small_total_rate.csv";
  model.time_column = "timestamp";
  model.value_column = "rate";
  model.time_unit_s = 1;
  // 2,016 windows of 600 s, mean rate 1174.4/s
  const DemandCurve tokens = curve_of(model);
  CHECK(tokens.expected(at_s(0), at_s(2016 * 600)) == Approx(2'367'597.976667 * 600).epsilon(1e-9));
}
