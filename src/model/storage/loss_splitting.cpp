#include "model/storage/loss_splitting.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

/// Lifetimes that pass before states are kept, so that ages are those of the long run.
constexpr double kLivesBefore = 20;

/// A Weibull variable by its cumulative hazard (t / scale)^shape.
class Hazard {
 public:
  explicit Hazard(const WeibullTime& time)
      : shape_(time.shape), scale_(time.mean / math::exp(math::lgamma(1 + 1 / time.shape))) {}

  double upto(double age) const {
    return shape_ == 1 ? age / scale_ : age <= 0 ? 0 : math::pow(age / scale_, shape_);
  }
  double rate(double age) const {
    return shape_ == 1 ? 1 / scale_ : shape_ / scale_ * math::pow(age / scale_, shape_ - 1);
  }
  /// How long from `age` until the hazard has grown by `by`.
  double residual(double age, double by) const {
    if (shape_ == 1) return by * scale_;
    return std::max(0.0, scale_ * math::pow(upto(age) + by, 1 / shape_) - age);
  }

 private:
  double shape_;
  double scale_;
};

/// A group of fragments at a moment.
struct State {
  double now = 0;
  FragmentSet lost = 0;
  std::uint32_t in_repair = kMaxFragments;    // where one is repaired at a time
  std::array<double, kMaxFragments> since{};  // of the last renewal or loss; begin of the repair
  std::uint32_t losses() const { return static_cast<std::uint32_t>(std::popcount(lost)); }
};

struct Entry {
  State state;
  double weight = 1;
};

class Simulator {
 public:
  Simulator(const LossSimulation& of, const RandomStream& stream, std::uint64_t replication)
      : of_(of), life_(of.life), repair_(of.repair), stream_(stream), replication_(replication) {}

  double loss_rate();

 private:
  double uniform() { return stream_.uniform(replication_, draws_++); }
  double exponential() { return -math::log(uniform()); }

  std::uint32_t fragments() const { return of_.code.fragments(); }
  bool is_lost(const State& s, std::uint32_t i) const { return (s.lost >> i & 1) != 0; }
  /// From now until a lost fragment is there again, if nothing else happens.
  double residual_repair(const State& s, std::uint32_t i);
  struct Next {
    double in = 0;
    std::uint32_t fragment = 0;
  };
  Next first_repair(const State& s);
  Next first_failure(const State& s);
  /// When the first failure is, given that it comes within `within`, in which the hazard grows by
  /// `all`.
  double forced_failure(const State& s, double within, double all);
  /// Of fragments that are there: their rate of failure after so long, and one in proportion to it.
  double rate_of(const State& s, FragmentSet of, double in) const;
  std::uint32_t pick(const State& s, FragmentSet of, double in);
  double hazard(const State& s, double within) const;
  void fail(State& s, const Next& next);
  void mend(State& s, const Next& next);
  void choose_repair(State& s);
  /// The next event as it comes.
  void step(State& s);

  double run_cycles(std::vector<Entry>& entries);
  void trial(State s, std::uint32_t level, std::vector<Entry>& entries, double& lost);
  std::vector<Entry> choose(const std::vector<Entry>& from);

  const LossSimulation& of_;
  Hazard life_, repair_;
  const RandomStream& stream_;
  std::uint64_t replication_;
  std::uint64_t draws_ = 0;
};

double Simulator::residual_repair(const State& s, std::uint32_t i) {
  const double age = s.now - s.since[i];
  if (age < of_.wait) return of_.wait - age + repair_.residual(0, exponential());
  return repair_.residual(age - of_.wait, exponential());
}

Simulator::Next Simulator::first_repair(const State& s) {
  if (of_.order == RepairOrder::one_by_one) {
    return {residual_repair(s, s.in_repair), s.in_repair};
  }
  Next next{-1, 0};
  for (std::uint32_t i = 0; i < fragments(); ++i) {
    if (!is_lost(s, i)) continue;
    const double in = residual_repair(s, i);
    if (next.in < 0 || in < next.in) next = {in, i};
  }
  return next;
}

