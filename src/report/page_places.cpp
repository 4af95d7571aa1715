#include "report/page_places.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "report/page_series.hpp"
#include "results/place_files.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kManyMoments = 120, kFewRows = 48, kFewMoments = 8;
constexpr std::size_t kBytesOfRow = 48;  // its words in the JSON, as base64 would grow
constexpr std::size_t kMostNamedHolders = 250;
constexpr std::uint8_t kNoByte = 255;

bool has_greatest(const PlaceQuantity& quantity) {
  for (std::size_t i = 0; i < quantity.mean.size(); ++i) {
    if (quantity.mean[i] != quantity.greatest[i] && !std::isnan(quantity.greatest[i])) return true;
  }
  return false;
}

float top_of(const PlaceQuantity& quantity) {
  float top = 0;
  for (const float value : quantity.greatest) top = std::fmax(top, value);
  return top;
}

std::size_t bytes_of(const PlaceMap& map) {
  std::size_t planes = map.holder.empty() ? 0 : 1;
  for (const PlaceQuantity& quantity : map.quantities) {
    if (top_of(quantity) > 0) planes += has_greatest(quantity) ? 2 : 1;
  }
  return map.rows.size() * (map.moments() * planes + kBytesOfRow);
}

/// Holders of the most cells first; beyond kMostNamedHolders they have one number.
struct HolderNumbers {
  std::vector<std::string> names;
  std::vector<std::uint8_t> number;  // by holder
};

HolderNumbers number_holders(const PlaceMap& map) {
  std::vector<std::size_t> cells(map.holders.size(), 0);
  for (const std::uint32_t holder : map.holder) {
    if (holder != kNobody) ++cells[holder];
  }
  std::vector<std::size_t> order(map.holders.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return cells[a] > cells[b]; });
  HolderNumbers out;
  out.number.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t number = std::min(i, kMostNamedHolders);
    out.number[order[i]] = static_cast<std::uint8_t>(number);
    if (i < kMostNamedHolders) out.names.push_back(map.holders[order[i]]);
    if (i == kMostNamedHolders) out.names.emplace_back("others");
  }
  return out;
}

void write_rows(JsonWriter& json, const PlaceMap& map) {
  json.key("keys").open_array(true);
  for (const std::string& key : map.keys) json.text(key);
  json.close();
  json.key("rows").open_array(true);
  for (const PlaceRow& row : map.rows) {
    json.open_array(true);
    for (const std::string& key : row.keys) json.text(key);
    json.natural(row.first);
    json.natural(row.count);
    json.close();
  }
  json.close();
}

void write_quantities(JsonWriter& json, const PlaceMap& map) {
  json.key("quantities").open_array();
  for (const PlaceQuantity& quantity : map.quantities) {
    const float top = top_of(quantity);
    json.open_object();
    json.key("name").text(quantity.name);
    json.key("unit").text(quantity.unit);
    json.key("show").text(quantity.unit == "W" ? "power" : "share");
    json.key("top").number(top);
    if (top > 0) {
      json.key("mean").text(packed_bytes(quantity.mean, top));
      if (has_greatest(quantity)) json.key("greatest").text(packed_bytes(quantity.greatest, top));
    }
    json.close();
  }
  json.close();
}

void write_map(JsonWriter& json, const PlaceMap& whole, std::size_t most_bytes) {
  if (whole.rows.empty() || whole.moments() == 0) {
    json.null();
    return;
  }
  const PlaceMap map = fitted(whole, most_bytes);
  json.open_object();
  json.key("whole_moments").natural(whole.moments());
  json.key("whole_rows").natural(whole.rows.size());
  write_rows(json, map);
  json.key("from").text(packed_doubles(map.from_s));
  json.key("to").text(packed_doubles(map.to_s));
  write_quantities(json, map);
  json.key("holder_kind").text(map.holder_kind);
  if (!map.holder.empty()) {
    const HolderNumbers numbers = number_holders(map);
    json.key("holders").open_array(true);
    for (const std::string& name : numbers.names) json.text(name);
    json.close();
    std::string bytes;
    for (const std::uint32_t holder : map.holder) {
      bytes += static_cast<char>(holder == kNobody ? kNoByte : numbers.number[holder]);
    }
    json.key("holder").text(base64(bytes));
  }
  json.close();
}

}  // namespace

PlaceMap fitted(PlaceMap map, std::size_t most_bytes) {
  while (bytes_of(map) > most_bytes) {
    const std::size_t rows = map.rows.size();
    const bool less_moments =
        map.moments() > kManyMoments || (rows <= kFewRows && map.moments() > kFewMoments);
    if (!less_moments) join_rows(map);
    if (!less_moments && map.rows.size() < rows) continue;
    if (map.moments() == 1) break;  // as small as it gets
    join_moments(map);
  }
  return map;
}

std::string packed_bytes(std::span<const float> values, float top) {
  std::string bytes;
  for (const float value : values) {
    if (std::isnan(value)) {
      bytes += static_cast<char>(kNoByte);
      continue;
    }
    const auto nearest = std::lround(std::clamp(value / top, 0.0F, 1.0F) * 254);
    bytes += static_cast<char>(value > 0 ? std::max(1L, nearest) : 0L);
  }
  return base64(bytes);
}

void write_places(JsonWriter& json, const PlaceMaps* places, std::size_t most_bytes) {
  json.key("places");
  if (places == nullptr) {
    json.null();
    return;
  }
  const bool both = !places->racks.rows.empty() && !places->links.rows.empty();
  const std::size_t each = both ? most_bytes / 2 : most_bytes;
  json.open_object();
  json.key("racks");
  write_map(json, places->racks, each);
  json.key("links");
  write_map(json, places->links, each);
  write_fabrics(json, places->fabrics);
  json.close();
}

}  // namespace hyperdc
