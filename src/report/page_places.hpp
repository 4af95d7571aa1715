// Maps of racks and links for the HTML page, within a budget of their own.
//
// Numbers travel as base64 of one byte each: value = byte / 254 * the greatest of the map, rounded
// to the nearest but never to 0 what is above it; 255: no value. So they are right to 0.2 % of the
// greatest; racks.csv and links.csv have all digits. Where there is no room for every moment or
// row, neighbours are joined (metrics/place_maps.hpp): the greatest stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "metrics/place_maps.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

/// Bytes of all maps of a page: 0.6 MB as base64.
inline constexpr std::size_t kMostPlaceBytes = 450'000;

/// Joins moments and rows until the map has at most so many bytes on the page.
PlaceMap fitted(PlaceMap map, std::size_t most_bytes);

/// base64 of bytes as above; `top` is the greatest.
std::string packed_bytes(std::span<const float> values, float top);

/// The key "places": null without any. `most_bytes`: the room for this run.
void write_places(JsonWriter& json, const PlaceMaps* places, std::size_t most_bytes);

}  // namespace hyperdc
