#include "world/service/engine_station.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/distribution.hpp"
#include "core/shuffle.hpp"
#include "model/queueing/sojourn.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {
namespace {

using queueing::Split;
using queueing::Strata;

constexpr double kFewestRequests = 3'000, kManyRequests = 30'000;
constexpr double kMostTokensTried = 2e7, kMostDrawn = 1e6;
constexpr std::size_t kMostRequests = 120'000;
constexpr std::uint32_t kMostEngines = 8;
constexpr std::array kLoads = {0.1, 0.2,  0.3, 0.4,  0.5,  0.6,  0.7,
                               0.8, 0.85, 0.9, 0.94, 0.97, 0.985};
constexpr double kAtCapacity = 0.995;  // the load that stands for it

/// One value of each of `count` equal strata, in random order.
std::vector<double> strata_of_values(const DistributionSpec& spec, std::size_t count,
                                     const RandomStream& order) {
  std::vector<double> values;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    values.push_back(queueing::quantile(spec, p));
    sum += values.back();
  }
  const double mean = Distribution(spec).mean() * static_cast<double>(count);
  if (sum > 0 && mean < 1e300) {  // what the tail beyond the last stratum has
    for (double& value : values) value *= mean / sum;
  }
  shuffle(values, order);
  return values;
}

Strata strata_of_times(const std::vector<double>& times) {
  if (times.empty()) return {};
  std::vector<queueing::Weighted> points;
  const double weight = 1 / static_cast<double>(times.size());
  for (const double t : times) points.push_back({std::max(t, 1e-9), weight});
  return queueing::strata_of(points);
}

Strata strata_of_gaps(const std::vector<TokenGap>& gaps) {
  double all = 0;
  for (const TokenGap& gap : gaps) all += static_cast<double>(gap.times);
  if (all == 0) return {};
  std::vector<queueing::Weighted> points;
  for (const TokenGap& gap : gaps) {
    points.push_back({std::max(gap.ns * 1e-9, 1e-9), static_cast<double>(gap.times) / all});
  }
  return queueing::strata_of(points);
}

FluidTimes times_of(const TrialResult& result) {
  FluidTimes times;
  times.latency_s = strata_of_times(result.latency_s);
  times.wait_s = strata_of_times(result.ttft_s);
  times.latency_reach_s = queueing::reach_of(times.latency_s);
  times.wait_reach_s = queueing::reach_of(times.wait_s);
  return times;
}

double mixed(double a, double b, double f) {
  return a + f * (b - a);
}

void mix(const Strata& a, const Strata& b, double f, Strata& to) {
  for (std::size_t k = 0; k < queueing::kStrata; ++k) to[k] = mixed(a[k], b[k], f);
}

}  // namespace

EngineStation::EngineStation(const ServiceWorkload& service, const EngineSpec& engine,
                             const IterationTime& time, std::uint64_t seed)
    : rules_(engine.rules),
      seed_(seed),
      time_(time),
      choices_(0, "workloads." + service.name + ".trial"),
      bursts_(!std::holds_alternative<PoissonRequests>(service.arrivals)) {
  const InferenceSpec& spec = *service.inference;
  const std::uint64_t each = rules_.blocks_of(whole_tokens(spec.mean_prompt + spec.mean_output));
  at_a_time_ = rules_.max_sequences;
  if (each > 0) at_a_time_ = std::max<std::uint64_t>(1, std::min(at_a_time_, rules_.blocks / each));
  const double by_tokens = kMostTokensTried / std::max(1.0, spec.mean_output);
  const auto count =
      static_cast<std::size_t>(std::clamp(by_tokens, kFewestRequests, kManyRequests));
  const std::size_t wanted = std::min<std::size_t>(kMostRequests, std::max(count, 20 * at_a_time_));
  draw(service, wanted);
  const auto served = demand_.requests.size();
  if (served > 0 && served < wanted / 2) {  // few can finish: as many of these
    const double more = static_cast<double>(wanted) / served_share_;
    draw(service, static_cast<std::size_t>(std::min(more, kMostDrawn)));
  }
  if (demand_.requests.empty()) return;
  note_work();
  saturated_ = trial({});
}

