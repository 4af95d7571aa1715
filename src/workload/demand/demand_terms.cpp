// Terms with a formula: constants, diurnal curves, growth, flash crowds, events.
//
//   diurnal      mean (1 + a cos(2 pi (t - peak) / day)), a = peak_to_mean - 1: one harmonic
//   growth       linear, exponential, logistic (Verhulst): demand_spec.hpp
//   flash crowd  straight rise, plateau, exponential fall (shape of Ari et al., "Managing flash
//                crowds on the Internet", MASCOTS 2003, with an exponential where they fall
//                straight)
//   event        a rectangle, once or repeated
// Integrals are closed forms arranged so that short intervals lose no digits: differences of
// sines, exponentials and logarithms are written as products. Units: s. Valid within 100 years
// of 0. Leaves out: days of 23 or 25 hours, more than one harmonic (write a table, or a product).
#include <algorithm>
#include <array>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "workload/demand/demand_node.hpp"
#include "workload/demand/quadrature.hpp"

namespace hyperdc::demand_nodes {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;

class DiurnalNode final : public Node {
 public:
  explicit DiurnalNode(const DemandDiurnal& spec)
      : mean_(spec.mean), swing_(spec.peak_to_mean - 1), peak_(spec.peak) {
    HYPERDC_CHECK(swing_ >= 0 && swing_ <= 1, "peak_to_mean is outside 1..2");
  }

  double value(SimTime t) const override { return at_angle(angle(t)); }

  double integral(SimTime from, SimTime to) const override {
    const double len = seconds_between(from, to);
    if (swing_ == 0 || len == 0) return mean_ * len;
    // sin b - sin a = 2 cos((a + b) / 2) sin((b - a) / 2)
    const std::int64_t half = (to.ns - from.ns) / 2;
    const double middle = angle({from.ns + half});
    const double turns =
        static_cast<double>((to.ns - from.ns) % (2 * kDayNs)) / static_cast<double>(kDayNs);
    const double wave = kDayS / kPi * math::cos(middle) * math::sin(kPi * turns);
    const double area = mean_ * (len + swing_ * wave);
    if (area > 1e-6 * mean_ * len) return area;
    // Around a trough of 0 the two terms cancel; the window is short there.
    const double width = len / kDayS * kPi;
    const auto f = [&](double x) { return at_angle(middle + x); };
    return gauss7(f, -width, width) * kDayS / (2 * kPi);
  }

  Bounds bounds(SimTime from, SimTime to) const override {
    if (swing_ == 0) return {mean_, mean_};
    Bounds all{mean_ * (1 - swing_), mean_ * (1 + swing_)};
    if (to.ns - from.ns >= kDayNs) return all;
    const std::int64_t begin = phase_of(from - peak_, kDayNs).ns;
    const std::int64_t end = begin + (to.ns - from.ns);
    const double a = value(from);
    const double b = value(to);
    const bool trough = (begin <= kDayNs / 2 && end >= kDayNs / 2) || end >= kDayNs / 2 + kDayNs;
    const bool top = begin == 0 || end >= kDayNs;
    return {trough ? all.low : std::min(a, b), top ? all.high : std::max(a, b)};
  }
  std::optional<SimTime> next_break(SimTime) const override { return std::nullopt; }
  double smooth_s() const override { return kDayS / 8; }

 private:
  double angle(SimTime t) const {
    return static_cast<double>(phase_of(t - peak_, kDayNs).ns) *
           (2 * kPi / static_cast<double>(kDayNs));
  }
  /// 1 + a cos x = 1 - a + 2 a cos^2(x / 2): no cancellation around a trough of 0.
  double at_angle(double x) const {
    const double c = math::cos(0.5 * x);
    return mean_ * ((1 - swing_) + 2 * swing_ * c * c);
  }

  double mean_, swing_;
  Duration peak_;
};

class LinearGrowth final : public Node {
 public:
  explicit LinearGrowth(const DemandGrowth& spec) : slope_(spec.by / to_seconds(spec.every)) {
    if (slope_ != 0 && std::fabs(1 / slope_) < 9e9) zero_ = SimTime{} - seconds(1 / slope_);
  }
  double value(SimTime t) const override { return std::max(0.0, 1 + slope_ * to_seconds(t)); }
  double integral(SimTime from, SimTime to) const override {
    if (zero_ && from < *zero_ && *zero_ < to) {
      return integral(from, *zero_) + integral(*zero_, to);
    }
    return 0.5 * (value(from) + value(to)) * seconds_between(from, to);
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    const double a = value(from);
    const double b = value(to);
    return {std::min(a, b), std::max(a, b)};
  }
  std::optional<SimTime> next_break(SimTime t) const override {
    return zero_ && t < *zero_ ? zero_ : std::nullopt;
  }
  double smooth_s() const override { return kSmoothForever; }

