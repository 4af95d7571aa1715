// What sequences of a batcher ask of variants.
#include <set>

#include "ai/inference/batcher.hpp"

namespace hyperdc {

/// It is admitted: its variant is loaded before the iteration computes, if it is not there.
void Batcher::join_variant(const Sequence& s) {
  if (!rules_.variants.any()) return;
  if (s.preemptions == 0) {
    ++variant_use_.admitted;
    if (variants_.loaded(s.variant)) ++variant_use_.found;
  }
  const Duration takes = variants_.join(s.variant);
  loading_ = loading_ + takes;
  variant_use_.loading = variant_use_.loading + takes;
  variant_use_.loads = variants_.loads();
}

/// The iteration is composed: what ended with the one before is in nobody's way any more.
void Batcher::leave_ended_variants() {
  for (const std::uint32_t variant : ended_variants_) variants_.leave(variant);
  ended_variants_.clear();
}

/// Different ones whose sequences compute in it: all that run, or the whole prompts that go first.
std::uint64_t Batcher::adapters_of_iteration() const {
  if (!rules_.variants.together()) return 0;
  if (decodes_ || rules_.mode == BatchMode::chunked) return variants_.in_batch();
  std::set<std::uint32_t> different;
  for (const Chunk& chunk : chunks_) different.insert(sequences_[chunk.slot].variant);
  return different.size();
}

}  // namespace hyperdc
