#include "metrics/place_maps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hyperdc {
namespace {

/// Keys of a row that joined rows have in common; the others name the ends of one link.
constexpr std::ptrdiff_t kJoinedKeys = 3;

/// Two values as one: `second` weighs as much as it says.
void join_values(const PlaceQuantity& from, std::size_t first, std::size_t second, double weight,
                 PlaceQuantity& to) {
  const double a = from.mean[first], b = from.mean[second];
  const float high = std::fmax(from.greatest[first], from.greatest[second]);
  to.mean.push_back(static_cast<float>(std::isnan(a)   ? b
                                       : std::isnan(b) ? a
                                                       : a + (b - a) * weight));
  to.greatest.push_back(high);
}

void keep_value(const PlaceQuantity& from, std::size_t at, PlaceQuantity& to) {
  to.mean.push_back(from.mean[at]);
  to.greatest.push_back(from.greatest[at]);
}

/// The map without its values, rows and moments.
PlaceMap empty_like(const PlaceMap& map) {
  PlaceMap out;
  out.keys = map.keys;
  for (const PlaceQuantity& quantity : map.quantities) {
    out.quantities.push_back({quantity.name, quantity.unit, {}, {}});
  }
  out.holder_kind = map.holder_kind;
  out.holders = map.holders;
  return out;
}

}  // namespace

void join_moments(PlaceMap& map) {
  PlaceMap out = empty_like(map);
  const std::size_t rows = map.rows.size();
  for (std::size_t moment = 0; moment < map.moments(); moment += 2) {
    const bool alone = moment + 1 == map.moments();
    const std::size_t last = alone ? moment : moment + 1;
    const double begin = map.from_s[moment], middle = map.to_s[moment], end = map.to_s[last];
    out.from_s.push_back(begin);
    out.to_s.push_back(end);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t at = moment * rows + row;
      for (std::size_t q = 0; q < map.quantities.size(); ++q) {
        if (alone) {
          keep_value(map.quantities[q], at, out.quantities[q]);
        } else {
          join_values(map.quantities[q], at, at + rows, (end - middle) / (end - begin),
                      out.quantities[q]);
        }
      }
      if (!map.holder.empty()) out.holder.push_back(map.holder[last * rows + row]);
    }
  }
  out.rows = std::move(map.rows);
  map = std::move(out);
}

void join_rows(PlaceMap& map) {
  PlaceMap out = empty_like(map);
  std::vector<std::size_t> firsts;  // the first row of each new one
  const auto joins = [&](std::size_t row) {
    if (row + 1 >= map.rows.size()) return false;
    const PlaceRow& a = map.rows[row];
    const PlaceRow& b = map.rows[row + 1];
    return b.first == a.first + a.count && a.keys.size() == b.keys.size() &&
           std::equal(a.keys.begin(), a.keys.begin() + kJoinedKeys, b.keys.begin());
  };
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    firsts.push_back(row);
    out.rows.push_back(map.rows[row]);
    if (!joins(row)) continue;
    PlaceRow& joined = out.rows.back();
    joined.count += map.rows[row + 1].count;
    for (std::size_t k = kJoinedKeys; k < joined.keys.size(); ++k) joined.keys[k].clear();
    ++row;
  }
  const std::size_t rows = map.rows.size();
  for (std::size_t moment = 0; moment < map.moments(); ++moment) {
    for (std::size_t r = 0; r < firsts.size(); ++r) {
      const std::size_t at = moment * rows + firsts[r];
      const std::uint32_t first_count = map.rows[firsts[r]].count;
      const bool alone = out.rows[r].count == first_count;
      const double weight = 1 - static_cast<double>(first_count) / out.rows[r].count;
      for (std::size_t q = 0; q < map.quantities.size(); ++q) {
        if (alone) {
          keep_value(map.quantities[q], at, out.quantities[q]);
        } else {
          join_values(map.quantities[q], at, at + 1, weight, out.quantities[q]);
        }
      }
      if (map.holder.empty()) continue;
      const std::vector<float>& amount = map.quantities.front().mean;
      const bool other = !alone && amount[at + 1] > amount[at];
      out.holder.push_back(map.holder[other ? at + 1 : at]);
    }
  }
  out.from_s = std::move(map.from_s);
  out.to_s = std::move(map.to_s);
  map = std::move(out);
}

}  // namespace hyperdc
