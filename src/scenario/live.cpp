#include "scenario/live.hpp"

#include <algorithm>
#include <set>

#include "scenario/description.hpp"
#include "scenario/merge.hpp"

namespace hyperdc {
namespace {

/// The fields that an object of a type may have, of any of its variants.
std::vector<const Field*> fields_of(const Type& type) {
  std::vector<const Field*> out;
  for (const Field& field : type.fields) out.push_back(&field);
  for (const Field& field : type.beside) out.push_back(&field);
  for (const Variant& variant : type.variants) {
    for (const Field& field : variant.fields) out.push_back(&field);
  }
  return out;
}

/// Keys of maps stand as "*". Recursive types hold no live keys, and are not entered.
void collect_live(const Type& type, const std::string& path, std::vector<std::string>& out) {
  if (type.kind == Type::Kind::map) collect_live(*type.item, path + "*.", out);
  for (const Field* field : fields_of(type)) {
    if (field->live) {
      out.push_back(path + field->name);
    } else {
      collect_live(*field->type, path + field->name + ".", out);
    }
  }
}

}  // namespace

bool is_live(std::string_view path) {
  const auto segments = path_segments(path);
  if (!segments) return false;
  const TypeRef scenario = scenario_type();
  std::vector<const Type*> now = {scenario.get()};
  for (const std::string& key : *segments) {
    std::vector<const Type*> next;
    for (const Type* type : now) {
      if (type->kind == Type::Kind::map) next.push_back(type->item.get());
      for (const Field* field : fields_of(*type)) {
        if (field->name != key) continue;
        if (field->live) return true;
        next.push_back(field->type.get());
      }
    }
    now = std::move(next);
  }
  return false;
}

std::vector<std::string> live_keys() {
  std::vector<std::string> all;
  collect_live(*scenario_type(), "", all);
  std::vector<std::string> out;
  for (const std::string& key : all) {
    if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
  }
  return out;
}

}  // namespace hyperdc
