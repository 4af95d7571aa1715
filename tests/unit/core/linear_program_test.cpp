#include "core/linear_program.hpp"

#include <catch2/catch.hpp>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

struct Problem {
  std::vector<std::vector<double>> rows;
  std::vector<double> bounds;
  std::vector<double> first, second;
};

LinearProgram program_of(const Problem& p) {
  LinearProgram out(p.rows.size(), p.first.size());
  for (std::size_t r = 0; r < p.rows.size(); ++r) {
    out.bound(r, p.bounds[r]);
    for (std::size_t c = 0; c < p.first.size(); ++c) out.set(r, c, p.rows[r][c]);
  }
  return out;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Lexicographic optimum by trying every vertex of a problem of two columns.
std::pair<double, double> by_vertices(const Problem& p) {
  std::vector<std::vector<double>> rows = p.rows;
  std::vector<double> bounds = p.bounds;
  rows.push_back({-1, 0});
  rows.push_back({0, -1});
  bounds.insert(bounds.end(), {0, 0});
  std::pair<double, double> best{-1, -1};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      const double det = rows[i][0] * rows[j][1] - rows[i][1] * rows[j][0];
      if (std::abs(det) < 1e-12) continue;
      const std::vector<double> x = {(bounds[i] * rows[j][1] - rows[i][1] * bounds[j]) / det,
                                     (rows[i][0] * bounds[j] - bounds[i] * rows[j][0]) / det};
      bool feasible = true;
      for (std::size_t r = 0; r < rows.size(); ++r) {
        feasible = feasible && dot(rows[r], x) <= bounds[r] + 1e-9;
      }
      if (!feasible) continue;
      const double first = dot(p.first, x);
      const double second = dot(p.second, x);
      if (first > best.first + 1e-9 || (first > best.first - 1e-9 && second > best.second)) {
        best = {std::max(first, best.first), second};
      }
    }
  }
  return best;
}

}  // namespace

TEST_CASE("a linear program by hand") {
  // max 3x + 5y: x <= 4, 2y <= 12, 3x + 2y <= 18 (Hillier and Lieberman's example): 36 at (2, 6).
  LinearProgram program = program_of({{{1, 0}, {0, 2}, {3, 2}}, {4, 12, 18}, {3, 5}, {}});
  CHECK(program.maximise(std::vector<double>{3, 5}) == Approx(36));
  CHECK(program.values()[0] == Approx(2));
  CHECK(program.values()[1] == Approx(6));
}

TEST_CASE("a second objective is maximised among the optima of the first") {
  // max x + y on x + y <= 1: every point of the edge; then max y.
  LinearProgram program = program_of({{{1, 1}, {1, 0}}, {1, 0.75}, {1, 1}, {}});
  CHECK(program.maximise(std::vector<double>{1, 1}) == Approx(1));
  CHECK(program.maximise(std::vector<double>{0, 1}) == Approx(1));
  CHECK(program.values()[0] == Approx(0).margin(1e-12));
  CHECK(program.values()[1] == Approx(1));
}

TEST_CASE("a linear program equals the best vertex, both objectives, and its point is feasible") {
  const RandomStream draws(7, "test.linear_program");
  std::uint64_t k = 0;
  const auto draw = [&] { return static_cast<double>(draws.below(7, k++)); };
  for (int trial = 0; trial < 2000; ++trial) {
    Problem p;
    for (int r = 0; r < 4; ++r) {
      const double a = draw();
      const double b = draw();
      p.rows.push_back({a, b});
      p.bounds.push_back(draw());
    }
    p.rows.push_back({1, 1});  // so that it is bounded
    p.bounds.push_back(9);
    const double c = draw();
    const double d = draw();
    const double e = draw();
    p.first = {c, d};
    p.second = {e, 3};
    LinearProgram program = program_of(p);
    const double first = program.maximise(p.first);
    const double second = program.maximise(p.second);
    const auto [best, next] = by_vertices(p);
    REQUIRE(first == Approx(best).margin(1e-9));
    REQUIRE(second == Approx(next).margin(1e-9));
    const std::vector<double> x = program.values();
    REQUIRE(dot(p.first, x) == Approx(first).margin(1e-9));
    REQUIRE(dot(p.second, x) == Approx(second).margin(1e-9));
    for (std::size_t r = 0; r < p.rows.size(); ++r) {
      REQUIRE(dot(p.rows[r], x) <= p.bounds[r] + 1e-9);
    }
  }
}

}  // namespace hyperdc
