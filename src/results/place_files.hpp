// What racks and links did over time, as files of `run --out`: racks.csv, links.csv, fabrics.json.
//
// racks.csv and links.csv have a line for each moment and row, moments in order:
//   from_s, to_s    the moment: a stretch of time; what racks hold is seen at its end
//   group, zone, of racks: rack group, "REGION.ZONE", what `allocated` is a share of
//   fabric, tier, way, from, to
//                   links: "up" leads from endpoints, "down" to them, "across" neither; the ends of
//                   a link that has a row of its own
//   first, count    the row stands for `count` places from number `first` on, among those with the
//                   same words before
//   QUANTITY, QUANTITY_max
//                   mean and greatest of these places (and of the moments that were joined):
//                   allocated, down, power_W of racks, use of links; empty: not known
//   workload        or tenant: who holds most of the row at the end of the moment; empty: nobody
// Numbers but for times have six significant digits.
#pragma once

#include <string>
#include <string_view>

#include "metrics/place_maps.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

/// racks.csv or links.csv. A map without rows is its header alone.
std::string place_csv(const PlaceMap& map);
/// The inverse, to the digits that are written. ResultProblem with the line.
PlaceMap place_map_from_csv(std::string_view csv);

/// The key "fabrics" of fabrics.json, which pages have too.
void write_fabrics(JsonWriter& json, const std::vector<FabricPlan>& fabrics);
/// fabrics.json, schema "hyperdc.fabrics/1".
std::string fabrics_json(const std::vector<FabricPlan>& fabrics);
/// ResultProblem.
std::vector<FabricPlan> fabrics_from_json(std::string_view json);

}  // namespace hyperdc
