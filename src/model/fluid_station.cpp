#include "model/fluid_station.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

using queueing::kStrata;
using queueing::Split;
using Node = FluidTable::Node;

/// One table for all numbers of replicas where they do not matter; else those within 2.2 % share
/// one,
std::uint32_t rounded(double mean, const FluidService& config) {
  if (config.split == Split::random && config.arrivals_cv2 == 1) return 1;
  if (config.measured) {
    const auto whole = static_cast<std::uint32_t>(std::clamp(std::round(mean), 1.0, 1e9));
    return config.measured->alike(whole, config.split);
  }
  const auto replicas = static_cast<std::uint32_t>(std::max(1.0, std::floor(mean + 0.5)));
  constexpr std::uint32_t kExact = 32;
  std::uint32_t step = 1;
  while (replicas / step >= 2 * kExact) step *= 2;
  return (replicas + step / 2) / step * step;
}

/// x at time t under dx/dt = a + b x, and the integral of x until then.
struct Linear {
  double a, b;
  double after(double x, double t) const {
    return b == 0 ? x + a * t : x + (x + a / b) * math::expm1(b * t);
  }
  double integral(double x, double end, double t) const {
    if (std::fabs(b * t) < 1e-4) return 0.5 * (x + end) * t;
    return (end - x - a * t) / b;
  }
  /// Time to reach `goal`; negative where it is never reached.
  double time_to(double x, double goal) const {
    const double speed = a + b * x;
    if (speed == 0 || (goal - x) * speed < 0) return -1;
    if (b == 0) return (goal - x) / speed;
    const double rest = (a + b * goal) / speed;
    return rest <= 0 ? -1 : math::log(rest) / b;
  }
};

}  // namespace

FluidStation::FluidStation(const FluidService& config) : config_(config), shape_(config.service) {}

double FluidStation::drop(double share) {
  const double gone = number_ * std::clamp(share, 0.0, 1.0);
  number_ -= gone;
  return gone;
}

void FluidStation::set_split(Split split) {
  config_.split = split;
  tables_.clear();
  node_ = 0;
}

FluidTable& FluidStation::table(double replicas) {
  const std::uint32_t key = rounded(replicas, config_);
  out_.alike = key;
  const auto found = tables_.find(key);
  if (found != tables_.end()) return found->second;
  return tables_.try_emplace(key, config_, shape_, key).first->second;
}

/// x of one replica at the largest load that comes to rest within `over_s`.
double FluidStation::resting_of_queue(const FluidTable& at, const FluidInput& input,
                                      double over_s) const {
  const std::vector<Node>& nodes = at.nodes();
  const double longest = nodes[at.exact()].number;
  const double service_s = shape_.mean_s() * input.slowdown;
  const double c = config_.concurrency;
  const bool apart = config_.split == Split::random || config_.split == Split::round_robin;
  const double sharing = apart ? c : c * input.replicas;
  const double cs2 = config_.discipline == FluidDiscipline::fcfs ? shape_.cv2() : 1;
  const double variation =
      config_.arrivals_cv2 / (apart ? std::max(1.0, input.replicas) : 1.0) + cs2;
  if (config_.queue_limit) {
    // A short queue is at rest at any load.
    const double places = static_cast<double>(*config_.queue_limit) * sharing / c;
    if (places * places * service_s < variation * sharing * over_s) {
      return longest;
    }
  }
  const double most = std::max(0.5, 1 - std::sqrt(service_s * variation / (sharing * over_s)));
  const auto above = std::upper_bound(nodes.begin(), nodes.end(), most,
                                      [](double load, const Node& n) { return load < n.load; });
  if (above == nodes.end()) return longest;
  const Node& high = *above;
  const Node& low = *(above - 1);
  const double f = (most - low.load) / (high.load - low.load);
  return std::min(longest, low.number + f * (high.number - low.number));
}

double FluidStation::resting_number(const FluidTable& at, const FluidInput& input,
                                    double over_s) const {
  return std::max(at.worked_on(), resting_of_queue(at, input, over_s));
}

double FluidStation::finish() {
  return std::exchange(number_, 0.0);
}

