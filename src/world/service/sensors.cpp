#include "world/service/sensors.hpp"

#include <utility>

namespace hyperdc {
namespace {

void add(EngineSample& sum, const EngineSample& sample) {
  sum.cache_s += sample.cache_s;
  sum.replica_s += sample.replica_s;
  sum.tokens += sample.tokens;
  sum.served += sample.served;
  sum.prompts += sample.prompts;
  sum.outputs += sample.outputs;
  sum.ttft_s.merge(sample.ttft_s);
  sum.tpot_s.merge(sample.tpot_s);
}

std::optional<TailReading> tail(const Histogram& times) {
  if (times.count() == 0) return std::nullopt;
  return TailReading{times.quantile(0.95), times.quantile(0.99), times.mean()};
}

void read_engines(const EngineSample& sum, double span_s, ScaleView& view) {
  view.tokens_per_s = sum.tokens / span_s;
  if (sum.replica_s > 0) view.kv_utilization = sum.cache_s / sum.replica_s;
  view.ttft = tail(sum.ttft_s);
  view.tpot = tail(sum.tpot_s);
  if (sum.served == 0) return;
  view.prompt_mean = sum.prompts / sum.served;
  view.output_mean = sum.outputs / sum.served;
}

}  // namespace

void Sensors::scrape(SimTime now, double busy_s, double slots_s, double load_s, bool lost) {
  open_.at = now;
  open_.span = now - last_;
  open_.busy_s = busy_s;
  open_.slots_s = slots_s;
  open_.load_s = load_s;
  open_.lost = lost;
  last_ = now;
  samples_.push_back(std::exchange(open_, SensorSample{}));
  const Duration keep = spec_.window + spec_.delay + spec_.scrape;
  while (samples_.size() > 1 && samples_.front().at < now - keep) samples_.pop_front();
}

void Sensors::read(ScaleView& view) const {
  const SimTime newest = view.now - spec_.delay;
  const SimTime oldest = newest - spec_.window;
  SensorSample sum;
  double span_s = 0;
  for (const SensorSample& sample : samples_) {
    if (sample.lost || sample.at <= oldest || sample.at > newest) continue;
    span_s += to_seconds(sample.span);
    sum.busy_s += sample.busy_s;
    sum.slots_s += sample.slots_s;
    sum.load_s += sample.load_s;
    sum.arrivals += sample.arrivals;
    sum.completions += sample.completions;
    sum.latency_s += sample.latency_s;
    sum.service_s += sample.service_s;
    if (scope_.latency) sum.latency.merge(sample.latency);
    if (scope_.engines) add(sum.engines, sample.engines);
  }
  if (span_s <= 0) return;
  view.arrivals_per_s = sum.arrivals / span_s;
  view.completions_per_s = sum.completions / span_s;
  view.in_system = sum.load_s / span_s;
  view.queued = (sum.load_s - sum.busy_s) / span_s;
  if (sum.slots_s > 0) view.utilization = sum.busy_s / sum.slots_s;
  if (scope_.engines) read_engines(sum.engines, span_s, view);
  if (sum.completions <= 0) return;
  view.latency_mean_s = sum.latency_s / sum.completions;
  view.service_mean_s = sum.service_s / sum.completions;
  if (const auto latency = tail(sum.latency)) {  // empty unless quantiles are kept
    view.latency_p95_s = latency->p95_s;
    view.latency_p99_s = latency->p99_s;
  }
}

}  // namespace hyperdc
