#include "core/linear_program.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr double kZero = 1e-11;

}  // namespace

LinearProgram::LinearProgram(std::size_t rows, std::size_t columns)
    : rows_(rows),
      columns_(columns),
      width_(rows + columns + 1),
      cells_((rows + 1) * width_, 0.0),
      out_(rows + columns, false) {
  for (std::size_t row = 0; row < rows; ++row) {
    at(row, columns + row) = 1;
    basis_.push_back(columns + row);
  }
}

void LinearProgram::bound(std::size_t row, double most) {
  HYPERDC_CHECK(most >= 0, "a linear program without the vertex 0");
  at(row, width_ - 1) = most;
}

double LinearProgram::maximise(std::span<const double> objective) {
  // Reduced costs of this objective at the present vertex: z_j - c_j.
  for (std::size_t column = 0; column < width_; ++column) {
    at(rows_, column) = column < columns_ ? -objective[column] : 0;
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    const double cost = basis_[row] < columns_ ? objective[basis_[row]] : 0;
    if (cost == 0) continue;
    for (std::size_t column = 0; column < width_; ++column) {
      at(rows_, column) += cost * at(row, column);
    }
  }
  const std::size_t patience = 20 * (rows_ + columns_);
  for (std::size_t pivots = 0;; ++pivots) {
    HYPERDC_CHECK(pivots < 100 * patience, "a linear program does not end");
    const std::size_t column = entering(pivots > patience);
    if (column == width_) break;
    const std::size_t row = leaving(column);
    HYPERDC_CHECK(row < rows_, "a linear program without a bound");
    pivot(row, column);
  }
  for (std::size_t column = 0; column + 1 < width_; ++column) {
    if (at(rows_, column) > kZero) out_[column] = true;
  }
  return at(rows_, width_ - 1);
}

std::vector<double> LinearProgram::values() const {
  std::vector<double> values(columns_, 0.0);
  for (std::size_t row = 0; row < rows_; ++row) {
    if (basis_[row] < columns_) values[basis_[row]] = std::max(0.0, at(row, width_ - 1));
  }
  return values;
}

/// The column with the steepest ascent, or the first that ascends; the width where none does.
std::size_t LinearProgram::entering(bool first) const {
  std::size_t best = width_;
  double steepest = -kZero;
  for (std::size_t column = 0; column + 1 < width_; ++column) {
    if (out_[column] || at(rows_, column) >= steepest) continue;
    best = column;
    if (first) break;
    steepest = at(rows_, column);
  }
  return best;
}

std::size_t LinearProgram::leaving(std::size_t column) const {
  std::size_t best = rows_;
  double least = 0;
  for (std::size_t row = 0; row < rows_; ++row) {
    if (at(row, column) <= kZero) continue;
    const double ratio = at(row, width_ - 1) / at(row, column);
    const bool tie = best < rows_ && ratio == least && basis_[row] < basis_[best];
    if (best == rows_ || ratio < least || tie) {
      best = row;
      least = ratio;
    }
  }
  return best;
}

void LinearProgram::pivot(std::size_t row, std::size_t column) {
  const double scale = at(row, column);
  for (std::size_t c = 0; c < width_; ++c) at(row, c) /= scale;
  at(row, column) = 1;
  for (std::size_t r = 0; r <= rows_; ++r) {
    const double factor = at(r, column);
    if (r == row || factor == 0) continue;
    for (std::size_t c = 0; c < width_; ++c) at(r, c) -= factor * at(row, c);
    at(r, column) = 0;
    if (r < rows_ && std::fabs(at(r, width_ - 1)) < kZero) at(r, width_ - 1) = 0;
  }
  basis_[row] = column;
}

}  // namespace hyperdc
