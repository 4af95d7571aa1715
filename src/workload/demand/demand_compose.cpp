// Terms made of terms: sums, products, shifts, clips.
//
// A product is integrated piece by piece, a piece ending at the next break of a factor: where at
// most one factor varies, by its own integral, else by quadrature. A clip splits an interval until
// its term lies on one side of the limits, down to a part in a million of the interval.
#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "workload/demand/demand_node.hpp"
#include "workload/demand/quadrature.hpp"

namespace hyperdc::demand_nodes {
namespace {

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(double value) : value_(value) {}
  double value(SimTime) const override { return value_; }
  double integral(SimTime from, SimTime to) const override {
    return value_ * seconds_between(from, to);
  }
  Bounds bounds(SimTime, SimTime) const override { return {value_, value_}; }
  std::optional<SimTime> next_break(SimTime) const override { return std::nullopt; }
  double smooth_s() const override { return kSmoothForever; }

 private:
  double value_;
};

class Many : public Node {
 public:
  Many(const std::vector<DemandSpec>& specs, std::uint64_t seed) {
    HYPERDC_CHECK(!specs.empty(), "a sum or product of nothing");
    for (const DemandSpec& spec : specs) parts_.push_back(make_node(spec, seed));
  }
  std::optional<SimTime> next_break(SimTime t) const override {
    std::optional<SimTime> next;
    for (const NodeRef& part : parts_) next = earlier(next, part->next_break(t));
    return next;
  }
  double smooth_s() const override {
    double least = kSmoothForever;
    for (const NodeRef& part : parts_) least = std::min(least, part->smooth_s());
    return least;
  }

 protected:
  std::vector<NodeRef> parts_;
};

class SumNode final : public Many {
 public:
  SumNode(const DemandSum& spec, std::uint64_t seed) : Many(spec.terms, seed) {}
  double value(SimTime t) const override {
    double sum = 0;
    for (const NodeRef& part : parts_) sum += part->value(t);
    return sum;
  }
  double integral(SimTime from, SimTime to) const override {
    double sum = 0;
    for (const NodeRef& part : parts_) sum += part->integral(from, to);
    return sum;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    Bounds sum;
    for (const NodeRef& part : parts_) {
      const Bounds more = part->bounds(from, to);
      sum.low += more.low;
      sum.high += more.high;
    }
    return sum;
  }
};

class ProductNode final : public Many {
 public:
  ProductNode(const DemandProduct& spec, std::uint64_t seed) : Many(spec.factors, seed) {}
  double value(SimTime t) const override {
    double product = 1;
    for (const NodeRef& part : parts_) product *= part->value(t);
    return product;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    Bounds product{1, 1};
    for (const NodeRef& part : parts_) {
      const Bounds x = part->bounds(from, to);
      const double a = product.low * x.low;
      const double b = product.low * x.high;
      const double c = product.high * x.low;
      const double d = product.high * x.high;
      product = {std::min({a, b, c, d}), std::max({a, b, c, d})};
    }
    return product;
  }
  double integral(SimTime from, SimTime to) const override {
    if (from == to) return 0;
    if (const auto whole = closed(from, to)) return *whole;
    double area = 0;
    for (SimTime a = from; a < to;) {
      const auto next = next_break(a);
      const SimTime b = next && *next < to ? *next : to;
      const auto simple = closed(a, b);
      area += simple ? *simple : quadrature(a, b);
      a = b;
    }
    return area;
  }

 private:
  /// The integral where at most one factor varies over [a, b).
  std::optional<double> closed(SimTime a, SimTime b) const {
    const Node* varying = nullptr;
    double constant = 1;
    for (const NodeRef& part : parts_) {
      const Bounds range = part->bounds(a, {b.ns - 1});
      if (range.low == range.high) {
        constant *= range.low;
      } else if (varying == nullptr) {
        varying = part.get();
      } else {
        return std::nullopt;
      }
    }
    return constant * (varying == nullptr ? seconds_between(a, b) : varying->integral(a, b));
  }

  /// The factors are smooth inside of [a, b).
  double quadrature(SimTime a, SimTime b) const {
    const double len = seconds_between(a, b);
    const auto pieces = static_cast<std::int64_t>(std::ceil(len / smooth_s()));
    double area = 0;
    for (std::int64_t k = 0; k < pieces; ++k) {
      const double n = static_cast<double>(pieces);
      const double begin = len * (static_cast<double>(k) / n);
      const double end = len * (static_cast<double>(k + 1) / n);
      const auto f = [&](double x) { return value({a.ns + std::llround(x * 1e9)}); };
      area += adaptive(f, begin, end, 1e-11, 1e-9);
    }
    return area;
  }
};

class ShiftNode final : public Node {
 public:
  ShiftNode(const DemandShift& spec, std::uint64_t seed)
      : by_(spec.by), of_(make_node(*spec.of, seed)) {}
  double value(SimTime t) const override { return of_->value(t - by_); }
  double integral(SimTime from, SimTime to) const override {
    return of_->integral(from - by_, to - by_);
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    return of_->bounds(from - by_, to - by_);
  }
  std::optional<SimTime> next_break(SimTime t) const override {
    const auto next = of_->next_break(t - by_);
    return next ? std::optional(*next + by_) : std::nullopt;
  }
  double smooth_s() const override { return of_->smooth_s(); }