/// Moves x (of one replica) through the step.
FluidStation::Motion FluidStation::move(const FluidTable& at, const Drive& drive, double& x) {
  const std::vector<Node>& nodes = at.nodes();
  const std::size_t last = nodes.size() - 1;
  Motion sum;
  double left = drive.step_s;
  node_ = std::min(node_, last);
  // A piece is left in the direction of travel; each is entered once, but for rounding at bounds.
  for (int guard = 0; left > 0 && guard < 1000; ++guard) {
    while (node_ > 0 && x < nodes[node_].number) --node_;
    while (node_ < last && (x > nodes[node_ + 1].number ||
                            (x == nodes[node_ + 1].number && nodes[node_ + 1].load < drive.load))) {
      ++node_;
    }
    const double from = x;
    const double before_s = sum.number_s;
    const double t =
        node_ == last ? move_beyond(at, drive, left, x, sum) : move_within(at, drive, left, x, sum);
    left -= t;
    const double low = std::min(from, x);
    const double high = std::max(from, x);
    if (high <= drive.cut || t <= 0) continue;
    // A piece that crosses the cut is taken as straight.
    const double share = low >= drive.cut ? 1 : (high - drive.cut) / (high - low);
    sum.time_above_s += share * t;
    sum.above_s += low >= drive.cut ? sum.number_s - before_s - drive.cut * t
                                    : 0.5 * (high - drive.cut) * share * t;
  }
  return sum;
}

/// Until x leaves the piece at node_ or the time is over; returns the time taken.
double FluidStation::move_within(const FluidTable& at, const Drive& drive, double left, double& x,
                                 Motion& sum) {
  const Node& low = at.nodes()[node_];
  const Node& high = at.nodes()[node_ + 1];
  const auto speed = [&](const Node& n) {
    return drive.ends_per_s * (drive.load - n.load) * (1 - n.loss);
  };
  const double width = high.number - low.number;
  const double slope = (speed(high) - speed(low)) / width;
  const Linear line{speed(low) - slope * low.number, slope};
  const double direction = line.a + line.b * x;
  const double goal = direction > 0 ? high.number : low.number;
  const double reach = direction == 0 ? -1 : line.time_to(x, goal);
  const bool leaves = reach >= 0 && reach < left;
  const double t = leaves ? reach : left;
  const double end = leaves ? goal : std::clamp(line.after(x, t), low.number, high.number);
  const double area = line.integral(x, end, t);
  sum.number_s += area;
  sum.carried_s += low.carried * t + (high.carried - low.carried) / width * (area - low.number * t);
  x = end;
  if (leaves && direction > 0) ++node_;
  if (leaves && direction < 0 && node_ > 0) --node_;
  return t;
}

/// Beyond the table: every slot is busy, or the station is full.
double FluidStation::move_beyond(const FluidTable& at, const Drive& drive, double left, double& x,
                                 Motion& sum) {
  const Node& top = at.nodes().back();
  const bool down = drive.load < top.load;
  if (config_.queue_limit) {
    x = top.number;
    if (down) {
      --node_;
      return 0;
    }
    sum.number_s += x * left;
    sum.carried_s += top.carried * left;
    return left;
  }
  const double up = drive.ends_per_s * (drive.load - 1);
  if (x <= top.number && up < 0) {
    x = top.number;
    if (down) {
      --node_;
      return 0;
    }
    sum.number_s += x * left;  // between the end of the table and capacity: rests there
    sum.carried_s += drive.load * left;
    return left;
  }
  const double t = up < 0 ? std::min(left, (x - top.number) / -up) : left;
  const double end = t < left ? top.number : x + up * t;
  sum.number_s += 0.5 * (x + end) * t;
  sum.carried_s += t;
  x = end;
  return t;
}

const FluidStep& FluidStation::step(const FluidInput& input) {
  HYPERDC_CHECK(input.step_s > 0 && input.rate_per_s >= 0 && input.slowdown > 0,
                "a fluid step needs a length, a rate and a slowdown that are not negative");
  out_ = {};
  out_.arrived = input.rate_per_s * input.step_s;
  if (input.replicas == 0) {
    out_.lost = out_.arrived + number_;
    out_.dropped = number_;
    number_ = 0;
    return out_;
  }
  FluidTable& at = table(input.replicas);
  const double replicas = input.replicas;
  const double ends_per_s = config_.concurrency / (shape_.mean_s() * input.slowdown);
  const double before = number_ / replicas;
  double x = config_.queue_limit ? std::min(before, at.nodes().back().number) : before;
  const double start = x;
  Drive drive{input.rate_per_s / (replicas * ends_per_s), ends_per_s, input.step_s,
              resting_number(at, input, input.step_s)};
  Motion motion = move(at, drive, x);
  // What hardly changes has been there for longer than this step.
  const double change = std::fabs(x - start);
  if (motion.above_s > 0 && change * input.step_s < motion.number_s) {
    constexpr double kForever_s = 1e9;
    const double over_s =
        change * kForever_s > motion.number_s ? motion.number_s / change : kForever_s;
    drive.cut = resting_number(at, input, over_s);
    x = start;
    motion = move(at, drive, x);
  }
  // The integrals are rounded where x hardly moves (a full station): what was admitted is neither
  // negative nor more than arrived, and served is the rest of the balance.
  const double served = motion.carried_s * ends_per_s * replicas;
  out_.admitted = std::clamp(served + (x - start) * replicas, 0.0, out_.arrived);
  x = std::min(x, start + out_.admitted / replicas);
  out_.served = out_.admitted - (x - start) * replicas;
  out_.dropped = (before - start) * replicas;
  out_.lost = out_.arrived - out_.admitted + out_.dropped;
  out_.in_system = motion.number_s / input.step_s * replicas;
  out_.utilization = std::min(1.0, motion.carried_s / input.step_s);
  number_ = x * replicas;
  out_.in_system_end = number_;
  const double wait_s = 1 / ends_per_s;  // for one more at each replica
  latencies(at, input, motion, std::max(0.0, start - drive.cut) * wait_s,
            std::max(0.0, x - drive.cut) * wait_s);
  return out_;
}

