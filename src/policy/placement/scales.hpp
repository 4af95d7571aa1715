// The two parameters that best-fit, worst-fit and dot-product share: what cores and accelerators
// are measured against before they are added.
#pragma once

#include <array>

#include <hyperdc/core/params.hpp>

namespace hyperdc {

inline constexpr std::array<ParamSpec, 2> kScaleParams = {{
    {.name = "cores_scale",
     .kind = ParamKind::number,
     .doc = "Cores that weigh as much as all accelerators of accelerators_scale; raised, cores "
            "matter less.",
     .fallback = "128",
     .min = 1,
     .max = 1e9,
     .example = "128"},
    {.name = "accelerators_scale",
     .kind = ParamKind::number,
     .doc = "Accelerators that weigh as much as all cores of cores_scale; raised, accelerators "
            "matter less.",
     .fallback = "8",
     .min = 1,
     .max = 1e9,
     .example = "8"},
}};

struct Scales {
  double cores_milli = 0;
  double accelerators_milli = 0;
  explicit Scales(const Params& params)
      : cores_milli(params.number("cores_scale") * 1000),
        accelerators_milli(params.number("accelerators_scale") * 1000) {}
};

}  // namespace hyperdc
