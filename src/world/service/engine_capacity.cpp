#include "world/service/engine_capacity.hpp"

#include <algorithm>

namespace hyperdc {
namespace {

class TimedCapacity final : public EngineCapacity {
 public:
  explicit TimedCapacity(const EngineSpec& engine)
      : rules_(engine.rules), time_(iteration_time_of(engine)) {}

  double first_token_s(double prompt) const override {
    return to_seconds(time_alone(*time_, whole_tokens(prompt), 1, rules_.growth, most_adapters(1)));
  }

  double next_token_s(std::uint32_t sequences, double context) const override {
    const double tokens = static_cast<double>(rules_.growth) / static_cast<double>(kTokenParts);
    IterationLoad load{0, sequences, sequences * whole_tokens(context)};
    load.adapters = most_adapters(sequences);
    return to_seconds(time_->of(load)) / tokens;
  }

  std::uint32_t most_sequences(double context) const override {
    const std::uint64_t each = std::max<std::uint64_t>(1, rules_.blocks_of(whole_tokens(context)));
    const std::uint64_t held = std::max<std::uint64_t>(1, rules_.blocks / each);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rules_.max_sequences, held));
  }

 private:
  /// Of so many sequences each has another one, as far as a batch may.
  std::uint64_t most_adapters(std::uint32_t sequences) const {
    return rules_.variants.together() ? std::min(sequences, rules_.variants.max_loaded) : 0;
  }

  BatchRules rules_;
  std::unique_ptr<IterationTime> time_;
};

}  // namespace

std::shared_ptr<const EngineCapacity> engine_capacity(const EngineSpec& engine) {
  return std::make_shared<TimedCapacity>(engine);
}

}  // namespace hyperdc
