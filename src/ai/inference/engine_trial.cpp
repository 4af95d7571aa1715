#include "ai/inference/engine_trial.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

using queueing::Split;

constexpr double kWindows = 400;

/// Variance of the mean of an Ornstein-Uhlenbeck process over x of its correlation times, in that
/// of the process.
double share_of_means(double x) {
  if (x < 1e-4) return 1 - x / 3;
  return 2 * (x - 1 + math::exp(-x)) / (x * x);
}

/// The correlation time with which means over a window vary by this share.
double memory_of(double window_s, double share) {
  double low = 1e-3, high = 1e3;  // windows
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(low * high);
    (share_of_means(1 / middle) < share ? low : high) = middle;
  }
  return window_s * low;
}

class Trial {
 public:
  Trial(const BatchRules& rules, const IterationTime& time, const TrialDemand& demand,
        const TrialRules& trial, const RandomStream& choices)
      : demand_(demand),
        trial_(trial),
        choices_(choices),
        before_(trial.before),
        changed_(trial.engines) {
    for (std::uint32_t i = 0; i < trial.engines; ++i) batchers_.emplace_back(rules, time);
    if (steady()) {
      set_next_arrival();
    } else {
      arrive_at_once(trial.arrivals == TrialArrivals::closed ? trial.population : 2 * last());
    }
  }

  TrialResult run() {
    while (!counted_ || told_ < demand_.requests.size()) step();
    settle();
    return std::move(out_);
  }

 private:
  struct Asked {
    SimTime arrived, first;
  };

  bool steady() const { return trial_.arrivals == TrialArrivals::steady; }
  /// Requests before and in the time that counts.
  std::uint64_t last() const { return before_ + demand_.requests.size(); }
  const TrialRequest& request(std::uint64_t number) const {
    return demand_.requests[number % demand_.requests.size()];
  }

  /// Of the stream of all engines; of it one engine gets every n-th, or each with chance 1 / n.
  double next_gap() {
    double sum = 0;
    std::uint64_t more = trial_.one_of;
    do {
      sum += demand_.gaps[gaps_taken_++ % demand_.gaps.size()];
      const bool turns = trial_.split == Split::round_robin;
      more = turns ? more - 1 : choices_.below(trial_.one_of, gaps_taken_, 2);
    } while (more > 0);
    return sum;
  }
  void set_next_arrival() {
    arrival_s_ += next_gap() / trial_.rate_per_s;
    next_arrival_ = SimTime{} + seconds(arrival_s_);
  }

  void arrive_at_once(std::uint64_t requests) {
    for (std::uint64_t i = 0; i < requests; ++i) arrive(SimTime{});
    for (Batcher& batcher : batchers_) begin(batcher, SimTime{});
  }

  std::uint64_t load(std::size_t engine) const {
    return batchers_[engine].running() + batchers_[engine].waiting();
  }

  std::size_t lesser(std::size_t a, std::size_t b) const { return load(b) < load(a) ? b : a; }

  std::size_t choose() {
    const std::size_t n = batchers_.size();
    if (n == 1) return 0;
    const std::uint64_t which = asked_.size();
    switch (trial_.split) {
      case Split::random:
        return choices_.below(n, which);
      case Split::round_robin:
        return which % n;
      case Split::power_of_two:  // with replacement
        return lesser(choices_.below(n, which, 0), choices_.below(n, which, 1));
      case Split::least_loaded:
        break;
    }
    std::size_t least = 0;  // of equals the one that came to this load longest ago
    for (std::size_t i = 1; i < n; ++i) {
      const auto rank = [&](std::size_t e) { return std::pair(load(e), changed_[e]); };
      if (rank(i) < rank(least)) least = i;
    }
    return least;
  }

  void arrive(SimTime now) {
    const std::size_t engine = choose();
    const std::uint64_t number = asked_.size();
    asked_.push_back({now, {}});
    changed_[engine] = ++changes_;
    const TrialRequest& asks = request(number);
    batchers_[engine].arrive(number, asks.prompt, asks.output, now, asks.prefix);
    if (steady() && number == before_) start_counting(now);
    if (steady() && number == last()) stop_counting(now);
  }

  static void begin(Batcher& batcher, SimTime now) {
    if (batcher.idle()) batcher.begin(now);
  }

  void step() {
    std::optional<SimTime> next;
    const auto sooner = [&](std::optional<SimTime> at) {
      if (at && (!next || *at < *next)) next = at;
    };
    if (steady()) sooner(next_arrival_);
    for (const Batcher& batcher : batchers_) {
      sooner(batcher.end());
      sooner(batcher.due());
    }
    HYPERDC_CHECK(next, "engines of a trial stand still");
    account(*next);
    const std::uint64_t completed_before = completions_;
    for (std::size_t i = 0; i < batchers_.size(); ++i) {
      if (batchers_[i].end() == next) finish(i, *next);
    }
    if (!steady()) count_by_completions(*next);
    if (trial_.arrivals == TrialArrivals::closed) {
      for (std::uint64_t n = completed_before; n < completions_; ++n) arrive(*next);
    }
    while (steady() && next_arrival_ == *next) {
      arrive(*next);
      set_next_arrival();
    }
    for (Batcher& batcher : batchers_) begin(batcher, *next);
  }

  /// From the end of one batch to the end of another.
  void count_by_completions(SimTime now) {
    if (!counting_ && !counted_ && completions_ >= before_) return start_counting(now);
    if (counting_ && completions_ >= last() && now > since_) stop_counting(now);
  }

