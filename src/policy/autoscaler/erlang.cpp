// Erlang: the fewest replicas that hold a goal for the wait, by the formula of Erlang C.
//
// Computes, every `interval`, from the arrival rate r of the sensor (over its window T; one
// interval if the window is not known) and the mean service time S that it measured (that of the
// scenario until then): the rate that is safe, r + z sqrt(r / T), z the `confidence` quantile of
// the normal distribution (the count of a Poisson process over T); a = rate * S; and the fewest
// slots n with
//   goal mean:  C(n, a) S V / (n - a) <= wait
//   goal tail:  C(n, a) exp(-(n - a) wait / (S V)) <= probability
// V = (1 + cv^2) / 2, cv of the service time as the scenario states it (Allen and Cunneen: exact
// for M/M/c, an approximation else). Replicas = n / concurrency, rounded up; the greatest of the
// last down_window is answered. If no number up to the maximum holds, the maximum. Units:
// requests/s, s. Source: Erlang 1917; Allen, Probability, Statistics and Queueing Theory, 2nd ed.
// (Allen-Cunneen). Valid where the deployment's queue is one queue in front of all slots; with a
// queue for each replica waits are longer. Leaves out: growth while replicas start, retries'
// feedback, shedding.
#include "core/erlang.hpp"

#include <cmath>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/window.hpp"

namespace hyperdc {
namespace {

struct Options {
  bool tail = true;
  double wait_s = 0, probability = 0, z = 0;
  double service_mean_s = 0, variability = 1;
  Duration interval, down_window;
};

class Erlang final : public Autoscaler {
 public:
  explicit Erlang(const Options& options) : options_(options), past_(options.down_window) {}

  Duration interval() const override { return options_.interval; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    const double service_s = view.service_mean_s.value_or(options_.service_mean_s);
    if (!view.arrivals_per_s || !(service_s > 0)) return std::nullopt;
    const double window_s = to_seconds(view.window.ns > 0 ? view.window : options_.interval);
    const double rate =
        *view.arrivals_per_s + options_.z * std::sqrt(*view.arrivals_per_s / window_s);
    const std::uint32_t least = replicas_for(view, std::max(0.0, rate), service_s);
    past_.forget(view.now);
    const std::uint32_t held = std::max(least, static_cast<std::uint32_t>(past_.max().value_or(0)));
    past_.add(view.now, least);
    return scale_to(view, held, held > view.wanted ? "wait above goal" : "wait goal needs fewer");
  }

 private:
  std::uint32_t replicas_for(const ScaleView& view, double rate, double service_s) const {
    const double scale_s = service_s * options_.variability;
    const std::uint64_t slots = std::max(1U, view.concurrency);
    const auto enough =
        least_servers(rate * service_s, slots * view.max_replicas, [&](const ErlangWait& queue) {
          if (options_.tail) return queue.beyond(options_.wait_s / scale_s) <= options_.probability;
          return queue.mean() * scale_s <= options_.wait_s;
        });
    if (!enough) return view.max_replicas;
    return static_cast<std::uint32_t>((*enough + slots - 1) / slots);
  }

  Options options_;
  TimedWindow past_;
};

constexpr std::string_view kGoals[] = {"tail", "mean"};

constexpr ParamSpec kParams[] = {
    {.name = "goal",
     .kind = ParamKind::choice,
     .doc = "What is held: the share of requests that wait longer than `wait`, or the mean wait.",
     .fallback = R"("tail")",
     .choices = kGoals},
    time_spec("wait", R"("100 ms")", 0, 86400,
              "The wait that is not to be exceeded; longer is fewer replicas."),
    number_spec("probability", "0.05", 1e-9, 0.999,
                "Share of requests that may wait longer, with the goal tail."),
    number_spec("confidence", "0.95", 0.5, 0.999999,
                "Confidence that the measured rate is not too low; higher is more replicas."),
    down_window_spec(),
    time_spec("interval", R"("30 s")", 0.1, 86400, "Time between two decisions."),
};

constexpr AutoscalerEntry kEntry = {
    "erlang", "Queueing theory: the fewest replicas that hold a goal for the wait (Erlang C).",
    kParams,
    [](const Params& params, const AutoscalerContext& context) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.tail = params.text("goal") == "tail";
      options.wait_s = params.number("wait");
      options.probability = params.number("probability");
      options.z = math::normal_quantile(params.number("confidence"));
      options.service_mean_s = context.service_mean_s;
      options.variability = (1 + context.service_cv * context.service_cv) / 2;
      options.down_window = params.duration("down_window");
      options.interval = params.duration("interval");
      return std::make_unique<Erlang>(options);
    }};

}  // namespace

const AutoscalerEntry& erlang_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
