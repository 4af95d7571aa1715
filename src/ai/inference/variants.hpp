// LoadedVariants: which variants of a model an engine replica has in the memory of its
// accelerators.
//
// Computes: what an admission has to load first, and who may join the batch. A variant is an
// adapter (LoRA) of the one model that the engine serves, or a whole model that takes turns with
// others.
//   together  adapters: a batch has up to max_loaded different ones. Who asks for one that is not
//             among them while there are as many is passed over and keeps its place in the queue.
//   in turns  models: a batch is of one. A batch that begins when nobody runs takes the first in
//   the
//             queue and, past the others, whoever asks for the same; from then on nobody is passed
//             over: when the first in the queue asks for another, nobody joins until all that run
//             are done.
// One that is not loaded takes the place of the one not in the batch whose last sequence left the
// batch first (least recently used). It comes from the host, `load` long, and if the host has not
// got it from storage before that, `fetch` long; the host keeps `host` of them, those loaded
// included, and loses the least recently used one that is not loaded.
// Units: ns. Source: github.com/vllm-project/vllm, the V1 scheduler (max_loras) and the LRU caches
// of its LoRA worker (max_cpu_loras); Sheng et al. (S-LoRA), MLSys'24. Valid: max_loaded >= 1, host
// >= max_loaded. Leaves out: loads beside the iterations (S-LoRA's prefetching); adapters of
// several ranks; requests of the model without any. Cost: O(log n) a change with n variants.
#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct VariantRules {
  enum class Share : std::uint8_t { together, in_turns };
  Share share = Share::together;
  std::uint32_t max_loaded = 0;                                    // 0: there are no variants
  std::uint32_t host = std::numeric_limits<std::uint32_t>::max();  // which has all of them then
  Duration load, fetch;

  bool any() const { return max_loaded > 0; }
  bool in_turns() const { return any() && share == Share::in_turns; }
  bool together() const { return any() && share == Share::together; }
  bool host_has_all() const { return host == std::numeric_limits<std::uint32_t>::max(); }
};

class LoadedVariants {
 public:
  explicit LoadedVariants(const VariantRules& rules);

  /// May a sequence of this one join those that are in the batch?
  bool may_join(std::uint32_t variant) const;
  /// One does. What has to pass before that it can compute.
  Duration join(std::uint32_t variant);
  /// One does not run any more.
  void leave(std::uint32_t variant);

  /// In the batch, or not but ready.
  bool loaded(std::uint32_t variant) const;
  /// Different ones in the batch.
  std::uint64_t in_batch() const { return in_batch_; }
  std::uint64_t loads() const { return loads_; }

 private:
  /// In order: of lower ones there is more room.
  enum class Where : std::uint8_t { storage, host, accelerators };
  struct Variant {
    Where where = Where::storage;
    std::uint64_t sequences = 0;  // in the batch
    std::uint64_t left = 0;       // number of when the last of them left
  };
  /// Not in the batch, by when they left it.
  using Idle = std::set<std::pair<std::uint64_t, std::uint32_t>>;

  void make_room();

  VariantRules rules_;
  std::unordered_map<std::uint32_t, Variant> variants_;  // looked up only
  Idle loaded_idle_, on_host_;
  std::uint64_t in_batch_ = 0, leaves_ = 0, loads_ = 0;
};

}  // namespace hyperdc
