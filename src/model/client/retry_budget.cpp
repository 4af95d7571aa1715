#include "model/client/retry_budget.hpp"

#include <cmath>

namespace hyperdc {
namespace {

constexpr std::int64_t kRetry = 1'000'000;

}  // namespace

RetryBudget::RetryBudget(const RetryBudgetSpec& spec)
    : deposit_micro_(std::llround(spec.ratio * kRetry)),
      reserve_micro_(std::llround(spec.min_per_s * to_seconds(spec.window) * kRetry)),
      window_(spec.window) {}

void RetryBudget::deposit(SimTime now) {
  window_.add(now, deposit_micro_);
}

bool RetryBudget::withdraw(SimTime now) {
  if (balance_micro(now) < kRetry) return false;
  window_.add(now, -kRetry);
  return true;
}

std::int64_t RetryBudget::balance_micro(SimTime now) {
  return reserve_micro_ + window_.sum(now);
}

}  // namespace hyperdc
