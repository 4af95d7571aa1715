// What it costs a buyer to have work on spot of a zone rather than not, from the next step on.
//
// Computes D(x), in seconds of on-demand for the demand of one accelerator at scarcity x of the
//   zone: what it costs to come to a step with work there rather than without, at best,
//     G(x) = (s(x) / u - 1) dt + E[D(x') | x],  s spot's price in on-demand prices,
//     D(x) = G(x) between 0 (who is out comes in too) and L (who is in leaves too; L work is lost),
//     D(x) = L where the zone has no spot or asks more than the buyer pays,
//   and the exposure E[D(x') | x]. x' = f x + sqrt(1 - f^2) e on 81 values of Rouwenhorst, which
//   keep its mean, variance and persistence whatever f; backwards from no loss after the run, or
//   2,000 steps. Units: s. Source: Dixit, Entry and Exit Decisions under Uncertainty, J. Political
//   Economy 1989; Rouwenhorst 1995, in Cooley, Frontiers of Business Cycle Research. Valid range:
//   any f of [0, 1]. Leaves out: other zones; that work which has just begun has less to lose; that
//   on-demand may be out of stock.
#pragma once

#include <cstdint>
#include <vector>

namespace hyperdc {

struct SpotPlace {
  double price = 0;  // exp(v x - v^2 / 2) times this, of on-demand
  double price_volatility = 0;
  double useful = 1;  // share of the time that is work
  double limit = 0;   // no spot above this scarcity
  double most_paid = 0;
  double keep = 0;  // f
  double step_s = 0;
  double lost_s = 0;  // by who leaves or is interrupted
};

class SpotExposure {
 public:
  SpotExposure(const SpotPlace& place, std::uint32_t steps);
  /// At that scarcity.
  double at(double x) const;

 private:
  std::vector<double> mean_;  // by value of scarcity
};

}  // namespace hyperdc
