// Seasonal: a Holt-Winters forecast of the load, and replicas for what is coming.
//
// Computes the total y of the metric in slots of `slot`, m slots a `season`. The first season gives
// level L = its mean, trend B = 0 and seasonal parts s_i = y_i - L (0 where nothing was seen). Then
// for each slot i with error e = y - (L + B + s_i), before the update:
//   L' = alpha (y - s_i) + (1 - alpha) (L + B)       B' = beta (L' - L) + (1 - beta) B
//   s_i' = gamma (y - L') + (1 - gamma) s_i          v' = 0.9 v + 0.1 e^2
// A slot without a reading moves L by B and nothing else. Forecast k slots after the last closed
// one: L + k B + s_{i+k}. Load to serve: the greater of the present total and of the forecasts of
// the slots from now to now + `lead`, each + safety * sqrt(v). Replicas = ceil(load / target); the
// greatest of the last down_window is answered. Before the first season is over: the present only.
// Units: busy replicas, requests/s or requests; s.
// Source: Winters, Forecasting Sales by Exponentially Weighted Moving Averages (1960), additive
// form; the policy is ours. Valid for one season of constant length. Leaves out: a second season (a
// day is forecast from days, weekends included; take 7 d and slots of 1 h for weeks), damping,
// events.
#include <algorithm>
#include <cmath>
#include <vector>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/window.hpp"

namespace hyperdc {
namespace {

constexpr double kErrorMemory = 0.9;

struct Options {
  ScaleMetric metric = ScaleMetric::utilization;
  double target = 0.5;
  Duration slot, lead, period, down_window;
  std::size_t slots = 0;  // of a season
  double alpha = 0, beta = 0, gamma = 0, safety = 0;
};

/// Holt-Winters over slots that are given one by one.
class HoltWinters {
 public:
  explicit HoltWinters(const Options& options) : options_(options) {}

  void slot(std::optional<double> load) {
    if (!ready_) {
      first_.push_back(load);
      if (first_.size() == options_.slots) begin();
      return;
    }
    next_ = (next_ + 1) % options_.slots;
    const std::size_t i = (next_ + options_.slots - 1) % options_.slots;
    if (!load) {
      level_ += trend_;
      return;
    }
    const double error = *load - (level_ + trend_ + season_[i]);
    variance_ = kErrorMemory * variance_ + (1 - kErrorMemory) * error * error;
    const double before = level_;
    level_ = options_.alpha * (*load - season_[i]) + (1 - options_.alpha) * (level_ + trend_);
    trend_ = options_.beta * (level_ - before) + (1 - options_.beta) * trend_;
    season_[i] = options_.gamma * (*load - level_) + (1 - options_.gamma) * season_[i];
  }

  bool ready() const { return ready_; }
  /// With its margin; ahead = 1 is the slot that is not over.
  double forecast(std::size_t ahead) const {
    const std::size_t i = (next_ + ahead - 1) % options_.slots;
    return level_ + static_cast<double>(ahead) * trend_ + season_[i] +
           options_.safety * std::sqrt(variance_);
  }

 private:
  void begin() {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& load : first_) {
      if (!load) continue;
      sum += *load;
      ++count;
    }
    if (count == 0) {  // nothing seen yet: the season begins again
      first_.clear();
      return;
    }
    level_ = sum / static_cast<double>(count);
    for (const auto& load : first_) season_.push_back(load ? *load - level_ : 0);
    ready_ = true;
  }

  Options options_;
  bool ready_ = false;
  std::vector<std::optional<double>> first_;
  std::vector<double> season_;
  std::size_t next_ = 0;  // seasonal index of the slot that is not over
  double level_ = 0, trend_ = 0, variance_ = 0;
};

class Seasonal final : public Autoscaler {
 public:
  explicit Seasonal(const Options& options)
      : options_(options), model_(options), past_(options.down_window) {}

  Duration interval() const override { return options_.period; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    const auto total = metric_total(view, options_.metric);
    take(view.now, total);
    double load = total.value_or(0);
    bool foreseen = false;
    if (model_.ready()) {
      const std::int64_t last = slot_of(view.now + options_.lead);
      for (std::int64_t slot = slot_; slot <= last; ++slot) {
        const double coming = model_.forecast(static_cast<std::size_t>(slot - slot_ + 1));
        foreseen = foreseen || coming > load;
        load = std::max(load, coming);
      }
    } else if (!total) {
      return std::nullopt;
    }
    const std::uint32_t need = whole_replicas(load / options_.target);
    past_.forget(view.now);
    const std::uint32_t held = std::max(need, static_cast<std::uint32_t>(past_.max().value_or(0)));
    past_.add(view.now, need);
    if (held < view.wanted) return scale_to(view, held, "neither load nor forecast need more");
    return scale_to(view, held, foreseen ? "forecast load needs more" : "load needs more");
  }

 private:
  std::int64_t slot_of(SimTime t) const { return t.ns / options_.slot.ns; }

  /// A reading belongs to the slot that ends at `now`, if one does.
  void take(SimTime now, std::optional<double> total) {
    const std::int64_t of_reading = slot_of(SimTime{std::max<std::int64_t>(0, now.ns - 1)});
    while (slot_ < of_reading) close();
    if (total) {
      sum_ += *total;
      ++count_;
    }
    while (slot_ < slot_of(now)) close();
  }

  void close() {
    model_.slot(count_ > 0 ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt);
    sum_ = 0;
    count_ = 0;
    ++slot_;
  }

  Options options_;
  HoltWinters model_;
  TimedWindow past_;
  std::int64_t slot_ = 0;  // the one that is not over
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

constexpr ParamSpec kParams[] = {
    metric_spec(),
    target_spec("0.5"),
    time_spec("season", R"("24 h")", 60, 31536000, "What repeats; a multiple of the slot."),
    time_spec("slot", R"("15 min")", 10, 86400,
              "Time over which the load is averaged before it is learnt."),
    number_spec("alpha", "0.3", 0, 1, "Weight of the newest slot in the level; higher is nervous."),
    number_spec("beta", "0.01", 0, 1, "Weight of the newest slot in the trend."),
    number_spec("gamma", "0.3", 0, 1, "Weight of the newest season in the seasonal part."),
    time_spec("lead", R"("10 min")", 0, 86400,
              "How far ahead replicas are provided; the time that they take to start, or more."),
    number_spec("safety", "1", 0, 10,
                "Standard errors of the forecast that are added; higher is more replicas."),
    down_window_spec(),
    period_spec(),
};

std::string check(const Params& params) {
  const std::int64_t season = params.duration("season").ns;
  const std::int64_t slot = params.duration("slot").ns;
  if (season % slot != 0 || season / slot < 2) {
    return "season is not a multiple of slot, two at least";
  }
  return target_problem(params.text("metric"), params.number("target"));
}

constexpr AutoscalerEntry kEntry = {
    "seasonal", "Ours: a Holt-Winters forecast of the load, replicas for what is coming.", kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.metric = scale_metric(params.text("metric"));
      options.target = params.number("target");
      options.slot = params.duration("slot");
      options.slots = static_cast<std::size_t>(params.duration("season").ns / options.slot.ns);
      options.alpha = params.number("alpha");
      options.beta = params.number("beta");
      options.gamma = params.number("gamma");
      options.lead = params.duration("lead");
      options.safety = params.number("safety");
      options.down_window = params.duration("down_window");
      options.period = params.duration("period");
      return std::make_unique<Seasonal>(options);
    },
    check};

}  // namespace

const AutoscalerEntry& seasonal_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
