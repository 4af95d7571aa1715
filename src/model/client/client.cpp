#include "model/client/client.hpp"

namespace hyperdc {

Client::Client(const ClientSpec& spec, std::uint64_t seed)
    : timeout_(spec.timeout), retry_(spec.retry), stream_(seed, "client") {
  if (spec.budget) budget_.emplace(*spec.budget);
  if (spec.breaker) breaker_.emplace(*spec.breaker);
}

std::optional<Client::Permit> Client::begin(SimTime now) {
  if (budget_) budget_->deposit(now);
  return again(now);
}

std::optional<Client::Permit> Client::again(SimTime now) {
  return breaker_ ? breaker_->permit(now) : Permit{0};
}

void Client::ended(SimTime now, Permit permit, bool failed) {
  if (breaker_) breaker_->result(now, permit, failed);
}

Client::Next Client::after(SimTime now, std::uint64_t request, std::uint32_t attempts) {
  if (!retry_.again(attempts)) return {GaveUp::attempts, {}};
  if (budget_ && !budget_->withdraw(now)) return {GaveUp::budget, {}};
  return {GaveUp::no, retry_.pause(attempts, request, stream_)};
}

std::string_view reason_of(Client::GaveUp gave_up) {
  switch (gave_up) {
    case Client::GaveUp::no:
      return "";
    case Client::GaveUp::attempts:
      return "no attempt left";
    case Client::GaveUp::budget:
      return "retry budget spent";
  }
  return "";
}

}  // namespace hyperdc
