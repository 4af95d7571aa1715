// --set PATH=VALUE: turns each override into a merge patch.
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxSegments = 32;

std::string unescape_pointer(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool escape = segment[i] == '~' && i + 1 < segment.size();
    if (escape && segment[i + 1] == '1') {
      out += '/', ++i;
    } else if (escape && segment[i + 1] == '0') {
      out += '~', ++i;
    } else {
      out += segment[i];
    }
  }
  return out;
}

/// The keys that may stand at this point: those of the description, or those that are there.
std::vector<std::string> known_keys(const Type& type, const Json* object) {
  std::vector<std::string> keys;
  const Json* tag = object == nullptr ? nullptr : object->find(type.tag);
  for (const Field& field : type.fields) keys.push_back(field.name);
  for (const Field& field : type.beside) keys.push_back(field.name);
  for (const Variant& variant : type.variants) {
    if (tag != nullptr && tag->text != variant.name) continue;
    for (const Field& field : variant.fields) keys.push_back(field.name);
  }
  if (type.kind == Type::Kind::tagged) keys.push_back(type.tag);
  if (type.kind == Type::Kind::map && object != nullptr) {
    for (const Member& member : object->members) keys.push_back(member.key);
  }
  return keys;
}

bool takes_text(const Type& type) {
  using Kind = Type::Kind;
  return type.kind == Kind::text || type.kind == Kind::choice || type.kind == Kind::file ||
         type.kind == Kind::quantity;
}

class Setter {
 public:
  Setter(const Override& override, Sources& sources, Problems& problems)
      : override_(override), sources_(sources), problems_(problems) {
    source_ = sources.add({std::string(kSetSource), override.value, "", {}, {}});
  }

  void apply(Json& scenario, const Type& type) {
    const auto segments = path_segments(override_.path);
    if (!segments) {
      fail(fmt::format("{} is not a path", hyperdc::quoted(override_.path)),
           "write a.b.c=value or /a/b/c=value");
      return;
    }
    if (segments->front() == "extends") {
      fail("bases are read before --set applies", "write a file with \"extends\" and run that one");
      return;
    }
    descend(scenario, type, *segments);
  }

 private:
  void fail(std::string message, std::string hint) {
    problems_.error("E009", override_.path, std::move(message), std::move(hint), here());
  }

  Span here() const { return {source_, 0, 0}; }

  /// Walks down; `root` is the innermost value that a patch can reach (a patch cannot enter lists).
  void descend(Json& scenario, const Type& type, const std::vector<std::string>& segments) {
    Json* root = &scenario;
    const Type* root_type = &type;
    std::size_t root_depth = 0;
    Json* now = &scenario;
    const Type* now_type = &type;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const bool last = i + 1 == segments.size();
      if (now_type->kind == Type::Kind::list) {
        now = list_item(now, segments[i]);
        if (now == nullptr) return;
        now_type = &actual(*now_type->item);
        root = now, root_type = now_type, root_depth = i + 1;
        continue;
      }
      const Type* next = step(*now_type, now, segments[i], last);
      if (next == nullptr) return;
      now = now == nullptr ? nullptr : now->find(segments[i]);
      now_type = next;
    }
    auto value = parse_value(*now_type);
    if (!value) return;
    merge(*root, wrap(std::move(*value), segments, root_depth), root_type);
  }

  const Type* step(const Type& type, const Json* object, const std::string& key, bool last) {
    const bool is_tag = type.kind == Type::Kind::tagged && key == type.tag;
    if (is_tag && last) return &tag_type_;
    const bool there = object != nullptr && object->find(key) != nullptr;
    const Type* next = child_type(&type, object, key);
    const bool new_name = type.kind == Type::Kind::map && !there && !last;
    if (next != nullptr && !new_name) return next;
    fail("there is no " + hyperdc::quoted(key), name_hint(key, known_keys(type, object)));
    return nullptr;
  }

  Json* list_item(Json* list, const std::string& segment) {
    std::size_t index = 0;
    const char* end = segment.data() + segment.size();
    const auto [stop, error] = std::from_chars(segment.data(), end, index);
    const std::size_t size = list == nullptr ? 0 : list->members.size();
    if (error != std::errc{} || stop != end || index >= size) {
      fail(fmt::format("the list has no entry {}", hyperdc::quoted(segment)),
           size == 0 ? "it is empty" : "the last is " + std::to_string(size - 1));
      return nullptr;
    }
    return &list->members[index].value;
  }

  /// VALUE as JSON, or as a bare text.
  std::optional<Json> parse_value(const Type& type) {
    const std::string& text = override_.value;
    Problems quiet(sources_);
    if (const auto value = parse_json(source_, sources_, quiet); value && !quiet.failed()) {
      const bool scalar = value->is(Json::Kind::number) || value->is(Json::Kind::boolean);
      if (!scalar || !takes_text(type)) return value;
    } else if (!text.empty() && std::string_view("{[\"").find(text.front()) != std::string::npos) {
      for (Issue& issue : quiet.take()) {
        issue.path = override_.path;
        problems_.add(std::move(issue));
      }
      return std::nullopt;
    }
    if (!is_utf8(text) || text.find('\0') != std::string::npos) {
      fail("the value is not UTF-8", "");
      return std::nullopt;
    }
    return Json::of_text(text, here());
  }

  Json wrap(Json value, const std::vector<std::string>& segments, std::size_t depth) const {
    for (std::size_t i = segments.size(); i > depth; --i) {
      Json outer = Json::object(here());
      outer.add(segments[i - 1], std::move(value));
      value = std::move(outer);
    }
    return value;
  }

  const Override& override_;
  Sources& sources_;
  Problems& problems_;
  std::uint32_t source_ = 0;
  const Type tag_type_;
};

}  // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  const bool pointer = !path.empty() && path.front() == '/';
  const char separator = pointer ? '/' : '.';
  if (pointer) path.remove_prefix(1);
  std::vector<std::string> segments;
  for (;;) {
    const std::size_t end = path.find(separator);
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segments.size() == kMaxSegments) return std::nullopt;
    segments.push_back(pointer ? unescape_pointer(segment) : std::string(segment));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

bool paths_overlap(const std::string& a, const std::string& b) {
  const auto one = path_segments(a);
  const auto other = path_segments(b);
  if (!one || !other) return false;
  const std::size_t shared = std::min(one->size(), other->size());
  return std::equal(one->begin(), one->begin() + static_cast<std::ptrdiff_t>(shared),
                    other->begin());
}

void apply_overrides(Json& scenario, const Type& type, std::span<const Override> overrides,
                     Sources& sources, Problems& problems) {
  for (const Override& override : overrides) {
    Setter(override, sources, problems).apply(scenario, type);
  }
}

}  // namespace hyperdc
