// Tables: piecewise constant or piecewise linear, once or repeated; traces and weekly factors.
//
// The integral over many segments is a difference of prefix sums, over few their sum, so that a
// short interval keeps its digits beside a long trace. Extremes over many segments come from blocks
// of 64. Memory: 40 bytes a point.
#include <algorithm>
#include <cmath>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "workload/demand/demand_node.hpp"

namespace hyperdc::demand_nodes {
namespace {

class TableNode final : public Node {
 public:
  explicit TableNode(const DemandTable& spec) : linear_(spec.linear) {
    HYPERDC_CHECK(spec.points && !spec.points->at.empty(), "a table without points");
    HYPERDC_CHECK(spec.points->at.size() == spec.points->value.size(), "points without values");
    if (spec.period) {
      fill_period(*spec.points, spec.period->ns);
    } else {
      fill_once(*spec.points);
    }
    index();
  }

  double value(SimTime t) const override {
    const std::int64_t at = local(t).ns;
    if (at < start_.front()) return begin_.front();
    return value_in(segment(at), at);
  }

  double integral(SimTime from, SimTime to) const override {
    if (period_ == 0) return local_integral(from.ns, to.ns);
    const Phase a = local(from);
    const Phase b = local(to);
    if (a.cycle == b.cycle) return local_integral(a.ns, b.ns);
    const double whole = static_cast<double>(b.cycle - a.cycle - 1);
    double area = local_integral(a.ns, period_) + local_integral(0, b.ns);
    if (whole > 0) area += whole * local_integral(0, period_);
    return area;
  }

  Bounds bounds(SimTime from, SimTime to) const override {
    if (period_ == 0) return local_bounds(from.ns, to.ns);
    if (to.ns - from.ns >= period_) return local_bounds(0, period_ - 1);
    const Phase a = local(from);
    const Phase b = local(to);
    if (a.cycle == b.cycle) return local_bounds(a.ns, b.ns);
    const Bounds head = local_bounds(a.ns, period_ - 1);
    const Bounds tail = local_bounds(0, b.ns);
    return {std::min(head.low, tail.low), std::max(head.high, tail.high)};
  }

  std::optional<SimTime> next_break(SimTime t) const override {
    const Phase at = local(t);
    const auto next = std::upper_bound(start_.begin(), start_.end(), at.ns);
    if (next != start_.end()) return SimTime{t.ns + (*next - at.ns)};
    if (period_ == 0) return std::nullopt;
    return SimTime{t.ns + (period_ - at.ns) + start_.front()};
  }
  double smooth_s() const override { return kSmoothForever; }

 private:
  static constexpr std::size_t kBlock = 64;

  // Segment i runs from start_[i] to start_[i + 1], values from begin_[i] to end_[i]; the last one
  // is constant for ever, or ends with the period.
  void add(std::int64_t start, double begin, double end) {
    HYPERDC_CHECK(start_.empty() || start > start_.back(), "times of a table do not rise");
    start_.push_back(start);
    begin_.push_back(begin);
    end_.push_back(end);
  }

  void fill_once(const DemandPoints& points) {
    for (std::size_t i = 0; i < points.at.size(); ++i) {
      const bool last = i + 1 == points.at.size();
      const double next = linear_ && !last ? points.value[i + 1] : points.value[i];
      add(points.at[i].ns, points.value[i], next);
    }
  }

  /// One period from phase 0: the points turned so that they begin at it, a segment that crosses
  /// the seam in two parts.
  void fill_period(const DemandPoints& points, std::int64_t period) {
    const std::size_t n = points.at.size();
    HYPERDC_CHECK(period > points.at.back().ns - points.at.front().ns, "a period too short");
    period_ = period;
    std::size_t first = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (phase_of(points.at[i], period).ns < phase_of(points.at[first], period).ns) first = i;
    }
    const std::int64_t head = phase_of(points.at[first], period).ns;
    const std::size_t last = (first + n - 1) % n;
    const std::int64_t tail = phase_of(points.at[last], period).ns;
    double seam = points.value[last];
    if (linear_) {
      const double share =
          static_cast<double>(period - tail) / static_cast<double>(period - tail + head);
      seam += (points.value[first] - seam) * share;
    }
    if (head > 0) add(0, seam, linear_ ? points.value[first] : seam);
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t i = (first + k) % n;
      const double value = points.value[i];
      double next = value;
      if (linear_) next = k + 1 < n ? points.value[(i + 1) % n] : seam;
      add(phase_of(points.at[i], period).ns, value, next);
    }
  }

