// The JSON Schema of scenario files, from the description. Only keywords that mean the same in
// draft-07 and 2020-12: `definitions` with JSON Pointers, no siblings of `$ref`, no tuple `items`.
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenario/description.hpp"
#include "scenario/load.hpp"

namespace hyperdc {
namespace {

using Schema = nlohmann::ordered_json;
using Kind = Type::Kind;

// Looser than the grammar of units: editors show it, the program checks it.
constexpr const char* kQuantity = R"(^[-+]?[0-9.]+([eE][-+]?[0-9]+)? ?[^ ].*$)";

/// A list of one; braces around one value mean different things to different compilers.
Schema only(Schema value) {
  Schema list = Schema::array();
  list.push_back(std::move(value));
  return list;
}

class SchemaWriter {
 public:
  /// `partial`: a file that extends another may leave out every key and remove one with null.
  Schema schema(const Type& type, bool partial) {
    Schema out =
        partial ? Schema{{"anyOf", {value(type, true), {{"type", "null"}}}}} : value(type, false);
    return out;
  }

  Schema take_definitions() { return std::move(definitions_); }

  Schema value(const Type& type, bool partial) {
    switch (type.kind) {
      case Kind::boolean:
        return {{"type", "boolean"}};
      case Kind::integer:
        return number("integer", type);
      case Kind::number:
        return number("number", type);
      case Kind::quantity:
        return {{"type", "string"}, {"pattern", kQuantity}};
      case Kind::any_quantity:
        return {{"type", {"number", "string"}}};
      case Kind::any:
        return {{"not", {{"type", "null"}}}};
      case Kind::text:
      case Kind::file:
        return {{"type", "string"}};
      case Kind::choice:
        return {{"enum", type.choices}};
      case Kind::list: {
        Schema out = {{"type", "array"}, {"items", value(*type.item, false)}};
        if (type.min_items > 0) out["minItems"] = type.min_items;
        return out;
      }
      case Kind::map:
        return map(type, partial);
      case Kind::recursive:  // written where the target is: its name belongs to one type alone
        return {{"$ref", "#/definitions/" + definition_name(*type.target, partial)}};
      case Kind::object:
      case Kind::one_key:
      case Kind::tagged:
        break;
    }
    return reference(type, partial);
  }

 private:
  static Schema number(const char* kind, const Type& type) {
    Schema out = {{"type", kind}};
    if (std::isfinite(type.min)) out["minimum"] = type.min;
    if (std::isfinite(type.max)) out["maximum"] = type.max;
    return out;
  }

  Schema map(const Type& type, bool partial) {
    Schema out = {{"type", "object"}, {"additionalProperties", schema(*type.item, partial)}};
    if (!type.free_names) {
      out["propertyNames"] = {{"pattern", "^[a-z0-9][a-z0-9_-]*$"}, {"maxLength", 64}};
    }
    if (type.min_items > 0 && !partial) out["minProperties"] = type.min_items;
    return out;
  }

  /// A `$ref` to the definition of a named type, written when it is first met. Types of one name
  /// and different content (distributions of times and of bytes) get numbers.
  Schema reference(const Type& type, bool partial) {
    Schema body = named(type, partial);
    const std::string name = definition_name(type, partial);
    std::string unique = name;
    for (int n = 2; definitions_.contains(unique) && definitions_[unique] != body; ++n) {
      unique = name + "-" + std::to_string(n);
    }
    definitions_[unique] = std::move(body);
    return {{"$ref", "#/definitions/" + unique}};
  }

  static std::string definition_name(const Type& type, bool partial) {
    std::string name = type.name;
    for (char& c : name) c = c == ' ' ? '-' : c;
    return partial ? name + "-patch" : name;
  }

  /// The keys beside the one of a one_key type.
  Schema beside_properties(const Type& type, bool partial) {
    Schema properties = Schema::object();
    for (const Field& field : type.beside) {
      Schema body = described(field, partial);
      properties[field.name] = partial ? std::move(body) : nullable(std::move(body));
    }
    return properties;
  }

