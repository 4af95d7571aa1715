#include <cmath>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/core/params.hpp>

namespace hyperdc {
namespace {

template <class T>
const T& get(const Params::Value& value, std::string_view name, const char* kind) {
  const T* held = std::get_if<T>(&value);
  HYPERDC_CHECK(held != nullptr, fmt::format("parameter \"{}\" is not a {}", name, kind));
  return *held;
}

}  // namespace

void Params::set(std::string_view name, Value value) {
  values_.insert_or_assign(std::string(name), std::move(value));
}

const Params::Value& Params::at(std::string_view name) const {
  const auto it = values_.find(name);
  HYPERDC_CHECK(it != values_.end(), fmt::format("no parameter \"{}\" was declared", name));
  return it->second;
}

bool Params::flag(std::string_view name) const {
  return get<bool>(at(name), name, "boolean");
}

double Params::number(std::string_view name) const {
  return get<double>(at(name), name, "number");
}

std::int64_t Params::integer(std::string_view name) const {
  const double value = number(name);
  constexpr double kExact = 9007199254740992.0;  // 2^53: doubles are whole numbers up to here
  HYPERDC_CHECK(std::fabs(value) <= kExact && value == std::floor(value),
                fmt::format("parameter \"{}\" = {} is not an integer", name, value));
  return static_cast<std::int64_t>(value);
}

Duration Params::duration(std::string_view name) const {
  return seconds(number(name));
}

const std::string& Params::text(std::string_view name) const {
  return get<std::string>(at(name), name, "text");
}

const std::vector<double>& Params::list(std::string_view name) const {
  return get<std::vector<double>>(at(name), name, "list of numbers");
}

const std::vector<std::string>& Params::texts(std::string_view name) const {
  return get<std::vector<std::string>>(at(name), name, "list of texts");
}

}  // namespace hyperdc
