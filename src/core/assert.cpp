#include <cstring>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void invariant_failed(const char* condition, const char* file, int line,
                      const std::string& message) {
  // Only the name of the file: the text must not depend on where the tree was built.
  const char* slash = std::strrchr(file, '/');
  throw InvariantError(
      fmt::format("{}:{}: {}: {}", slash != nullptr ? slash + 1 : file, line, condition, message));
}

}  // namespace hyperdc
