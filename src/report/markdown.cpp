#include "report/markdown.hpp"

#include "report/terminal.hpp"

namespace hyperdc {

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '|' || c == '`' || c == '<' || c == '*' || c == '_' || c == '[' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

}  // namespace hyperdc
