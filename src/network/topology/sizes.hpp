// What the families share: parameters that are alike, products that may be too large, and the
// digits of a choice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <hyperdc/core/params.hpp>

namespace hyperdc {

inline constexpr std::uint64_t kMostLinks = 0xFFFF'FFFFULL;

/// a * b, or something above kMostLinks.
inline std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return a > kMostLinks || b > kMostLinks ? kMostLinks + 1 : std::min(a * b, kMostLinks + 1);
}

/// The digits of a choice in a mixed radix, lowest first.
class ChoiceDigits {
 public:
  explicit ChoiceDigits(std::uint32_t choice) : rest_(choice) {}
  std::uint32_t next(std::uint32_t radix) {
    if (radix == 1) return 0;
    const std::uint32_t digit = rest_ % radix;
    rest_ /= radix;
    return digit;
  }
  std::uint32_t rest() const { return rest_; }

 private:
  std::uint32_t rest_;
};

constexpr ParamSpec count_spec(std::string_view name, std::string_view doc,
                               std::string_view fallback = {}, double least = 1) {
  return {name, ParamKind::integer, Dimension::none, doc, fallback, least, 65536};
}

constexpr ParamSpec bandwidth_spec(std::string_view name, std::string_view doc) {
  return {name, ParamKind::quantity, Dimension::data_rate, doc, {}, 1, 1e15, {}, R"("400 Gbit/s")"};
}

constexpr ParamSpec latency_spec(std::string_view name = "latency",
                                 std::string_view doc = "Of each link: cable and next switch.") {
  return {name, ParamKind::quantity, Dimension::time, doc, {}, 0, 1, {}, R"("600 ns")"};
}

inline std::uint32_t count_of(const Params& params, std::string_view name) {
  return static_cast<std::uint32_t>(params.integer(name));
}

}  // namespace hyperdc
