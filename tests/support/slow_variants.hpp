// Which variants of a model are loaded, by the rules of docs/models/batching.md and one after the
// other: what src/ai/inference/variants.hpp must agree with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ai/inference/variants.hpp"

namespace hyperdc::test {

class SlowVariants {
 public:
  using Ids = std::vector<std::uint32_t>;  // of those in a batch, each as often as it is there

  explicit SlowVariants(const VariantRules& rules) : rules_(rules) {}

  static std::uint64_t different(Ids ids) {
    std::ranges::sort(ids);
    return static_cast<std::uint64_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
  }
  bool may_join(std::uint32_t variant, const Ids& batch) const {
    if (!rules_.any() || has(batch, variant)) return true;
    return different(batch) < (rules_.in_turns() ? 1 : rules_.max_loaded);
  }
  /// ns that loading takes.
  std::int64_t join(std::uint32_t variant, const Ids& batch) {
    if (!rules_.any() || has(loaded_, variant)) return 0;
    const bool on_host = rules_.host_has_all() || has(host_, variant);
    if (loaded_.size() == rules_.max_loaded) drop_oldest(loaded_, batch);
    if (!on_host && host_.size() == rules_.host) drop_oldest(host_, loaded_);
    if (!on_host) host_.push_back(variant);
    loaded_.push_back(variant);
    ++loads;
    return rules_.load.ns + (on_host ? 0 : rules_.fetch.ns);
  }
  /// One has left, and those of the batch are still there.
  void left(std::uint32_t variant, const Ids& batch) {
    if (!rules_.any() || has(batch, variant)) return;
    std::erase(left_, variant);
    left_.push_back(variant);
  }

  std::uint64_t loads = 0;

 private:
  static bool has(const Ids& ids, std::uint32_t id) {
    return std::ranges::find(ids, id) != ids.end();
  }
  /// Of these the one that left the batch first.
  void drop_oldest(Ids& from, const Ids& needed) const {
    for (const std::uint32_t id : left_) {
      if (!has(from, id) || has(needed, id)) continue;
      std::erase(from, id);
      return;
    }
  }

  VariantRules rules_;
  Ids loaded_, host_;
  Ids left_;  // in order of when they did so last
};

}  // namespace hyperdc::test
