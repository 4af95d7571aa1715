// hyperdc --explain CODE: the long text behind an error code.
#include <cctype>
#include <ostream>

#include "cli/commands.hpp"
#include "core/text.hpp"

namespace hyperdc {

int explain(const std::string& code, Console& console) {
  std::string upper = code;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string text = explain_error(upper);
  if (text.empty()) {
    console.error("there is no error code " + hyperdc::quoted(code), "see: hyperdc docs errors");
    return kExitBadInput;
  }
  console.out << text;
  if (text.back() != '\n') console.out << '\n';
  return kExitOk;
}

}  // namespace hyperdc
