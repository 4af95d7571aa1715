// decode: checks a value against its description and writes it out in full.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/params.hpp>

#include "scenario/describe.hpp"
#include "scenario/sources.hpp"

namespace hyperdc {

/// Where a value is in the tree, as a chain on the stack; text is made only for problems.
struct Path {
  const Path* up = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_index = false;

  Path operator[](std::string_view name) const { return {this, name, 0, false}; }
  Path item(std::size_t i) const { return {this, {}, i, true}; }
  std::string str() const;  // "pools.h100.racks.0"
};

/// `raw` in canonical form: keys in the order of the description, defaults written out, quantities
/// in SI ("604800 s", with the number beside it), null taken as absent. What is wrong is reported
/// and left `missing`, so that later checks can go on.
Json decode(const Json& raw, const Type& type, const Path& path, Problems& problems);

/// A decoded value and its path. Absent values read as nothing: 0, "", no members.
class View {
 public:
  View() = default;
  View(const Json* value, std::string path) : value_(value), path_(std::move(path)) {}

  explicit operator bool() const;
  View operator[](std::string_view key) const;
  /// Keys and values of a map, or "0", "1", … of a list.
  struct Entry;
  std::vector<Entry> each() const;

  double number() const { return value_ == nullptr ? 0 : value_->number; }
  bool flag() const { return number() != 0; }
  std::int64_t integer() const { return static_cast<std::int64_t>(number()); }
  Duration duration() const { return seconds(number()); }
  std::string text() const;
  std::vector<double> numbers() const;
  std::vector<std::string> texts() const;
  const std::string& path() const { return path_; }
  Span span() const { return value_ == nullptr ? Span{} : value_->span; }
  const Json* json() const { return value_; }

 private:
  const Json* value_ = nullptr;
  std::string path_;
};

struct View::Entry {
  std::string key;
  View value;
  Span key_span;
};

/// The parameters of a decoded {"policy": name, …}.
Params params_of(const View& choice, std::span<const ParamSpec> specs);

}  // namespace hyperdc
