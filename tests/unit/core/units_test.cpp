#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/units.hpp>

namespace hyperdc::units_test {  // a namespace of its own: ::time is a C function

using enum Dimension;

namespace {

double value(std::string_view text, Dimension dimension) {
  const auto parsed = parse_quantity(text, dimension);
  INFO(text);
  if (const auto* error = std::get_if<UnitError>(&parsed)) {
    FAIL(error->message + "; " + error->hint);
  }
  return std::get<double>(parsed);
}

/// "message; hint" of a text that must be refused.
std::string refusal(std::string_view text, Dimension dimension, std::string_view example = {}) {
  const auto parsed = parse_quantity(text, dimension, example);
  const auto* error = std::get_if<UnitError>(&parsed);
  return error == nullptr ? "accepted" : error->message + "; " + error->hint;
}

}  // namespace

TEST_CASE("quantities of every dimension", "[units]") {
  CHECK(value("400 Gbit/s", data_rate) == 50e9);
  CHECK(value("50 GB/s", data_rate) == 50e9);
  CHECK(value("86.4 TB/d", data_rate) == Approx(1e9));
  CHECK(value("700 W", power) == 700);
  CHECK(value("24 MW", power) == 24e6);
  CHECK(value("8 GiB", bytes) == 8589934592.0);
  CHECK(value("80 GB", bytes) == 80e9);
  CHECK(value("1 kWh", energy) == 3.6e6);
  CHECK(value("250000 /s", frequency) == 250000);
  CHECK(value("250 k/s", frequency) == 250000);
  CHECK(value("10 /min", frequency) == 10.0 / 60);
  CHECK(value("1.98 GHz", frequency) == 1.98e9);
  CHECK(value("989 TFLOP/s", compute_rate) == 989e12);
  CHECK(value("3958 TOP/s", compute_rate) == 3958e12);
  CHECK(value("1.2 MUSD", money) == 1.2e6);
  CHECK(value("0.06 USD/kWh", money_per_energy) == 0.06 / 3.6e6);
  CHECK(value("2.5 USD/h", money_per_time) == 2.5 / 3600);
  CHECK(value("380 g/kWh", carbon_per_energy) == 380 / 3.6e6);
  CHECK(value("0.38 t/MWh", carbon_per_energy) == 0.38 / 3600);
  CHECK(value("250 g", mass) == 0.25);
  CHECK(value("2 km", length) == 2000);
  CHECK(value("0.6", none) == 0.6);
  CHECK(value("-1.5e-3", none) == -1.5e-3);
}

TEST_CASE("times, simple and compound", "[units]") {
  CHECK(value("51.9 ms", time) == 0.0519);  // one rounding, as a reader expects
  CHECK(value("3 us", time) == 3e-6);
  CHECK(value("7 ns", time) == 7e-9);
  CHECK(value("7 d", time) == 604800);
  CHECK(value("1 w", time) == 604800);
  CHECK(value("1 y", time) == 365 * 86400);
  CHECK(value("2 d 9 h 30 min", time) == 2 * 86400 + 9 * 3600 + 1800);
  CHECK(value("1 h 0.5 s", time) == 3600.5);
  CHECK(value("-5 s", time) == -5);
  CHECK(value("0 s", time) == 0);
}

TEST_CASE("a space around the slash is accepted", "[units]") {
  CHECK(value("0.06 USD / kWh", money_per_energy) == 0.06 / 3.6e6);
  CHECK(value("10 / min", frequency) == 10.0 / 60);
  CHECK(refusal("0.06 USD /kWh", money_per_energy) != "accepted");
}

TEST_CASE("every unit of the table is accepted, once, and only in its dimension", "[units]") {
  std::set<std::string_view> seen;
  for (const UnitRow& row : unit_table()) {
    CAPTURE(row.unit);
    CHECK(seen.insert(row.unit).second);
    CHECK(row.factor > 0);
    const double got = value("1 " + std::string(row.unit), row.dimension);
    CHECK(std::fabs(got - row.factor) <= 1e-16 * row.factor);
    // Factors below one are divided by, which is only right for the inverse of a whole number.
    if (row.factor < 1) CHECK(std::fabs(row.factor * std::round(1 / row.factor) - 1) < 1e-15);
    const Dimension other = row.dimension == mass ? power : mass;
    CHECK(refusal("1 " + std::string(row.unit), other) != "accepted");
  }
  for (int d = 1; d <= static_cast<int>(length); ++d) {
    CHECK(seen.count(si_unit(static_cast<Dimension>(d))) == 1);
    CHECK_FALSE(dimension_name(static_cast<Dimension>(d)).empty());
  }
}

TEST_CASE("a refusal says what to write", "[units]") {
  CHECK(refusal("400", data_rate, "Gbit/s") == "400 has no unit; write \"400 Gbit/s\"");
  CHECK(refusal("400 G", data_rate, "Gbit/s") ==
        "\"G\" is a prefix without a unit; write \"400 Gbit/s\"");
  CHECK(refusal("400 gbit/s", data_rate) ==
        "\"gbit/s\" is not a unit; upper and lower case differ; write \"400 Gbit/s\"");
  CHECK(refusal("5 mw", power).find("write \"5 mW\" or \"5 MW\"") != std::string::npos);
  CHECK(refusal("5 W", bytes) ==
        "\"W\" is a unit of power, but a unit of data is needed; write \"5 GiB\"");
  CHECK(refusal("5 m", time) ==
        "\"m\" is a unit of length, but a unit of time is needed; write \"5 min\"");
  CHECK(refusal("5 Gbps", data_rate) == "\"Gbps\" is not a unit; write \"5 Gbit/s\"");
  CHECK(refusal("5 hours", time) == "\"hours\" is not a unit; write \"5 h\"");
  CHECK(refusal("5 \xC2\xB5s", time) == "\"\xC2\xB5s\" is not a unit; write \"5 us\"");
  CHECK(refusal("400Gbit/s", data_rate) ==
        "\"400Gbit/s\" has no space between number and unit; write \"400 Gbit/s\"");
  CHECK(refusal("5 Gbti/s", data_rate) == "\"Gbti/s\" is not a unit; write \"5 Gbit/s\"");
  CHECK(refusal("5 EUR", money) ==
        "\"EUR\" is not a unit of money; units are USD, kUSD, MUSD, GUSD");
  CHECK(refusal("5 W", none) == "\"5 W\" has a unit, but a pure number is needed; write 5");
  CHECK(refusal("2 GB 300 MB", bytes) ==
        "\"2 GB 300 MB\" has several parts; only times may; write \"2 GB\"");
  CHECK(refusal("9 h 2 d", time).find("do not fall") != std::string::npos);
}

TEST_CASE("what is not a quantity is refused", "[units]") {
  const std::vector<std::string> texts = {"",
                                          " ",
                                          "W",
                                          "400",
                                          "+5 W",
                                          " 5 W",
                                          "5 W ",
                                          "5  W",
                                          "5\tW",
                                          "5 W\n",
                                          "5 W W",
                                          "5 W 3 W",
                                          "5 W extra",
                                          "1,000 W",
                                          "1.5.2 W",
                                          "5. W",
                                          ".5 W",
                                          "1e W",
                                          "1e400 W",
                                          "-1e400 W",
                                          "1e-400 W",
                                          "1e308 GW",
                                          "nan W",
                                          "NaN",
                                          "inf W",
                                          "-inf W",
                                          "infinity W",
                                          "0x10 W",
                                          "0x1p3 W",
                                          "1_000 W",
                                          "5 w",
                                          "5 kw",
                                          "5 KW",
                                          "--5 W",
                                          "-",
                                          "- 5 W",
                                          "5 \xFF",
                                          "5 W/",
                                          "5 /W",
                                          "5W",
                                          "1d3 W",
                                          "5 s",
                                          "five W",
                                          "5 k W",
                                          std::string("5 W\0", 4),
                                          "5 " + std::string(100000, 'W'),
                                          std::string(100000, '5') + " W"};
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 40));
    const std::string why = refusal(text, power);
    CHECK(why != "accepted");
    CHECK(why.size() < 1000);
  }
  const std::vector<std::string> times = {"2 d9 h",      "2 d 9",     "2 d 9 h ", "2 d  9 h",
                                          "1 h 1 h",     "-2 d 9 h",  "2 d -9 h", "2 d 9 W",
                                          "2 d and 9 h", "1 min 1 h", "2 d 9h",   "2 d,9 h"};
  for (const std::string& text : times) {
    CAPTURE(text);
    CHECK(refusal(text, time) != "accepted");
  }
  CHECK(refusal("5x", none) == "\"5x\" is not a pure number; write 5");
  CHECK(refusal("50 %", none) != "accepted");
}

