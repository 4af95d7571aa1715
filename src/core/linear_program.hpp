// LinearProgram: maximise c x subject to A x <= b, x >= 0, for b >= 0.
//
// Computes: an optimal vertex by the simplex method on a dense tableau, from the vertex x = 0. A
// second objective is maximised among the optima of the first (lexicographically): columns whose
// reduced cost at the optimum is not 0 are 0 in all optima, and stay out.
// Source: Dantzig's rule, and Bland's (1977), which cannot cycle, after 20 (rows + columns) pivots.
// Cost: rows * (rows + columns) a pivot. Valid range: some hundred rows, values scaled to about 1;
// amounts below 1e-11 count as 0. Leaves out: sparsity, refactorisation, b < 0.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hyperdc {

class LinearProgram {
 public:
  LinearProgram(std::size_t rows, std::size_t columns);

  void set(std::size_t row, std::size_t column, double value) { at(row, column) = value; }
  void bound(std::size_t row, double most);

  /// The optimum; of a second call among the optima of the first. Nothing bounded is not checked:
  /// a column without an upper bound is an InvariantError.
  double maximise(std::span<const double> objective);
  /// Of the columns, at the vertex reached.
  std::vector<double> values() const;

 private:
  double& at(std::size_t row, std::size_t column) { return cells_[row * width_ + column]; }
  double at(std::size_t row, std::size_t column) const { return cells_[row * width_ + column]; }
  std::size_t entering(bool first) const;
  std::size_t leaving(std::size_t column) const;
  void pivot(std::size_t row, std::size_t column);

  std::size_t rows_, columns_, width_;  // width: columns, slacks and the bound
  std::vector<double> cells_;           // row rows_ holds the reduced costs
  std::vector<std::size_t> basis_;      // by row: its column
  std::vector<bool> out_;               // by column and slack: it stays 0
};

}  // namespace hyperdc
