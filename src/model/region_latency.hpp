// RegionLatency: the one-way latency of a message between two regions.
//
// Computes:  stated by pair                   as stated, in both directions unless each has its
// own;
//            within a region                  within;
//            between located regions          within + path_factor * distance * 4.9 us/km;
//            else                             not known.
// distance is that of the great circle on a sphere of 6371.0088 km (mean radius R1 of WGS 84,
// IUGG): at most 0.6 % off the ellipsoid. 4.9 us/km: group index 1.468 of standard single-mode
// fibre (ITU-T G.652; Corning SMF-28: 1.4682 at 1550 nm) over the speed of light, 4.897 us/km.
// path_factor: cable over great circle, and the equipment on the way. Its default 1.6 is the median
// over the 45 pairs of ten regions of IBM Cloud (mean round-trip times of 27 July to 25 August
// 2024, IBM Cloud docs, "Network latency dashboards"; from 1.3 on Washington-London to 2.6 on
// Frankfurt-Tokyo, and 3.4 on the 560 km from Washington to Toronto). `within` 0.5 ms: the round
// trips there are 0.1 ms inside a zone and 1.5 to 2.2 ms between zones.
// Units: degrees, metres, ns. Valid: routes as of today; a stated pair is always better.
// Leaves out: jitter, congestion, loss, bandwidth; the last mile to users.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct Location {
  double latitude_deg = 0;   // north is positive
  double longitude_deg = 0;  // east is positive
};

double great_circle_m(const Location& a, const Location& b);

class RegionLatency {
 public:
  RegionLatency() = default;
  RegionLatency(Duration within, double path_factor) : within_(within), path_factor_(path_factor) {}

  /// In the order of the scenario's regions.
  void add_region(const std::optional<Location>& location) { regions_.push_back(location); }
  /// From one region to the other; and back, unless that is stated too.
  void state(std::uint32_t from, std::uint32_t to, Duration one_way) {
    stated_[{from, to}] = one_way;
  }
  /// Nothing: neither stated nor are both located. Costs a search and a few sines: remember it.
  std::optional<Duration> one_way(std::uint32_t from, std::uint32_t to) const;

 private:
  Duration within_;
  double path_factor_ = 1;
  std::vector<std::optional<Location>> regions_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Duration> stated_;
};

}  // namespace hyperdc
