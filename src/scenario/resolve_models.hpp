// Models by name, and from a decoded entry.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "ai/prediction_cards.hpp"
#include "scenario/decode.hpp"

namespace hyperdc {

struct Resolution;

struct NumberFormatName {
  NumberFormat format;
  std::string_view name;
};
inline constexpr std::array<NumberFormatName, 6> kNumberFormats = {
    {{NumberFormat::fp32, "fp32"},
     {NumberFormat::bf16, "bf16"},
     {NumberFormat::fp16, "fp16"},
     {NumberFormat::fp8, "fp8"},
     {NumberFormat::mxfp4, "mxfp4"},
     {NumberFormat::nvfp4, "nvfp4"}}};

/// The card of a decoded entry; nothing and problems where its values do not fit together.
std::optional<AnyModelCard> card_of_entry(const View& entry, Problems& problems);

/// The model that `at` names, of the scenario or of the catalog; nothing and a problem if
/// there is none. What its entry assumes is said.
std::optional<AnyModelCard> model_card_of(Resolution& r, const View& at);

}  // namespace hyperdc
