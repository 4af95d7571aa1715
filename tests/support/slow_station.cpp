#include "support/slow_station.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <set>
#include <utility>

#include "core/rng.hpp"

namespace hyperdc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Request {
  double arrived = 0;
  double size = 0;
  std::size_t number = 0;
};

/// A replica keeps the completions of what is in service by the service that each slot has given
/// since the start; under first come, first served a slot gives one second a second.
struct Replica {
  std::set<std::pair<double, std::size_t>> serving;  // (given at completion, request)
  std::deque<Request> waiting;
  double given = 0;
  double since = 0;
};

class Simulation {
 public:
  Simulation(const SlowStation& station, std::uint64_t seed)
      : s_(station),
        service_(station.service),
        interval_(intervals(station)),
        arrivals_(seed, "slow-arrivals"),
        sizes_(seed, "slow-sizes"),
        routes_(seed, "slow-routes"),
        replicas_(station.replicas),
        next_(station.replicas, kInfinity) {
    for (const RatePiece& piece : station.rates) end_ += piece.duration_s;
    if (station.window_s > 0) {
      result_.windows.resize(static_cast<std::size_t>(std::ceil(end_ / station.window_s - 1e-9)));
    }
  }

  SlowResult run() {
    double arrival = next_arrival();
    for (;;) {
      const double completion = due_.empty() ? kInfinity : due_.begin()->first;
      const double at = std::min(arrival, completion);
      if (at > end_) break;
      advance(at);
      if (arrival <= completion) {
        arrive(at);
        arrival = next_arrival();
      } else {
        complete(due_.begin()->second, at);
      }
    }
    advance(end_);
    const double measured = end_ - s_.warmup_s;
    result_.utilization = busy_integral_ / (measured * s_.replicas * s_.concurrency);
    result_.in_system = number_integral_ / measured;
    for (SlowWindow& w : result_.windows) w.in_system /= s_.window_s;
    return std::move(result_);
  }

 private:
  static Distribution intervals(const SlowStation& station) {
    return Distribution(Gamma{1, station.arrivals_cv});
  }

  /// Adds unit-rate intervals until the integral of the rate has passed them.
  double next_arrival() {
    double left = interval_.draw(arrivals_, drawn_++);
    while (piece_ < s_.rates.size()) {
      const RatePiece& piece = s_.rates[piece_];
      const double area = (piece_start_ + piece.duration_s - clock_) * piece.rate_per_s;
      if (left < area) {
        clock_ += left / piece.rate_per_s;
        return clock_;
      }
      left -= area;
      piece_start_ += piece.duration_s;
      clock_ = piece_start_;
      ++piece_;
    }
    return kInfinity;
  }

  void advance(double at) {
    const double from = std::max(now_, s_.warmup_s);
    if (at > from) {
      number_integral_ += static_cast<double>(present_) * (at - from);
      busy_integral_ += static_cast<double>(busy_) * (at - from);
    }
    if (s_.window_s > 0) {
      for (double t = now_; t < at;) {
        const std::size_t w = window(t);
        const double until = std::min(at, static_cast<double>(w + 1) * s_.window_s);
        result_.windows[w].in_system += static_cast<double>(present_) * (until - t);
        if (until <= t) break;
        t = until;
      }
    }
    now_ = at;
  }

  std::size_t window(double t) const {
    const auto w = static_cast<std::size_t>(t / s_.window_s + 1e-12);
    return std::min(w, result_.windows.size() - 1);
  }

  std::size_t load(std::size_t r) const {
    return replicas_[r].serving.size() + replicas_[r].waiting.size();
  }

  std::size_t pick(std::uint64_t number) {
    const std::uint64_t n = s_.replicas;
    if (s_.router == SlowRouter::random) return routes_.below(n, number);
    if (s_.router == SlowRouter::round_robin) return number % n;
    if (s_.router == SlowRouter::power_of_two) {
      if (n == 1) return 0;
      const std::size_t a = routes_.below(n, number, 0);
      std::size_t b = routes_.below(n - 1, number, 1);
      if (b >= a) ++b;
      return load(b) < load(a) ? b : a;
    }
    // The least loaded; ties at random.
    std::size_t best = 0;
    std::uint64_t ties = 0;
    for (std::size_t r = 0; r < n; ++r) {
      if (load(r) < load(best)) {
        best = r;
        ties = 0;
      }
      if (load(r) == load(best)) ++ties;
    }
    std::uint64_t chosen = routes_.below(ties, number);
    for (std::size_t r = 0; r < n; ++r) {
      if (load(r) == load(best) && chosen-- == 0) return r;
    }
    return best;
  }

