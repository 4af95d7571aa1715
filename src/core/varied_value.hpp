// VariedValue: a value of a scenario that a study varies, in one of its variations.
#pragma once

#include <string>

namespace hyperdc {

struct VariedValue {
  std::string name;   // that the study gives it, or its path
  std::string label;  // as people read it: "hpa", "100"
  std::string json;   // the value itself
};

}  // namespace hyperdc
