#include "scenario/decode.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "core/text.hpp"
#include "scenario/hints.hpp"

namespace hyperdc {
namespace {

using Kind = Type::Kind;

std::string_view expected(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::quantity:
      return "a text with a unit";
    case Kind::any_quantity:
      return "a number or a text with a unit";
    case Kind::any:
      return "a value";
    case Kind::text:
    case Kind::choice:
      return "a text";
    case Kind::file:
      return "the path of a file";
    case Kind::list:
      return "a list";
    case Kind::one_key:
      return type.item ? "a value or an object with one key" : "an object with one key";
    case Kind::recursive:
      return expected(*type.target);
    case Kind::object:
    case Kind::map:
    case Kind::tagged:
      return "an object";
  }
  return "";
}

Json::Kind json_kind(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return Json::Kind::boolean;
    case Kind::integer:
    case Kind::number:
      return Json::Kind::number;
    case Kind::quantity:
    case Kind::text:
    case Kind::choice:
    case Kind::file:
      return Json::Kind::text;
    case Kind::list:
      return Json::Kind::list;
    default:
      return Json::Kind::object;
  }
}

/// The unit of an example, `"700 W"` -> `W`: for the hint of a bare number.
std::string unit_of(std::string_view example) {
  const std::size_t space = example.find(' ');
  if (space == std::string_view::npos) return "";
  std::string unit(example.substr(space + 1));
  if (!unit.empty() && unit.back() == '"') unit.pop_back();
  const std::size_t next = unit.find(' ');  // compound times: the first unit
  return next != std::string::npos && unit[next + 1] != '/' ? unit.substr(0, next) : unit;
}

class Decoder {
 public:
  explicit Decoder(Problems& problems) : problems_(problems) {}

  Json value(const Json& raw, const Type& type, const Path& path) {
    if (type.kind == Kind::recursive) return value(raw, *type.target, path);
    if (type.kind == Kind::any_quantity) return any_quantity(raw, path);
    if (type.kind == Kind::any) return raw;
    if (type.kind == Kind::one_key) return one_key(raw, type, path);
    if (type.kind == Kind::quantity && raw.is(Json::Kind::number)) return bare(raw, type, path);
    if (raw.kind != json_kind(type)) return wrong_kind(raw, type, path);
    switch (type.kind) {
      case Kind::integer:
      case Kind::number:
        return number(raw, type, path);
      case Kind::quantity:
        return quantity(raw, type, path);
      case Kind::text:
      case Kind::file:
        return text(raw, path);
      case Kind::choice:
        return choice(raw, type, path);
      case Kind::list:
        return list(raw, type, path);
      case Kind::map:
        return map(raw, type, path);
      case Kind::object:
        return object(raw, type.fields, type.rules, {}, path);
      case Kind::tagged:
        return tagged(raw, type, path);
      default:
        return raw;  // boolean
    }
  }

 private:
  Json fail(std::string_view code, const Path& path, std::string message, std::string hint,
            const Span& span) {
    problems_.error(code, path.str(), std::move(message), std::move(hint), span);
    return {};
  }

  Json wrong_kind(const Json& raw, const Type& type, const Path& path) {
    return fail("E010", path,
                fmt::format("{} where {} is needed", kind_name(raw.kind), expected(type)),
                type.example.empty() ? "" : "write " + type.example, raw.span);
  }

  Json in_range(Json value, const Type& type, const Path& path) {
    if (value.number >= type.min && value.number <= type.max) return value;
    const auto shown = [&](double bound) {
      return type.kind == Kind::quantity ? format_for_people(bound, type.dimension)
                                         : fmt::format("{}", bound);
    };
    std::string message = fmt::format("{} is ", print_short(value));
    if (std::isinf(type.max)) {
      message += "below " + shown(type.min);
    } else if (std::isinf(type.min)) {
      message += "above " + shown(type.max);
    } else {
      message += fmt::format("outside {}..{}", shown(type.min), shown(type.max));
    }
    const bool percent =
        type.kind == Kind::number && type.max == 1 && value.number > 1 && value.number <= 100;
    return fail("E021", path, std::move(message),
                percent ? fmt::format("write {} for {} %", value.number / 100, value.number) : "",
                value.span);
  }

