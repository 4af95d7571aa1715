// The finer level of an envelope gives its points back within what 12 bits can hold.
#include "report/page_fine.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace hyperdc {
namespace {

ResultTable noisy(std::size_t rows, std::size_t columns, double step = 10) {
  ResultTable table;
  table.columns = {"time_s"};
  for (std::size_t c = 0; c < columns; ++c) {
    table.columns.push_back("regions.r" + std::to_string(c) + ".power_W");
  }
  for (std::size_t row = 0; row < rows; ++row) {
    table.rows.push_back(step * static_cast<double>(row + 1));
    for (std::size_t c = 0; c < columns; ++c) {
      const auto x = static_cast<double>((row * 7919 + c * 104729) % 1000);
      table.rows.push_back(1000.0 * static_cast<double>(c) + x / 10 + (row == 777 ? 5000 : 0));
    }
  }
  return table;
}

double decoded(const std::string& values, const PageFineColumn& column, std::size_t point) {
  const std::string signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto code =
      static_cast<unsigned>(signs.find(values[2 * point]) * 64 + signs.find(values[2 * point + 1]));
  if (code == kFineNone) return std::numeric_limits<double>::quiet_NaN();
  const double low = column.low[point / kFineBlock], high = column.high[point / kFineBlock];
  return low + code / static_cast<double>(kFineSteps) * (high - low);
}

TEST_CASE("with room every row is there, to 1/8188 of what its block spans") {
  const ResultTable table = noisy(60'000, 4);
  const PageSeries overview = page_series(table);
  REQUIRE(overview.envelope);
  const auto fine = fine_series(table, overview, 1'000'000);
  REQUIRE(fine);
  CHECK_FALSE(fine->envelope);
  CHECK(fine->points == 60'000);
  CHECK(fine->step_s == 10);
  CHECK(fine->end_s == 600'000);
  for (std::size_t c = 0; c < 4; ++c) {
    const PageFineColumn& column = fine->columns[c];
    REQUIRE(column.values.size() == 2 * 60'000);
    bool close = true;
    for (std::size_t row = 0; row < 60'000; ++row) {
      const std::size_t block = row / kFineBlock;
      const double error =
          std::fabs(decoded(column.values, column, row) - table.rows[row * 5 + 1 + c]);
      close = close && error <= (column.high[block] - column.low[block]) / 8188 * (1 + 1e-9);
    }
    CHECK(close);
    CHECK(decoded(column.values, column, 777) == table.rows[777 * 5 + 1 + c]);  // an extreme
  }
}

TEST_CASE("without room there are more buckets, whose bounds enclose the rows") {
  const ResultTable table = noisy(60'000, 4);
  const PageSeries overview = page_series(table);
  const auto fine = fine_series(table, overview, 300'000);
  REQUIRE(fine);
  CHECK(fine->envelope);
  CHECK(fine->points >= 2 * overview.to_s.size());
  std::size_t characters = 0;
  for (const PageFineColumn& column : fine->columns) {
    characters += column.values.size() + column.bucket_low.size() + column.bucket_high.size() +
                  (column.low.size() + column.high.size()) * 16 / 3;
  }
  CHECK(characters <= 300'000 + 4 * 2 * 6);
  for (std::size_t p = 0; p < fine->points; ++p) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t row = p * 60'000 / fine->points; row < (p + 1) * 60'000 / fine->points;
         ++row) {
      low = std::min(low, table.rows[row * 5 + 1]);
      high = std::max(high, table.rows[row * 5 + 1]);
    }
    const PageFineColumn& column = fine->columns[0];
    REQUIRE(decoded(column.bucket_low, column, p) <= low + 1e-9);
    REQUIRE(decoded(column.bucket_high, column, p) >= high - 1e-9);
  }
  CHECK_FALSE(fine_series(table, overview, 150'000));  // not twice as fine
}

TEST_CASE("what has every row, or steps that differ, has no finer level") {
  const ResultTable small = noisy(100, 2);
  CHECK_FALSE(fine_series(small, page_series(small), 1'000'000));
  ResultTable uneven = noisy(60'000, 4);
  uneven.rows[5 * 100] += 1;
  CHECK_FALSE(fine_series(uneven, page_series(uneven), 1'000'000));
  ResultTable cut = noisy(60'000, 4);
  cut.rows[5 * 59'999] -= 3;  // only the last step may be shorter
  const auto fine = fine_series(cut, page_series(cut), 1'000'000);
  REQUIRE(fine);
  CHECK(fine->end_s == 599'997);
}

TEST_CASE("both levels together keep to the room of a page, and zeros take none") {
  ResultTable table = noisy(400'000, 3);
  for (std::size_t row = 0; row < 400'000; ++row) table.rows[row * 4 + 2] = 0;
  const PageLevels levels = levels_of(table, 600'000);
  REQUIRE(levels.fine);
  CHECK(levels.overview.to_s.size() == kOverviewBuckets);
  CHECK_FALSE(levels.fine->envelope);  // every row of the two that are not 0 fits
  CHECK(levels.fine->columns[1].values.empty());
  CHECK(levels.fine->columns[2].values.size() == 800'000);
  // With less room there is a finer envelope, and with too little the overview alone, with more
  // buckets.
  const PageLevels less = levels_of(table, 150'000);
  REQUIRE(less.fine);
  CHECK(less.fine->envelope);
  CHECK(less.fine->points >= 2 * kOverviewBuckets);
  const PageLevels least = levels_of(table, 15'000);
  CHECK_FALSE(least.fine);
  CHECK(least.overview.to_s.size() == 15'000 / 9);
}

TEST_CASE("values that are missing stay missing in the finer level") {
  ResultTable table = noisy(60'000, 4);
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t row = 0; row < 300; ++row) table.rows[row * 5 + 1] = none;
  table.rows[400 * 5 + 1] = none;
  const auto fine = fine_series(table, page_series(table), 1'000'000);
  REQUIRE(fine);
  const PageFineColumn& column = fine->columns[0];
  CHECK(std::isnan(column.low[0]));
  for (const std::size_t row : {std::size_t{0}, std::size_t{299}, std::size_t{400}}) {
    CHECK(std::isnan(decoded(column.values, column, row)));
  }
  CHECK_FALSE(std::isnan(decoded(column.values, column, 300)));
  CHECK_FALSE(std::isnan(column.low[1]));
}

}  // namespace
}  // namespace hyperdc
