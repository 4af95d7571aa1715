#include "scenario/inference_spec.hpp"

namespace hyperdc {

std::unique_ptr<IterationTime> iteration_time_of(const EngineSpec& engine) {
  if (const auto* linear = std::get_if<LinearCoefficients>(&engine.iteration)) {
    return std::make_unique<LinearTime>(*linear);
  }
  if (const auto* table = std::get_if<std::shared_ptr<const IterationTable>>(&engine.iteration)) {
    return std::make_unique<TableTime>(*table);
  }
  const auto& roofline = std::get<RooflineSpec>(engine.iteration);
  return std::make_unique<RooflineTime>(roofline.model, roofline.chip, roofline.software,
                                        roofline.parallel, roofline.drafts, roofline.adapter);
}

Duration time_alone(const EngineSpec& engine, const IterationTime& time, std::uint64_t prompt,
                    std::uint64_t output) {
  return time_alone(time, prompt, output, engine.rules.growth,
                    engine.rules.variants.together() ? 1 : 0);
}

}  // namespace hyperdc
