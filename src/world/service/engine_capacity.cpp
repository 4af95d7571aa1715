#include "world/service/engine_capacity.hpp"

#include <algorithm>
#include <cmath>

namespace hyperdc {
namespace {

std::uint64_t whole(double tokens) {
  return static_cast<std::uint64_t>(std::clamp(std::round(tokens), 1.0, kMostTokens));
}

class TimedCapacity final : public EngineCapacity {
 public:
  explicit TimedCapacity(const EngineSpec& engine)
      : rules_(engine.rules), time_(iteration_time_of(engine)) {}

  double first_token_s(double prompt) const override {
    return to_seconds(time_alone(*time_, whole(prompt), 1));
  }

  double next_token_s(std::uint32_t sequences, double context) const override {
    const double tokens = static_cast<double>(rules_.growth) / static_cast<double>(kTokenParts);
    return to_seconds(time_->of({0, sequences, sequences * whole(context)})) / tokens;
  }

  std::uint32_t most_sequences(double context) const override {
    const std::uint64_t each =
        (whole(context) + rules_.drafts + rules_.block_tokens - 1) / rules_.block_tokens;
    const std::uint64_t held = std::max<std::uint64_t>(1, rules_.blocks / each);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rules_.max_sequences, held));
  }

 private:
  BatchRules rules_;
  std::unique_ptr<IterationTime> time_;
};

}  // namespace

std::shared_ptr<const EngineCapacity> engine_capacity(const EngineSpec& engine) {
  return std::make_shared<TimedCapacity>(engine);
}

}  // namespace hyperdc
