#include "ai/inference/variants.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

LoadedVariants::LoadedVariants(const VariantRules& rules) : rules_(rules) {
  HYPERDC_CHECK(!rules.any() || rules.host >= rules.max_loaded, "what is loaded is on the host");
}

bool LoadedVariants::may_join(std::uint32_t variant) const {
  if (!rules_.any()) return true;
  const std::uint64_t most = rules_.in_turns() ? 1 : rules_.max_loaded;
  if (in_batch_ < most) return true;
  const auto known = variants_.find(variant);
  return known != variants_.end() && known->second.sequences > 0;
}

bool LoadedVariants::loaded(std::uint32_t variant) const {
  const auto known = variants_.find(variant);
  return known != variants_.end() && known->second.where == Where::accelerators;
}

Duration LoadedVariants::join(std::uint32_t variant) {
  if (!rules_.any()) return {};
  HYPERDC_CHECK(may_join(variant), "more variants than a batch may have");
  Variant& its = variants_[variant];
  if (its.sequences++ > 0) return {};
  Duration takes;
  if (its.where == Where::accelerators) {
    loaded_idle_.erase({its.left, variant});
  } else {
    ++loads_;
    takes = rules_.load;
    if (its.where == Where::host) {
      on_host_.erase({its.left, variant});
    } else if (!rules_.host_has_all()) {
      takes = takes + rules_.fetch;
    }
    make_room();
    its.where = Where::accelerators;
  }
  ++in_batch_;
  return takes;
}

/// For one more on the accelerators, and so on the host.
void LoadedVariants::make_room() {
  if (in_batch_ + loaded_idle_.size() == rules_.max_loaded) {
    HYPERDC_CHECK(!loaded_idle_.empty(), "all that are loaded are in the batch");
    const auto oldest = *loaded_idle_.begin();
    loaded_idle_.erase(loaded_idle_.begin());
    on_host_.insert(oldest);
    variants_[oldest.second].where = Where::host;
  }
  if (in_batch_ + loaded_idle_.size() + on_host_.size() < rules_.host) return;
  const auto oldest = *on_host_.begin();
  on_host_.erase(on_host_.begin());
  variants_[oldest.second].where = Where::storage;
}

void LoadedVariants::leave(std::uint32_t variant) {
  if (!rules_.any()) return;
  Variant& its = variants_[variant];
  HYPERDC_CHECK(its.sequences > 0, "it was not in the batch");
  if (--its.sequences > 0) return;
  --in_batch_;
  its.left = ++leaves_;
  loaded_idle_.insert({its.left, variant});
}

}  // namespace hyperdc
