#include "scenario/merge.hpp"

#include <map>
#include <utility>

namespace hyperdc {
namespace {

/// True when `patch` names another variant than `target` has.
bool changes_variant(const Json& target, const Json& patch, const Type& type) {
  if (type.kind == Type::Kind::tagged) {
    const Json* now = target.find(type.tag);
    const Json* next = patch.find(type.tag);
    return next != nullptr && (now == nullptr || now->text != next->text);
  }
  if (type.kind != Type::Kind::one_key) return false;
  for (const Member& member : patch.members) {
    if (find_field(type.beside, member.key) != nullptr) continue;
    if (target.find(member.key) == nullptr) return true;
  }
  return false;
}

/// What `target` becomes when an object is merged over it: nothing, unless keys are added beside a
/// bare value, which is then written in full.
Json as_object(Json target, const Json& patch, const Type* type) {
  Json out = Json::object();
  if (type == nullptr || type->bare_key.empty()) return out;
  if (target.is(Json::Kind::missing) || target.is(Json::Kind::null)) return out;
  for (const Member& member : patch.members) {
    if (find_field(type->beside, member.key) == nullptr) return out;
  }
  out.add(type->bare_key, std::move(target));
  return out;
}

const Type* field_type(std::span<const Field> fields, std::string_view key) {
  const Field* field = find_field(fields, key);
  return field == nullptr ? nullptr : &actual(*field->type);
}

}  // namespace

const Type* child_type(const Type* type, const Json* object, std::string_view key) {
  if (type == nullptr) return nullptr;
  switch (type->kind) {
    case Type::Kind::object:
      return field_type(type->fields, key);
    case Type::Kind::one_key: {
      const Type* found = field_type(type->fields, key);
      return found != nullptr ? found : field_type(type->beside, key);
    }
    case Type::Kind::map:
    case Type::Kind::list:
      return &actual(*type->item);
    case Type::Kind::recursive:
      return child_type(type->target, object, key);
    case Type::Kind::tagged:
      break;
    default:
      return nullptr;
  }
  const Json* tag = object == nullptr ? nullptr : object->find(type->tag);
  for (const Variant& variant : type->variants) {
    if (tag != nullptr && tag->text != variant.name) continue;
    if (const Type* found = field_type(variant.fields, key)) return found;
  }
  return nullptr;
}

void merge(Json& target, const Json& patch, const Type* type) {
  if (!patch.is(Json::Kind::object)) {
    target = patch;
    return;
  }
  if (!target.is(Json::Kind::object)) target = as_object(std::move(target), patch, type);
  if (type != nullptr && changes_variant(target, patch, *type)) target.members.clear();
  target.span = patch.span;

  std::map<std::string, std::size_t, std::less<>> places;  // large maps must not cost n * m
  for (std::size_t i = 0; i < target.members.size(); ++i) places[target.members[i].key] = i;
  for (const Member& member : patch.members) {
    auto place = places.find(member.key);
    if (member.value.is(Json::Kind::null)) {
      if (place != places.end()) target.members[place->second].value = {};
      continue;
    }
    if (place == places.end()) {
      place = places.emplace(member.key, target.members.size()).first;
      target.members.push_back({member.key, {}, {}});
    }
    Member& into = target.members[place->second];
    into.key_span = member.key_span;
    const Json* variant =
        patch.find(type == nullptr ? "" : type->tag) != nullptr ? &patch : &target;
    merge(into.value, member.value, child_type(type, variant, member.key));
  }
  std::erase_if(target.members,
                [](const Member& member) { return member.value.is(Json::Kind::missing); });
}

}  // namespace hyperdc
