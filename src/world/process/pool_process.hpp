// PoolProcess: completions and scheduling passes of one pool.
//
// Order within a moment: completions (physics), arrivals (workload), then one pass (control).
#pragma once

#include <string>

#include "world/world.hpp"

namespace hyperdc {

class PoolProcess final : public Process {
 public:
  PoolProcess(World& world, std::uint32_t pool);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return 7; }
  std::string_view kind_name(std::uint32_t kind) const override;
  /// A completion means the number of the job, not the slot it happened to have.
  std::uint64_t meaning(const Event& event) const override;

 private:
  World& world_;
  PoolState& pool_;
  std::string name_;
};

}  // namespace hyperdc
