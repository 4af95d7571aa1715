// InputChanged: a file is not what it was when it was checked before the run. The run ends, the
// command exits with 3.
#pragma once

#include <stdexcept>

namespace hyperdc {

class InputChanged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hyperdc
