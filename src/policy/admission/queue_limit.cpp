// Queue limit: a request that finds all slots busy and `limit` requests waiting is refused.
//
// Computes: refuse if in_service >= slots and queued >= limit. With limit 0 a loss system: M/M/c
// with limit K - c is M/M/c/K. Source: the bounded queue of every server; the default 100 is
// Tomcat's acceptCount. Leaves out: how long those in the queue have waited (see codel).
#include "policy/admission/admissions.hpp"

namespace hyperdc {
namespace {

class QueueLimit final : public Admission {
 public:
  explicit QueueLimit(std::uint64_t limit) : limit_(limit) {}

  Verdict arrives(const AdmissionView& view, const AdmissionRequest&) override {
    if (view.in_service < view.slots || view.queued < limit_) return {};
    return {false, "the queue is full"};
  }

 private:
  const std::uint64_t limit_;
};

constexpr ParamSpec kParams[] = {
    {.name = "limit",
     .kind = ParamKind::integer,
     .doc =
         "Requests that may wait at a replica; 0: none. A higher limit loses fewer and makes them "
         "wait longer.",
     .fallback = "100",
     .min = 0,
     .max = 1e9,
     .example = "20"},
};

constexpr AdmissionEntry kEntry = {
    {"queue-limit", "A request that finds the queue full is refused.", kParams,
     [](const Params& params, const AdmissionContext&) -> std::unique_ptr<Admission> {
       return std::make_unique<QueueLimit>(static_cast<std::uint64_t>(params.integer("limit")));
     }}};

}  // namespace

const AdmissionEntry& queue_limit_admission() {
  return kEntry;
}

}  // namespace hyperdc