  Json number(const Json& raw, const Type& type, const Path& path) {
    if (type.kind == Kind::integer && raw.number != std::floor(raw.number)) {
      return fail("E010", path, fmt::format("{} is not a whole number", raw.number), "", raw.span);
    }
    return in_range(raw, type, path);
  }

  Json bare(const Json& raw, const Type& type, const Path& path) {
    return fail("E020", path, fmt::format("{} has no unit", raw.number),
                fmt::format("write \"{} {}\"", raw.number, unit_of(type.example)), raw.span);
  }

  Json quantity(const Json& raw, const Type& type, const Path& path) {
    const auto parsed = parse_quantity(raw.text, type.dimension, unit_of(type.example));
    if (const auto* error = std::get_if<UnitError>(&parsed)) {
      return fail("E020", path, error->message, error->hint, raw.span);
    }
    Json value = raw;
    value.number = std::get<double>(parsed);
    if (in_range(value, type, path).is(Json::Kind::missing)) return {};
    value.text = format_quantity(value.number, type.dimension);
    return value;
  }

  Json any_quantity(const Json& raw, const Path& path) {
    if (raw.is(Json::Kind::number)) return raw;
    if (!raw.is(Json::Kind::text)) {
      return wrong_kind(raw, *any_quantity_type(), path);
    }
    if (const auto dimension = dimension_of(raw.text)) {
      Json value = raw;
      value.number = std::get<double>(parse_quantity(raw.text, *dimension));
      value.text = format_quantity(value.number, *dimension);
      return value;
    }
    return fail("E020", path, hyperdc::quoted(raw.text) + " is not a number with a unit", "",
                raw.span);
  }

  Json text(const Json& raw, const Path& path) {
    if (raw.text.size() <= kMaxTextBytes) return raw;
    return fail("E021", path, fmt::format("a text of more than {} bytes", kMaxTextBytes), "",
                raw.span);
  }

  Json choice(const Json& raw, const Type& type, const Path& path) {
    const auto& known = type.choices;
    if (std::find(known.begin(), known.end(), raw.text) != known.end()) return raw;
    return fail("E013", path,
                fmt::format("{} is not one of the choices", hyperdc::quoted(raw.text)),
                name_hint(raw.text, known), raw.span);
  }

  Json list(const Json& raw, const Type& type, const Path& path) {
    if (!check_size(raw, type, path)) return {};
    Json out = Json::list(raw.span);
    out.members.reserve(raw.members.size());
    for (std::size_t i = 0; i < raw.members.size(); ++i) {
      out.add("", value(raw.members[i].value, *type.item, path.item(i)));
      if (type.rising) check_rising(out, i, path);
    }
    return out;
  }

  void check_rising(const Json& list, std::size_t i, const Path& path) {
    if (i == 0) return;
    const Json& before = list.members[i - 1].value;
    const Json& value = list.members[i].value;
    if (before.is(Json::Kind::missing) || value.is(Json::Kind::missing)) return;  // reported
    if (before.number < value.number) return;
    fail("E034", path.item(i),
         fmt::format("{} is not above {} before it", print_short(value), print_short(before)),
         "each entry must be above the one before", value.span);
  }

  bool check_size(const Json& raw, const Type& type, const Path& path) {
    const std::size_t n = raw.members.size();
    if (n >= type.min_items && n <= type.max_items) return true;
    std::string message = n > type.max_items ? fmt::format("more than {} entries", type.max_items)
                          : n == 0           ? "is empty"
                                   : fmt::format("{} entries; at least {}", n, type.min_items);
    fail("E022", path, std::move(message), "", raw.span);
    return false;
  }

