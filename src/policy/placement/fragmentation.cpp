#include "policy/placement/fragmentation.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "policy/placement/amounts.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMostThresholds = 256;
constexpr std::size_t kMostTableEntries = std::size_t{1} << 20;  // 8 MiB

}  // namespace

std::vector<JobMixEntry> typical_mix(std::span<const JobMixEntry> mix, double share) {
  double all = 0;
  for (const JobMixEntry& entry : mix) all += entry.share;
  std::vector<JobMixEntry> typical;
  double sum = 0;
  for (const JobMixEntry& entry : mix) {
    // The tolerance is far below one job and above the rounding of a sum of thousands of shares.
    if (sum >= (share - 1e-9) * all) break;
    typical.push_back(entry);
    sum += entry.share;
  }
  for (JobMixEntry& entry : typical) entry.share /= sum;
  return typical;
}

Fragmentation::Fragmentation(std::span<const JobMixEntry> typical) {
  set_weights(typical);
  set_thresholds();
  for (std::size_t bit = 0; bit < 64; ++bit) {
    pattern_of_model_[bit] = pattern_of(ModelSet{1} << bit);
  }
  pattern_of_model_[64] = pattern_of(0);
  build_table();
}

/// Largest remainders are not worth it: the first and largest share takes what rounding leaves.
void Fragmentation::set_weights(std::span<const JobMixEntry> typical) {
  if (typical.empty()) return;
  double all = 0;
  for (const JobMixEntry& entry : typical) all += entry.share;
  HYPERDC_CHECK(all > 0, "shares of a mix must not all be zero");
  std::vector<std::int64_t> weights;
  std::int64_t sum = 0;
  const double one = std::ldexp(1.0, kFractionBits);
  for (const JobMixEntry& entry : typical) {
    weights.push_back(std::llround(entry.share / all * one));
    sum += weights.back();
  }
  total_weight_ = std::int64_t{1} << kFractionBits;
  weights[0] += total_weight_ - sum;
  for (std::size_t i = 0; i < typical.size(); ++i) {
    if (typical[i].request.accelerators > 0) kinds_.push_back({typical[i].request, weights[i]});
  }
}

void Fragmentation::set_thresholds() {
  for (const Kind& kind : kinds_) {
    thresholds_.push_back(kind.request.accelerator_milli);
    most_devices_ = std::max(most_devices_, static_cast<std::size_t>(kind.request.accelerators));
  }
  std::sort(thresholds_.begin(), thresholds_.end());
  thresholds_.erase(std::unique(thresholds_.begin(), thresholds_.end()), thresholds_.end());
  for (std::int32_t left = 0; left <= kWholeAccelerator; ++left) {
    const auto end = std::upper_bound(thresholds_.begin(), thresholds_.end(), left);
    reached_[static_cast<std::size_t>(left)] =
        static_cast<std::uint16_t>(end - thresholds_.begin());
  }
}

std::uint8_t Fragmentation::pattern_of(ModelSet model) {
  Pattern pattern;
  for (const Kind& kind : kinds_) {
    const ModelSet models = kind.request.models;
    pattern.allowed.push_back(models == 0 || (models & model) != 0);
  }
  const auto same = [&](const Pattern& p) { return p.allowed == pattern.allowed; };
  const auto it = std::find_if(patterns_.begin(), patterns_.end(), same);
  const auto index = static_cast<std::uint8_t>(it - patterns_.begin());
  if (it == patterns_.end()) patterns_.push_back(std::move(pattern));
  return index;
}

void Fragmentation::build_table() {
  std::size_t entries = 0;
  for (Pattern& pattern : patterns_) {
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
      if (pattern.allowed[k]) pattern.levels.push_back(kinds_[k].request.cores_milli);
    }
    std::sort(pattern.levels.begin(), pattern.levels.end());
    pattern.levels.erase(std::unique(pattern.levels.begin(), pattern.levels.end()),
                         pattern.levels.end());
    pattern.table = entries;
    entries += (pattern.levels.size() + 1) * thresholds_.size() * (most_devices_ + 1);
  }
  if (thresholds_.size() > kMostThresholds || entries > kMostTableEntries) return;
  weights_.assign(entries, 0);
  for (const Pattern& pattern : patterns_) fill(pattern);
}

void Fragmentation::fill(const Pattern& pattern) {
  const std::size_t counts = most_devices_ + 1;
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    if (!pattern.allowed[k]) continue;
    const Request& request = kinds_[k].request;
    const std::size_t threshold =
        reached_[static_cast<std::size_t>(request.accelerator_milli)] - std::size_t{1};
    for (std::size_t level = 1; level <= pattern.levels.size(); ++level) {
      if (request.cores_milli > pattern.levels[level - 1]) continue;
      std::int64_t* row =
          &weights_[pattern.table + (level * thresholds_.size() + threshold) * counts];
      for (auto n = static_cast<std::size_t>(request.accelerators); n < counts; ++n) {
        row[n] += kinds_[k].weight;
      }
    }
  }
}

std::int64_t Fragmentation::scaled(const NodeView& node) const {
  return weights_.empty() ? scaled_by_kind(node) : from_table(node);
}

/// F = R - sum over thresholds t of (weight of the kinds of t that fit) * (left on devices that
/// reach t): what a kind that fits cannot use is R less what is left on devices that it can use.
std::int64_t Fragmentation::from_table(const NodeView& node) const {
  std::array<std::uint32_t, kMostThresholds + 1> count;
  std::array<std::uint32_t, kMostThresholds + 1> left;
  const std::size_t thresholds = thresholds_.size();
  std::fill_n(count.begin(), thresholds + 1, 0u);
  std::fill_n(left.begin(), thresholds + 1, 0u);
  std::int64_t all = 0;
  for (const std::uint16_t milli : node.accelerators_left_milli) {
    const std::uint16_t reached = reached_[milli];
    count[reached] += 1;
    left[reached] += milli;
    all += milli;
  }
  const ModelSet model = node.shape->model;
  const std::size_t bit = model == 0 ? 64 : static_cast<std::size_t>(std::countr_zero(model));
  const Pattern& pattern = patterns_[pattern_of_model_[bit]];
  const auto level = static_cast<std::size_t>(
      std::upper_bound(pattern.levels.begin(), pattern.levels.end(), node.cores_left_milli) -
      pattern.levels.begin());
  const std::size_t counts = most_devices_ + 1;
  const std::int64_t* rows = &weights_[pattern.table + level * thresholds * counts];
  std::int64_t f = all * total_weight_;
  std::size_t devices = 0;
  std::int64_t usable = 0;
  for (std::size_t t = thresholds; t-- > 0;) {
    devices += count[t + 1];
    usable += left[t + 1];
    f -= rows[t * counts + std::min(devices, most_devices_)] * usable;
  }
  return f;
}

std::int64_t Fragmentation::scaled_by_kind(const NodeView& node) const {
  const std::int64_t all = accelerators_left(node);
  std::int64_t f = all * total_weight_;
  for (const Kind& kind : kinds_) {
    if (!fits(kind.request, node)) continue;
    std::int64_t usable = 0;
    for (const std::uint16_t milli : node.accelerators_left_milli) {
      if (milli >= kind.request.accelerator_milli) usable += milli;
    }
    f -= kind.weight * usable;
  }
  return f;
}

double Fragmentation::of(const NodeView& node) const {
  return std::ldexp(static_cast<double>(scaled(node)), -kFractionBits);
}

}  // namespace hyperdc
