#include "scenario/json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace hyperdc {
namespace {

std::string quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_container(const Json& value) {
  return value.is(Json::Kind::object) || value.is(Json::Kind::list);
}

struct Printer {
  std::string out;
  bool one_line = false;
  std::size_t limit = std::string::npos;

  void newline(int depth) {
    if (one_line) return;
    out += '\n';
    out.append(static_cast<std::size_t>(depth) * 2, ' ');
  }

  void container(const Json& value, int depth) {
    const bool keyed = value.is(Json::Kind::object);
    const bool flat = !keyed && std::none_of(value.members.begin(), value.members.end(),
                                             [](const Member& m) { return is_container(m.value); });
    out += keyed ? '{' : '[';
    bool first = true;
    for (const Member& member : value.members) {
      if (member.value.is(Json::Kind::missing)) continue;
      if (out.size() > limit) break;
      if (!first) out += flat || one_line ? ", " : ",";
      first = false;
      if (!flat) newline(depth + 1);
      if (keyed) out += quote(member.key) + ": ";
      print(member.value, depth + 1);
    }
    if (!flat && !first) newline(depth);
    out += keyed ? '}' : ']';
  }

  void print(const Json& value, int depth) {
    switch (value.kind) {
      case Json::Kind::missing:
      case Json::Kind::null:
        out += "null";
        break;
      case Json::Kind::boolean:
        out += value.number != 0 ? "true" : "false";
        break;
      case Json::Kind::number:
        out += fmt::format("{}", value.number == 0 ? 0.0 : value.number);  // no "-0"
        break;
      case Json::Kind::text:
        out += quote(value.text);
        break;
      case Json::Kind::list:
      case Json::Kind::object:
        container(value, depth);
        break;
    }
  }
};

}  // namespace

const Json* Json::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Json* Json::find(std::string_view key) {
  return const_cast<Json*>(std::as_const(*this).find(key));
}

Json& Json::add(std::string key, Json value) {
  members.push_back({std::move(key), value.span, std::move(value)});
  return members.back().value;
}

Json Json::object(Span at) {
  Json value;
  value.kind = Kind::object;
  value.span = at;
  return value;
}

Json Json::list(Span at) {
  Json value = object(at);
  value.kind = Kind::list;
  return value;
}

Json Json::of_text(std::string text, Span at) {
  Json value = object(at);
  value.kind = Kind::text;
  value.text = std::move(text);
  return value;
}

Json Json::of_number(double number, Span at) {
  Json value = object(at);
  value.kind = Kind::number;
  value.number = number;
  return value;
}

std::string_view kind_name(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::missing:
      return "nothing";
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "true or false";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::text:
      return "a text";
    case Json::Kind::list:
      return "a list";
    case Json::Kind::object:
      return "an object";
  }
  return "";
}

std::string print_json(const Json& value) {
  Printer printer;
  printer.print(value, 0);
  return printer.out + "\n";
}

std::string print_short(const Json& value, std::size_t limit) {
  Printer printer;
  printer.one_line = true;
  printer.limit = limit;
  printer.print(value, 0);
  if (printer.out.size() <= limit) return printer.out;
  while (limit > 0 && (static_cast<unsigned char>(printer.out[limit]) & 0xC0U) == 0x80U) --limit;
  return printer.out.substr(0, limit) + "...";
}

}  // namespace hyperdc