  Json map(const Json& raw, const Type& type, const Path& path) {
    if (!check_size(raw, type, path)) return {};
    Json out = Json::object(raw.span);
    for (const Member& member : raw.members) {
      const bool null = member.value.is(Json::Kind::null);
      if (null && type.item->kind != Kind::any) continue;
      const Path at = path[member.key];
      if (!type.free_names && !is_name(member.key)) {
        fail("E014", at, hyperdc::quoted(member.key) + " is not a name",
             "names are made of a-z, 0-9, _ and -, and begin with a letter or digit",
             member.key_span);
        continue;
      }
      out.add(member.key, value(member.value, *type.item, at));
      out.members.back().key_span = member.key_span;
    }
    return out;
  }

  Json one_key(const Json& raw, const Type& type, const Path& path) {
    if (!raw.is(Json::Kind::object)) {
      return type.item ? value(raw, *type.item, path) : wrong_kind(raw, type, path);
    }
    const Member* chosen = the_key(raw, type, path);
    if (chosen == nullptr) return {};
    Json out = Json::object(raw.span);
    const auto add = [&](const Member& member, const Field& field) {
      out.add(member.key, value(member.value, *field.type, path[member.key]));
      out.members.back().key_span = member.key_span;
    };
    add(*chosen, *find_field(type.fields, chosen->key));
    for (const Field& field : type.beside) {
      const auto given = std::find_if(raw.members.begin(), raw.members.end(), [&](const Member& m) {
        return m.key == field.name && !m.value.is(Json::Kind::null);
      });
      if (given != raw.members.end()) {
        add(*given, field);
      } else if (!field.fallback.is(Json::Kind::missing)) {
        out.add(field.name, field.fallback);
      }
    }
    return out;
  }

  /// The member whose key chooses; null and a problem unless there is exactly one and all others
  /// may stand beside it.
  const Member* the_key(const Json& raw, const Type& type, const Path& path) {
    std::vector<std::string> known;
    for (const Field& field : type.fields) known.push_back(field.name);
    std::vector<std::string> all = known;
    for (const Field& field : type.beside) all.push_back(field.name);
    const Member* chosen = nullptr;
    std::size_t choices = 0;
    bool unknown = false;
    for (const Member& member : raw.members) {
      if (find_field(type.beside, member.key) != nullptr) continue;
      ++choices;
      if (find_field(type.fields, member.key) != nullptr) {
        chosen = &member;
      } else if (raw.members.size() == 1 || !type.beside.empty()) {
        unknown = true;
        fail("E012", path[member.key], "unknown key", name_hint(member.key, all), member.key_span);
      }
    }
    if (unknown || choices == 1) return unknown ? nullptr : chosen;
    fail("E015", path, choices == 0 ? "an object without its key" : "more than one key",
         "write exactly one of " + list_of(known), raw.span);
    return nullptr;
  }

  Json tagged(const Json& raw, const Type& type, const Path& path) {
    std::vector<std::string> known;
    for (const Variant& variant : type.variants) known.push_back(variant.name);
    const Json* tag = raw.find(type.tag);
    if (tag == nullptr || tag->is(Json::Kind::null)) {
      for (const Member& member : raw.members) {  // {"polcy": "fifo"}
        if (nearest(member.key, std::vector{type.tag})) {
          return fail("E012", path[member.key], "unknown key", name_hint(member.key, {type.tag}),
                      member.key_span);
        }
      }
      return fail("E011", path[type.tag], "is missing", "one of " + list_of(known), raw.span);
    }
    const Path at = path[type.tag];
    if (!tag->is(Json::Kind::text)) return wrong_kind(*tag, *text_type(known.front()), at);
    const Variant* variant = find_variant(type, tag->text);
    if (variant == nullptr) {
      const auto confused = type.confusions.find(tag->text);
      std::string hint =
          confused != type.confusions.end() ? confused->second : name_hint(tag->text, known);
      return fail("E013", at,
                  fmt::format("no {} is called {}", type.name, hyperdc::quoted(tag->text)),
                  std::move(hint), tag->span);
    }
    Json out = object(raw, variant->fields, variant->rules, {&type, variant}, path);
    out.members.insert(out.members.begin(), Member{type.tag, tag->span, *tag});
    return out;
  }

