// Instants by their seconds, for tests.
#pragma once

#include <hyperdc/core/time.hpp>

namespace hyperdc::test {

inline SimTime at_s(double s) {
  return SimTime{} + seconds(s);
}

}  // namespace hyperdc::test
