// Effects of knobs by hand: grids, one at a time, and designs that tell nothing.
#include "report/page_tornado.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "results/statistics.hpp"

namespace hyperdc {
namespace {

StudyTable table_of(std::size_t seeds) {
  StudyTable table;
  for (std::size_t s = 0; s < seeds; ++s) table.seeds.push_back(s + 1);
  table.metrics = {{"cost.total", "USD"}};
  return table;
}

void add(StudyTable& table, const std::string& name, std::vector<VariedValue> parameters,
         const std::vector<double>& values) {
  table.variations.push_back({name, std::move(parameters), {}});
  for (const double value : values) table.values.emplace_back(value);
}

VariedValue knob(const char* name, const char* value) {
  return {name, value, value};
}

TEST_CASE("of a grid the main effects are drawn, the longest first") {
  StudyTable table = table_of(2);
  // cost = 10 a + 100 b + 4 a b + seed noise
  for (const int a : {0, 1, 2}) {
    for (const int b : {0, 1}) {
      const double value = 10 * a + 100 * b + 4 * a * b;
      add(table, "a" + std::to_string(a) + "b" + std::to_string(b),
          {knob("a", std::to_string(a).c_str()), knob("b", std::to_string(b).c_str())},
          {value, value + 0.5 * a});
    }
  }
  const std::vector<TornadoRow> rows = tornado_of(table, "a1b0", "cost.total", 0.95);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].name == "b");
  CHECK(rows[0].kind == TornadoBar::main_effect);
  CHECK(rows[0].low.label == "0");
  CHECK(rows[0].low.seeds == 0);
  CHECK(rows[0].low.effect == 0);
  CHECK(rows[0].high.label == "1");
  CHECK(rows[0].high.effect == Approx(104));  // 100 + 4 * (0 + 1 + 2) / 3, the same in both seeds
  CHECK(rows[0].high.low == Approx(104));
  CHECK(rows[1].name == "a");
  CHECK(rows[1].low.label == "0");
  // Without b -10 and -10.5, with it -14 and -14.5.
  CHECK(rows[1].low.effect == Approx(-12.25));
  const double half = half_width_of(moments_of(std::vector<double>{-12, -12.5}), 0.95);
  CHECK(rows[1].low.low == Approx(-12.25 - half));
  CHECK(rows[1].high.label == "2");
  CHECK(rows[1].high.effect == Approx(12.25));
}

TEST_CASE("one at a time, the others stay as in the base") {
  StudyTable table = table_of(1);
  add(table, "base", {knob("a", "1"), knob("b", "x")}, {100});
  add(table, "a2", {knob("a", "2"), knob("b", "x")}, {130});
  add(table, "a3", {knob("a", "3"), knob("b", "x")}, {90});
  add(table, "by", {knob("a", "1"), knob("b", "y")}, {105});
  const std::vector<TornadoRow> rows = tornado_of(table, "base", "cost.total", 0.95);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].name == "a");
  CHECK(rows[0].kind == TornadoBar::others_at_base);
  CHECK(rows[0].low.label == "3");
  CHECK(rows[0].low.effect == -10);
  CHECK(rows[0].high.label == "2");
  CHECK(rows[0].high.effect == 30);
  CHECK(rows[0].high.low == 30);  // one seed: no interval
  CHECK(rows[1].high.label == "y");
}

TEST_CASE("where no knob stands alone each variation has a bar") {
  StudyTable table = table_of(1);
  add(table, "p", {knob("a", "1"), knob("b", "1")}, {10});
  add(table, "q", {knob("a", "2"), knob("b", "2")}, {7});
  add(table, "r", {knob("a", "3"), knob("b", "3")}, {18});
  const std::vector<TornadoRow> rows = tornado_of(table, "p", "cost.total", 0.95);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].name == "r");
  CHECK(rows[0].kind == TornadoBar::variation);
  CHECK(rows[0].high.effect == 8);
  CHECK(rows[0].low.seeds == 0);
  CHECK(rows[1].name == "q");
  CHECK(rows[1].low.effect == -3);
}

TEST_CASE("there is no tornado of one knob and two variations, or without a value") {
  StudyTable table = table_of(1);
  add(table, "p", {knob("a", "1")}, {10});
  add(table, "q", {knob("a", "2")}, {7});
  CHECK(tornado_of(table, "p", "cost.total", 0.95).empty());
  add(table, "r", {knob("a", "3")}, {9});
  CHECK(tornado_of(table, "p", "cost.total", 0.95).size() == 2);
  CHECK(tornado_of(table, "p", "makespan", 0.95).empty());
  CHECK(tornado_of(table, "gone", "cost.total", 0.95).empty());
  table.values[0].reset();  // the base has none
  CHECK(tornado_of(table, "p", "cost.total", 0.95).empty());
}

TEST_CASE("seeds that a variation lacks are left out of its difference alone") {
  StudyTable table = table_of(3);
  add(table, "p", {knob("a", "1")}, {10, 20, 30});
  add(table, "q", {knob("a", "2")}, {11, 0, 31});
  add(table, "r", {knob("a", "3")}, {8, 18, 28});
  table.values[4].reset();
  const std::vector<TornadoRow> rows = tornado_of(table, "p", "cost.total", 0.95);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].low.effect == -2);
  CHECK(rows[0].low.seeds == 3);
  CHECK(rows[1].high.effect == 1);
  CHECK(rows[1].high.seeds == 2);
}

}  // namespace
}  // namespace hyperdc
