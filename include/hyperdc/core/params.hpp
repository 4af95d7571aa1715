// ParamSpec: the one description of a parameter, from which checks, defaults, the JSON Schema and
// the reference pages are made. Params: the checked values, by name.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <hyperdc/core/time.hpp>
#include <hyperdc/core/units.hpp>

namespace hyperdc {

enum class ParamKind {
  boolean,
  integer,
  number,    // a pure number
  quantity,  // a text with a unit of `dimension`
  choice,    // one of `choices`
  text,
  quantity_list,  // list of quantities; with Dimension::none a list of numbers
  text_list,
};

struct ParamSpec {
  std::string_view name;
  ParamKind kind = ParamKind::number;
  Dimension dimension = Dimension::none;
  std::string_view doc;       // one sentence: what it does and what happens if it is raised
  std::string_view fallback;  // JSON text, as a user would write it; empty: required
  double min = -std::numeric_limits<double>::infinity();  // SI, inclusive
  double max = std::numeric_limits<double>::infinity();
  std::span<const std::string_view> choices = {};
  std::string_view example = {};  // a JSON value for the docs and for hints; unit included
  bool rising = false;            // of a list: each entry is above the one before
};

/// Values of one policy's parameters. Every name of the spec is present. Asking for a name that
/// the spec does not have, or as another kind, is an InvariantError (a mistake of the program).
class Params {
 public:
  using Value =
      std::variant<bool, double, std::string, std::vector<double>, std::vector<std::string>>;

  void set(std::string_view name, Value value);
  bool flag(std::string_view name) const;
  double number(std::string_view name) const;  // number, integer or quantity in SI
  std::int64_t integer(std::string_view name) const;
  Duration duration(std::string_view name) const;        // quantity of time
  const std::string& text(std::string_view name) const;  // text or choice
  const std::vector<double>& list(std::string_view name) const;
  const std::vector<std::string>& texts(std::string_view name) const;
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }

 private:
  const Value& at(std::string_view name) const;
  std::map<std::string, Value, std::less<>> values_;
};

/// A registered policy: its name, what it decides, its parameters, and how to make it.
/// Context is what the policy may know of the scenario (PlacementContext, SchedulerContext).
template <class Policy, class Context>
struct Entry {
  std::string_view name;
  std::string_view doc;
  std::span<const ParamSpec> params;
  std::unique_ptr<Policy> (*make)(const Params&, const Context&) = nullptr;
  /// What is wrong between parameters that are each right (lists of one length, rising bounds), as
  /// one sentence for the user; empty: nothing. make() takes for granted that it was asked.
  std::string (*check)(const Params&) = nullptr;
};

}  // namespace hyperdc
