// Which values go together: the points of a design.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hyperdc {

enum class Design { grid, together, random, latin_hypercube, sobol };

/// A value that varies, as the design sees it.
struct DesignKnob {
  std::string name;
  std::size_t values = 0;  // that it has; 0: a stretch that is sampled
};

/// Where a knob stands in one variation: the number of its value, or the share of the stretch.
struct DesignPoint {
  std::size_t value = 0;
  double share = 0;  // in [0, 1)
};

/// Points by variation, then knob. Grid and together need knobs with values, together equally many;
/// `samples` is the number of variations of the others.
std::vector<std::vector<DesignPoint>> design_points(const std::vector<DesignKnob>& knobs,
                                                    Design design, std::size_t samples,
                                                    std::uint64_t seed);

}  // namespace hyperdc
