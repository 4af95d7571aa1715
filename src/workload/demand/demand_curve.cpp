#include "workload/demand/demand_curve.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <tuple>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "workload/demand/demand_node.hpp"

namespace hyperdc {
namespace {

/// Bounds are computed with other roundings than values.
constexpr double kSlack = 1e-12;

}  // namespace

DemandCurve::DemandCurve(const DemandSpec& spec, std::uint64_t seed)
    : root_(demand_nodes::make_node(spec, seed)) {}
DemandCurve::~DemandCurve() = default;
DemandCurve::DemandCurve(DemandCurve&&) noexcept = default;
DemandCurve& DemandCurve::operator=(DemandCurve&&) noexcept = default;

double DemandCurve::rate(SimTime t) const {
  return std::max(0.0, root_->value(t));
}

double DemandCurve::expected(SimTime from, SimTime to) const {
  HYPERDC_CHECK(from <= to, "an interval of demand that ends before it begins");
  return std::max(0.0, root_->integral(from, to));
}

std::pair<double, double> DemandCurve::bounds(SimTime from, SimTime to) const {
  const demand_nodes::Bounds range = root_->bounds(from, to);
  if (range.low == range.high) return {std::max(0.0, range.low), std::max(0.0, range.low)};
  return {std::max(0.0, range.low - kSlack * std::fabs(range.low)),
          std::max(0.0, range.high + kSlack * std::fabs(range.high))};
}

std::optional<SimTime> DemandCurve::next_break(SimTime t) const {
  return root_->next_break(t);
}

namespace {

/// The instant in [low, high] at which the integral from `low` reaches `amount`, which it does:
/// Newton's method, kept inside of a bracket.
SimTime solve(const DemandCurve& curve, SimTime low, SimTime high, double amount) {
  const SimTime base = low;
  double below = 0;  // the integral at `low`
  SimTime x{low.ns + (high.ns - low.ns) / 2};
  while (high.ns - low.ns > 1) {
    const double have = below + curve.expected(low, x);
    const double missing = amount - have;
    if (missing > 0) {
      below = have;
      low = x;
    } else {
      high = x;
    }
    const double rate = curve.rate(x);
    double step = rate > 0 ? missing / rate * 1e9 : 1e300;
    if (std::fabs(step) < 0.5) return missing > 0 ? std::min(high, SimTime{x.ns + 1}) : x;
    // One past the root, so that the bracket closes from both sides.
    step += step > 0 ? 0.5 : -0.5;
    const double next = static_cast<double>(x.ns - base.ns) + step;
    const bool inside = next > static_cast<double>(low.ns - base.ns) &&
                        next < static_cast<double>(high.ns - base.ns);
    x = inside ? SimTime{base.ns + static_cast<std::int64_t>(next)}
               : SimTime{low.ns + (high.ns - low.ns) / 2};
    if (x <= low || x >= high) x = {low.ns + (high.ns - low.ns) / 2};
  }
  return high;
}

}  // namespace

std::optional<SimTime> DemandCurve::when(SimTime from, double amount, SimTime end) const {
  if (amount <= 0) return from;
  const double rate_now = rate(from);
  // 1 s where nothing comes now; a little above the linear guess elsewhere.
  double stride_s = rate_now > 0 ? std::min(1.25 * amount / rate_now, 1e6) : 1.0;
  while (from < end) {
    const double left_s = to_seconds(end - from);
    const SimTime to = stride_s >= left_s ? end : from + seconds(std::max(stride_s, 1e-9));
    const double have = expected(from, to);
    if (have >= amount) return solve(*this, from, to, amount);
    amount -= have;
    from = to;
    stride_s = std::min(2 * stride_s, 1e6);
  }
  return std::nullopt;
}

DemandPeak find_peak(const DemandCurve& curve, SimTime from, SimTime to) {
  struct Piece {
    double high;
    SimTime from, to;
    bool operator<(const Piece& other) const {  // the highest first, then the earliest
      return std::tie(high, other.from) < std::tie(other.high, from);
    }
  };
  constexpr int kMostPieces = 20'000;
  std::priority_queue<Piece> open;
  DemandPeak best{from, curve.rate(from)};
  const auto add = [&](SimTime a, SimTime b) {
    const SimTime middle{a.ns + (b.ns - a.ns) / 2};
    for (const SimTime t : {a, middle}) {
      const double rate = curve.rate(t);
      if (rate > best.rate || (rate == best.rate && t < best.at)) best = {t, rate};
    }
    open.push({curve.bounds(a, b).second, a, b});
  };
  constexpr std::int64_t kFirst = 256;
  for (std::int64_t k = 0; k < kFirst; ++k) {
    const std::int64_t step = (to.ns - from.ns) / kFirst;
    add({from.ns + k * step}, k + 1 == kFirst ? to : SimTime{from.ns + (k + 1) * step});
  }
  for (int n = 0; n < kMostPieces && !open.empty(); ++n) {
    const Piece piece = open.top();
    open.pop();
    if (piece.high <= best.rate * 1.001) break;
    if (piece.to.ns - piece.from.ns < kNsPerSecond / 1000) continue;
    const SimTime middle{piece.from.ns + (piece.to.ns - piece.from.ns) / 2};
    add(piece.from, middle);
    add(middle, piece.to);
  }
  return best;
}

}  // namespace hyperdc
