#include "workload/request_arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/input_changed.hpp"
#include "core/math.hpp"
#include "workload/demand/csv_columns.hpp"
#include "workload/demand/thinning.hpp"

namespace hyperdc {
namespace {

using demand_nodes::Thinning;

class PoissonArrivals final : public RequestArrivals {
 public:
  PoissonArrivals(const DemandCurve& curve, const RandomStream& stream, SimTime end)
      : thinning_(curve, stream, end), end_(end) {}
  std::optional<SimTime> next() override { return thinning_.next(end_); }

 private:
  Thinning thinning_;
  SimTime end_;
};

/// Renewal process in operational time. An instant is rounded to the nanosecond; what the rounding
/// moved is carried to the next gap, so that nothing adds up.
class RenewalArrivals final : public RequestArrivals {
 public:
  RenewalArrivals(const DemandCurve& curve, DistributionSpec gaps, const RandomStream& stream,
                  SimTime end)
      : curve_(curve), gaps_(std::move(gaps)), stream_(stream), end_(end) {}

  std::optional<SimTime> next() override {
    if (over_) return std::nullopt;
    const double amount = gaps_.draw(stream_, count_++) + carried_;
    const auto at = curve_.when(last_, amount, end_);
    if (!at || *at >= end_) {
      over_ = true;
      return std::nullopt;
    }
    carried_ = amount - curve_.expected(last_, *at);
    last_ = *at;
    return at;
  }

 private:
  const DemandCurve& curve_;
  Distribution gaps_;
  RandomStream stream_;
  SimTime end_;
  SimTime last_;
  double carried_ = 0;
  std::uint64_t count_ = 0;
  bool over_ = false;
};

/// Draws of the states have a stream of their own.
class MarkovArrivals final : public RequestArrivals {
 public:
  MarkovArrivals(const DemandCurve& curve, const MarkovRequests& spec, const RandomStream& arrivals,
                 const RandomStream& states, SimTime end)
      : spec_(spec), thinning_(curve, arrivals, end), stream_(states), end_(end) {
    HYPERDC_CHECK(spec_.states.size() >= 2, "a Markov-modulated process with one state");
    double sum = 0;
    for (const auto& state : spec_.states) sum += state.mean_s;
    double left = stream_.uniform(0) * sum;
    while (state_ + 1 < spec_.states.size() && left >= spec_.states[state_].mean_s) {
      left -= spec_.states[state_++].mean_s;
    }
    enter(SimTime{});
  }

  std::optional<SimTime> next() override {
    for (;;) {
      if (const auto at = thinning_.next(until_)) return at;
      if (until_ >= end_) return std::nullopt;
      std::uint64_t step = stream_.below(spec_.states.size() - 1, visits_, 1);
      state_ = (state_ + 1 + static_cast<std::size_t>(step)) % spec_.states.size();
      enter(until_);
    }
  }

 private:
  void enter(SimTime at) {
    const MarkovRequests::State& state = spec_.states[state_];
    const double stay_s = -state.mean_s * math::log(stream_.uniform(++visits_, 0));
    const double left_s = to_seconds(end_ - at);
    until_ = stay_s >= left_s ? end_ : at + std::max(seconds(stay_s), nanoseconds(1));
    thinning_.restart(at, state.factor);
  }

  MarkovRequests spec_;
  Thinning thinning_;
  RandomStream stream_;
  SimTime end_;
  std::size_t state_ = 0;
  SimTime until_;  // the state is left
  std::uint64_t visits_ = 0;
};

/// The next arrival is the earlier of the next one of the baseline and the next one of the
/// excitation; the latter is drawn anew after each arrival, which its law allows.
class HawkesArrivals final : public RequestArrivals {
 public:
  HawkesArrivals(const DemandCurve& curve, const HawkesRequests& spec, const RandomStream& arrivals,
                 const RandomStream& excited, SimTime end)
      : spec_(spec), thinning_(curve, arrivals, end), stream_(excited), end_(end) {
    HYPERDC_CHECK(spec.branching >= 0 && spec.branching < 1, "branching is not below 1");
    baseline_ = thinning_.next(end_);
  }

  std::optional<SimTime> next() override {
    if (over_) return std::nullopt;
    const auto child = next_child();
    const bool excited = child && (!baseline_ || *child < *baseline_);
    const auto at = excited ? child : baseline_;
    over_ = !at;  // or a further draw would bring another child
    if (over_) return std::nullopt;
    if (!excited) baseline_ = thinning_.next(end_);
    rate_ = rate_ * math::exp(-to_seconds(*at - last_) / spec_.decay_s) +
            spec_.branching / spec_.decay_s;
    last_ = *at;
    return at;
  }

 private:
  /// The excitation after x has rate_ exp(-x / decay); none comes by x with probability
  /// exp(-rate_ decay (1 - exp(-x / decay))).
  std::optional<SimTime> next_child() {
    if (rate_ <= 0) return std::nullopt;
    const double used = -math::log(stream_.uniform(count_++)) / (rate_ * spec_.decay_s);
    if (used >= 1) return std::nullopt;
    const double wait_s = -spec_.decay_s * math::log1p(-used);
    if (wait_s >= to_seconds(end_ - last_)) return std::nullopt;
    const SimTime at = last_ + seconds(wait_s);
    return at < end_ ? std::optional(at) : std::nullopt;
  }