void EngineStation::note_work() {
  double sum = 0, squares = 0;
  for (const TrialRequest& request : demand_.requests) {
    const double alone_s =
        to_seconds(time_alone(time_, request.prompt, request.output, rules_.growth));
    sum += alone_s;
    squares += alone_s * alone_s;
  }
  const auto n = static_cast<double>(demand_.requests.size());
  work_cv2_ = std::max(0.0, squares * n / (sum * sum) - 1);
}

/// The requests of trials.
void EngineStation::draw(const ServiceWorkload& service, std::size_t count) {
  demand_ = {};
  const InferenceSpec& spec = *service.inference;
  const std::string stream = "workloads." + service.name + ".trial_";
  const TokenClass& tokens = spec.classes.front();
  const auto prompts = strata_of_values(tokens.prompt, count, {0, stream + "prompt"});
  const auto outputs = strata_of_values(tokens.output, count, {0, stream + "output"});
  if (spec.prefixes && rules_.prefix_caching)
    prefixes_.emplace(*spec.prefixes, service.name, seed_);
  double prompt = 0, output = 0, decoded = 0;
  for (std::size_t i = 0; i < count; ++i) {
    TrialRequest request{whole_tokens(prompts[i]), whole_tokens(outputs[i]), {}};
    if (!can_finish(rules_, request.prompt, request.output)) continue;
    if (prefixes_) request.prefix = prefixes_->of(i, request.prompt);
    prompt += static_cast<double>(request.prompt);
    output += static_cast<double>(request.output);
    decoded += request.output > 1 ? 1 : 0;
    demand_.requests.push_back(request);
  }
  const auto served = static_cast<double>(demand_.requests.size());
  served_share_ = served / static_cast<double>(count);
  if (served < 4) {
    demand_.requests.clear();
    served_share_ = 0;
    return;
  }
  mean_prompt_ = prompt / served;
  mean_output_ = output / served;
  decoded_share_ = decoded / served;
  DistributionSpec gap = Exponential{1};
  if (const auto* gamma = std::get_if<GammaRequests>(&service.arrivals)) gap = Gamma{1, gamma->cv};
  if (const auto* weibull = std::get_if<WeibullRequests>(&service.arrivals)) {
    gap = Weibull{1, weibull->cv};
  }
  demand_.gaps = strata_of_values(gap, demand_.requests.size(), {0, stream + "gap"});
}

TrialResult EngineStation::trial(TrialRules rules) const {
  rules.before = demand_.requests.size() / 4 + 2 * at_a_time_ * rules.engines;
  return try_engines(rules_, time_, demand_, rules, choices_);
}

/// One engine gets its part of the arrivals, unless the router looks at loads.
TrialResult EngineStation::steady_trial(std::uint32_t replicas, Split split, double load) const {
  TrialRules rules;
  rules.arrivals = TrialArrivals::steady;
  rules.split = split;
  rules.rate_per_s = load * capacity_per_s() * replicas;
  const bool apart = split == Split::random || split == Split::round_robin;
  (apart ? rules.one_of : rules.engines) = replicas;
  return trial(rules);
}

std::uint32_t EngineStation::alike(std::uint32_t replicas, Split split) const {
  const bool apart = split == Split::random || split == Split::round_robin;
  if (replicas <= kMostEngines || !apart || !bursts_) {
    return std::clamp(replicas, 1U, kMostEngines);
  }
  return std::bit_floor(replicas + replicas / 2);  // of bursts it matters how thin they are spread
}

