// What racks and links did over time, as maps of places by moments. The world fills them
// (world/places.hpp says how), results store them (racks.csv, links.csv, fabrics.json), the report
// draws them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace hyperdc {

/// Bounds of a map: moments, and rows of racks or of the links of one fabric.
inline constexpr std::size_t kMostMoments = 480;
inline constexpr std::size_t kMostPlaceRows = 512;

/// No workload has anything in a rack.
inline constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

/// One place, or several side by side that share a row.
struct PlaceRow {
  std::vector<std::string> keys;  // as PlaceMap::keys: "us-east.gpu", "us-east.a", "accelerators"
  std::uint32_t first = 0;        // number of its first place among those with the same keys
  std::uint32_t count = 1;        // places
  bool operator==(const PlaceRow&) const = default;
};

/// Values by moment, then row; NaN where there is none.
struct PlaceQuantity {
  std::string name, unit;  // "allocated", "1"
  std::vector<float> mean;
  std::vector<float> greatest;
  bool operator==(const PlaceQuantity&) const = default;
};

struct PlaceMap {
  std::vector<std::string> keys;  // names of what tells rows apart: "group", "zone", "of"
  std::vector<PlaceRow> rows;
  std::vector<double> from_s, to_s;  // of the moments, which follow one another
  std::vector<PlaceQuantity> quantities;
  std::string holder_kind;            // "workload", "tenant"; empty: holders are not known
  std::vector<std::string> holders;   // names
  std::vector<std::uint32_t> holder;  // as values: of holders, or kNobody
  std::size_t moments() const { return to_s.size(); }
  bool operator==(const PlaceMap&) const = default;
};

/// Endpoints or switches that are alike in a picture of a fabric.
struct FabricLayer {
  std::string name;         // "endpoints", "leaf"
  std::uint32_t size = 0;   // of them
  std::uint32_t ports = 0;  // of each that are in use; 0: endpoints
  std::optional<double> oversubscription;
  bool operator==(const FabricLayer&) const = default;
};

/// Links of one tier between two layers, both directions.
struct FabricCables {
  std::string tier;       // as in links.csv
  std::uint32_t low = 0;  // of FabricPlan::layers
  std::uint32_t high = 0;
  std::uint64_t links = 0;             // directed
  double least_Bps = 0, most_Bps = 0;  // capacity of each
  bool operator==(const FabricCables&) const = default;
};

/// What a fabric is made of.
struct FabricPlan {
  std::string name;                 // "us-east", "wan"
  std::string type;                 // "alibaba-hpn7"
  std::string family;               // "rail-optimised"
  std::vector<FabricLayer> layers;  // endpoints first
  std::vector<FabricCables> cables;
  bool operator==(const FabricPlan&) const = default;
};

struct PlaceMaps {
  PlaceMap racks;                   // no rows: there are none
  PlaceMap links;                   // of all fabrics
  std::vector<FabricPlan> fabrics;  // of links
};

/// Joins moments in pairs, as if they had been twice as long; the last of an odd number stays.
void join_moments(PlaceMap& map);
/// Joins neighbours of the same keys in pairs. Of two holders that of the row that has more of the
/// first quantity stays, which need not be who holds most of both.
void join_rows(PlaceMap& map);

}  // namespace hyperdc
