#include "model/queueing/split.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/erlang_real.hpp"
#include "core/math.hpp"

namespace hyperdc::queueing {
namespace {

/// Sums over i = 0..n-1 of r^i, i r^i, i^2 r^i; n infinite where it is below 0.
std::array<double, 3> truncated_sums(double r, double n) {
  if (n < 0) {
    const double rest = 1 - r;
    return {1 / rest, r / (rest * rest), r * (1 + r) / (rest * rest * rest)};
  }
  std::array<double, 3> sums{};
  double term = 1;
  for (double i = 0; i < n; i += 1) {
    sums[0] += term;
    sums[1] += term * i;
    sums[2] += term * i * i;
    term *= r;
    if (r < 1 && term * (i + 2) * (i + 2) < 1e-16 * sums[0]) break;
  }
  return sums;
}

/// What a walk of ratio r loses at its upper end, against one of ratio `load`: the flow that does
/// not fit, (load - 1) / load far above capacity.
double flow_factor(double load, double r) {
  return std::fabs(r - load) < 1e-12 || std::fabs(r - 1) < 1e-9 || r <= 0
             ? 1
             : (load - 1) / (r - 1) * r / load;
}

/// The chain of the number waiting under least loaded routing while fewer wait than there are
/// replicas, and what the waiting meet; see split.hpp.
struct Lines {
  double all = 0, wait = 0, first = 0, second = 0, full = 0;
  void add(double weight, double busy, double ahead) {
    all += weight;
    wait += weight * busy;
    first += weight * busy * ahead;
    second += weight * busy * ahead * ahead;
  }
};

/// Erlang's B of the slots of lines - q replicas, for rising q: by blocks, within which the
/// recursion runs upwards from the fewest slots, where it is stable.
class BusyLines {
 public:
  BusyLines(double slots, double lines, double offered)
      : slots_(slots), lines_(lines), offered_(offered) {}

  double at(double q) {
    if (q >= lines_) return 1;
    if (std::floor(slots_) != slots_) return erlang_b_real(slots_ * (lines_ - q), offered_);
    if (q >= end_) fill(q);
    return block_[static_cast<std::size_t>(end_ - 1 - q)];
  }

 private:
  void fill(double q) {
    end_ = std::min(lines_, q + std::max(4.0, 0.5 * q));
    block_.clear();
    double n = slots_ * (lines_ - end_ + 1);
    double b = erlang_b_real(n, offered_);
    block_.push_back(b);
    for (double k = end_ - 2; k >= q; k -= 1) {
      for (double i = 0; i < slots_; i += 1) {
        n += 1;
        b = offered_ * b / (n + offered_ * b);
      }
      block_.push_back(b);
    }
  }

  double slots_, lines_, offered_;
  double end_ = 0;             // the block holds the q below
  std::vector<double> block_;  // of q = end - 1, end - 2, ..
};

/// From every replica having a waiting request on the chain is geometric; floor(i / lines) stand
/// in front of who finds i.
void add_rounds(Lines& sum, double weight, double r, double lines, double places) {
  const double round = math::pow(r, lines);
  const double in_round = r == 1 ? lines : (1 - round) / (1 - r);
  double level = 1;
  double at = lines;
  for (; places < 0 || at + lines <= places; level += 1, at += lines) {
    sum.add(weight * in_round, 1, level);
    weight *= round;
    if (r < 1 && weight * in_round * (level + 2) * (level + 2) < 1e-15 * sum.all) return;
    if (weight > 1e200) {  // drifts upwards: all scaled down
      sum = {sum.all / weight, sum.wait / weight, sum.first / weight, sum.second / weight, 0};
      weight = 1;
    }
  }
  for (; at < places; at += 1) {
    sum.add(weight, 1, level);
    weight *= r;
  }
  sum.full = weight;
}

}  // namespace

SplitModel::SplitModel(const SplitStation& station) : station_(station) {
  HYPERDC_CHECK(station.replicas > 0 && station.concurrency > 0, "a station has no slots");
  if (station.split != Split::power_of_two || station.replicas < 3) return;
  for (double rest = 1; rest > 1e-7; rest *= rest > 0.5 ? 0.97 : 0.9) {
    many_.push_back(many(1 - rest));
  }
}

/// The equations for many replicas, solved for s(c) by bisection: s(0) = 1 rises with it.
SplitModel::ManyPoint SplitModel::many(double load) const {
  ManyPoint point;
  point.load = load;
  if (load <= 0) return point;
  const std::uint32_t c = station_.concurrency;
  const double lambda = load * c;
  double below = 0;
  const auto start = [&](double s_c) {
    double tail = 0;  // s(k + 2) + .. + s(c)
    double s = s_c;   // s(k + 1)
    below = s_c;
    for (std::uint32_t k = c; k-- > 0;) {
      const double next = std::sqrt(((k + 1) * s + tail) / lambda);
      tail += s;
      s = next;
      if (k > 0) below += s;
      if (s > 2) break;
    }
    return s;
  };
  double low = -700;  // of the logarithm
  double high = 0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (start(math::exp(middle)) < 1 ? low : high) = middle;
  }
  double s = math::exp(low);
  start(s);
  point.number = below;
  point.wait = s * s;
  for (double j = 1; s > 1e-30 && j < 1e5; j += 1) {
    s = load * s * s;
    point.number += s;
    point.ahead_first += s * s;
    point.ahead_second += (2 * j - 1) * s * s;
  }
  return point;
}

