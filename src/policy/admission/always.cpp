// Always: every request is taken and waits its turn, however long the queue.
//
// The baseline, and what a server without any limit does: under overload every request becomes
// late.
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

class Always final : public Admission {
 public:
  Verdict arrives(const AdmissionView&, const AdmissionRequest&) override { return {}; }
};

constexpr AdmissionEntry kEntry = {
    {"always",
     "Every request is taken.",
     {},
     [](const Params&, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<Always>();
     }}};

}  // namespace

const AdmissionEntry& always_admission() {
  return kEntry;
}

}  // namespace hyperdc
