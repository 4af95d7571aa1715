// shuffle: a uniform permutation from a named stream; draw i of it is for the place i.
// Source: Fisher and Yates; Knuth, TAOCP 2, section 3.4.2, algorithm P.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/rng.hpp"

namespace hyperdc {

template <class T>
void shuffle(std::vector<T>& values, const RandomStream& stream) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(stream.below(i, i))]);
  }
}

}  // namespace hyperdc
