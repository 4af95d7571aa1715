// View and params_of: typed reading of decoded values.
#include <utility>

#include "scenario/decode.hpp"

namespace hyperdc {

View::operator bool() const {
  return value_ != nullptr && !value_->is(Json::Kind::missing);
}

View View::operator[](std::string_view key) const {
  std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  return {value_ == nullptr ? nullptr : value_->find(key), std::move(path)};
}

std::vector<View::Entry> View::each() const {
  std::vector<Entry> entries;
  if (value_ == nullptr) return entries;
  for (std::size_t i = 0; i < value_->members.size(); ++i) {
    const Member& member = value_->members[i];
    const std::string key = value_->is(Json::Kind::list) ? std::to_string(i) : member.key;
    entries.push_back(
        {key, View(&member.value, path_.empty() ? key : path_ + "." + key), member.key_span});
  }
  return entries;
}

std::string View::text() const {
  return value_ == nullptr ? "" : value_->text;
}

std::vector<double> View::numbers() const {
  std::vector<double> out;
  if (value_ == nullptr) return out;
  for (const Member& member : value_->members) out.push_back(member.value.number);
  return out;
}

std::vector<std::string> View::texts() const {
  std::vector<std::string> out;
  if (value_ == nullptr) return out;
  for (const Member& member : value_->members) out.push_back(member.value.text);
  return out;
}

Params params_of(const View& choice, std::span<const ParamSpec> specs) {
  Params params;
  for (const ParamSpec& spec : specs) {
    const View value = choice[spec.name];
    switch (spec.kind) {
      case ParamKind::boolean:
        params.set(spec.name, value.flag());
        break;
      case ParamKind::integer:
      case ParamKind::number:
      case ParamKind::quantity:
        params.set(spec.name, value.number());
        break;
      case ParamKind::choice:
      case ParamKind::text:
        params.set(spec.name, value.text());
        break;
      case ParamKind::quantity_list:
        params.set(spec.name, value.numbers());
        break;
      case ParamKind::text_list:
        params.set(spec.name, value.texts());
        break;
    }
  }
  return params;
}

}  // namespace hyperdc
