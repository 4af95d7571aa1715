#include "metrics/recorder.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "metrics/time_weighted.hpp"

namespace hyperdc {
namespace {

constexpr double kNsToSeconds = 1e9;  // divided by, so that whole seconds stay whole

bool finite(double value) {
  return value - value == 0;
}

struct NamedQuantile {
  std::string_view suffix;
  double q;
};
constexpr auto kQuantiles =
    std::to_array<NamedQuantile>({{".p50", 0.5}, {".p90", 0.9}, {".p95", 0.95}, {".p99", 0.99}});

}  // namespace

/// Each metric uses the part of its kind; one flat vector keeps the way to it short.
struct Recorder::State {
  MetricKind kind = MetricKind::sample;
  bool written = false;
  CompensatedSum total;  // counter
  CompensatedSum step;   // counter: within the step
  TimeWeighted level;
  Histogram samples;
};

Recorder::Recorder(SimTime warmup) : warmup_(warmup) {}
Recorder::~Recorder() = default;

MetricId Recorder::declare(MetricInfo info) {
  HYPERDC_CHECK(!info.name.empty() && !info.unit.empty(), "a metric has no name or no unit");
  HYPERDC_CHECK(names_.insert(info.name).second, "metric declared twice: " + info.name);
  HYPERDC_CHECK(rows_.empty() && !finished_, "metric declared during the run: " + info.name);
  State state;
  state.kind = info.kind;
  state.level = TimeWeighted(warmup_);
  states_.push_back(std::move(state));
  infos_.push_back(std::move(info));
  return {static_cast<std::uint32_t>(states_.size() - 1)};
}

inline Recorder::State& Recorder::writable(MetricId id, MetricKind kind) {
  HYPERDC_CHECK(id.value < states_.size(), "the metric was not declared");
  State& state = states_[id.value];
  HYPERDC_CHECK(state.kind == kind, "metric written as another kind: " + infos_[id.value].name);
  HYPERDC_CHECK(!finished_, "metric written after the end: " + infos_[id.value].name);
  return state;
}

const Recorder::State& Recorder::readable(MetricId id) const {
  HYPERDC_CHECK(id.value < states_.size(), "the metric was not declared");
  return states_[id.value];
}

void Recorder::add(MetricId id, SimTime at, double amount) {
  State& state = writable(id, MetricKind::counter);
  HYPERDC_CHECK(finite(amount), "not finite: " + infos_[id.value].name);
  state.step.add(amount);
  if (at >= warmup_) state.total.add(amount);
}

void Recorder::level(MetricId id, SimTime at, double value) {
  State& state = writable(id, MetricKind::level);
  HYPERDC_CHECK(finite(value), "not finite: " + infos_[id.value].name);
  state.written = true;
  state.level.set(at, value);
}

void Recorder::sample(MetricId id, SimTime at, double value) {
  sample(id, at, value, 1);
}

void Recorder::sample(MetricId id, SimTime at, double value, std::uint64_t times) {
  State& state = writable(id, MetricKind::sample);
  if (at < warmup_) return;
  state.samples.add(value, times);
}

void Recorder::finish(SimTime end) {
  HYPERDC_CHECK(!finished_, "the recorder was finished already");
  for (State& state : states_) {
    if (state.kind == MetricKind::level) state.level.advance(end);
  }
  end_ = end;
  finished_ = true;
}

double Recorder::total(MetricId id) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind == MetricKind::counter, "no counter: " + infos_[id.value].name);
  return state.total.value();
}

double Recorder::mean(MetricId id) const {
  const State& state = readable(id);
  if (state.kind == MetricKind::sample) return state.samples.mean();
  const double integral_s = integral(id);
  if (end_ <= warmup_) return state.level.value();
  // Rounding must not carry a constant level outside its own bounds.
  return std::clamp(integral_s / to_seconds(end_ - warmup_), state.level.low(), state.level.high());
}

double Recorder::max(MetricId id) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind != MetricKind::counter, "a counter: " + infos_[id.value].name);
  return state.kind == MetricKind::level ? state.level.high() : state.samples.max();
}

double Recorder::min(MetricId id) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind != MetricKind::counter, "a counter: " + infos_[id.value].name);
  return state.kind == MetricKind::level ? state.level.low() : state.samples.min();
}

double Recorder::integral(MetricId id) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind == MetricKind::level, "no level: " + infos_[id.value].name);
  HYPERDC_CHECK(finished_, "read before the end: " + infos_[id.value].name);
  return state.level.integral_ns() / kNsToSeconds;
}

