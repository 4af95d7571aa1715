// Where regions are and how long messages take between them.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef location_type() {
  return object_type(
      "location", "A place on Earth.",
      {required("latitude", number_type({-90, 90}, "39.0"), "In degrees, north is positive."),
       required("longitude", number_type({-180, 180}, "-77.5"), "In degrees, east is positive.")});
}

TypeRef latency_type() {
  const TypeRef time = quantity_type(Dimension::time, "35 ms", {0, 3600});
  return object_type(
      "latency", "One-way latencies, by pair of regions or by distance.",
      {defaulted("within", quantity_type(Dimension::time, "0.5 ms", {0, 3600}), "\"0.5 ms\"",
                 "Between two places of one region, and added to what the distance takes."),
       defaulted("path_factor", number_type({1, 100}, "1.6"), "1.6",
                 "Length of cables over that of the great circle; 1.6 is the median of measured "
                 "round trips, 1 the least that light allows."),
       defaulted(
           "pairs", map_type(map_type(time)), "{}",
           "By name of the region from which, then of that to which; in both directions unless "
           "each has its own. Without a pair, by the locations of both.")});
}

}  // namespace hyperdc
