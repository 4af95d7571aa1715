#include "world/process/market_process.hpp"

#include <array>

namespace hyperdc {

std::string_view MarketProcess::kind_name(std::uint32_t kind) const {
  constexpr std::array<std::string_view, MarketState::kKinds> kNames{
      "arrive", "retry", "reprice", "claim", "start", "stop", "term", "session"};
  return kNames.at(kind);
}

}  // namespace hyperdc
