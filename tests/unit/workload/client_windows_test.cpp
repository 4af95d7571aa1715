// Clients of ServeGen: arrivals by hand where gaps are constants, by law where they are drawn, and
// the clients of scenarios/examples against the file that states them.
#include "workload/client_windows.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "support/instants.hpp"
#include "workload_files.hpp"

namespace hyperdc {
namespace {

using test::at_s;
using testing::TempDir;

std::shared_ptr<const ClientWindows> windows_of(const std::string& file) {
  auto result = read_client_windows(file);
  if (const auto* issues = std::get_if<Issues>(&result)) FAIL(issues->front().message);
  return std::make_shared<const ClientWindows>(std::get<ClientWindows>(std::move(result)));
}

std::shared_ptr<const ClientWindows> written(const std::string& text) {
  const TempDir dir;
  return windows_of(dir.write("clients.csv", text));
}

std::vector<SimTime> draw(const std::shared_ptr<const ClientWindows>& windows, double scale,
                          double end_s, std::uint64_t seed = 1) {
  ClientArrivals arrivals(windows, scale, "w", seed, at_s(end_s));
  std::vector<SimTime> out;
  while (const auto at = arrivals.next()) {
    if (!out.empty()) REQUIRE(*at >= out.back());
    out.push_back(*at);
  }
  CHECK(!arrivals.next());
  return out;
}

/// To the nanosecond or two: rates times seconds are not whole.
void check_at(const std::vector<SimTime>& found, const std::vector<double>& expected_s) {
  REQUIRE(found.size() == expected_s.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(to_seconds(found[i]) == Approx(expected_s[i]).margin(2e-9));
  }
}

/// One client that does the same for so many windows.
std::string steady(int windows, const std::string& rest) {
  std::string text;
  for (int w = 0; w < windows; ++w) text += std::to_string(600 * w) + "," + rest + "\n";
  return text;
}

TEST_CASE("constant gaps: a gap goes on in the next window, at its rate") {
  // 0.004/s: at 250 and 500; 0.4 of the third are done by 600, and 0.6 take 300 s of the next.
  const auto one = written("0,0.004,0,Gamma,1,1\n600,0.002,0,Gamma,1,1\n1200,0,0,,0,0\n");
  check_at(draw(one, 1, 1e4), {250, 500, 900});
  check_at(draw(one, 1, 900), {250, 500});
  // Twice as often: 0.8 of the fifth are done by 600, and 0.2 take 50 s at 0.004/s.
  check_at(draw(one, 2, 1e4), {125, 250, 375, 500, 650, 900, 1150});
  // Where nothing is asked, time stands: half of a gap at 600, the other half from 1200 on.
  const auto pause = written("0,0.0025,0,Gamma,1,1\n600,0,0,,0,0\n1200,0.0025,0,Gamma,1,1\n");
  check_at(draw(pause, 1, 1e4), {400, 1400});
}

TEST_CASE("a window that goes back in time is of another client") {
  const auto two = written("600,0.005,0,Gamma,1,1\n0,0.0025,0,Weibull,1,1\n");
  REQUIRE(two->clients.size() == 2);
  CHECK(to_seconds(two->end() - SimTime{}) == 1200);
  check_at(draw(two, 1, 1e4), {400, 800, 1000});
}

TEST_CASE("rate and variation of drawn gaps are those of the file") {
  struct Case {
    const char* rest;
    double rate, cv;
  };
  for (const Case& c : {Case{"20,0.5,Gamma,1,1", 20, 0.5}, Case{"20,1.3,Weibull,1,1", 20, 1.3},
                        Case{"20,4,Gamma,1,1", 20, 4}, Case{"20,4,Weibull,1,1", 20, 4},
                        Case{"20,9,Exponential,1,1", 20, 1}}) {
    INFO(c.rest);
    const std::vector<SimTime> at = draw(written(steady(50, c.rest)), 1, 30'000);
    const double expected = c.rate * 30'000;
    // A renewal process has a variance of cv^2 n.
    CHECK(std::abs(static_cast<double>(at.size()) - expected) < 4 * c.cv * std::sqrt(expected));
    double sum = 0, squares = 0;
    for (std::size_t i = 1; i < at.size(); ++i) {
      const double gap = to_seconds(at[i] - at[i - 1]);
      sum += gap;
      squares += gap * gap;
    }
    const auto n = static_cast<double>(at.size() - 1);
    const double cv = std::sqrt(squares / n - (sum / n) * (sum / n)) / (sum / n);
    CHECK(cv == Approx(c.cv).epsilon(0.05));
  }
}

TEST_CASE("the clients of the example: a day of requests as often as they were measured") {
  const auto windows =
      windows_of(std::string(HYPERDC_SOURCE_DIR) +
                 "/scenarios/examples/data/demand-servegen/m-small_clients.first-day.csv.gz");
  REQUIRE(windows->clients.size() == 5);
  CHECK(windows->capped == 0);
  double expected = 0, variance = 0;
  for (const auto& client : windows->clients) {
    REQUIRE(client.size() == 144);
    for (const ClientWindow& window : client) {
      expected += 600 * window.rate_per_s;
      variance += 600 * window.rate_per_s * window.cv * window.cv;
    }
  }
  CHECK(expected / 86'400 == Approx(706.263).epsilon(1e-6));  // summed by awk
  const auto all = static_cast<double>(draw(windows, 0.1, 86'400).size());
  CHECK(std::abs(all - 0.1 * expected) < 4 * std::sqrt(0.1 * variance));
  CHECK(draw(windows, 0.01, 3600) == draw(windows, 0.01, 3600));
  CHECK(draw(windows, 0.01, 3600) != draw(windows, 0.01, 3600, 2));
}

TEST_CASE("what is wrong with a file of clients is said row by row") {
  const TempDir dir;
  const auto result = read_client_windows(
      dir.write("bad.csv",
                "0,1,1,Gamma,1,1\n1200,1,1,Gamma,1,1\n1800,1,1,Poisson,1,1\n2400,-1,1,Gamma,1,1\n"
                "3000,1,1,,1,1\n3600,1,1,Gamma,1\n"));
  const auto* issues = std::get_if<Issues>(&result);
  REQUIRE(issues != nullptr);
  REQUIRE(issues->size() == 5);
  CHECK((*issues)[0].message == "start of the window: 1200 s after the one before");
  CHECK((*issues)[1].message == "law: \"Poisson\" is none that gaps have");
  CHECK((*issues)[2].message == "rate: \"-1\" is outside the range");
  CHECK((*issues)[3].message == "law: \"\" is none that gaps have");
  CHECK((*issues)[4].message == "5 fields where a window has 6");
  const auto extreme = written("0,1,796,Weibull,0.2,0.1\n");
  CHECK(extreme->capped == 1);
  CHECK(extreme->clients[0][0].cv == 100);
}

}  // namespace
}  // namespace hyperdc
