#include "scenario/hints.hpp"

#include "core/text.hpp"

namespace hyperdc {

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += hyperdc::quoted(name);
  }
  return text;
}

std::string name_hint(std::string_view wrong, const std::vector<std::string>& known) {
  constexpr std::size_t kFew = 20;
  if (const auto near = nearest(wrong, known)) {
    return "did you mean " + hyperdc::quoted(*near) + "?";
  }
  if (known.empty()) return "there are none";
  return known.size() <= kFew ? "known are " + list_of(known) : "";
}

}  // namespace hyperdc
