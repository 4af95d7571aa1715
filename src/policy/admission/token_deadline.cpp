// Token deadline: a request whose first token would come too late is refused when it comes.
//
// Computes: the wait for what the engine has to compute before it,
//     wait = ahead * drained_in / drained,
// ahead the tokens of prompts that wait or are left of the one computed in part; drained /
// drained_in the pace at which such tokens were lately begun while some waited, whatever held them
// up: the computation of prompts, places in the batch, or blocks of the cache. It refuses if
//     wait > share * first_token,
// the objective of the endpoint. The rest of the objective is for the prompt itself, the iteration
// that is on its way, and the error of the estimate: under overload the queue stands at the bound,
// and with a share of 1 many of those that are taken are late. Nobody is refused where nothing
// waits or no pace was measured. Integers; share in thousandths. Units: tokens, ns.
// Source: early rejection by a predicted time to the first token, as in Mooncake (Qin et al.,
// FAST'25, section 6), with a measured pace for its prediction; the default share is ours.
// Leaves out: the length of the prompt that is asked about, what it has cached, time per further
// token, and what an attempt before this one has waited.
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

__extension__ using Wide = __int128;

class TokenDeadline final : public Admission {
 public:
  TokenDeadline(double share, std::optional<Duration> first_token)
      : share_milli_(milli(share)), first_token_(first_token) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest&) override {
    const TokenBacklog& tokens = view.tokens;
    if (!first_token_ || tokens.drained_in.ns == 0) return {};
    const Wide wait = Wide{tokens.ahead} * tokens.drained_in.ns * 1000;
    const Wide bound = Wide{first_token_->ns} * share_milli_ * tokens.drained;
    return wait > bound ? Verdict{false, "its first token would be late"} : Verdict{};
  }

 private:
  const std::int64_t share_milli_;
  const std::optional<Duration> first_token_;
};

constexpr ParamSpec kParams[] = {
    {.name = "share",
     .kind = ParamKind::number,
     .doc = "Of the objective for the first token that may pass in the queue; a larger one refuses "
            "fewer and lets more be late.",
     .fallback = "0.5",
     .min = 0,
     .max = 1000,
     .example = "0.5"},
};

constexpr AdmissionEntry kEntry = {
    {"token-deadline", "What cannot have its first token within the objective is refused.", kParams,
     [](const Params& params, const AdmissionContext& context) -> std::unique_ptr<Admission> {
       return std::make_unique<TokenDeadline>(params.number("share"), context.first_token);
     }},
    AdmissionScope::engine};

}  // namespace

const AdmissionEntry& token_deadline_admission() {
  return kEntry;
}

}  // namespace hyperdc
