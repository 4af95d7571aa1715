// MarketProcess: the events of one rental market.
#pragma once

#include <string>

#include "world/market/market.hpp"

namespace hyperdc {

class MarketProcess final : public Process {
 public:
  MarketProcess(World& world, std::uint32_t market)
      : state_(*world.markets[market]), name_("market." + state_.spec().name) {}

  /// Schedules the first requests and prices. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine) { state_.begin(self, engine); }

  void handle(const Event& event, Engine&) override { state_.handle(event); }
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override { return MarketState::kKinds; }
  std::string_view kind_name(std::uint32_t kind) const override;
  std::uint64_t meaning(const Event& event) const override { return state_.meaning(event); }

 private:
  MarketState& state_;
  std::string name_;
};

}  // namespace hyperdc