  void arrive(double at) {
    const std::uint64_t number = count_++;
    const Request request{at, service_.draw(sizes_, number), static_cast<std::size_t>(number)};
    const std::size_t r = pick(number);
    if (at >= s_.warmup_s) result_.offered += 1;
    if (load(r) >= s_.concurrency && load(r) - s_.concurrency >= s_.queue_limit) {
      if (at >= s_.warmup_s) result_.lost += 1;
      if (s_.window_s > 0) result_.windows[window(at)].lost += 1;
      return;
    }
    if (requests_.size() <= number) requests_.resize(2 * static_cast<std::size_t>(number) + 16);
    requests_[request.number] = request;
    ++present_;
    catch_up(r, at);
    if (s_.sharing || replicas_[r].serving.size() < s_.concurrency) {
      serve(r, request);
    } else {
      replicas_[r].waiting.push_back(request);
    }
    schedule(r);
  }

  double speed(const Replica& replica) const {
    const auto n = static_cast<double>(replica.serving.size());
    return s_.sharing && n > s_.concurrency ? s_.concurrency / n : 1;
  }

  std::size_t busy(const Replica& replica) const {
    return std::min<std::size_t>(replica.serving.size(), s_.concurrency);
  }

  void catch_up(std::size_t r, double at) {
    Replica& replica = replicas_[r];
    replica.given += (at - replica.since) * speed(replica);
    replica.since = at;
  }

  void serve(std::size_t r, const Request& request) {
    Replica& replica = replicas_[r];
    busy_ -= busy(replica);
    replica.serving.insert({replica.given + request.size, request.number});
    busy_ += busy(replica);
  }

  void schedule(std::size_t r) {
    const Replica& replica = replicas_[r];
    if (next_[r] < kInfinity) due_.erase({next_[r], r});
    next_[r] = kInfinity;
    if (replica.serving.empty()) return;
    const double left = std::max(0.0, replica.serving.begin()->first - replica.given);
    next_[r] = replica.since + left / speed(replica);
    due_.insert({next_[r], r});
  }

  void complete(std::size_t r, double at) {
    catch_up(r, at);
    Replica& replica = replicas_[r];
    const Request request = requests_[replica.serving.begin()->second];
    busy_ -= busy(replica);
    replica.serving.erase(replica.serving.begin());
    busy_ += busy(replica);
    --present_;
    if (request.arrived >= s_.warmup_s) {
      result_.latencies_s.push_back(at - request.arrived);
      result_.waits_s.push_back(std::max(0.0, at - request.arrived - request.size));
    }
    if (s_.window_s > 0) {
      result_.windows[window(at)].served += 1;
      result_.windows[window(request.arrived)].latencies_s.push_back(at - request.arrived);
    }
    if (!replica.waiting.empty()) {
      const Request next = replica.waiting.front();
      replica.waiting.pop_front();
      serve(r, next);
    }
    schedule(r);
  }

  const SlowStation& s_;
  Distribution service_, interval_;
  RandomStream arrivals_, sizes_, routes_;
  std::vector<Replica> replicas_;
  std::vector<double> next_;
  std::set<std::pair<double, std::size_t>> due_;
  std::vector<Request> requests_;
  SlowResult result_;
  double end_ = 0, now_ = 0, clock_ = 0, piece_start_ = 0;
  std::size_t piece_ = 0;
  std::uint64_t drawn_ = 0, count_ = 0;
  std::size_t present_ = 0, busy_ = 0;
  double number_integral_ = 0, busy_integral_ = 0;
};

}  // namespace

SlowResult simulate(const SlowStation& station, std::uint64_t seed) {
  return Simulation(station, seed).run();
}

double quantile_of(std::vector<double> values, double p) {
  const auto rank = static_cast<std::size_t>(p * static_cast<double>(values.size()));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

}  // namespace hyperdc::test