void FluidStation::latencies(FluidTable& at, const FluidInput& input, const Motion& motion,
                             double first_s, double last_s) {
  const std::vector<Node>& nodes = at.nodes();
  const std::size_t last = at.exact();
  const double resting = (motion.number_s - motion.above_s) / input.step_s;
  std::size_t k = std::min(node_, last - 1);
  while (k > 0 && resting < nodes[k].number) --k;
  while (k + 1 < last && resting >= nodes[k + 1].number) ++k;
  const double f =
      std::clamp((resting - nodes[k].number) / (nodes[k + 1].number - nodes[k].number), 0.0, 1.0);
  const FluidTable::Times& a = at.times(k);
  const FluidTable::Times& b = f > 0 ? at.times(k + 1) : a;
  out_.all_busy = nodes[k].all_busy + f * (nodes[k + 1].all_busy - nodes[k].all_busy);
  place_ += 0.6180339887498949;
  if (place_ >= 1) place_ -= 1;
  const auto mix = [&](const queueing::Strata& x, const queueing::Strata& y, std::size_t i) {
    return (x[i] + f * (y[i] - x[i])) * input.slowdown;
  };
  const double place = place_ - 0.5;
  const auto& bounds = queueing::strata_bounds();
  for (std::size_t i = 0; i < kStrata; ++i) {
    out_.latency_s[i] = mix(a.latency_s, b.latency_s, i);
    out_.latency_sample_s[i] =
        out_.latency_s[i] + place * mix(a.latency_reach_s, b.latency_reach_s, i);
    out_.wait_s[i] = mix(a.wait_s, b.wait_s, i);
    out_.wait_sample_s[i] = out_.wait_s[i] + place * mix(a.wait_reach_s, b.wait_reach_s, i);
    out_.latency_mean_s += (bounds[i + 1] - bounds[i]) * out_.latency_s[i];
  }
  if (motion.time_above_s > 0) {
    add_backlog(first_s, last_s, std::min(1.0, motion.time_above_s / input.step_s));
    out_.latency_mean_s +=
        motion.above_s / input.step_s * shape_.mean_s() * input.slowdown / config_.concurrency;
  }
}

/// Adds the wait behind the backlog; strata and moments of arrival are crossed by steps of the
/// golden ratio. `share`: of the step in which there is a backlog.
void FluidStation::add_backlog(double first_s, double last_s, double share) {
  const double base_s = out_.latency_mean_s;
  double place = 0.5;  // of the arrival in the step
  for (std::size_t i = 0; i < kStrata; ++i) {
    place += 0.6180339887498949;
    if (place >= 1) place -= 1;
    double backlog_s = 0;
    if (first_s > 0 && last_s > 0) {
      backlog_s = first_s + place * (last_s - first_s);
    } else if (first_s > 0) {
      backlog_s = first_s * std::max(0.0, 1 - place / share);
    } else {
      backlog_s = last_s * std::max(0.0, 1 - (1 - place) / share);
    }
    const bool sharing = config_.discipline == FluidDiscipline::sharing;
    for (queueing::Strata* latency_s : {&out_.latency_s, &out_.latency_sample_s}) {
      (*latency_s)[i] += sharing ? (*latency_s)[i] * backlog_s / base_s : backlog_s;
    }
    out_.wait_sample_s[i] += backlog_s;
    out_.wait_s[i] += backlog_s;
  }
}

}  // namespace hyperdc
