// The language in which input files are described. One description gives the checks and defaults
// (decode.hpp), the merge rules (merge.hpp), the JSON Schema and the reference pages (emit.hpp).
//
// A description is constant and holds no state; there are a few hundred keys.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/units.hpp>

#include "scenario/json.hpp"

namespace hyperdc {

struct Type;
using TypeRef = std::shared_ptr<const Type>;

/// A key of an object.
struct Field {
  std::string name;
  TypeRef type;
  std::string doc;  // one sentence
  Json fallback;    // decoded default; `missing`: none
  bool required = false;
  std::string with;   // allowed, and required or defaulted, only beside this key; empty: always
  bool live = false;  // may change while the scenario runs (scenario/live.hpp)
};

/// A rule over the keys of one object.
struct KeyRule {
  std::vector<std::string> keys;
  bool exactly_one = true;  // false: at least one
};

/// One of the objects that a tagged object may be: {"policy": "sjf", …}.
struct Variant {
  std::string name;
  std::string doc;
  std::vector<Field> fields;
  std::vector<KeyRule> rules;
};

struct Type {
  enum class Kind {
    boolean,
    integer,
    number,
    quantity,      // a text with a unit of `dimension`
    any_quantity,  // a number, or a text with any unit
    any,           // any JSON but null: what another description will look at
    text,
    choice,     // one of `choices`
    file,       // a path, relative to the file that names it
    object,     // `fields`
    map,        // names to `item`
    list,       // of `item`
    one_key,    // exactly one of `fields`; or `item` alone, if there is one
    tagged,     // `tag` chooses one of `variants`
    recursive,  // `target`, the type that this one is part of, again
  };

  Kind kind = Kind::text;
  std::string name;  // of objects, one_key and tagged: "rack group"; names the definition
  std::string doc;
  Dimension dimension = Dimension::none;
  double min = -std::numeric_limits<double>::infinity();  // SI, inclusive
  double max = std::numeric_limits<double>::infinity();
  std::string example;  // JSON text
  std::vector<std::string> choices;
  std::vector<Field> fields;
  std::vector<KeyRule> rules;
  std::vector<Variant> variants;
  std::string tag;
  std::map<std::string, std::string> confusions;  // wrong value of the tag -> hint
  // Of one_key: keys that may stand beside the one, and under which of `fields` a bare value is
  // written when they do.
  std::vector<Field> beside;
  std::string bare_key;
  const Type* target = nullptr;  // not owned: what holds this type holds the target
  TypeRef item;
  std::size_t min_items = 0;
  std::size_t max_items = 100'000;  // of maps 10'000
  bool rising = false;              // list of numbers: each is above the one before
  bool free_names = false;          // map: any key, not only [a-z0-9][a-z0-9_-]*
};

inline constexpr std::size_t kMaxTextBytes = 4096;

/// `type`, or what it stands for if it is recursive.
inline const Type& actual(const Type& type) {
  return type.kind == Type::Kind::recursive ? *type.target : type;
}

/// Range of a number or quantity in SI, inclusive.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

TypeRef boolean_type();
TypeRef integer_type(Range range, std::string example = "1");
TypeRef number_type(Range range, std::string example = "1");
/// `example` as a user writes it, without quotes: "700 W".
TypeRef quantity_type(Dimension dimension, std::string_view example, Range range);
TypeRef any_quantity_type();
TypeRef any_type(std::string_view example);  // of JSON text
TypeRef text_type(std::string_view example);
TypeRef choice_type(std::vector<std::string> choices);
TypeRef file_type(std::string_view example);
TypeRef map_type(TypeRef item, std::size_t min_items = 0, std::size_t max_items = 10'000);
TypeRef free_map_type(TypeRef item);
TypeRef list_type(TypeRef item, std::size_t min_items = 0);
TypeRef object_type(std::string name, std::string doc, std::vector<Field> fields,
                    std::vector<KeyRule> rules = {});
TypeRef one_key_type(std::string name, std::string doc, TypeRef bare, std::vector<Field> fields);
/// A one_key type with keys that may stand beside the one. A bare value means {bare_key: value}.
TypeRef modified_type(const TypeRef& one_key, std::string bare_key, std::vector<Field> beside);
/// The type that `build` makes from a reference to it. `example` is of that reference.
TypeRef recursive_type(const std::string& example,
                       const std::function<TypeRef(const TypeRef& self)>& build);
TypeRef tagged_type(std::string name, std::string doc, std::string tag,
                    std::vector<Variant> variants,
                    std::map<std::string, std::string> confusions = {});

Field required(std::string name, TypeRef type, std::string doc);
Field optional(std::string name, TypeRef type, std::string doc);
/// `fallback` is JSON text as a user would write it.
Field defaulted(std::string name, TypeRef type, std::string_view fallback, std::string doc);
/// The same field, but only beside the key `with`.
Field only_with(std::string with, Field field);
/// A key that may change while the scenario runs.
Field live(Field field);

/// The field for one parameter of a policy.
Field param_field(const ParamSpec& spec);

/// The field or variant of that name; null if there is none.
const Field* find_field(std::span<const Field> fields, std::string_view name);
const Variant* find_variant(const Type& type, std::string_view name);

/// May be the key of a map: [a-z0-9][a-z0-9_-]*, at most 64 characters.
bool is_name(std::string_view text);

}  // namespace hyperdc
