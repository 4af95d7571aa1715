// ProviderSpec: whose datacenter a scenario stands for, and how well its inputs are known.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace hyperdc {

enum class Grade { measured, published, estimated, guessed };
inline constexpr std::size_t kGrades = 4;

struct ProviderSpec {
  std::string name;                             // "AWS"
  std::string as_of;                            // date of the inputs
  std::array<std::uint32_t, kGrades> inputs{};  // how many of each grade

  std::uint32_t count() const { return inputs[0] + inputs[1] + inputs[2] + inputs[3]; }
};

}  // namespace hyperdc