  Schema named(const Type& type, bool partial) {
    if (type.kind == Kind::object) return object(type.doc, type.fields, type.rules, {}, partial);
    Schema out = {{"description", type.doc}};
    Schema& options = out["anyOf"] = Schema::array();
    if (type.item) options.push_back(value(*type.item, partial));
    for (const Field& field : type.fields) {  // one_key
      Schema properties = {{field.name, described(field, partial)}};
      properties.update(beside_properties(type, partial));
      options.push_back({{"type", "object"},
                         {"properties", std::move(properties)},
                         {"required", only(field.name)},
                         {"additionalProperties", false}});
    }
    if (partial && !type.beside.empty()) {
      options.push_back({{"type", "object"},
                         {"properties", beside_properties(type, partial)},
                         {"additionalProperties", false}});
    }
    for (const Variant& variant : type.variants) {
      options.push_back(
          object(variant.doc, variant.fields, variant.rules, {type.tag, variant.name}, partial));
    }
    return out;
  }

  Schema described(const Field& field, bool partial) {
    Schema out = schema(*field.type, partial);
    if (out.contains("$ref")) {
      Schema all = only(std::move(out));
      out = Schema::object();
      out["allOf"] = std::move(all);
    }
    out["description"] = field.doc;
    if (field.type->kind == Kind::quantity) {
      out["examples"] = only(Schema::parse(field.type->example));
    }
    if (!field.fallback.is(Json::Kind::missing)) {
      out["default"] = Schema::parse(print_json(field.fallback));
    }
    return out;
  }

  Schema object(const std::string& doc, const std::vector<Field>& fields,
                const std::vector<KeyRule>& rules, const std::pair<std::string, std::string>& tag,
                bool partial) {
    Schema properties = Schema::object();
    Schema required = Schema::array();
    Schema all = Schema::array();
    if (!tag.first.empty()) {
      properties[tag.first] = {{"const", tag.second}};
      if (!partial) required.push_back(tag.first);
    }
    for (const Field& field : fields) {
      // null counts as absent everywhere, as it does in a file that extends another.
      Schema body = described(field, partial);
      if (!partial && !field.required) body = nullable(std::move(body));
      properties[field.name] = std::move(body);
      if (field.required && field.with.empty() && !partial) required.push_back(field.name);
      if (!field.with.empty() && !partial) all.push_back(beside(field));
    }
    for (const KeyRule& rule : rules) {
      if (!partial) all.push_back(one_of(rule));
    }
    Schema out = {{"type", "object"},
                  {"description", doc},
                  {"properties", std::move(properties)},
                  {"additionalProperties", false}};
    if (!required.empty()) out["required"] = std::move(required);
    if (!all.empty()) out["allOf"] = std::move(all);
    return out;
  }

  static Schema nullable(Schema body) {
    Schema out = {{"description", body["description"]}};
    for (const char* key : {"examples", "default"}) {
      if (body.contains(key)) out[key] = body[key];
      body.erase(key);
    }
    body.erase("description");
    out["anyOf"] = {std::move(body), {{"type", "null"}}};
    return out;
  }

  static Schema has(const std::string& key) {
    Schema properties = {{key, {{"not", {{"type", "null"}}}}}};
    return {{"required", only(key)}, {"properties", std::move(properties)}};
  }

  static Schema beside(const Field& field) {
    Schema out = {{"if", has(field.with)}};
    out["else"]["properties"][field.name] = {{"type", "null"}};
    if (field.required) out["then"]["required"] = only(field.name);
    return out;
  }

  static Schema one_of(const KeyRule& rule) {
    Schema options = Schema::array();
    for (const std::string& key : rule.keys) options.push_back(has(key));
    return {{rule.exactly_one ? "oneOf" : "anyOf", std::move(options)}};
  }

  Schema definitions_ = Schema::object();
};

/// Of a file that extends no other.
std::string whole_schema(const char* title, const Type& type) {
  SchemaWriter writer;
  const Schema whole = writer.value(type, false);
  Schema out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", title},
                {"allOf", Schema::array({whole})}};
  out["definitions"] = writer.take_definitions();
  return out.dump(2) + "\n";
}

}  // namespace

std::string scenario_schema() {
  const TypeRef type = scenario_type();
  SchemaWriter writer;
  Schema whole = writer.value(*type, false);
  Schema patch = writer.value(*type, true);
  const Schema extends = {{"required", only("extends")}};
  Schema out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", "hyperdc scenario"},
                {"type", "object"},
                {"if", extends},
                {"then", std::move(patch)},
                {"else", std::move(whole)}};
  out["definitions"] = writer.take_definitions();
  return out.dump(2) + "\n";
}

std::string study_schema() {
  return whole_schema("hyperdc study", *study_type());
}

std::string baseline_schema() {
  return whole_schema("hyperdc baseline", *baseline_type());
}

}  // namespace hyperdc