  struct Tag {
    const Type* type = nullptr;
    const Variant* variant = nullptr;
  };

  Json object(const Json& raw, std::span<const Field> fields, std::span<const KeyRule> rules,
              Tag tag, const Path& path) {
    std::set<std::string_view> given;
    for (const Member& member : raw.members) {
      if (tag.type != nullptr && member.key == tag.type->tag) continue;
      if (find_field(fields, member.key) == nullptr) {
        unknown_key(member, fields, tag, path);
      } else if (!member.value.is(Json::Kind::null)) {
        given.insert(member.key);
      }
    }
    for (const KeyRule& rule : rules) check_rule(raw, rule, given, path);
    Json out = Json::object(raw.span);
    for (const Field& field : fields) {
      const bool applies = field.with.empty() || given.contains(field.with);
      if (!given.contains(field.name)) {
        absent(raw, field, applies, path, out);
        continue;
      }
      const Member& member = *std::find_if(raw.members.begin(), raw.members.end(),
                                           [&](const Member& m) { return m.key == field.name; });
      if (!applies) {
        fail("E016", path[field.name], fmt::format("applies only beside \"{}\"", field.with), "",
             member.key_span);
      }
      out.add(field.name, value(member.value, *field.type, path[field.name]));
      out.members.back().key_span = member.key_span;
    }
    return out;
  }

  void absent(const Json& raw, const Field& field, bool applies, const Path& path, Json& out) {
    if (!applies) return;
    if (!field.fallback.is(Json::Kind::missing)) out.add(field.name, field.fallback);
    if (!field.required) return;
    const std::string& example = field.type->example;
    fail("E011", path[field.name], "is missing",
         example.empty() ? fmt::format("add \"{}\": {{…}}", field.name)
                         : fmt::format("add \"{}\": {}", field.name, example),
         raw.span);
  }

  void unknown_key(const Member& member, std::span<const Field> fields, Tag tag, const Path& path) {
    const Path at = path[member.key];
    for (const Variant& other : tag.type == nullptr ? std::vector<Variant>{} : tag.type->variants) {
      if (find_field(other.fields, member.key) == nullptr) continue;
      fail("E016", at, fmt::format("does not apply to {} \"{}\"", tag.type->tag, tag.variant->name),
           fmt::format("it belongs to \"{}\"", other.name), member.key_span);
      return;
    }
    std::vector<std::string> known;
    if (tag.type != nullptr) known.push_back(tag.type->tag);
    for (const Field& field : fields) known.push_back(field.name);
    fail("E012", at, "unknown key", name_hint(member.key, known), member.key_span);
  }

  void check_rule(const Json& raw, const KeyRule& rule, const std::set<std::string_view>& given,
                  const Path& path) {
    const auto n = std::count_if(rule.keys.begin(), rule.keys.end(),
                                 [&](const std::string& key) { return given.contains(key); });
    if (n == 1 || (n > 1 && !rule.exactly_one)) return;
    fail("E015", path, n == 0 ? "one key is missing" : "keys that exclude each other",
         fmt::format("write {} of {}", rule.exactly_one ? "exactly one" : "at least one",
                     list_of(rule.keys)),
         raw.span);
  }

  Problems& problems_;
};

}  // namespace

std::string Path::str() const {
  const std::string own = is_index ? std::to_string(index) : std::string(key);
  if (up == nullptr) return own;
  const std::string above = up->str();
  return above.empty() ? own : above + "." + own;
}

Json decode(const Json& raw, const Type& type, const Path& path, Problems& problems) {
  return Decoder(problems).value(raw, type, path);
}

}  // namespace hyperdc
