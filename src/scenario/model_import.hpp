// A card of the catalog from a config.json, as models are published with.
#pragma once

#include <string>
#include <string_view>

#include <hyperdc/core/issue.hpp>

namespace hyperdc {

struct ImportedModel {
  std::string text;  // of scenarios/catalog/models/NAME.json
  double parameters = 0, active_parameters = 0;
  double weight_bytes = 0, kv_bytes = 0;  // kv_bytes: of a token
};

/// The card that `file` describes, under `name`. Architectures and number formats that are not
/// known are refused, as is what is missing: all of it at once.
Result<ImportedModel> import_model(const std::string& file, std::string_view name);

}  // namespace hyperdc