  void index() {
    sum_.reserve(start_.size());
    double sum = 0;
    for (std::size_t i = 0; i < start_.size(); ++i) {
      sum_.push_back(sum);
      if (i + 1 < start_.size() || period_ > 0) sum += area(i, start_[i], finish(i));
      const double low = std::min(begin_[i], end_[i]);
      const double high = std::max(begin_[i], end_[i]);
      if (i % kBlock == 0) {
        blocks_.push_back({low, high});
      } else {
        blocks_.back() = {std::min(low, blocks_.back().low), std::max(high, blocks_.back().high)};
      }
    }
  }

  Phase local(SimTime t) const { return period_ == 0 ? Phase{t.ns, 0} : phase_of(t, period_); }

  std::size_t segment(std::int64_t at) const {
    const auto next = std::upper_bound(start_.begin(), start_.end(), at);
    return next == start_.begin() ? 0 : static_cast<std::size_t>(next - start_.begin()) - 1;
  }
  /// Where segment i ends; of the last one that does not repeat: any time later than its start.
  std::int64_t finish(std::size_t i) const {
    if (i + 1 < start_.size()) return start_[i + 1];
    return period_ > 0 ? period_ : start_[i] + 1;
  }
  double value_in(std::size_t i, std::int64_t at) const {
    if (begin_[i] == end_[i]) return begin_[i];
    const double share =
        static_cast<double>(at - start_[i]) / static_cast<double>(finish(i) - start_[i]);
    return begin_[i] * (1 - share) + end_[i] * share;
  }
  /// Integral over [a, b] inside of segment i.
  double area(std::size_t i, std::int64_t a, std::int64_t b) const {
    return to_seconds(Duration{b - a}) * 0.5 * (value_in(i, a) + value_in(i, b));
  }

  double local_integral(std::int64_t a, std::int64_t b) const {
    double out = 0;
    if (a < start_.front()) {  // before the first point
      const std::int64_t stop = std::min(b, start_.front());
      out += begin_.front() * to_seconds(Duration{stop - a});
      a = stop;
    }
    if (a >= b) return out;
    const std::size_t first = segment(a);
    const std::size_t last = segment(b);
    if (first == last) return out + area(first, a, b);
    out += area(first, a, start_[first + 1]);
    if (last - first > kBlock) {
      out += sum_[last] - sum_[first + 1];
    } else {
      for (std::size_t i = first + 1; i < last; ++i) out += area(i, start_[i], start_[i + 1]);
    }
    return out + area(last, start_[last], b);
  }

  Bounds local_bounds(std::int64_t a, std::int64_t b) const {
    Bounds out{value_at(a), value_at(a)};
    const auto include = [&](double low, double high) {
      out = {std::min(out.low, low), std::max(out.high, high)};
    };
    if (b < start_.front()) return out;
    const std::size_t first = segment(a);
    const std::size_t last = segment(b);
    include(value_in(last, b), value_in(last, b));
    if (first < last) {
      include(end_[first], end_[first]);
      include(begin_[last], begin_[last]);
      for (std::size_t i = first + 1; i < last;) {
        if (i % kBlock == 0 && i + kBlock <= last) {
          include(blocks_[i / kBlock].low, blocks_[i / kBlock].high);
          i += kBlock;
        } else {
          include(std::min(begin_[i], end_[i]), std::max(begin_[i], end_[i]));
          ++i;
        }
      }
    }
    return out;
  }
  double value_at(std::int64_t at) const {
    return at < start_.front() ? begin_.front() : value_in(segment(at), at);
  }

  bool linear_;
  std::int64_t period_ = 0;  // 0: does not repeat
  std::vector<std::int64_t> start_;
  std::vector<double> begin_, end_;
  std::vector<double> sum_;  // integral from start_[0] to start_[i]
  std::vector<Bounds> blocks_;
};

}  // namespace

NodeRef make_table(const DemandTable& spec) {
  return std::make_unique<TableNode>(spec);
}

}  // namespace hyperdc::demand_nodes
