// The preview of demand: its numbers by hand, its chart line by line, its width on any curve.
#include "report/demand_preview.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "report/chart.hpp"
#include "report/table.hpp"

using namespace hyperdc;

namespace {

SimTime at_h(double hours) {
  return SimTime{} + seconds(3600 * hours);
}

NamedDemand day() {
  return {"web", {DemandDiurnal{1000, 1.8, seconds(14 * 3600)}}, "1/s"};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("a preview has the mean, the peak and when it is") {
  const DemandPreview preview = preview_of(day(), 1, at_h(48), 96);
  CHECK(preview.points.size() == 96);
  CHECK(preview.mean == Approx(1000));
  CHECK(preview.least == Approx(200).epsilon(1e-3));
  CHECK(preview.peak == Approx(1800).epsilon(1e-3));
  CHECK(preview.peak_at_s == Approx(14 * 3600).margin(1800));
  double area = 0;
  for (const auto& point : preview.points) {
    CHECK(point.low <= point.mean * (1 + 1e-9));
    CHECK(point.high >= point.mean * 0.99);
    area += point.mean * (point.to_s - point.from_s);
  }
  CHECK(area == Approx(1000 * 48 * 3600));
  CHECK(preview.points.back().to_s == 48 * 3600);
}

TEST_CASE("a chart of a straight line, without Unicode") {
  // 24 columns of dots are 12 characters; the value rises from 0 to the top of the axis
  std::vector<ChartBand> bands;
  for (int k = 0; k < 24; ++k) bands.push_back({k * 4.0, k * 4.0 + 4});
  TextStyle style;
  style.unicode = false;
  const auto lines = lines_of(chart(bands, {24, 96, "/s"}, style));
  REQUIRE(lines.size() == 14);
  CHECK(lines[0] == "     96 /s|           *");
  CHECK(lines[5] == "          |     ***");
  CHECK(lines[6] == "     48 /s|    **");
  CHECK(lines[11] == "          |*");
  CHECK(lines[12] == "         0+------------");
  CHECK(lines[13].substr(11, 1) == "0");
}

TEST_CASE("dots of a chart are braille") {
  const std::vector<ChartBand> bands(4, ChartBand{0, 0});
  TextStyle style;
  const auto lines = lines_of(chart(bands, {100, 1, "/s"}, style));
  CHECK(lines[11] == "          ┤⣀⣀");
  CHECK(lines[12] == "         0┼──");
  const std::vector<ChartBand> full(2, ChartBand{0, 1});
  CHECK(lines_of(chart(full, {100, 1, "/s"}, style))[3] == "          ┤⣿");
}

TEST_CASE("no line is wider than the screen, and ASCII stays ASCII") {
  for (const double peak : {0.0, 1e-4, 3.0, 250'000.0, 9e8}) {
    for (const double hours : {0.001, 5.0, 24.0, 168.0, 8760.0, 8e5}) {
      const NamedDemand named{"web", {DemandConstant{peak}}, "1/s"};
      const auto preview = preview_of(named, 1, at_h(hours), kChartColumns);
      for (const bool unicode : {true, false}) {
        TextStyle style;
        style.unicode = unicode;
        const std::string text = preview_text({&preview, 1}, style);
        for (const std::string& line : lines_of(text)) {
          INFO(line);
          CHECK(display_width(line) <= kScreenWidth);
        }
        const bool ascii = text.find_first_not_of("\n") != std::string::npos &&
                           std::all_of(text.begin(), text.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        CHECK((unicode || ascii));
      }
    }
  }
}

TEST_CASE("axes have round numbers") {
  CHECK(round_up(1) == 1);
  CHECK(round_up(1.01) == 2);
  CHECK(round_up(450'000) == 500'000);
  CHECK(round_up(0.07) == Approx(0.08));
  CHECK(round_up(9.5) == 10);
  CHECK(round_up(0) == 1);
  CHECK(time_step(7 * 86400) == 86400);
  CHECK(time_step(86400) == 10800);
  CHECK(time_step(60) == 10);
  CHECK(time_step(365 * 86400.0) == 73 * 86400);
}

TEST_CASE("the points of a preview as JSON") {
  const auto preview = preview_of(day(), 1, at_h(24), 2);
  const std::string text = preview_json("lab", 3, {&preview, 1});
  CHECK(text.find("\"schema\": \"hyperdc.preview/1\"") != std::string::npos);
  CHECK(text.find("\"workload\": \"web\"") != std::string::npos);
  CHECK(text.find("\"seed\": 3") != std::string::npos);
  CHECK(text.find("\"to_s\": 86400") != std::string::npos);
}