Simulator::Next Simulator::first_failure(const State& s) {
  if (of_.life.shape == 1) {  // the superposition of equal rates
    const double rate = life_.rate(0) * (fragments() - s.losses());
    const double in = exponential() / rate;
    return {in, pick(s, of_.code.all() & ~s.lost, in)};
  }
  Next next{-1, 0};
  for (std::uint32_t i = 0; i < fragments(); ++i) {
    if (is_lost(s, i)) continue;
    const double in = life_.residual(s.now - s.since[i], exponential());
    if (next.in < 0 || in < next.in) next = {in, i};
  }
  return next;
}

double Simulator::hazard(const State& s, double within) const {
  if (of_.life.shape == 1) return (fragments() - s.losses()) * life_.upto(within);
  double sum = 0;
  for (std::uint32_t i = 0; i < fragments(); ++i) {
    if (is_lost(s, i)) continue;
    const double age = s.now - s.since[i];
    sum += life_.upto(age + within) - life_.upto(age);
  }
  return sum;
}

double Simulator::forced_failure(const State& s, double within, double all) {
  const double wanted = -math::log1p(uniform() * math::expm1(-all));
  double low = 0, high = within;
  double in = within * wanted / all;
  if (of_.life.shape == 1) return in;
  // The hazard rises: a secant within brackets ends in a few steps.
  for (int i = 0; i < 60; ++i) {
    const double error = hazard(s, in) - wanted;
    if (std::fabs(error) <= 1e-9 * all) break;
    (error > 0 ? high : low) = in;
    const double at_low = hazard(s, low) - wanted, at_high = hazard(s, high) - wanted;
    in = i % 3 == 2 ? 0.5 * (low + high) : low - at_low * (high - low) / (at_high - at_low);
  }
  return in;
}

double Simulator::rate_of(const State& s, FragmentSet of, double in) const {
  if (of_.life.shape == 1) return std::popcount(of) * life_.rate(0);
  double sum = 0;
  for (FragmentSet left = of; left != 0; left &= left - 1) {
    sum += life_.rate(s.now + in - s.since[static_cast<std::uint32_t>(std::countr_zero(left))]);
  }
  return sum;
}

std::uint32_t Simulator::pick(const State& s, FragmentSet of, double in) {
  double left = uniform() * rate_of(s, of, in);
  std::uint32_t chosen = fragments();
  for (FragmentSet rest = of; rest != 0; rest &= rest - 1) {
    chosen = static_cast<std::uint32_t>(std::countr_zero(rest));
    left -= rate_of(s, FragmentSet{1} << chosen, in);
    if (left < 0) break;
  }
  return chosen;
}

void Simulator::choose_repair(State& s) {
  if (of_.order == RepairOrder::each || s.lost == 0) return;
  auto nth = static_cast<std::uint32_t>(uniform() * s.losses());
  for (std::uint32_t i = 0; i < fragments(); ++i) {
    if (!is_lost(s, i) || nth-- > 0) continue;
    s.in_repair = i;
    s.since[i] = s.now;
    return;
  }
}

void Simulator::fail(State& s, const Next& next) {
  s.now += next.in;
  s.since[next.fragment] = s.now;
  const bool first = s.lost == 0;
  s.lost |= FragmentSet{1} << next.fragment;
  if (first) choose_repair(s);
}

void Simulator::mend(State& s, const Next& next) {
  s.now += next.in;
  s.since[next.fragment] = s.now;
  s.lost &= ~(FragmentSet{1} << next.fragment);
  choose_repair(s);
}

void Simulator::step(State& s) {
  const Next failure = first_failure(s);
  if (s.lost == 0) return fail(s, failure);
  const Next repair = first_repair(s);
  failure.in < repair.in ? fail(s, failure) : mend(s, repair);
}

