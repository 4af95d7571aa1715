#include "policy/autoscaler/hpa_behavior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hyperdc {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

Duration longest_period(const HpaDirection& up, const HpaDirection& down) {
  Duration longest;
  for (const HpaRule& rule : up.rules) longest = std::max(longest, rule.period);
  for (const HpaRule& rule : down.rules) longest = std::max(longest, rule.period);
  return longest;
}

}  // namespace

void HpaBehavior::first_seen(SimTime now, std::int64_t current) {
  if (!seen_) recommendations_.push_back({now, current});
  seen_ = true;
}

std::int64_t HpaBehavior::stabilise(SimTime now, const Wish& wish) {
  const Duration longest = std::max(up_.window, down_.window);
  while (!recommendations_.empty() && recommendations_.front().at < now - longest) {
    recommendations_.pop_front();
  }
  std::int64_t up = wish.desired;
  std::int64_t down = wish.desired;
  for (const Timed& past : recommendations_) {
    if (past.at > now - up_.window) up = std::min(up, past.value);
    if (past.at > now - down_.window) down = std::max(down, past.value);
  }
  recommendations_.push_back({now, wish.desired});
  // In this order: after a maximum that holds it up, a lower minimum no longer matters.
  return std::min(std::max(wish.current, up), down);
}

std::int64_t HpaBehavior::period_start(SimTime now, std::int64_t current, Duration period) const {
  for (const Timed& change : changes_) {
    if (change.at > now - period) current -= change.value;
  }
  return current;
}

std::int64_t HpaBehavior::up_limit(SimTime now, std::int64_t current) const {
  if (up_.select == HpaSelect::disabled) return current;
  const bool least = up_.select == HpaSelect::min;
  std::int64_t limit = least ? kMost : kLeast;
  for (const HpaRule& rule : up_.rules) {
    const std::int64_t start = period_start(now, current, rule.period);
    // Rounded up, or a small deployment would never grow.
    const double scaled = static_cast<double>(start) * (1 + static_cast<double>(rule.value) / 100);
    const std::int64_t proposed =
        rule.percent ? static_cast<std::int64_t>(std::ceil(scaled)) : start + rule.value;
    limit = least ? std::min(limit, proposed) : std::max(limit, proposed);
  }
  return std::max(limit, current);
}

std::int64_t HpaBehavior::down_limit(SimTime now, std::int64_t current) const {
  if (down_.select == HpaSelect::disabled) return current;
  const bool least = down_.select == HpaSelect::min;
  std::int64_t limit = least ? kLeast : kMost;
  for (const HpaRule& rule : down_.rules) {
    const std::int64_t start = period_start(now, current, rule.period);
    const double scaled = static_cast<double>(start) * (1 - static_cast<double>(rule.value) / 100);
    const std::int64_t proposed =
        rule.percent ? static_cast<std::int64_t>(scaled) : start - rule.value;
    limit = least ? std::max(limit, proposed) : std::min(limit, proposed);
  }
  return std::min(limit, current);
}

HpaBehavior::Answer HpaBehavior::normalise(SimTime now, const Wish& wish) {
  const std::int64_t stable = stabilise(now, wish);
  std::int64_t allowed = stable;
  if (stable > wish.current) {
    allowed = std::min({stable, wish.max, up_limit(now, wish.current)});
  } else if (stable < wish.current) {
    allowed = std::max({stable, wish.min, down_limit(now, wish.current)});
  }
  return {allowed, allowed != stable};
}

void HpaBehavior::scaled(SimTime now, std::int64_t from, std::int64_t to) {
  const Duration longest = longest_period(up_, down_);
  while (!changes_.empty() && changes_.front().at < now - longest) changes_.pop_front();
  changes_.push_back({now, to - from});
}

}  // namespace hyperdc
