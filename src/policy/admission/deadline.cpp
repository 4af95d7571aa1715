// Deadline: what cannot be in time is refused, when it comes and again when its turn comes.
//
// Computes: the time that a request still needs, in expectation,
//     at its arrival   need = service_mean * (1 + w),  w = 0 with a slot free, else (queued + 1) /
//     slots at its start     need = service_mean
// and refuses it if now + factor * need > deadline. w is the mean wait of first come, first served
// while all slots are busy: (queued + 1) completions at slots / service_mean a second, exact for
// exponential service. Integers; factor in thousandths.
// Source: deadline-aware shedding, as the deadlines of gRPC and "Addressing Cascading Failures" of
// the SRE book (Google, 2016) ask for: do not work for a client that has gone. Leaves out: sizes of
// single requests; requests without a deadline are always taken.
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

__extension__ using Wide = __int128;

class Deadline final : public Admission {
 public:
  explicit Deadline(double factor) : factor_milli_(milli(factor)) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest& request) override {
    const bool free = view.in_service < view.slots;
    const std::int64_t turns = free ? 0 : std::int64_t{view.queued} + 1;
    return check(view, request, turns, "cannot be served before its deadline");
  }
  Verdict starts(const AdmissionView& view, const AdmissionRequest& request) override {
    return check(view, request, 0, "waited until its deadline could not be met");
  }

 private:
  Verdict check(const AdmissionView& view, const AdmissionRequest& request, std::int64_t turns,
                std::string_view because) const {
    if (!request.deadline) return {};
    const Wide need =
        Wide{view.service_mean.ns} * (std::int64_t{view.slots} + turns) * factor_milli_;
    const Wide left = Wide{(*request.deadline - view.now).ns} * view.slots * 1000;
    return need > left ? Verdict{false, because} : Verdict{};
  }

  const std::int64_t factor_milli_;
};

constexpr ParamSpec kParams[] = {
    {.name = "factor",
     .kind = ParamKind::number,
     .doc =
         "The expected time is multiplied by it before it is compared; 0 refuses only what is late "
         "already, above 1 refuses more.",
     .fallback = "1",
     .min = 0,
     .max = 1000,
     .example = "1.5"},
};

constexpr AdmissionEntry kEntry = {
    {"deadline", "What cannot be served before its deadline is refused.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<Deadline>(params.number("factor"));
     }},
    AdmissionScope::queue};

}  // namespace

const AdmissionEntry& deadline_admission() {
  return kEntry;
}

}  // namespace hyperdc