  void finish(std::size_t engine, SimTime now) {
    Batcher& batcher = batchers_[engine];
    progress_.clear();
    batcher.finish(progress_);
    if (counting_) {
      out_.work += batcher.last_work();
      for (const TokenGap& gap : batcher.token_gaps()) add_gap(gap);
    }
    for (const BatchProgress& one : progress_) {
      Asked& asked = asked_[one.tag];
      if (one.what == BatchProgress::What::first_token) {
        asked.first = now;
      } else {
        completed(asked, one, now);
        changed_[engine] = ++changes_;
      }
    }
  }

  void add_gap(const TokenGap& gap) {
    if (gap.times == 0) return;
    constexpr int kShift = 52 - 7;
    TokenGap& to = gaps_[std::bit_cast<std::uint64_t>(gap.ns) >> kShift];
    const double times = static_cast<double>(to.times + gap.times);
    to.ns += (gap.ns - to.ns) * static_cast<double>(gap.times) / times;
    to.times += gap.times;
  }

  void completed(const Asked& asked, const BatchProgress& one, SimTime now) {
    if (counting_) {
      out_.served += 1;
      out_.cached += static_cast<double>(one.cached);
    }
    if (one.tag >= before_ && one.tag < last()) {
      ++told_;
      out_.ttft_s.push_back(to_seconds(asked.first - asked.arrived));
      out_.latency_s.push_back(to_seconds(now - asked.arrived));
      const std::uint64_t output = request(one.tag).output;
      if (output > 1) {
        out_.tpot_s.push_back(to_seconds(now - asked.first) / static_cast<double>(output - 1));
      }
    }
    ++completions_;
  }

  void start_counting(SimTime now) {
    counting_ = true;
    since_ = at_ = now;
    add_totals(-1);
  }

  void stop_counting(SimTime now) {
    if (!counting_) return;
    account(now);
    counting_ = false;
    counted_ = true;
    over_s_ = to_seconds(now - since_);
    add_totals(1);
  }

  /// What batchers have counted so far.
  void add_totals(double sign) {
    for (const Batcher& batcher : batchers_) {
      out_.computed += sign * static_cast<double>(batcher.computed_tokens());
      out_.host += sign * static_cast<double>(batcher.host_tokens());
      out_.preemptions += sign * static_cast<double>(batcher.preemptions());
    }
  }

  void account(SimTime now) {
    if (!counting_ || now == at_) return;
    const double span_s = to_seconds(now - at_);
    at_ = now;
    double together = 0;
    for (const Batcher& batcher : batchers_) {
      const auto running = static_cast<double>(batcher.running());
      together += running;
      out_.running += running * span_s;
      out_.number += (running + static_cast<double>(batcher.waiting())) * span_s;
      out_.blocks += static_cast<double>(batcher.blocks_used()) * span_s;
      if (batcher.full()) out_.full += span_s;
    }
    squares_ += together * together * span_s;
    window_ += together * span_s;
    window_s_ += span_s;
    if (window_s_ < window_length_s()) return;
    window_squares_ += window_ * window_ / window_s_;
    windows_s_ += window_s_;
    windows_ += window_;
    window_ = window_s_ = 0;
  }

  double window_length_s() const {
    return !steady() ? 1e18
                     : static_cast<double>(demand_.requests.size()) /
                           (kWindows * trial_.rate_per_s / trial_.one_of);
  }

  /// How much runs, of all engines together: its variance and its memory.
  void settle_variance() {
    const double mean = out_.running / over_s_;
    const double variance = squares_ / over_s_ - mean * mean;
    out_.variance = std::max(0.0, variance) / static_cast<double>(batchers_.size());
    if (windows_s_ == 0 || variance <= 0) return;
    const double over_windows = windows_ / windows_s_;
    const double of_means = window_squares_ / windows_s_ - over_windows * over_windows;
    out_.memory_s = memory_of(window_length_s(), of_means / variance);
  }

  /// From sums to means.
  void settle() {
    HYPERDC_CHECK(over_s_ > 0, "a trial took no time");
    for (const auto& [_, gap] : gaps_) out_.gaps.push_back(gap);
    settle_variance();
    const double engines = static_cast<double>(batchers_.size());
    for (double* over_time : {&out_.number, &out_.running, &out_.full, &out_.blocks}) {
      *over_time /= engines * over_s_;
    }
    const double served = std::max(1.0, out_.served);
    out_.rate_per_s = served / over_s_;
    for (double* each : {&out_.computed, &out_.cached, &out_.host, &out_.preemptions,
                         &out_.work.flops, &out_.work.bytes}) {
      *each /= served;
    }
  }

  const TrialDemand& demand_;
  TrialRules trial_;
  const RandomStream& choices_;
  std::uint64_t before_;  // requests that are not counted
  std::vector<Batcher> batchers_;
  std::vector<std::uint64_t> changed_;  // by engine: number of the last change of its load
  std::uint64_t changes_ = 0;
  std::vector<Asked> asked_;  // by number
  std::vector<BatchProgress> progress_;
  double arrival_s_ = 0;  // of the next
  std::uint64_t gaps_taken_ = 0;
  std::map<std::uint64_t, TokenGap> gaps_;
  SimTime next_arrival_, since_, at_;
  bool counting_ = false, counted_ = false;  // now; all that is to be
  double over_s_ = 0;
  double squares_ = 0;  // of those that run
  double window_ = 0, window_s_ = 0, windows_ = 0, windows_s_ = 0, window_squares_ = 0;
  std::uint64_t completions_ = 0, told_ = 0;
  TrialResult out_;
};

}  // namespace

TrialResult try_engines(const BatchRules& rules, const IterationTime& time,
                        const TrialDemand& demand, const TrialRules& trial,
                        const RandomStream& choices) {
  HYPERDC_CHECK(demand.requests.size() >= 4 && demand.gaps.size() == demand.requests.size(),
                "a trial needs requests, and a gap before each");
  return Trial(rules, time, demand, trial, choices).run();
}

}  // namespace hyperdc
