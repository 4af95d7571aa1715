// AIMD limit: an adaptive limit of requests in a replica, by additive increase and multiplicative
// decrease.
//
// Computes: a request is taken while in_system < limit, in_system the requests waiting or in
// service. When one leaves,
//     limit := max(1, min(limit - 1, floor(ratio * limit)))  if it took longer than `timeout` or
//     its
//                                                            client no longer waits,
//     limit := limit + 1                                     else, if 2 * in_system >= limit.
// Integers; ratio in thousandths. Source: AIMDLimit of Netflix concurrency-limits (2018), with its
// defaults: initial 10, ratio 0.9, timeout 5 s.
// Leaves out: what Netflix counts in flight at the start of the request is counted at its end here.
#include <algorithm>

#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

class AimdLimit final : public Admission {
 public:
  AimdLimit(std::int64_t initial, double ratio, Duration timeout)
      : limit_(initial), ratio_milli_(milli(ratio)), timeout_(timeout) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest&) override {
    if (in_system(view) < static_cast<std::uint64_t>(limit_)) return {};
    return {false, "at the limit of concurrency"};
  }

  bool follows_departures() const override { return true; }
  void left(const AdmissionView& view, const Departure& departure) override {
    if (departure.timed_out || departure.in_system > timeout_) {
      limit_ = std::max<std::int64_t>(1, std::min(limit_ - 1, limit_ * ratio_milli_ / 1000));
    } else if (2 * in_system(view) >= static_cast<std::uint64_t>(limit_)) {
      ++limit_;
    }
  }

 private:
  std::int64_t limit_;
  const std::int64_t ratio_milli_;
  const Duration timeout_;
};

constexpr ParamSpec kParams[] = {
    {.name = "initial",
     .kind = ParamKind::integer,
     .doc = "The limit at the start of a replica.",
     .fallback = "10",
     .min = 1,
     .max = 1e6,
     .example = "10"},
    {.name = "ratio",
     .kind = ParamKind::number,
     .doc = "What is left of the limit after a request that took too long; a lower one gives way "
            "faster.",
     .fallback = "0.9",
     .min = 0.5,
     .max = 0.999,
     .example = "0.9"},
    {.name = "timeout",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "A request that takes longer lowers the limit.",
     .fallback = "\"5 s\"",
     .min = 1e-6,
     .max = 86400,
     .example = "\"500 ms\""},
};

constexpr AdmissionEntry kEntry = {
    {"aimd-limit",
     "An adaptive limit of requests: up by one, down by a share when one takes too long.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<AimdLimit>(params.integer("initial"), params.number("ratio"),
                                          params.duration("timeout"));
     }}};

}  // namespace

const AdmissionEntry& aimd_limit_admission() {
  return kEntry;
}

}  // namespace hyperdc
