#include "model/client/retry_flow.hpp"

#include <algorithm>

namespace hyperdc {

namespace {

double mean_of(Jitter jitter) {
  if (jitter == Jitter::none) return 1;
  return jitter == Jitter::full ? 0.5 : 0.75;
}

void add(RetryFlow::Attempts& to, const RetryFlow::Attempts& more) {
  const double all = to.number + more.number;
  if (all > 0) to.spent_s += (more.spent_s - to.spent_s) * more.number / all;
  to.number = all;
  to.measured += more.measured;
}

double sum_of(std::span<const RetryFlow::Attempts> attempts) {
  double sum = 0;
  for (const RetryFlow::Attempts& some : attempts) sum += some.number;
  return sum;
}

}  // namespace

RetryFlow::RetryFlow(const ClientSpec& spec, std::size_t origins)
    : most_(spec.retry.max_attempts),
      budget_(spec.budget),
      sent_(origins * most_),
      again_(origins * most_),
      failing_(origins * most_) {
  const RetryPolicy policy(spec.retry);
  for (std::uint32_t k = 1; k < most_; ++k) {
    pause_s_.push_back(mean_of(spec.retry.jitter) * to_seconds(policy.longest_pause(k)));
  }
}

void RetryFlow::begin(std::size_t origin, double requests, bool measured) {
  const std::size_t first = origin * most_;
  for (std::size_t k = 1; k < most_; ++k) {
    sent_[first + k] = again_[first + k];
    again_[first + k] = {};
  }
  sent_[first] = {requests, measured ? requests : 0, 0};
  requests_ += requests;
}

std::span<const RetryFlow::Attempts> RetryFlow::sent(std::size_t origin) const {
  return {sent_.data() + origin * most_, most_};
}

double RetryFlow::sent_in_all(std::size_t origin) const {
  return sum_of(sent(origin));
}

void RetryFlow::fail(std::size_t origin, std::size_t before, const Attempts& attempts) {
  if (attempts.number > 0) add(failing_[origin * most_ + before], attempts);
}

RetryFlow::Ended RetryFlow::end(double step_s) {
  double wanted = 0;
  for (std::size_t at = 0; at < failing_.size(); ++at) {
    if (at % most_ + 1 < most_) wanted += failing_[at].number;
  }
  const double granted = granted_share(wanted, step_s);
  Ended ended;
  for (std::size_t at = 0; at < failing_.size(); ++at) {
    const std::size_t before = at % most_;
    const Attempts& failed = failing_[at];
    const double share = before + 1 < most_ ? granted : 0;
    if (share > 0) {
      add(again_[at + 1],
          {share * failed.number, share * failed.measured, failed.spent_s + pause_s_[before]});
    }
    ended.retries += share * failed.number;
    ended.given_up += failed.number - share * failed.number;
    ended.given_up_measured += failed.measured - share * failed.measured;
    failing_[at] = {};
  }
  if (budget_) past_.push_back({step_s, requests_, ended.retries});
  requests_ = 0;
  return ended;
}

double RetryFlow::granted_share(double wanted, double step_s) {
  if (!budget_) return 1;
  const double window_s = std::max(to_seconds(budget_->window), step_s);
  double requests = requests_;
  double retries = 0;
  double span_s = step_s;
  std::size_t kept = 0;
  for (auto past = past_.rbegin(); past != past_.rend() && span_s < window_s; ++past, ++kept) {
    const double part = std::min(1.0, (window_s - span_s) / past->step_s);
    requests += part * past->requests;
    retries += part * past->retries;
    span_s += past->step_s;
  }
  past_.erase(past_.begin(), past_.end() - static_cast<std::ptrdiff_t>(kept));
  if (wanted <= 0) return 1;
  const double tokens = budget_->min_per_s * window_s + budget_->ratio * requests - retries;
  return std::clamp(tokens / wanted, 0.0, 1.0);
}

double RetryFlow::waiting() const {
  return sum_of(again_) + sum_of(failing_);
}

}  // namespace hyperdc
