// The page of `hyperdc report`: down-sampling that keeps extremes, JSON that equals the result,
// and text that cannot leave its script.
#include "report/page.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "report/page_distributions.hpp"
#include "report/page_series.hpp"
#include "sample_results.hpp"

namespace hyperdc {
namespace {

/// A week of `rows` steps: a level that is 5 but for one step, and requests, 10 a second.
ResultTable long_series(std::size_t rows, std::size_t spike, double step_s) {
  ResultTable table;
  table.columns = {"time_s", "regions.east.power_W", "workloads.web.offered_requests"};
  for (std::size_t i = 0; i < rows; ++i) {
    table.rows.push_back(static_cast<double>(i + 1) * step_s);
    table.rows.push_back(i == spike ? 900 : i == spike + 1 ? -3 : 5);
    table.rows.push_back(10 * step_s);
  }
  return table;
}

std::string from_base64(const std::string& text) {
  const std::string signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6U | static_cast<std::uint32_t>(signs.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return out;
}

TEST_CASE("a short series is on the page row by row, counters of requests as rates") {
  const PageSeries series = page_series(long_series(100, 40, 60));
  CHECK_FALSE(series.envelope);
  REQUIRE(series.columns.size() == 2);
  CHECK(series.from_s.front() == 0);
  CHECK(series.to_s.back() == 6000);
  CHECK(series.columns[0].mean.size() == 100);
  CHECK(series.columns[0].mean[40] == 900);
  CHECK(series.columns[0].low.empty());
  CHECK(series.columns[0].unit == "W");
  CHECK(series.columns[1].unit == "requests/s");
  CHECK(series.columns[1].mean[7] == 10);
  CHECK(series.columns[1].panel == "web: demand and answers");
}

TEST_CASE("an envelope of a million values keeps what stands out for one step") {
  const std::size_t rows = 500'000;
  for (const std::size_t spike : {std::size_t{0}, std::size_t{123'456}, rows - 2}) {
    const PageSeries series = page_series(long_series(rows, spike, 1));
    REQUIRE(series.envelope);
    CHECK(series.rows == rows);
    CHECK(series.to_s.size() == kMostBuckets);
    CHECK(series.to_s.back() == 500'000);
    const PageSeriesColumn& power = series.columns[0];
    CHECK(*std::max_element(power.high.begin(), power.high.end()) == 900);
    CHECK(*std::min_element(power.low.begin(), power.low.end()) == -3);
    double sum = 0;
    for (std::size_t b = 0; b < power.mean.size(); ++b) {
      CHECK(power.low[b] <= power.mean[b]);
      CHECK(power.mean[b] <= power.high[b]);
      sum += power.mean[b] * (series.to_s[b] - series.from_s[b]);
      if (b > 0) CHECK(series.from_s[b] == series.to_s[b - 1]);
    }
    CHECK(sum == Approx(5.0 * (rows - 2) + 900 - 3));  // the energy is that of the rows
  }
}

TEST_CASE("more columns get fewer buckets, so that a page stays small") {
  ResultTable table;
  table.columns = {"time_s"};
  for (int c = 0; c < 200; ++c) table.columns.push_back("x" + std::to_string(c));
  for (int row = 1; row <= 5000; ++row) {
    for (int c = 0; c <= 200; ++c) table.rows.push_back(c == 0 ? row : c);
  }
  const PageSeries series = page_series(table);
  REQUIRE(series.envelope);
  CHECK(series.to_s.size() * 3 * 200 <= kMostPageValues);
  CHECK(series.to_s.size() >= kLeastBuckets);
}

TEST_CASE("values that are missing stay missing") {
  ResultTable table;
  table.columns = {"time_s", "x"};
  const double none = std::numeric_limits<double>::quiet_NaN();
  table.rows = {1, 4, 2, none, 3, 6};
  const PageSeries series = page_series(table);
  REQUIRE(series.columns[0].mean.size() == 3);
  CHECK(std::isnan(series.columns[0].mean[1]));
  CHECK_FALSE(series.columns[0].all_zero);
}

TEST_CASE("floats and doubles travel as base64 of little-endian values") {
  CHECK(packed_floats(std::vector<double>{1}) == "AACAPw==");
  CHECK(packed_doubles(std::vector<double>{1}) == "AAAAAAAA8D8=");
  CHECK(packed_floats(std::vector<double>{}).empty());
  const std::vector<double> values = {0.1, -2.5e9, 3, 1e-30};
  const std::string bytes = from_base64(packed_floats(values));
  REQUIRE(bytes.size() == 16);
  for (std::size_t i = 0; i < values.size(); ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + 4 * i, 4);
    CHECK(value == static_cast<float>(values[i]));
  }
}

TEST_CASE("no text of a scenario can end the script that holds the data") {
  CHECK(escaped_for_script("{\"a\": \"</script><!--\"}") ==
        "{\"a\": \"\\u003c/script>\\u003c!--\"}");
  CHECK(escaped_for_html("<b> & </b>") == "&lt;b> &amp; &lt;/b>");
  PageContents page;
  page.title = "</title><script>alert(1)</script>";
  StoredResult run;
  run.result = sample::cluster("</script><script>alert(2)</script>", 1, 60);
  page.runs.push_back(run);
  const std::string html = page_html(page_json(page), page.title);
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find("</title><script>") == std::string::npos);
  CHECK(html.find("\\u003c/script>\\u003cscript>alert(2)") != std::string::npos);
}

TEST_CASE("the page's numbers are those of the result") {
  PageContents page;
  StoredResult run;
  run.result = sample::cluster("night", 3, 7200);
  run.result.objectives.push_back(
      {"workloads.batch.wait.mean", 3600.0, std::nullopt, "s", 7200.0, false});
  page.runs.push_back(run);
  const std::string json = page_json(page);
  CHECK(json.find("\"name\": \"workloads.batch.wait.mean\"") != std::string::npos);
  CHECK(json.find("\"unit\": \"s\", \"show\": \"time\", \"value\": 7200, \"text\": \"2 h\"") !=
        std::string::npos);
  CHECK(json.find("Misses its objective: batch wait, mean is 2 h and should be at most 1 h.") !=
        std::string::npos);
  CHECK(json.find("\"seed\": 3") != std::string::npos);
  CHECK(json.find("\"study\": null") != std::string::npos);
}

TEST_CASE("the Markdown of a run says its verdict first, and no name leaves its cell") {
  PageContents page;
  page.title = "night | <b>shift</b>";
  StoredResult run;
  run.result = sample::cluster("night", 3, 7200);
  run.result.objectives.push_back(
      {"workloads.batch.wait.mean", 3600.0, std::nullopt, "s", 7200.0, false});
  page.runs.push_back(run);
  const std::string one = page_markdown(page);
  CHECK(one.rfind("### night \\| \\<b>shift\\</b>\n\nMisses its objective: batch wait, mean is 2 h",
                  0) == 0);
  CHECK(one.find("| ❌ | batch wait, mean | at most 1 h | 2 h | 100.0 % over |\n") !=
        std::string::npos);
  CHECK(one.find("| batch wait, mean | 2 h |\n") != std::string::npos);
  CHECK(one.find("One seed: no uncertainty is shown. seed 3") != std::string::npos);

  run.result = sample::cluster("day", 3, 3600);
  page.runs.push_back(run);
  const std::string two = page_markdown(page);
  CHECK(two.find("One seed each: a difference may be chance.") != std::string::npos);
  CHECK(two.find("better") == std::string::npos);
  for (const std::uint64_t seed : {4U, 5U}) {
    const double more = 60.0 * static_cast<double>(seed);
    for (const auto& [name, wait] : {std::pair("night", 7200.0), std::pair("day", 3600.0)}) {
      run.result = sample::cluster(name, seed, wait + more);
      page.runs.push_back(run);
    }
  }
  const std::string many = page_markdown(page);
  CHECK(many.find("| metric | night | day | second against first |\n|---|--:|--:|--:|\n") !=
        std::string::npos);
  CHECK(many.find("| better |\n") != std::string::npos);
  CHECK(many.find("night: seed 3 to 5; day: seed 3 to 5.") != std::string::npos);
}

TEST_CASE("a scenario that several runs share stands on the page once") {
  PageContents page;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    StoredResult run;
    run.result = sample::cluster("night", seed, 60.0 * static_cast<double>(seed));
    page.runs.push_back(run);
  }
  const std::string json = page_json(page);
  const std::string resolved = "\"power\": \"24000000 W\"";
  const std::size_t first = json.find(resolved);
  REQUIRE(first != std::string::npos);
  CHECK(json.find(resolved, first + 1) == std::string::npos);
  CHECK(json.find("\"side_by_side\": {") != std::string::npos);
}

TEST_CASE("what sets scenarios apart stands on the page, seeds do not") {
  PageContents page;
  for (const std::uint64_t seed : {1U, 2U}) {
    StoredResult run;
    run.result = sample::cluster("night", seed, 60);
    page.runs.push_back(run);
  }
  CHECK(page_json(page).find("\"changes\": null") != std::string::npos);
  StoredResult other;
  other.result = sample::cluster("day", 1, 60);
  other.result.sha256 = std::string(64, 'd');
  other.result.resolved_json =
      R"({"name": "y", "duration": "604800 s", "regions": {"east": {"facility": )"
      R"({"power": "30000000 W"}}}})";
  page.runs.push_back(other);
  const std::string json = page_json(page);
  CHECK(json.find("\"changes\": {\"base\": \"night\", \"left_out\": 0, \"scenarios\": [{\"name\": "
                  "\"day\", \"all\": 2, \"rows\": [[\"warmup\", \"7200 s\", null], "
                  "[\"regions.east.facility.power\", \"24000000 W\", \"30000000 W\"]]}]}") !=
        std::string::npos);
}

TEST_CASE("distributions stand on the page with their quantiles, few bins each if there are many") {
  PageContents page;
  StoredResult run;
  run.result = sample::cluster("night", 1, 60);
  ResultDistribution latency{"workloads.web.latency", "s", {}};
  for (int i = 1; i <= 200; ++i) latency.bins.push_back({i * 0.001, i * 0.001, 10});
  run.result.distributions = {latency};
  page.runs.push_back(run);
  std::string json = page_json(page);
  CHECK(json.find(
            "\"metric\": \"workloads.web.latency\", \"label\": \"latency\", \"owner\": \"web\", "
            "\"unit\": \"s\", \"show\": \"time\", \"samples\": \"2 000\"") != std::string::npos);
  CHECK(json.find("[\"p50\", 0.1, \"100 ms\"]") != std::string::npos);
  CHECK(json.find("[\"p99.99\", null, \"–\"], [\"max\", 0.2, \"200 ms\"]") != std::string::npos);
  CHECK(json.find("\"distributions_left_out\": 0") != std::string::npos);
  const std::size_t one = json.size();
  for (int i = 0; i < 2000; ++i) {
    latency.metric = "workloads.web" + std::to_string(i) + ".latency";
    page.runs.front().result.distributions.push_back(latency);
  }
  json = page_json(page);
  CHECK(json.find("\"distributions_left_out\": " +
                  std::to_string(2001 - kMostPageBins / kLeastPageBins)) != std::string::npos);
  CHECK(json.size() < one + 1'500'000);
}

}  // namespace
}  // namespace hyperdc
