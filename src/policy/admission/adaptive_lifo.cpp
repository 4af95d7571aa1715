// Adaptive LIFO with controlled delay: under overload short waits only, and the newest first.
//
// Computes: the replica is overloaded when its queue has not been empty for `interval`. A request
// may wait `interval`, and under overload no longer than `target`; then it is dropped. Under
// overload the newest is served first: its client most likely still waits. Units: ns. Source: B.
// Maurer, "Fail at scale", ACM Queue 13(8), 2015: controlled delay with M = 5 ms and N = 100 ms
// (the defaults here) and adaptive LIFO, as in Facebook's services. There a request gets its limit
// when it comes; here it is judged when a slot is free, by the state at that moment. Leaves out:
// limits of concurrency at the client, the third measure of the article.
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

class AdaptiveLifo final : public Admission {
 public:
  AdaptiveLifo(Duration target, Duration interval) : target_(target), interval_(interval) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest&) override {
    if (view.queued == 0) empty_at_ = view.now;
    return {};
  }
  std::optional<Duration> longest_wait(const AdmissionView& view) override {
    return overloaded(view.now) ? target_ : interval_;
  }
  bool newest_first(const AdmissionView& view) override { return overloaded(view.now); }

 private:
  bool overloaded(SimTime now) const { return now - empty_at_ > interval_; }

  const Duration target_, interval_;
  SimTime
      empty_at_;  // when the queue was last seen empty: at the arrival of who then was its first
};

constexpr ParamSpec kParams[] = {
    {.name = "target",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "The longest wait under overload; a lower one drops more.",
     .fallback = "\"5 ms\"",
     .min = 0,
     .max = 3600,
     .example = "\"5 ms\""},
    {.name = "interval",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "A queue that was not empty for so long means overload; also the longest wait without "
            "overload.",
     .fallback = "\"100 ms\"",
     .min = 1e-6,
     .max = 3600,
     .example = "\"100 ms\""},
};

constexpr AdmissionEntry kEntry = {
    {"adaptive-lifo",
     "Under overload requests wait shortly or are dropped, and the newest goes first.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<AdaptiveLifo>(params.duration("target"),
                                             params.duration("interval"));
     }},
    AdmissionScope::queue};

}  // namespace

const AdmissionEntry& adaptive_lifo_admission() {
  return kEntry;
}

}  // namespace hyperdc