/// Cycles one after the other; the states in which they enter level 1. Their mean length.
double Simulator::run_cycles(std::vector<Entry>& entries) {
  State s;
  while (of_.life.shape != 1 && s.now < kLivesBefore * of_.life.mean) {
    step(s);
    if (!of_.code.decodable(s.lost)) s.lost = 0;
  }
  while (s.lost != 0) {
    step(s);
    if (!of_.code.decodable(s.lost)) s.lost = 0;
  }
  const double begin = s.now;
  for (std::uint32_t cycle = 0; cycle < of_.effort; ++cycle) {
    step(s);
    entries.push_back({s, 1});
    while (s.lost != 0) {
      step(s);
      if (!of_.code.decodable(s.lost)) s.lost = 0;
    }
  }
  return (s.now - begin) / of_.effort;
}

/// From the entry into a level until the cycle ends, or data is lost.
void Simulator::trial(State s, std::uint32_t level, std::vector<Entry>& entries, double& lost) {
  double weight = 1;
  while (s.lost != 0) {
    if (s.losses() < level) {
      step(s);
      if (of_.code.decodable(s.lost)) continue;
      lost += weight;
      return;
    }
    const Next repair = first_repair(s);
    const double all = hazard(s, repair.in);
    const double p = -math::expm1(-all);
    if (p > 0) {
      // Data is lost with some of the fragments that may fail: their share counts at once.
      const double in = forced_failure(s, repair.in, all);
      const FragmentSet there = of_.code.all() & ~s.lost;
      FragmentSet safe = 0;
      for (FragmentSet left = there; left != 0; left &= left - 1) {
        const FragmentSet one = left & -left;
        if (of_.code.decodable(s.lost | one)) safe |= one;
      }
      const double share = safe == 0 ? 0 : rate_of(s, safe, in) / rate_of(s, there, in);
      lost += weight * p * (1 - share);
      if (safe != 0) {
        entries.push_back({s, weight * p * share});
        fail(entries.back().state, {in, pick(s, safe, in)});
      }
    }
    weight *= 1 - p;
    mend(s, repair);
  }
}

/// `effort` of them in proportion to their weights, at equal distances from a random start.
std::vector<Entry> Simulator::choose(const std::vector<Entry>& from) {
  double sum = 0;
  for (const Entry& entry : from) sum += entry.weight;
  std::vector<Entry> chosen;
  chosen.reserve(of_.effort);
  const double gap = sum / of_.effort;
  double at = gap * uniform();
  double passed = 0;
  for (const Entry& entry : from) {
    passed += entry.weight;
    for (; at < passed && chosen.size() < of_.effort; at += gap) chosen.push_back(entry);
  }
  while (chosen.size() < of_.effort) chosen.push_back(from.back());  // rounding
  return chosen;
}

double Simulator::loss_rate() {
  if (of_.code.tolerance() == 0 && of_.code.local_groups() == 0) {
    return fragments() / of_.life.mean;  // every failure loses data
  }
  std::vector<Entry> entries;
  const double cycle = run_cycles(entries);
  double loss = 0;
  double reached = 1;
  for (std::uint32_t level = 1; !entries.empty(); ++level) {
    const std::vector<Entry> starts = level == 1 ? std::move(entries) : choose(entries);
    entries.clear();
    double lost = 0;
    for (const Entry& start : starts) trial(start.state, level, entries, lost);
    double up = 0;
    for (const Entry& entry : entries) up += entry.weight;
    loss += reached * lost / of_.effort;
    reached *= up / of_.effort;
  }
  return loss / cycle;
}

}  // namespace

double simulated_loss_rate(const LossSimulation& of, const RandomStream& stream,
                           std::uint64_t replication) {
  HYPERDC_CHECK(of.effort > 0, "a simulation without trials");
  return Simulator(of, stream, replication).loss_rate();
}

}  // namespace hyperdc
