// Priority: the more loaded a replica is, the more important a request must be.
//
// Computes: a request of priority p is taken while
//     in_system < slots * (threshold + step * p),
// in_system the requests waiting or in service. Priority 0 is refused from `threshold` requests per
// slot on, each level above has `step` more. A level whose bound is not above 0 is always refused.
// Integers; both parameters in thousandths.
// Source: shedding by criticality (Google, SRE book, "Handling overload", 2016; Netflix, "Keeping
// Netflix reliable using prioritized load shedding", 2020). The straight line and its defaults are
// ours. Leaves out: order in the queue, which stays first come, first served.
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

__extension__ using Wide = __int128;

class Priority final : public Admission {
 public:
  Priority(double threshold, double step)
      : threshold_milli_(milli(threshold)), step_milli_(milli(step)) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest& request) override {
    const std::int64_t bound_milli = threshold_milli_ + step_milli_ * request.priority;
    if (Wide{in_system(view)} * 1000 < Wide{view.slots} * bound_milli) return {};
    return {false, "too busy for its priority"};
  }

 private:
  const std::int64_t threshold_milli_, step_milli_;
};

constexpr ParamSpec kParams[] = {
    {.name = "threshold",
     .kind = ParamKind::number,
     .doc = "Requests per slot from which priority 0 is refused; a higher one refuses later.",
     .fallback = "1",
     .min = 0,
     .max = 1e6,
     .example = "0.8"},
    {.name = "step",
     .kind = ParamKind::number,
     .doc = "What each higher priority has more; a larger one keeps more room for the important.",
     .fallback = "1",
     .min = 0,
     .max = 1e6,
     .example = "0.5"},
};

constexpr AdmissionEntry kEntry = {
    {"priority", "The more loaded a replica is, the more important a request must be.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<Priority>(params.number("threshold"), params.number("step"));
     }}};

}  // namespace

const AdmissionEntry& priority_admission() {
  return kEntry;
}

}  // namespace hyperdc
