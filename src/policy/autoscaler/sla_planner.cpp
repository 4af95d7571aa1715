// SLA planner: replicas of an endpoint of a language model for the load that is predicted, so that
// first tokens and the time between tokens keep their targets; after the planner of NVIDIA Dynamo.
//
// Computes, every `interval`, from the sensor's window: requests/s r, their mean prompt p and
// output o. Each is predicted for the next interval: the last value, the mean of the last `history`
// of them, or the least-squares line through them, one step on. With the engine's own times, S(p)
// of a prompt alone and T(n, c) of a token of n sequences each with contexts of c = p + o / 2:
//   prompts:  r p a / P,  P = u p / S(p),  a = min(1, measured TTFT / S(p))
//     u is the greatest use at which prompts that wait for each other keep the target on average:
//     S + u S / (2 (1 - u)) <= ttft (M/D/1), at least 0.1, since no number of replicas helps where
//     one prompt alone takes longer
//   outputs:  r (o - 1) / D,  D = n / T(n, c), n the greatest with T(n, c) <= tpot / b,
//     b = measured TPOT / T(n now, c), at least 1 and at most what the cache and the engine hold
// Replicas: the larger of both, or with `both` their sum, rounded up, at least 1; an endpoint that
// hands its requests over goes by prompts alone, one that takes them over by outputs alone.
// `correction` false: a = b = 1. Units: requests/s, tokens, s. Source: NVIDIA Dynamo,
// components/planner (formulas, interval of 180 s, 500 ms, 50 ms; from memory). Different here:
// times come from the engine and not from a profile; u, where Dynamo takes 1; mean and line instead
// of ARIMA and Prophet. Valid: where the sensor's window is about the interval, and a replica is
// one engine. Leaves out: a budget of accelerators, that prompts and outputs of one endpoint share
// iterations (b sees it), replicas that are still starting.
#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"

namespace hyperdc {
namespace {

constexpr double kLeastUse = 0.1;

enum class Predictor { constant, mean, trend };
constexpr std::string_view kBoth[] = {"larger", "sum"};
constexpr std::string_view kPredictors[] = {"constant", "mean", "trend"};

struct Options {
  double ttft_s = 0, tpot_s = 0;
  Duration interval;
  Predictor predictor = Predictor::constant;
  std::size_t history = 0;
  bool correction = true;
  bool sum = false;  // of what prompts and outputs need, else the larger
};

/// What comes in an interval.
struct TokenLoad {
  double rate = 0, prompt = 0, output = 0;
  double context() const { return prompt + output / 2; }
};

/// The last values of one quantity, and the next.
class Series {
 public:
  void add(double value, std::size_t keep) {
    values_.push_back(value);
    if (values_.size() > keep) values_.pop_front();
  }

  double next(Predictor predictor) const {
    if (predictor == Predictor::constant || values_.size() == 1) return values_.back();
    const auto n = static_cast<double>(values_.size());
    const double middle = (n - 1) / 2;
    double mean = 0, covariance = 0, variance = 0;
    for (const double value : values_) mean += value / n;
    if (predictor == Predictor::mean) return mean;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double x = static_cast<double>(i) - middle;
      covariance += x * (values_[i] - mean);
      variance += x * x;
    }
    return mean + covariance / variance * (n - middle);
  }

 private:
  std::deque<double> values_;
};

class SlaPlanner final : public Autoscaler {
 public:
  SlaPlanner(const Options& options, const AutoscalerContext& context)
      : options_(options),
        engine_(context.engine),
        prompts_(context.first_tokens),
        outputs_(context.later_tokens) {}

  Duration interval() const override { return options_.interval; }
  bool needs_token_times() const override { return true; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    if (!view.arrivals_per_s || !engine_) return std::nullopt;
    if (view.prompt_mean && view.output_mean) {
      last_ = {0, *view.prompt_mean, *view.output_mean};
    } else if (!(last_.prompt > 0)) {
      return std::nullopt;  // nobody was served so far
    }
    rate_.add(*view.arrivals_per_s, options_.history);
    prompt_.add(last_.prompt, options_.history);
    output_.add(last_.output, options_.history);
    const TokenLoad next{std::max(0.0, rate_.next(options_.predictor)),
                         std::max(1.0, prompt_.next(options_.predictor)),
                         std::max(1.0, output_.next(options_.predictor))};
    const double for_prompts = prompts_ ? need_of_prompts(view, next) : 0;
    const double for_outputs = outputs_ ? need_of_outputs(view, next) : 0;
    const std::uint32_t need =
        std::max(1U, whole_replicas(options_.sum ? for_prompts + for_outputs
                                                 : std::max(for_prompts, for_outputs)));
    if (need < view.wanted) return scale_to(view, need, "predicted tokens need fewer");
    return scale_to(
        view, need,
        for_prompts >= for_outputs ? "predicted prompts need more" : "predicted outputs need more");
  }