 private:
  Duration by_;
  NodeRef of_;
};

class ClipNode final : public Node {
 public:
  ClipNode(const DemandClip& spec, std::uint64_t seed)
      : low_(spec.at_least.value_or(-1e300)),
        high_(spec.at_most.value_or(1e300)),
        of_(make_node(*spec.of, seed)) {
    HYPERDC_CHECK(low_ <= high_, "a clip with at_least above at_most");
  }
  double value(SimTime t) const override { return cut(of_->value(t)); }
  double integral(SimTime from, SimTime to) const override {
    if (from == to) return 0;
    if (const auto whole = one_side(from, to)) return *whole;
    const std::int64_t least = std::max<std::int64_t>(1, (to.ns - from.ns) >> 20);
    double area = 0;
    for (SimTime a = from; a < to;) {
      const auto next = of_->next_break(a);
      const SimTime b = next && *next < to ? *next : to;
      area += piece(a, b, least);
      a = b;
    }
    return area;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    const Bounds range = of_->bounds(from, to);
    return {cut(range.low), cut(range.high)};
  }
  /// Where the term crosses a limit the slope jumps too. Looked for until the next break of the
  /// term or for one smooth stretch of it; where that ends, nothing happens but another look.
  std::optional<SimTime> next_break(SimTime t) const override {
    const SimTime ahead = t + seconds(std::min(of_->smooth_s(), 1e7));
    const auto next = of_->next_break(t);
    const SimTime end = next && *next < ahead ? *next : ahead;
    const auto crossing = first_crossing(t, end, std::max<std::int64_t>(1, (end - t).ns >> 12));
    if (!crossing) return end;
    return crossing->first > t ? crossing->first : crossing->second;
  }
  double smooth_s() const override { return of_->smooth_s(); }

 private:
  double cut(double x) const { return std::clamp(x, low_, high_); }

  /// The integral over [a, b) where the term does not cross a limit.
  std::optional<double> one_side(SimTime a, SimTime b) const {
    const Bounds range = of_->bounds(a, {b.ns - 1});
    if (range.low >= low_ && range.high <= high_) return of_->integral(a, b);
    if (range.low < high_ && range.high > low_) return std::nullopt;
    return cut(range.low) * seconds_between(a, b);
  }

  /// The first part of [a, b) of at most `least` nanoseconds that is not known to lie on one side.
  std::optional<std::pair<SimTime, SimTime>> first_crossing(SimTime a, SimTime b,
                                                            std::int64_t least) const {
    const Bounds range = of_->bounds(a, {b.ns - 1});
    const bool inside = range.low >= low_ && range.high <= high_;
    if (inside || range.low >= high_ || range.high <= low_) return std::nullopt;
    if (b.ns - a.ns <= least) return std::pair{a, b};
    const SimTime middle{a.ns + (b.ns - a.ns) / 2};
    const auto left = first_crossing(a, middle, least);
    return left ? left : first_crossing(middle, b, least);
  }

  double piece(SimTime a, SimTime b, std::int64_t least) const {
    if (const auto area = one_side(a, b)) return *area;
    if (b.ns - a.ns <= least) return 0.5 * seconds_between(a, b) * (value(a) + value({b.ns - 1}));
    const SimTime middle{a.ns + (b.ns - a.ns) / 2};
    return piece(a, middle, least) + piece(middle, b, least);
  }

  double low_, high_;
  NodeRef of_;
};

}  // namespace

NodeRef make_sum(const DemandSum& spec, std::uint64_t seed) {
  return std::make_unique<SumNode>(spec, seed);
}
NodeRef make_product(const DemandProduct& spec, std::uint64_t seed) {
  return std::make_unique<ProductNode>(spec, seed);
}
NodeRef make_shift(const DemandShift& spec, std::uint64_t seed) {
  return std::make_unique<ShiftNode>(spec, seed);
}
NodeRef make_clip(const DemandClip& spec, std::uint64_t seed) {
  return std::make_unique<ClipNode>(spec, seed);
}

NodeRef make_node(const DemandSpec& spec, std::uint64_t seed) {
  struct Maker {
    std::uint64_t seed;
    NodeRef operator()(const DemandConstant& s) const {
      return std::make_unique<ConstantNode>(s.value);
    }
    NodeRef operator()(const DemandTable& s) const { return make_table(s); }
    NodeRef operator()(const DemandDiurnal& s) const { return make_diurnal(s); }
    NodeRef operator()(const DemandGrowth& s) const { return make_growth(s); }
    NodeRef operator()(const DemandFlash& s) const { return make_flash(s); }
    NodeRef operator()(const DemandEvent& s) const { return make_event(s); }
    NodeRef operator()(const DemandNoise& s) const { return make_noise(s, seed); }
    NodeRef operator()(const DemandSum& s) const { return make_sum(s, seed); }
    NodeRef operator()(const DemandProduct& s) const { return make_product(s, seed); }
    NodeRef operator()(const DemandShift& s) const { return make_shift(s, seed); }
    NodeRef operator()(const DemandClip& s) const { return make_clip(s, seed); }
  };
  return std::visit(Maker{seed}, spec.term);
}

}  // namespace hyperdc::demand_nodes
