// EnergySignal: by what those policies go that look at the energy of a place.
#pragma once

namespace hyperdc {

/// What a joule costs (USD) or emits (g, attributed or caused) where something stands.
enum class EnergySignal { average, marginal, price };

}  // namespace hyperdc