 private:
  double need_of_prompts(const ScaleView& view, const TokenLoad& next) const {
    const double alone_s = engine_->first_token_s(next.prompt);
    const double wait_s = std::max(0.0, options_.ttft_s - alone_s);
    const double use = std::max(kLeastUse, 2 * wait_s / (alone_s + 2 * wait_s));
    double correction = 1;
    if (options_.correction && view.ttft) {
      correction = std::min(1.0, view.ttft->mean_s / engine_->first_token_s(last_.prompt));
    }
    return next.rate * alone_s * correction / use;
  }

  double need_of_outputs(const ScaleView& view, const TokenLoad& next) const {
    double goal_s = options_.tpot_s;
    if (options_.correction && view.tpot && view.utilization && view.tpot->mean_s > 0) {
      const double running = std::max(1.0, std::round(*view.utilization * view.concurrency));
      goal_s *= engine_->next_token_s(static_cast<std::uint32_t>(running), last_.context()) /
                view.tpot->mean_s;
    }
    std::uint32_t enough = 1, too_many = engine_->most_sequences(next.context()) + 1;
    while (too_many - enough > 1) {
      const std::uint32_t middle = enough + (too_many - enough) / 2;
      (engine_->next_token_s(middle, next.context()) <= goal_s ? enough : too_many) = middle;
    }
    return next.rate * (next.output - 1) * engine_->next_token_s(enough, next.context()) / enough;
  }

  Options options_;
  std::shared_ptr<const EngineCapacity> engine_;
  bool prompts_, outputs_;
  TokenLoad last_;  // measured; its rate is not kept here
  Series rate_, prompt_, output_;
};

constexpr ParamSpec kParams[] = {
    time_spec("ttft", R"("500 ms")", 1e-6, 86400,
              "Mean time to the first token that is to be kept; longer is fewer replicas."),
    time_spec("tpot", R"("50 ms")", 1e-6, 86400,
              "Mean time from one token to the next that is to be kept; longer is fewer replicas."),
    time_spec("interval", R"("180 s")", 0.1, 86400,
              "Time between two decisions; the window of the sensors should be as long."),
    {.name = "predictor",
     .kind = ParamKind::choice,
     .doc = "How rate and lengths of the next interval follow from those that were measured: the "
            "last ones, their mean, or a line through them.",
     .fallback = R"("constant")",
     .choices = kPredictors},
    {.name = "history",
     .kind = ParamKind::integer,
     .doc = "Intervals that mean and line look back on; more is smoother and later.",
     .fallback = "5",
     .min = 2,
     .max = 10000},
    {.name = "both",
     .kind = ParamKind::choice,
     .doc = "What an endpoint that computes prompts and outputs takes of the two numbers of "
            "replicas: the larger, or their sum, since both share the time of its engines.",
     .fallback = R"("larger")",
     .choices = kBoth},
    {.name = "correction",
     .kind = ParamKind::boolean,
     .doc = "Whether measured times to tokens correct those that the engine's times say.",
     .fallback = "true"},
};

constexpr AutoscalerEntry kEntry = {
    "sla-planner",
    "After NVIDIA Dynamo: replicas of a language model for the tokens that are predicted, within "
    "targets of TTFT and TPOT.",
    kParams,
    [](const Params& params, const AutoscalerContext& context) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.ttft_s = params.number("ttft");
      options.tpot_s = params.number("tpot");
      options.interval = params.duration("interval");
      const auto* const named =
          std::find(std::begin(kPredictors), std::end(kPredictors), params.text("predictor"));
      options.predictor = static_cast<Predictor>(named - std::begin(kPredictors));
      options.history = static_cast<std::size_t>(params.integer("history"));
      options.sum = params.text("both") == "sum";
      options.correction = params.flag("correction");
      return std::make_unique<SlaPlanner>(options, context);
    }};

}  // namespace

const AutoscalerEntry& sla_planner_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