EngineReading EngineStation::reading_of(const TrialResult& result) const {
  EngineReading reading;
  reading.number = result.number;
  reading.running = result.running;
  reading.full = result.full;
  reading.variance = result.variance;
  reading.memory_s = result.memory_s;
  if (rules_.blocks > 0) reading.cache = result.blocks / static_cast<double>(rules_.blocks);
  reading.computed = result.computed;
  reading.cached = result.cached;
  reading.host = result.host;
  reading.preemptions = result.preemptions;
  reading.work = result.work;
  reading.tpot_s = strata_of_times(result.tpot_s);
  reading.gap_s = strata_of_gaps(result.gaps);
  for (const TokenGap& gap : result.gaps) reading.gaps += static_cast<double>(gap.times);
  reading.gaps /= std::max(1.0, result.served);
  return reading;
}

const StationEquilibria::Found& EngineStation::found(std::uint32_t replicas, Split split) {
  const auto [at, is_new] = groups_.try_emplace({replicas, split});
  Group& group = at->second;
  if (!is_new) return group.found;
  if (demand_.requests.empty()) {  // nobody is let in
    group.found.nodes = {{0, 0, 0, 0, 0}, {0.5, 0.5, 0, 0.5, 0.5}};
    group.found.times.resize(2);
    group.readings.resize(1);
    group.found.waiting = 0;
    return group.found;
  }
  TrialRules alone;
  alone.arrivals = TrialArrivals::closed;
  add_node(group, 0, trial(alone));
  for (const double load : kLoads) add_node(group, load, steady_trial(replicas, split, load));
  add_capacity(group);
  return group.found;
}

/// Numbers rise with the load.
void EngineStation::add_node(Group& group, double load, const TrialResult& result) const {
  EngineReading reading = reading_of(result);
  if (load == 0) reading.number = reading.running = reading.full = reading.cache = 0;
  if (load == 0) reading.variance = 0;
  if (!group.readings.empty()) {
    reading.number = std::max(reading.number, 1.0001 * group.readings.back().number + 1e-9);
  }
  group.found.nodes.push_back({load, reading.number, 0, load, reading.full});
  group.found.times.push_back(times_of(result));
  group.readings.push_back(reading);
}

/// Those that run then have not waited; what is beyond them waits.
void EngineStation::add_capacity(Group& group) const {
  const EngineReading last = group.readings.back();
  group.found.waiting = std::max(0.0, last.number - last.running);
  group.found.at_capacity = saturated_.running;
  EngineReading busy = reading_of(saturated_);
  if (saturated_.running > 1.02 * last.number) {
    TrialRules rules;
    rules.arrivals = TrialArrivals::closed;
    rules.population = static_cast<std::uint64_t>(std::llround(saturated_.running));
    const TrialResult result = trial(rules);
    add_node(group, kAtCapacity, result);
    busy = group.readings.back();
  } else {
    busy.number = std::max(saturated_.running, 1.0001 * last.number);
    group.readings.push_back(busy);
  }
  group.readings.back().variance = last.variance;
  group.readings.back().memory_s = last.memory_s;
}

const EngineReading& EngineStation::at(double number, std::uint32_t replicas, Split split) {
  const std::vector<EngineReading>& all = groups_.at({replicas, split}).readings;
  const auto above =
      std::ranges::upper_bound(all, number, {}, [](const EngineReading& r) { return r.number; });
  if (above == all.end()) return all.back();
  const EngineReading& b = *above;
  const EngineReading& a = above == all.begin() ? b : *(above - 1);
  const double f = b.number > a.number ? (number - a.number) / (b.number - a.number) : 0;
  mixed_.number = number;
  for (const auto member : {&EngineReading::running, &EngineReading::full, &EngineReading::cache,
                            &EngineReading::computed, &EngineReading::cached, &EngineReading::host,
                            &EngineReading::preemptions, &EngineReading::gaps,
                            &EngineReading::variance, &EngineReading::memory_s}) {
    mixed_.*member = mixed(a.*member, b.*member, f);
  }
  mixed_.work = {mixed(a.work.flops, b.work.flops, f), mixed(a.work.bytes, b.work.bytes, f)};
  mix(a.tpot_s, b.tpot_s, f, mixed_.tpot_s);
  mix(a.gap_s, b.gap_s, f, mixed_.gap_s);
  return mixed_;
}

}  // namespace hyperdc