SplitModel::ManyPoint SplitModel::at_number(double number, std::size_t& hint) const {
  if (number >= many_.back().number) {
    ManyPoint point = many_.back();
    // Beyond the table every slot is busy and the queues are level.
    const double more = number - point.number;
    const double first = point.ahead_first;
    point.load = 1;
    point.number = number;
    point.wait = 1;
    point.ahead_second += 2 * more * first + more * more;
    point.ahead_first += more;
    return point;
  }
  while (hint > 0 && many_[hint].number > number) --hint;
  while (many_[hint + 1].number <= number) ++hint;
  const ManyPoint& a = many_[hint];
  const ManyPoint& b = many_[hint + 1];
  const double f = (number - a.number) / (b.number - a.number);
  const auto mix = [f](double x, double y) { return x + f * (y - x); };
  return {mix(a.load, b.load), number, mix(a.wait, b.wait), mix(a.ahead_first, b.ahead_first),
          mix(a.ahead_second, b.ahead_second)};
}

/// One replica alone with the queue limit: the geometric number waiting, cut.
Congestion SplitModel::limited(double servers, double arrivals_cv2, double load) const {
  const double z = 0.5 * (1 + arrivals_cv2);
  const double variation = (arrivals_cv2 + station_.queue_cv2) / (1 + arrivals_cv2);
  double r = 0;
  double below = 0;  // weight of the states with a free slot; "all busy, nobody waits" has 1
  if (load < 1) {
    const GiGc open{servers, load, arrivals_cv2};
    const double sigma = queue_ratio(open);
    const double wait = queueing::wait_probability(open);
    const double number = sigma / (1 - sigma) * variation;
    r = number / (1 + number);
    below = wait > 0 ? (1 - wait) / (wait * (1 - r)) : 1e300;
  } else {
    r = 1 + (load - 1) / (z * std::max(variation, 0.05));
    const double b = erlang_b_real(servers / z, servers * load / z);
    below = b > 0 ? 1 / b - 1 : 1e300;
  }
  const auto places = static_cast<double>(*station_.queue_limit);
  std::array<double, 3> sums{};
  double full = 1;
  if (r <= 1) {
    sums = truncated_sums(r, places);
    full = math::pow(r, places);
  } else {
    // Counted from the full station down, so that nothing overflows: i = top - d weighs r^-(d + 1).
    const std::array<double, 3> down = truncated_sums(1 / r, places);
    const double top = places - 1;
    sums = {down[0] / r, (top * down[0] - down[1]) / r,
            (top * top * down[0] - 2 * top * down[1] + down[2]) / r};
    below *= math::pow(r, -places);
  }
  Congestion out;
  const double admitted = below + sums[0];
  out.loss = places > 0 ? full / (admitted + full) * flow_factor(load, r)
                        : erlang_b_real(servers / z, servers * load / z);
  if (sums[0] <= 0) return out;
  out.wait_probability = sums[0] / admitted;
  const double mean = sums[1] / sums[0];
  out.ahead = {mean, std::max(0.0, sums[2] / sums[0] - mean * mean)};
  return out;
}

