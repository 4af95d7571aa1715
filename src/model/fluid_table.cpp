#include "model/fluid_table.hpp"

#include <algorithm>

#include "model/queueing/sojourn.hpp"

namespace hyperdc {
namespace {

using queueing::Split;

queueing::SplitStation split_station(const FluidService& config,
                                     const queueing::ServiceShape& shape, std::uint32_t replicas) {
  queueing::SplitStation station;
  station.split = config.split;
  station.replicas = replicas;
  station.concurrency = config.concurrency;
  station.arrivals_cv2 = config.arrivals_cv2;
  station.queue_cv2 = config.discipline == FluidDiscipline::fcfs ? shape.cv2() : 1;
  station.queue_limit = config.queue_limit;
  return station;
}

std::vector<double> loads(bool limited) {
  std::vector<double> loads;
  for (int i = 0; i <= 6; ++i) loads.push_back(0.1 * i);
  constexpr int kSteps = 49;  // 0.4 / 1.13^49 = 0.001
  double rest = 0.4;
  for (int i = 0; i < kSteps; ++i) loads.push_back(1 - (rest /= 1.13));
  if (!limited) return loads;
  loads.push_back(1);
  for (double over = 0.002; over < 63; over *= 1.3) loads.push_back(1 + over);
  return loads;
}

}  // namespace

FluidTable::FluidTable(const FluidService& config, const queueing::ServiceShape& shape,
                       std::uint32_t replicas)
    : config_(config),
      shape_(shape),
      first_end_(shape.first_end(config.concurrency)),
      replicas_(replicas),
      split_(split_station(config, shape, replicas)) {
  if (config.measured) {
    const StationEquilibria::Found& found = config.measured->found(replicas, config.split);
    for (const Node& node : found.nodes) add(node);
    times_.assign(found.times.begin(), found.times.end());
  } else {
    compute();
  }
  exact_ = nodes_.size() - 1;
  times_.resize(nodes_.size());
  const Node& last = nodes_.back();
  double waiting = last.number - config.concurrency * last.load;
  if (config.measured) {
    const StationEquilibria::Found& found = config.measured->found(replicas, config.split);
    waiting = found.waiting;
    worked_on_ = found.at_capacity;
  }
  if (!config.queue_limit) go_on_to_capacity(waiting);
}

void FluidTable::compute() {
  const double c = config_.concurrency;
  for (const double load : loads(config_.queue_limit.has_value())) {
    const Equilibrium e = equilibrium(load);
    Node node;
    node.load = load;
    node.loss = e.loss;
    node.carried = load * (1 - e.loss);
    node.all_busy = e.all_busy;
    const double excess = config_.discipline == FluidDiscipline::fcfs
                              ? e.wait.probability * e.wait.wait_s.mean / shape_.mean_s()
                              : e.slowdown.excess_mean;
    node.number = c * node.carried * (1 + excess);
    // A full station holds no more.
    if (config_.queue_limit) {
      node.number = std::min(node.number, c + static_cast<double>(*config_.queue_limit));
    }
    add(node);
  }
}

/// Beyond the last load what waits grows as 1 / (1 - load).
void FluidTable::go_on_to_capacity(double waiting) {
  const Node last = nodes_.back();
  const double rest_of_last = 1 - last.load;
  const double worked = last.number - waiting;
  const double at_capacity = std::max(worked_on_, worked);
  const auto worked_at = [&](double rest) {
    if (!config_.measured) return config_.concurrency * (1 - rest);
    return at_capacity - (at_capacity - worked) * rest / rest_of_last;
  };
  for (double rest = rest_of_last; rest > 1e-6;) {
    rest /= 1.3;
    add({1 - rest, worked_at(rest) + waiting * rest_of_last / rest, 0, 1 - rest, 1});
  }
}

/// The number rises with the load, if by next to nothing.
void FluidTable::add(Node node) {
  if (!nodes_.empty()) {
    node.number = std::max(node.number, nodes_.back().number * (1 + 1e-9) + 1e-12);
  }
  nodes_.push_back(node);
}

FluidTable::Equilibrium FluidTable::equilibrium(double load) const {
  const double c = config_.concurrency;
  Equilibrium e;
  if (load <= 0) return e;
  const bool apart =
      config_.split == Split::random || config_.split == Split::round_robin || replicas_ == 1;
  const double r = replicas_;
  const double ca2 = config_.split == Split::random ? 1 + (config_.arrivals_cv2 - 1) / r
                                                    : config_.arrivals_cv2 / r;
  const queueing::GiGc alone{c, load, ca2};
  if (apart && !config_.queue_limit) {
    e.all_busy = queueing::wait_probability(alone);
    if (config_.discipline == FluidDiscipline::fcfs) {
      e.wait = queueing::wait_shape(alone, shape_, first_end_);
    } else {
      e.slowdown = queueing::slowdown_shape(alone, shape_.mean_s(), shape_.cv2());
    }
    return e;
  }
  const queueing::Congestion found = split_.congestion(load);
  e.loss = found.loss;
  e.all_busy = found.wait_probability;
  e.wait = queueing::wait_shape(found, c, shape_, first_end_);
  const double variation = apart ? ca2 : config_.arrivals_cv2;
  const double factor = 2 * (variation + shape_.cv2()) / ((1 + variation) * (1 + shape_.cv2()));
  e.slowdown = queueing::slowdown_shape(found, c, load, shape_.mean_s(), factor);
  return e;
}

const FluidTable::Times& FluidTable::times(std::size_t node) {
  std::optional<Times>& times = times_[node];
  if (!times) {
    const Equilibrium e = equilibrium(nodes_[node].load);
    times.emplace();
    if (config_.discipline == FluidDiscipline::fcfs) {
      times->latency_s = queueing::sojourn_fcfs(shape_, e.wait);
      times->wait_s = queueing::waits_fcfs(shape_, e.wait);
      times->wait_reach_s = queueing::reach_of(times->wait_s);
    } else {
      times->latency_s = queueing::sojourn_ps(shape_, e.slowdown);
    }
    times->latency_reach_s = queueing::reach_of(times->latency_s);
  }
  return *times;
}

}  // namespace hyperdc