 private:
  double slope_;
  std::optional<SimTime> zero_;
};

class ExponentialGrowth final : public Node {
 public:
  explicit ExponentialGrowth(const DemandGrowth& spec)
      : rate_(math::log(spec.by) / to_seconds(spec.every)) {}
  double value(SimTime t) const override { return math::exp(rate_ * to_seconds(t)); }
  double integral(SimTime from, SimTime to) const override {
    const double len = seconds_between(from, to);
    return rate_ == 0 ? len : value(from) * math::expm1(rate_ * len) / rate_;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    const double a = value(from);
    const double b = value(to);
    return {std::min(a, b), std::max(a, b)};
  }
  std::optional<SimTime> next_break(SimTime) const override { return std::nullopt; }
  double smooth_s() const override { return rate_ == 0 ? kSmoothForever : 1 / std::fabs(rate_); }

 private:
  double rate_;
};

/// low + (high - low) sigma(x) with x rising where it grows and falling where it shrinks, so that
/// only positive terms are added.
class LogisticGrowth final : public Node {
 public:
  explicit LogisticGrowth(const DemandGrowth& spec)
      : low_(std::min(1.0, spec.by)),
        range_(std::fabs(spec.by - 1)),
        width_s_(to_seconds(spec.every)),
        sign_(spec.by >= 1 ? 1 : -1),
        midpoint_(spec.midpoint) {}
  double value(SimTime t) const override { return low_ + range_ * sigma(place(t)); }
  double integral(SimTime from, SimTime to) const override {
    const double a = place(sign_ > 0 ? from : to);
    const double b = place(sign_ > 0 ? to : from);
    const double d = seconds_between(from, to) / width_s_;
    // softplus(b) - softplus(a) = log(1 + sigma(a) (exp(b - a) - 1))
    const double area = d < 30 ? math::log1p(sigma(a) * math::expm1(d)) : softplus(b) - softplus(a);
    return low_ * seconds_between(from, to) + range_ * width_s_ * area;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    const double a = value(from);
    const double b = value(to);
    return {std::min(a, b), std::max(a, b)};
  }
  std::optional<SimTime> next_break(SimTime) const override { return std::nullopt; }
  double smooth_s() const override { return width_s_; }

