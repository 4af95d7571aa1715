// Invariants: checked in release builds too, and never turned into a number. HYPERDC_CHECK throws
// InvariantError; the engine adds seed, simulated time and event, the command exits with 3.
#pragma once

#include <stdexcept>
#include <string>

namespace hyperdc {

class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws InvariantError("file:line: condition: message").
[[noreturn]] void invariant_failed(const char* condition, const char* file, int line,
                                   const std::string& message);

}  // namespace hyperdc

#define HYPERDC_CHECK(condition, message)                                     \
  do {                                                                        \
    if (!(condition)) [[unlikely]]                                            \
      ::hyperdc::invariant_failed(#condition, __FILE__, __LINE__, (message)); \
  } while (false)
