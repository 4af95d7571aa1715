// Gradient limit: an adaptive limit of requests in a replica, from how times rise above their mean.
//
// Computes: a request is taken while in_system < floor(limit), in_system the requests waiting or in
// service. When one leaves after a time t,
//     long := mean of the first ten t, then long + 2 / (window + 1) * (t - long);
//             times 0.9 for what follows if it is more than twice t
//     unless in_system < limit / 2:
//     gradient = max(0.5, min(1, long / t))
//     limit   := (1 - smoothing) * limit + smoothing * (gradient * limit + queue), within min and
//     max.
// Units: ns. Source: Gradient2Limit of Netflix concurrency-limits (2018), with its defaults:
// initial and min 20, max 200, smoothing 0.2, queue 4, window 600. Leaves out: what Netflix counts
// in flight at the start of the request is counted at its end here; drops, which that algorithm
// ignores too.
#include <algorithm>

#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kFirst = 10;  // times that are averaged plainly

struct GradientSpec {
  double initial = 20, min = 20, max = 200, smoothing = 0.2, queue = 4, window = 600;
};

class GradientLimit final : public Admission {
 public:
  explicit GradientLimit(const GradientSpec& spec)
      : spec_(spec), limit_(std::clamp(spec.initial, spec.min, spec.max)) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest&) override {
    if (in_system(view) < static_cast<std::uint64_t>(limit_)) return {};
    return {false, "at the limit of concurrency"};
  }

  bool follows_departures() const override { return true; }
  void left(const AdmissionView& view, const Departure& departure) override {
    const double t = static_cast<double>(std::max<std::int64_t>(departure.in_system.ns, 1));
    const double long_t = long_mean(t);
    if (long_t > 2 * t) long_ns_ *= 0.9;
    if (static_cast<double>(in_system(view)) < limit_ / 2) return;
    const double gradient = std::clamp(long_t / t, 0.5, 1.0);
    const double wanted = gradient * limit_ + spec_.queue;
    limit_ =
        std::clamp((1 - spec_.smoothing) * limit_ + spec_.smoothing * wanted, spec_.min, spec_.max);
  }

 private:
  double long_mean(double t) {
    if (seen_ < kFirst) {
      ++seen_;
      sum_ns_ += t;
      long_ns_ = sum_ns_ / seen_;
    } else {
      long_ns_ += 2 / (spec_.window + 1) * (t - long_ns_);
    }
    return long_ns_;
  }

  const GradientSpec spec_;
  double limit_;
  std::uint32_t seen_ = 0;
  double sum_ns_ = 0, long_ns_ = 0;
};

constexpr ParamSpec kParams[] = {
    {.name = "initial",
     .kind = ParamKind::integer,
     .doc = "The limit at the start of a replica; brought within min and max.",
     .fallback = "20",
     .min = 1,
     .max = 1e6,
     .example = "20"},
    {.name = "min",
     .kind = ParamKind::integer,
     .doc = "The least limit.",
     .fallback = "20",
     .min = 1,
     .max = 1e6,
     .example = "4"},
    {.name = "max",
     .kind = ParamKind::integer,
     .doc = "The greatest limit; raised to min if it is below.",
     .fallback = "200",
     .min = 1,
     .max = 1e6,
     .example = "200"},
    {.name = "smoothing",
     .kind = ParamKind::number,
     .doc = "Share of the new limit in each step; a larger one follows faster.",
     .fallback = "0.2",
     .min = 0.001,
     .max = 1,
     .example = "0.2"},
    {.name = "queue",
     .kind = ParamKind::integer,
     .doc = "Requests that may wait while times do not rise; more find the limit faster and wait "
            "longer.",
     .fallback = "4",
     .min = 0,
     .max = 1e6,
     .example = "4"},
    {.name = "window",
     .kind = ParamKind::integer,
     .doc = "Requests over which the long mean is taken; more make it steadier.",
     .fallback = "600",
     .min = 1,
     .max = 1e9,
     .example = "600"},
};

std::unique_ptr<Admission> make_gradient(const Params& params, const AdmissionContext&) {
  GradientSpec spec;
  spec.initial = params.number("initial");
  spec.min = params.number("min");
  spec.max = std::max(spec.min, params.number("max"));
  spec.smoothing = params.number("smoothing");
  spec.queue = params.number("queue");
  spec.window = params.number("window");
  return std::make_unique<GradientLimit>(spec);
}

constexpr AdmissionEntry kEntry = {
    {"gradient-limit", "An adaptive limit of requests, lowered while they take longer than usual.",
     kParams, make_gradient}};

}  // namespace

const AdmissionEntry& gradient_limit_admission() {
  return kEntry;
}

}  // namespace hyperdc