  HawkesRequests spec_;
  Thinning thinning_;
  RandomStream stream_;
  SimTime end_;
  std::optional<SimTime> baseline_;
  double rate_ = 0;  // of the excitation, after the last arrival
  SimTime last_;
  std::uint64_t count_ = 0;
  bool over_ = false;
};

class ListedArrivals final : public RequestArrivals {
 public:
  ListedArrivals(const ListedRequests& spec, SimTime end) : list_(spec.list), end_(end) {}

  std::optional<SimTime> next() override {
    if (next_ == list_->rows.size() || list_->rows[next_].at >= end_) return std::nullopt;
    return list_->rows[next_++].at;
  }

 private:
  std::shared_ptr<const TokenTrace> list_;
  std::size_t next_ = 0;
  SimTime end_;
};

class MeasuredArrivals final : public RequestArrivals {
 public:
  MeasuredArrivals(const ClientRequests& spec, std::string_view workload, std::uint64_t seed,
                   SimTime end)
      : clients_(spec.windows, spec.scale, workload, seed, end) {}

  std::optional<SimTime> next() override { return clients_.next(); }

 private:
  ClientArrivals clients_;
};

class ReplayArrivals final : public RequestArrivals {
 public:
  ReplayArrivals(const ReplayRequests& spec, SimTime end)
      : spec_(spec),
        problems_(spec.file),
        rows_(spec.file, spec.header, {spec.column}, problems_),
        end_(end) {}

  std::optional<SimTime> next() override {
    if (over_) return std::nullopt;
    const auto at = read();
    if (problems_.count() > 0) {
      throw InputChanged(problems_.first() + "; the file has changed since it was checked");
    }
    if (!at || *at >= end_) {
      over_ = true;
      return std::nullopt;
    }
    return at;
  }

  /// The next row, unless it has a problem.
  std::optional<SimTime> read() {
    while (rows_.next()) {
      const auto time = rows_.time(0, spec_.unit_s);
      if (!time || !rows_.clean()) continue;
      if (!first_) first_ = spec_.from_first || spec_.unit_s == 0 ? *time : 0;
      std::int64_t since = 0;
      if (__builtin_sub_overflow(*time, *first_, &since)) {
        rows_.problem(0, input_code::kRange, "more than 292 years after the first row");
        continue;
      }
      if (since < last_.ns) {
        const bool negative = last_.ns == 0 && *first_ == 0;
        rows_.problem(0, input_code::kRange,
                      negative ? "before the start of the run" : "earlier than the row before",
                      "rows are in order of time");
        continue;
      }
      last_ = {since};
      return last_;
    }
    return std::nullopt;
  }
  RowProblems& problems() { return problems_; }
  std::string sha256() { return rows_.sha256(); }

 private:
  ReplayRequests spec_;
  RowProblems problems_;
  CsvColumns rows_;
  SimTime end_;
  std::optional<std::int64_t> first_;
  SimTime last_;
  bool over_ = false;
};

}  // namespace

bool needs_curve(const RequestArrivalSpec& spec) {
  return !std::holds_alternative<ReplayRequests>(spec) &&
         !std::holds_alternative<ClosedRequests>(spec) &&
         !std::holds_alternative<ListedRequests>(spec) &&
         !std::holds_alternative<ClientRequests>(spec);
}

std::unique_ptr<RequestArrivals> make_request_arrivals(const RequestArrivalSpec& spec,
                                                       const DemandCurve* curve,
                                                       std::string_view workload,
                                                       std::uint64_t seed, SimTime end) {
  HYPERDC_CHECK(curve != nullptr || !needs_curve(spec), "arrivals without a demand curve");
  HYPERDC_CHECK(!std::holds_alternative<ClosedRequests>(spec), "a closed loop is no stream");
  const RandomStream arrivals(seed, fmt::format("workloads.{}.arrivals", workload));
  const RandomStream second(seed, fmt::format("workloads.{}.arrivals.state", workload));
  if (const auto* gamma = std::get_if<GammaRequests>(&spec)) {
    return std::make_unique<RenewalArrivals>(*curve, Gamma{1, gamma->cv}, arrivals, end);
  }
  if (const auto* weibull = std::get_if<WeibullRequests>(&spec)) {
    return std::make_unique<RenewalArrivals>(*curve, Weibull{1, weibull->cv}, arrivals, end);
  }
  if (const auto* markov = std::get_if<MarkovRequests>(&spec)) {
    return std::make_unique<MarkovArrivals>(*curve, *markov, arrivals, second, end);
  }
  if (const auto* hawkes = std::get_if<HawkesRequests>(&spec)) {
    return std::make_unique<HawkesArrivals>(*curve, *hawkes, arrivals, second, end);
  }
  if (const auto* listed = std::get_if<ListedRequests>(&spec)) {
    return std::make_unique<ListedArrivals>(*listed, end);
  }
  if (const auto* clients = std::get_if<ClientRequests>(&spec)) {
    return std::make_unique<MeasuredArrivals>(*clients, workload, seed, end);
  }
  if (const auto* replay = std::get_if<ReplayRequests>(&spec)) {
    return std::make_unique<ReplayArrivals>(*replay, end);
  }
  return std::make_unique<PoissonArrivals>(*curve, arrivals, end);
}

Result<ReplayFacts> check_replay(const ReplayRequests& spec) {
  ReplayArrivals rows(spec, SimTime{});
  ReplayFacts facts;
  while (const auto at = rows.read()) {
    if (facts.rows++ == 0) facts.first = *at;
    facts.last = *at;
  }
  RowProblems& problems = rows.problems();
  if (facts.rows == 0 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no rows in this file");
  }
  if (problems.count() > 0) return problems.take();
  facts.sha256 = rows.sha256();
  return facts;
}

}  // namespace hyperdc