TEST_CASE("a written quantity reads back as the same double", "[units]") {
  const std::vector<double> values = {0,      1.0 / 3, 86400, 8589934592.0,        1e300,
                                      5e-324, -12.5,   1e-9,  123456789.123456789, 0.0519};
  for (int d = 0; d <= static_cast<int>(length); ++d) {
    const auto dimension = static_cast<Dimension>(d);
    for (const double v : values) {
      if (v == 5e-324) continue;  // read as out of range, by design of from_chars: see below
      CAPTURE(v, d);
      CHECK(value(format_quantity(v, dimension), dimension) == v);
    }
  }
  CHECK(format_quantity(86400, time) == "86400 s");
  CHECK(format_quantity(8589934592.0, bytes) == "8589934592 B");
  CHECK(format_quantity(0.25, none) == "0.25");
  CHECK_THROWS_AS(format_quantity(std::numeric_limits<double>::infinity(), time), InvariantError);
}

TEST_CASE("quantities for people", "[units]") {
  CHECK(format_for_people(205200, time) == "2 d 9 h");
  CHECK(format_for_people(19.6e6, power) == "19.6 MW");
  CHECK(format_for_people(8589934592.0, bytes) == "8.0 GiB");
  CHECK(format_for_people(0.0519, time) == "51.9 ms");
  CHECK(format_for_people(0.05, time) == "50 ms");
  CHECK(format_for_people(1.12345, time) == "1.123 s");
  CHECK(format_for_people(50040, time) == "13 h 54 min");
  CHECK(format_for_people(604800, time) == "7 d");
  CHECK(format_for_people(400 * 86400, time) == "1 y 35 d");
  CHECK(format_for_people(-90, time) == "-1 min 30 s");
  CHECK(format_for_people(50e9, data_rate) == "400 Gbit/s");
  CHECK(format_for_people(200900, money) == "200.9 kUSD");
  CHECK(format_for_people(1.203e6, money) == "1.203 MUSD");
  CHECK(format_for_people(0.061 / 3.6e6, money_per_energy) == "0.061 USD/kWh");
  CHECK(format_for_people(41200, mass) == "41.2 t");
  CHECK(format_for_people(0.5, frequency) == "30 /min");
  CHECK(format_for_people(0.123456, none) == "0.1235");
  CHECK(format_for_people(12, bytes) == "12 B");
}

TEST_CASE("rounding for people carries into the next unit", "[units]") {
  CHECK(format_for_people(999.96, power) == "1 kW");
  CHECK(format_for_people(999.94, power) == "999.9 W");
  CHECK(format_for_people(59.996, time) == "1 min");
  CHECK(format_for_people(3599.8, time) == "1 h");
  CHECK(format_for_people(86399.9, time) == "1 d");
  CHECK(format_for_people(365 * 86400 - 1, time) == "1 y");
  CHECK(format_for_people(1023.9 * 1024 * 1024, bytes) == "1.0 GiB");
  CHECK(format_for_people(0, power) == "0 W");
  CHECK(format_for_people(-0.0, none) == "0");
  CHECK(format_for_people(0, time) == "0 s");
}

}  // namespace hyperdc::units_test