Congestion SplitModel::least_loaded(double load) const {
  const double c = station_.concurrency;
  const double lines = station_.replicas;
  const double offered = load * c * lines;
  const double z = 0.5 * (1 + station_.arrivals_cv2);
  const auto& limit = station_.queue_limit;
  const double places = limit ? static_cast<double>(*limit) * lines : -1;
  HYPERDC_CHECK(limit || load < 1, "a station without queue limit is overloaded");
  const auto power = [z](double x) {
    return z == 1 ? x : math::exp(math::log(x) / std::max(z, 0.02));
  };
  Lines sum;
  double weight = 1;
  double q = 0;
  BusyLines all_busy(c / z, lines, offered / z);
  for (; q < lines && (places < 0 || q < places); q += 1) {
    const double busy = all_busy.at(q);
    sum.add(weight, busy, 0);
    if (busy <= 0) break;
    weight *= power(offered * busy / (c * (q + 1)));
    if (weight < 1e-14 * sum.all && offered * busy < c * (q + 1)) break;
    if (weight > 1e200) {
      sum = {sum.all / weight, sum.wait / weight, 0, 0, 0};
      weight = 1;
    }
  }
  if (places >= 0 && q >= places) {
    sum.full = weight * all_busy.at(q);
    sum.all += weight - sum.full;  // full and no slot busy for all: a slot is still free
  } else if (q >= lines) {
    add_rounds(sum, weight, power(load), lines, places);
  }
  Congestion out;
  out.loss = sum.full / (sum.all + sum.full) * flow_factor(load, power(load));
  if (sum.wait <= 0) return out;
  // While fewer wait than there are replicas the chain takes the free slots to be at rest; Erlang's
  // delay takes every waiting request to keep one busy. The truth lies a quarter of the way.
  out.wait_probability = sum.wait / sum.all;
  if (load < 1 && !limit) {
    const double one_queue =
        queueing::wait_probability(GiGc{c * lines, load, station_.arrivals_cv2});
    out.wait_probability =
        one_queue > 0 ? out.wait_probability * math::pow(one_queue / out.wait_probability, 0.25)
                      : 0;
  }
  const double mean = sum.first / sum.wait;
  out.ahead = {mean, std::max(0.0, sum.second / sum.wait - mean * mean)};
  return out;
}

Congestion SplitModel::power_of_two(double load) const {
  const double c = station_.concurrency;
  const double slots = c * station_.replicas;
  const double effective = station_.replicas - 1 / c;
  const double z = 0.5 * (1 + station_.arrivals_cv2);
  std::size_t hint = 0;
  const auto upper = std::lower_bound(many_.begin(), many_.end(), load,
                                      [](const ManyPoint& p, double x) { return p.load < x; });
  // Most likely is the number at which the throughput is the load; sums start there.
  double likely = many_.back().number;
  if (upper != many_.end() && upper != many_.begin()) {
    const ManyPoint& low = *(upper - 1);
    likely =
        low.number + (upper->number - low.number) * (load - low.load) / (upper->load - low.load);
  }
  const double start = std::floor(likely * effective);
  double all = 0, wait = 0, first = 0, second = 0;
  const auto add = [&](double n, double weight) {
    const ManyPoint p = at_number(n / station_.replicas, hint);
    all += weight;
    wait += weight * p.wait;
    first += weight * p.ahead_first;
    second += weight * p.ahead_second;
  };
  const auto ratio = [&](double n) {  // p(n) / p(n - 1)
    const ManyPoint p = at_number(n / effective, hint);
    const double busy = std::min({n, slots, slots * p.load});
    const double x = slots * load / busy;
    return std::fabs(z - 1) < 1e-12 ? x : math::exp(math::log(x) / std::max(z, 0.02));
  };
  double weight = 1;
  for (double n = start; weight > 1e-13 * all; n += 1) {
    add(n, weight);
    weight *= ratio(n + 1);
  }
  weight = 1;
  for (double n = start; n >= 1 && weight > 1e-13 * all; n -= 1) {
    weight /= ratio(n);
    add(n - 1, weight);
  }
  Congestion out;
  if (!(wait > 1e-30 * all)) return out;
  out.wait_probability = wait / all;
  const double mean = first / wait;
  out.ahead = {mean, std::max(0.0, second / wait - mean * mean)};
  // Few replicas wait as often as many, if not more; the mean wait over all requests stays.
  const double often = upper == many_.end() ? 1 : upper->wait;
  if (out.wait_probability < often) {
    out.ahead.mean = std::max(0.0, (1 + mean) * out.wait_probability / often - 1);
    out.wait_probability = often;
  }
  return out;
}

