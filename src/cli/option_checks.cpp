#include "cli/option_checks.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <string>
#include <thread>

#include "core/text.hpp"

namespace hyperdc {

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](std::string& text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, 10);
    if (error == std::errc{} && stop == end && value >= low && value <= high) {
      text = std::to_string(value);  // without zeros in front, which the parser takes for octal
      return std::string();
    }
    return fmt::format("{} is not a whole number from {} to {}", hyperdc::quoted(text), low, high);
  };
  return CLI::Validator(check, "");
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.empty() ? std::string("the value is empty") : std::string();
      },
      "");
}

unsigned threads_or_all(unsigned asked) {
  return asked == 0 ? std::max(1U, std::thread::hardware_concurrency()) : asked;
}

}  // namespace hyperdc
