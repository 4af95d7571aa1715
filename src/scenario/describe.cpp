#include "scenario/describe.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "scenario/decode.hpp"
#include "scenario/json_text.hpp"

namespace hyperdc {
namespace {

std::shared_ptr<Type> make(Type::Kind kind, std::string example = "") {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  type->example = std::move(example);
  return type;
}

std::shared_ptr<Type> make(Type::Kind kind, Range range, std::string example) {
  auto type = make(kind, std::move(example));
  type->min = range.min;
  type->max = range.max;
  return type;
}

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

/// Defaults are checked like input, so that a wrong one cannot be written.
Json decode_fallback(const Type& type, std::string_view text) {
  Sources sources;
  Problems problems(sources);
  Json value = decode(parse_builtin(text), type, {}, problems);
  const bool good = !problems.failed();
  HYPERDC_CHECK(good, fmt::format("default {}: {}", text, problems.take().front().message));
  return value;
}

TypeRef numbers_type(TypeRef item, bool rising) {
  Type list = *list_type(std::move(item));
  list.rising = rising;
  return std::make_shared<const Type>(std::move(list));
}

TypeRef type_of(const ParamSpec& spec) {
  const Range range{spec.min, spec.max};
  const std::string example(spec.example.empty() ? spec.fallback : spec.example);
  const auto quantity = [&](std::string shown) {
    auto type = make(Type::Kind::quantity, range, std::move(shown));
    type->dimension = spec.dimension;
    return type;
  };
  switch (spec.kind) {
    case ParamKind::boolean:
      return boolean_type();
    case ParamKind::integer:
      return integer_type(range, example);
    case ParamKind::number:
      return number_type(range, example);
    case ParamKind::quantity:
      return quantity(example);
    case ParamKind::choice:
      return choice_type({spec.choices.begin(), spec.choices.end()});
    case ParamKind::text:
      return make(Type::Kind::text, example);
    case ParamKind::text_list:
      if (!spec.choices.empty()) {
        return list_type(choice_type({spec.choices.begin(), spec.choices.end()}));
      }
      return list_type(text_type("name"));
    case ParamKind::quantity_list:
      break;
  }
  if (spec.dimension == Dimension::none) return numbers_type(number_type(range), spec.rising);
  return numbers_type(quantity(std::string(in_quotes(format_quantity(1, spec.dimension)))),
                      spec.rising);
}

}  // namespace

TypeRef boolean_type() {
  return make(Type::Kind::boolean, "true");
}

TypeRef integer_type(Range range, std::string example) {
  return make(Type::Kind::integer, range, std::move(example));
}

TypeRef number_type(Range range, std::string example) {
  return make(Type::Kind::number, range, std::move(example));
}

TypeRef quantity_type(Dimension dimension, std::string_view example, Range range) {
  if (dimension == Dimension::none) return number_type(range, std::string(example));
  auto type = make(Type::Kind::quantity, range, in_quotes(example));
  type->dimension = dimension;
  return type;
}

TypeRef any_quantity_type() {
  return make(Type::Kind::any_quantity, "\"50 ms\"");
}

TypeRef any_type(std::string_view example) {
  return make(Type::Kind::any, std::string(example));
}

TypeRef text_type(std::string_view example) {
  return make(Type::Kind::text, in_quotes(example));
}

TypeRef choice_type(std::vector<std::string> choices) {
  auto type = make(Type::Kind::choice, in_quotes(choices.front()));
  type->choices = std::move(choices);
  return type;
}

TypeRef file_type(std::string_view example) {
  return make(Type::Kind::file, in_quotes(example));
}

TypeRef map_type(TypeRef item, std::size_t min_items, std::size_t max_items) {
  auto type = make(Type::Kind::map);
  type->item = std::move(item);
  type->min_items = min_items;
  type->max_items = max_items;
  return type;
}

TypeRef free_map_type(TypeRef item) {
  auto type = make(Type::Kind::map);
  type->item = std::move(item);
  type->free_names = true;
  return type;
}

TypeRef list_type(TypeRef item, std::size_t min_items) {
  auto type = make(Type::Kind::list, fmt::format("[{}]", item->example));
  type->item = std::move(item);
  type->min_items = min_items;
  return type;
}

TypeRef object_type(std::string name, std::string doc, std::vector<Field> fields,
                    std::vector<KeyRule> rules) {
  auto type = make(Type::Kind::object);
  type->name = std::move(name);
  type->doc = std::move(doc);
  type->fields = std::move(fields);
  type->rules = std::move(rules);
  return type;
}

TypeRef one_key_type(std::string name, std::string doc, TypeRef bare, std::vector<Field> fields) {
  auto type = make(Type::Kind::one_key, bare ? bare->example : "");
  type->name = std::move(name);
  type->doc = std::move(doc);
  type->item = std::move(bare);
  type->fields = std::move(fields);
  return type;
}

TypeRef tagged_type(std::string name, std::string doc, std::string tag,
                    std::vector<Variant> variants, std::map<std::string, std::string> confusions) {
  auto type = make(Type::Kind::tagged);
  type->name = std::move(name);
  type->doc = std::move(doc);
  type->tag = std::move(tag);
  type->variants = std::move(variants);
  type->confusions = std::move(confusions);
  return type;
}

TypeRef modified_type(const TypeRef& one_key, std::string bare_key, std::vector<Field> beside) {
  auto type = std::make_shared<Type>(*one_key);
  HYPERDC_CHECK(find_field(type->fields, bare_key) != nullptr, "no field for a bare value");
  type->bare_key = std::move(bare_key);
  type->beside = std::move(beside);
  return type;
}

TypeRef recursive_type(const std::string& example,
                       const std::function<TypeRef(const TypeRef& self)>& build) {
  auto whole = std::make_shared<Type>();
  auto self = make(Type::Kind::recursive, example);
  self->target = whole.get();  // a counted reference would keep itself alive
  *whole = *build(self);
  return whole;
}

Field required(std::string name, TypeRef type, std::string doc) {
  return {std::move(name), std::move(type), std::move(doc), {}, true, "", false};
}

Field optional(std::string name, TypeRef type, std::string doc) {
  return {std::move(name), std::move(type), std::move(doc), {}, false, "", false};
}

Field defaulted(std::string name, TypeRef type, std::string_view fallback, std::string doc) {
  Field field = optional(std::move(name), std::move(type), std::move(doc));
  field.fallback = decode_fallback(*field.type, fallback);
  return field;
}

Field live(Field field) {
  field.live = true;
  return field;
}

Field only_with(std::string with, Field field) {
  field.with = std::move(with);
  return field;
}

Field param_field(const ParamSpec& spec) {
  const std::string name(spec.name);
  const std::string doc(spec.doc);
  if (spec.fallback.empty()) return required(name, type_of(spec), doc);
  return defaulted(name, type_of(spec), spec.fallback, doc);
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto it = std::find_if(fields.begin(), fields.end(),
                               [&](const Field& field) { return field.name == name; });
  return it == fields.end() ? nullptr : &*it;
}

const Variant* find_variant(const Type& type, std::string_view name) {
  const auto it = std::find_if(type.variants.begin(), type.variants.end(),
                               [&](const Variant& variant) { return variant.name == name; });
  return it == type.variants.end() ? nullptr : &*it;
}

bool is_name(std::string_view text) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= 64 && alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace hyperdc