Congestion SplitModel::congestion(double load) const {
  const double ca2 = station_.arrivals_cv2;
  const auto r = station_.replicas;
  const double c = station_.concurrency;
  if (load <= 0) return {};
  const bool apart = station_.split == Split::random || station_.split == Split::round_robin;
  if (apart || r == 1) {
    const double own = station_.split == Split::random ? 1 + (ca2 - 1) / r : ca2 / r;
    if (station_.queue_limit) return limited(c, own, load);
    const GiGc alone{c, load, own};
    const double sigma = queue_ratio(alone);
    const double rest = 1 - sigma;
    return {0, queueing::wait_probability(alone), {sigma / rest, sigma / (rest * rest)}};
  }
  Congestion out;
  if (many_.empty() || station_.queue_limit) {
    out = least_loaded(load);
    if (many_.empty()) {
      scale(out.ahead);
      return out;
    }
    // The limit takes from all replicas at once; below it the waits are those without.
    const Congestion open = power_of_two(std::min(load, 0.99));
    const double reach = open.ahead.mean + std::sqrt(open.ahead.variance);
    if (open.ahead.mean > out.ahead.mean && reach < static_cast<double>(*station_.queue_limit)) {
      out.ahead = open.ahead;
    }
    out.wait_probability = std::max(out.wait_probability, open.wait_probability);
  } else {
    out = power_of_two(load);
  }
  scale(out.ahead);
  return out;
}

/// Service that is not exponential, for queues that were computed as if it were.
void SplitModel::scale(Moments& ahead) const {
  const double v = (station_.arrivals_cv2 + station_.queue_cv2) / (1 + station_.arrivals_cv2);
  if (station_.queue_limit && v > 1) return;  // the limit holds
  ahead.mean *= v;
  ahead.variance *= v * v;
}

WaitShape wait_shape(const Congestion& congestion, double servers, const ServiceShape& service,
                     const Moments& first) {
  WaitShape shape;
  const double p = congestion.wait_probability;
  shape.probability = p;
  if (p <= 0) return shape;
  const double end_s = service.mean_s() / servers;  // between ends of the replica
  const double n = congestion.ahead.mean;
  // Routers that see loads send nobody behind a long service for long: the residual that is met
  // is shorter than the equilibrium's the more wait.
  const double met = first.mean > end_s ? 1 / (1 + 2.5 * p) : 1;
  shape.wait_s.mean = end_s + met * (first.mean - end_s) + n * end_s;
  shape.wait_s.variance = met * first.variance + n * service.cv2() * end_s * end_s +
                          congestion.ahead.variance * end_s * end_s;
  return shape;
}

SlowdownShape slowdown_shape(const Congestion& congestion, double servers, double load,
                             double service_mean_s, double excess_factor) {
  SlowdownShape shape;
  const double p = congestion.wait_probability;
  const double level = congestion.ahead.mean + 1;
  shape.excess_mean = p * level / servers;
  const double second = p * (congestion.ahead.variance + level * level) / (servers * servers);
  shape.excess_variance = std::max(0.0, second - shape.excess_mean * shape.excess_mean);
  const double longest = 1 / std::max(1e-6, 1 - std::min(load, 1.0));
  const double spread =
      shape.excess_mean > 0 ? servers * shape.excess_variance / shape.excess_mean : 1;
  shape.memory_s = service_mean_s * std::clamp(spread, 0.1, longest);
  shape.excess_mean *= excess_factor;
  shape.excess_variance *= excess_factor * excess_factor;
  return shape;
}

}  // namespace hyperdc::queueing
