// CoDel (controlled delay): drops from the head of the queue when waiting stays above a target.
//
// Computes: when a waiting request gets a slot, was its wait at least `target`, with others behind
// it? If that has held for every request over one `interval`, the policy begins to drop: one
// request at once, the next after interval / sqrt(1), then interval / sqrt(2), … until a wait is
// below the target or nobody is left behind. If it begins again within 16 intervals, the rate goes
// on from where it was. Short bursts pass; a standing queue does not. Units: ns. Source: Nichols
// and Jacobson, "Controlling queue delay", ACM Queue 10(5), 2012; RFC 8289, section 5, whose
// pseudo-code this follows with a request for a packet, "nobody is behind" for "one MTU or less is
// left". Defaults: 5 ms and 100 ms, as there. Leaves out: refusing at arrival; flow queueing
// (FQ-CoDel).
#include <cmath>

#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

class CoDel final : public Admission {
 public:
  CoDel(Duration target, Duration interval) : target_(target), interval_(interval) {}

  Verdict arrives(const AdmissionView&, const AdmissionRequest&) override { return {}; }

  Verdict starts(const AdmissionView& view, const AdmissionRequest& request) override {
    const bool may_drop = above_for_long(view, request.waited);
    if (!dropping_) {
      if (!may_drop) return {};
      begin(view.now);
      return {false, "the queue has stood above the target"};
    }
    if (!may_drop) {
      dropping_ = false;
      after_drop_ = false;
      return {};
    }
    if (after_drop_) drop_next_ = next_drop(drop_next_);
    after_drop_ = false;
    if (view.now < drop_next_) return {};
    ++count_;
    after_drop_ = true;
    return {false, "the queue has stood above the target"};
  }

 private:
  /// The wait has been above the target for a whole interval.
  bool above_for_long(const AdmissionView& view, Duration waited) {
    if (waited < target_ || view.queued == 0) {
      above_until_.reset();
      return false;
    }
    if (!above_until_) {
      above_until_ = view.now + interval_;
      return false;
    }
    return view.now >= *above_until_;
  }

  void begin(SimTime now) {
    dropping_ = true;
    const std::uint64_t since_last = count_ - last_count_;
    const bool recent = now - drop_next_ < Duration{16 * interval_.ns};
    count_ = since_last > 1 && recent ? since_last : 1;
    drop_next_ = next_drop(now);
    last_count_ = count_;
  }

  SimTime next_drop(SimTime from) const {
    const double pause = static_cast<double>(interval_.ns) / std::sqrt(static_cast<double>(count_));
    return from + Duration{std::llround(pause)};
  }

  const Duration target_, interval_;
  std::optional<SimTime> above_until_;  // the wait was above the target since this less an interval
  bool dropping_ = false;
  bool after_drop_ = false;  // the last request was dropped, its successor's time is not set
  SimTime drop_next_;
  std::uint64_t count_ = 0, last_count_ = 0;  // drops since it began, and as it was set then
};

constexpr ParamSpec kParams[] = {
    {.name = "target",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "A wait that is acceptable for long; a lower one drops more.",
     .fallback = "\"5 ms\"",
     .min = 0,
     .max = 3600,
     .example = "\"5 ms\""},
    {.name = "interval",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "How long waits must stay above the target before it drops, and the pause between the "
            "first drops; a longer one lets longer bursts pass.",
     .fallback = "\"100 ms\"",
     .min = 1e-6,
     .max = 3600,
     .example = "\"100 ms\""},
};

constexpr AdmissionEntry kEntry = {
    {"codel", "Drops from the head of the queue when waiting stays above a target.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<CoDel>(params.duration("target"), params.duration("interval"));
     }},
    AdmissionScope::queue};

}  // namespace

const AdmissionEntry& codel_admission() {
  return kEntry;
}

}  // namespace hyperdc