std::uint64_t Recorder::count(MetricId id) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind == MetricKind::sample, "no sample: " + infos_[id.value].name);
  return state.samples.count();
}

double Recorder::quantile(MetricId id, double q) const {
  const State& state = readable(id);
  HYPERDC_CHECK(state.kind == MetricKind::sample, "no sample: " + infos_[id.value].name);
  return state.samples.quantile(q);
}

std::vector<MetricValue> Recorder::values() const {
  HYPERDC_CHECK(finished_, "the values are read before the end");
  std::vector<MetricValue> out;
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    const MetricId id{i};
    const State& state = states_[i];
    const MetricInfo& info = infos_[i];
    const auto put = [&](std::string_view suffix, double value) {
      out.push_back({info.name + std::string(suffix), info.unit, value, {}});
    };
    const auto put_missing = [&](std::string_view suffix, const char* reason) {
      out.push_back({info.name + std::string(suffix), info.unit, std::nullopt, reason});
    };
    if (state.kind == MetricKind::counter) {
      put("", state.total.value());
    } else if (state.kind == MetricKind::level) {
      if (state.written && end_ > warmup_) {
        put(".mean", mean(id));
        put(".max", max(id));
      } else {
        const char* reason = state.written ? "the warm-up is the whole run" : "never measured";
        put_missing(".mean", reason);
        put_missing(".max", reason);
      }
    } else {
      const Histogram& samples = state.samples;
      const bool any = samples.count() > 0;
      any ? put(".mean", samples.mean()) : put_missing(".mean", "no samples");
      for (const NamedQuantile& named : kQuantiles) {
        any ? put(named.suffix, samples.quantile(named.q))
            : put_missing(named.suffix, "no samples");
      }
      any ? put(".max", samples.max()) : put_missing(".max", "no samples");
      out.push_back({info.name + ".count", "1", static_cast<double>(samples.count()), {}});
    }
  }
  return out;
}

std::vector<MetricDistribution> Recorder::distributions() const {
  HYPERDC_CHECK(finished_, "the distributions are read before the end");
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(states_, [](const State& state) { return state.samples.count() > 0; }));
  const std::size_t most =
      std::clamp<std::size_t>(kMostBins / std::max<std::size_t>(1, known), 16, kMostBinsEach);
  std::vector<MetricDistribution> out;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].samples.count() == 0) continue;
    out.push_back({infos_[i].name, infos_[i].unit, states_[i].samples.bins(most)});
  }
  return out;
}

void Recorder::close_step(SimTime at) {
  HYPERDC_CHECK(!finished_, "a step ends after the end");
  HYPERDC_CHECK(at >= step_start_, "a step ends before it begins");
  if (at == step_start_) return;  // a run that ends with a step: nothing is left for another row
  const auto length_ns = static_cast<double>((at - step_start_).ns);
  rows_.push_back(to_seconds(at));
  for (State& state : states_) {
    if (state.kind == MetricKind::counter) {
      rows_.push_back(state.step.value());
      state.step = {};
    } else if (state.kind == MetricKind::level) {
      state.level.advance(at);
      rows_.push_back(state.level.take_step_ns() / length_ns);
    }
  }
  step_start_ = at;
}

void Recorder::join_steps() {
  std::vector<bool> summed(1, false);  // the time; only counters add up
  for (const State& state : states_) {
    if (state.kind != MetricKind::sample) summed.push_back(state.kind == MetricKind::counter);
  }
  const std::size_t width = summed.size();
  HYPERDC_CHECK(rows_.size() % (2 * width) == 0, "an odd number of steps cannot be joined");
  const std::size_t pairs = rows_.size() / width / 2;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const double* first = &rows_[2 * pair * width];
    const double* second = first + width;
    double* joined = &rows_[pair * width];
    joined[0] = second[0];
    for (std::size_t i = 1; i < width; ++i) {
      joined[i] = summed[i] ? first[i] + second[i] : first[i] + (second[i] - first[i]) / 2;
    }
  }
  rows_.resize(pairs * width);
}

std::uint64_t Recorder::series_size() const {
  return rows_.size() / (series_columns().size() + 1);
}

std::vector<std::string> Recorder::series_columns() const {
  std::vector<std::string> columns;
  for (const MetricInfo& info : infos_) {
    if (info.kind == MetricKind::sample) continue;
    columns.push_back(info.unit == "1" ? info.name : info.name + "_" + info.unit);
  }
  return columns;
}

const std::vector<double>& Recorder::series_rows() const {
  return rows_;
}

const std::vector<MetricInfo>& Recorder::infos() const {
  return infos_;
}

}  // namespace hyperdc