 private:
  double place(SimTime t) const {
    return sign_ * to_seconds(Duration{t.ns - midpoint_.ns}) / width_s_;
  }
  static double sigma(double x) {
    const double e = math::exp(-std::fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
  static double softplus(double x) {
    return std::max(x, 0.0) + math::log1p(math::exp(-std::fabs(x)));
  }

  double low_, range_, width_s_, sign_;
  Duration midpoint_;
};

class FlashNode final : public Node {
 public:
  explicit FlashNode(const DemandFlash& spec)
      : rest_(spec.rest),
        top_(spec.top),
        rise_s_(to_seconds(spec.rise)),
        decay_s_(to_seconds(spec.decay)),
        begin_(spec.at),
        full_(spec.at + spec.rise),
        end_(full_ + spec.hold) {}

  double value(SimTime t) const override {
    if (t < begin_) return rest_;
    if (t < full_) {
      const double up = seconds_between(begin_, t) / rise_s_;
      return rest_ * (1 - up) + top_ * up;
    }
    if (t < end_) return top_;
    if (decay_s_ == 0) return rest_;
    return falling(seconds_between(end_, t) / decay_s_);
  }

  double integral(SimTime from, SimTime to) const override {
    const auto within = [&](SimTime a, SimTime b) {
      const SimTime low = std::max(a, from);
      const SimTime high = std::min(b, to);
      return low < high ? seconds_between(low, high) : 0.0;
    };
    double area = rest_ * within(from, begin_) + top_ * within(full_, end_);
    if (const double len = within(begin_, full_); len > 0) {
      const SimTime a = std::max(from, begin_);
      const double middle = (seconds_between(begin_, a) + 0.5 * len) / rise_s_;
      area += len * (rest_ * (1 - middle) + top_ * middle);
    }
    if (const double len = within(end_, to); len > 0) {
      area += decay_s_ == 0 ? rest_ * len : fall(std::max(from, end_), len);
    }
    return area;
  }

  Bounds bounds(SimTime from, SimTime to) const override {
    const double a = value(from);
    const double b = value(to);
    Bounds out{std::min(a, b), std::max(a, b)};
    const bool reaches =
        to >= full_ && (decay_s_ == 0 ? from < end_ || from < full_ : from <= end_);
    if (reaches) out = {std::min(out.low, top_), std::max(out.high, top_)};
    return out;
  }

  std::optional<SimTime> next_break(SimTime t) const override {
    for (const SimTime at : {begin_, full_, end_}) {
      if (t < at) return at;
    }
    return std::nullopt;
  }
  double smooth_s() const override { return decay_s_ == 0 ? kSmoothForever : decay_s_; }

 private:
  double falling(double x) const { return rest_ * -math::expm1(-x) + top_ * math::exp(-x); }
  /// Integral over `len` seconds from `a`, in the fall.
  double fall(SimTime a, double len) const {
    const double x = seconds_between(end_, a) / decay_s_;
    const double d = len / decay_s_;
    if (x + d < 0.5) {  // rest * (d - ...) would cancel
      return decay_s_ * gauss7([&](double y) { return falling(y); }, x, x + d);
    }
    const double above = math::exp(-x) * -math::expm1(-d);
    return decay_s_ * (rest_ * (d - above) + top_ * above);
  }

  double rest_, top_, rise_s_, decay_s_;
  SimTime begin_, full_, end_;
};

class EventNode final : public Node {
 public:
  explicit EventNode(const DemandEvent& spec) : spec_(spec) {
    HYPERDC_CHECK(spec.lasts.ns > 0, "an event does not last");
    HYPERDC_CHECK(!spec.every || *spec.every >= spec.lasts, "an event overlaps with itself");
  }
  double value(SimTime t) const override { return on(t) ? spec_.on : spec_.rest; }
  double integral(SimTime from, SimTime to) const override {
    const double on_s = to_seconds(Duration{elapsed(to) - elapsed(from)});
    const double off_s = to_seconds(Duration{to.ns - from.ns - elapsed(to) + elapsed(from)});
    return spec_.rest * off_s + spec_.on * on_s;
  }
  Bounds bounds(SimTime from, SimTime to) const override {
    const auto next = next_break(from);
    if (!next || *next > to) return {value(from), value(from)};
    return {std::min(spec_.rest, spec_.on), std::max(spec_.rest, spec_.on)};
  }
  std::optional<SimTime> next_break(SimTime t) const override {
    if (t < spec_.at) return spec_.at;
    if (spec_.every == spec_.lasts) return std::nullopt;
    const std::int64_t phase = phase_at(t);
    if (phase < spec_.lasts.ns) return SimTime{t.ns + (spec_.lasts.ns - phase)};
    if (!spec_.every) return std::nullopt;
    return SimTime{t.ns + (spec_.every->ns - phase)};
  }
  double smooth_s() const override { return kSmoothForever; }

 private:
  std::int64_t phase_at(SimTime t) const {
    const std::int64_t since = t.ns - spec_.at.ns;
    return spec_.every ? since % spec_.every->ns : since;
  }
  bool on(SimTime t) const { return t >= spec_.at && phase_at(t) < spec_.lasts.ns; }
  /// Nanoseconds of events before `t`.
  std::int64_t elapsed(SimTime t) const {
    if (t <= spec_.at) return 0;
    const std::int64_t since = t.ns - spec_.at.ns;
    if (!spec_.every) return std::min(since, spec_.lasts.ns);
    return since / spec_.every->ns * spec_.lasts.ns +
           std::min(since % spec_.every->ns, spec_.lasts.ns);
  }

  DemandEvent spec_;
};

}  // namespace

NodeRef make_diurnal(const DemandDiurnal& spec) {
  return std::make_unique<DiurnalNode>(spec);
}
NodeRef make_growth(const DemandGrowth& spec) {
  HYPERDC_CHECK(spec.every.ns > 0, "growth without a time");
  if (spec.form == DemandGrowth::Form::linear) return std::make_unique<LinearGrowth>(spec);
  if (spec.form == DemandGrowth::Form::logistic) return std::make_unique<LogisticGrowth>(spec);
  HYPERDC_CHECK(spec.by > 0, "exponential growth by a factor that is not above 0");
  return std::make_unique<ExponentialGrowth>(spec);
}
NodeRef make_flash(const DemandFlash& spec) {
  return std::make_unique<FlashNode>(spec);
}
NodeRef make_event(const DemandEvent& spec) {
  return std::make_unique<EventNode>(spec);
}

}  // namespace hyperdc::demand_nodes
