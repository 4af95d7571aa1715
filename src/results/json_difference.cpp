#include "results/json_difference.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hyperdc {
namespace {

using DifferenceJson = nlohmann::ordered_json;

/// Where a character of UTF-8 ends at or before `most` bytes.
std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::optional<std::string> text_of(const DifferenceJson* value) {
  if (value == nullptr) return std::nullopt;
  return shortened(value->is_string() ? value->get<std::string>() : value->dump(), kMostValueText);
}

class Walk {
 public:
  Walk(JsonDifferences& out, std::size_t most) : out_(out), most_(most) {}

  void compare(const std::string& path, const DifferenceJson* base, const DifferenceJson* other) {
    if (base != nullptr && other != nullptr) {
      if (*base == *other) return;
      if (base->is_object() && other->is_object()) return members(path, *base, *other);
      if (base->is_array() && other->is_array() && base->size() == other->size()) {
        for (std::size_t i = 0; i < base->size(); ++i) {
          compare(path + "[" + std::to_string(i) + "]", &(*base)[i], &(*other)[i]);
        }
        return;
      }
    }
    ++out_.all;
    if (out_.rows.size() < most_) out_.rows.push_back({path, text_of(base), text_of(other)});
  }

  void members(const std::string& path, const DifferenceJson& base, const DifferenceJson& other,
               const std::vector<std::string>& besides = {}) {
    const auto skipped = [&](const std::string& key) {
      return std::find(besides.begin(), besides.end(), key) != besides.end();
    };
    const auto below = [&](const std::string& key) {
      return path.empty() ? key : path + "." + key;
    };
    for (const auto& entry : base.items()) {
      if (skipped(entry.key())) continue;
      const auto found = other.find(entry.key());
      compare(below(entry.key()), &entry.value(), found == other.end() ? nullptr : &*found);
    }
    for (const auto& entry : other.items()) {
      if (skipped(entry.key()) || base.contains(entry.key())) continue;
      compare(below(entry.key()), nullptr, &entry.value());
    }
  }

 private:
  JsonDifferences& out_;
  std::size_t most_;
};

}  // namespace

JsonDifferences json_differences(std::string_view base, std::string_view other, std::size_t most,
                                 const std::vector<std::string>& besides) {
  JsonDifferences out;
  const DifferenceJson a = DifferenceJson::parse(base, nullptr, false);
  const DifferenceJson b = DifferenceJson::parse(other, nullptr, false);
  if (a.is_object() && b.is_object()) Walk(out, most).members("", a, b, besides);
  return out;
}

}  // namespace hyperdc
