// Zipf's distribution over 0 .. n - 1: the k-th in proportion to 1 / (k + 1)^s, for any s >= 0.
// By rejection from the integral of x^-s (Hoermann and Derflinger, "Rejection-inversion to generate
// variates from monotone discrete distributions", ACM TOMACS 6, 1996): no table, about 1.1 draws.
#pragma once

#include <cstdint>

#include "core/rng.hpp"

namespace hyperdc {

class Zipf {
 public:
  Zipf(std::uint64_t n, double exponent);

  /// Of `entity` in the stream; takes its attributes from 0 on.
  std::uint64_t draw(const RandomStream& stream, std::uint64_t entity) const;

 private:
  double density(double x) const;   // x^-s
  double integral(double x) const;  // of it from 1
  double inverse(double y) const;

  double n_;
  double s_;
  double first_, last_;  // values of the integral between which is drawn
  double sure_;          // so near above the drawn value none is rejected
};

}  // namespace hyperdc
