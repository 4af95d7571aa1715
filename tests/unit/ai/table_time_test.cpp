// Measured iteration times: by hand, and a stretch of them against one after the other.
#include "ai/inference/table_time.hpp"

#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

const char* const kTable =
    "prompt,sequences,context,ns\n"
    "0,0,0,1000\n"
    "100,0,0,3000\n"
    "0,4,10,2000\n"
    "0,4,20,2400\n"
    "0,4,40,4400\n"
    "100,4,10,4000\n"
    "100,4,20,4400\n"
    "100,4,40,6400\n";

TableTime table_time(const std::string& text) {
  const test::TemporaryDirectory home;
  auto read = read_iteration_table(home.write("t.csv", text));
  if (const auto* issues = std::get_if<Issues>(&read)) FAIL(issues->front().message);
  return TableTime(
      std::make_shared<const IterationTable>(std::get<IterationTable>(std::move(read))));
}

std::string problem(const std::string& text) {
  const test::TemporaryDirectory home;
  const auto read = read_iteration_table(home.write("t.csv", text));
  const auto* issues = std::get_if<Issues>(&read);
  REQUIRE(issues != nullptr);
  return issues->front().message;
}

TEST_CASE("measured iteration times by hand, within the table and beyond") {
  const TableTime time = table_time(kTable);
  const auto ns = [&](std::uint64_t prompt, std::uint64_t sequences, std::uint64_t cached) {
    return time.of({prompt, sequences, cached}).ns;
  };
  CHECK(ns(0, 4, 40) == 2000);   // contexts of 10
  CHECK(ns(0, 4, 60) == 2200);   // of 15
  CHECK(ns(0, 4, 120) == 3400);  // of 30
  CHECK(ns(50, 4, 60) == 3200);
  CHECK(ns(50, 0, 0) == 2000);
  CHECK(ns(0, 2, 20) == 1500);   // between nobody and four
  CHECK(ns(0, 4, 200) == 5400);  // beyond: 100 ns a token of context
  CHECK(ns(0, 4, 20) == 1800);   // before: 40
  CHECK(ns(200, 4, 40) == 6000);
  CHECK(ns(0, 8, 80) == 3000);
  CHECK(ns(0, 4, 0) == 1600);
  // Four sequences of 18 to 22: through the end of a cell.
  CHECK(time_of(time, {0, 4, 72}, 2).ns == 2320 + 2360);
  CHECK(time.stretch({0, 4, 72})->valid == 2);
  CHECK_FALSE(time.stretch({5, 4, 72}));
}

TEST_CASE("a stretch of measured times is the sum of its iterations", "[property]") {
  const RandomStream draws(1, "table");
  std::uint64_t n = 0, falls = 0;
  const auto below = [&](std::uint64_t most) { return draws.below(most, n++); };
  for (int i = 0; i < 300; ++i) {
    std::string text = "prompt,sequences,context,ns\n0,0,0,500\n";
    const std::uint64_t sequences = 1 + below(40);
    std::uint64_t context = 1 + below(50);
    for (int k = 0; k < 4; ++k, context += 1 + below(300)) {
      text += "0," + std::to_string(sequences) + "," + std::to_string(context) + "," +
              std::to_string(below(100'000)) + "." + std::to_string(below(10)) + "\n";
    }
    const TableTime time = table_time(text);
    const std::uint64_t d = 1 + below(60);
    IterationLoad load{0, d, d * (1 + below(400))};
    const auto stretch = time.stretch(load);
    if (!stretch) {
      ++falls;
      continue;
    }
    const std::uint64_t valid = std::min<std::uint64_t>(stretch->valid, 500);
    std::int64_t sum = 0;
    for (std::uint64_t step = 0; step < valid; ++step) {
      REQUIRE(sum_of(*stretch, step).ns == sum);
      sum += time.of(load).ns;
      load.cached += d;
    }
    REQUIRE(sum_of(*stretch, valid).ns == sum);
  }
  CHECK(falls > 20);
  CHECK(falls < 250);
}

TEST_CASE("a table of times is a whole grid") {
  const std::string head = "prompt,sequences,context,ns\n";
  CHECK(problem(head + "0,0,0,1\n0,2,10,5\n0,4,20,9\n") ==
        "no row has prompt 0, sequences 2, context 20");
  CHECK(problem(head + "0,2,10,5\n") == "the least sequences is 2");
  CHECK(problem(head + "8,0,0,5\n") == "the least prompt is 8");
  CHECK(problem(head + "0,0,0,1\n0,0,7,1\n") == "two rows have prompt 0, sequences 0");
  CHECK(problem(head + "0,0,0,1\n5,0,0,1\n0,1,9,2\n") ==
        "no row has prompt 5, sequences 1, context 9");
  CHECK(problem(head + "0,0,0,1\n0,1,9,2\n0,1,9,3\n") ==
        "two rows have prompt 0, sequences 1, context 9");
  // All of it at once, with lines where there are some.
  const test::TemporaryDirectory home;
  const auto read = read_iteration_table(
      home.write("t.csv", head + "1,0,0,1\n1,2,9,2\n1,2,9,3\n7,0,0,1\n1,0,5,1\n"));
  const auto* issues = std::get_if<Issues>(&read);
  REQUIRE(issues != nullptr);
  REQUIRE(issues->size() == 4);
  CHECK((*issues)[0].message == "the least prompt is 1");
  CHECK((*issues)[1].message == "two rows have prompt 1, sequences 2, context 9");
  CHECK((*issues)[1].place.line == 4);
  CHECK((*issues)[2].place.line == 6);
  CHECK((*issues)[3].message == "no row has prompt 7, sequences 2, context 9");
}

}  // namespace
}  // namespace hyperdc
