#include "world/growth/rows.hpp"

#include <algorithm>
#include <cmath>

namespace hyperdc {
namespace {

constexpr std::size_t kRowPower = 1;  // of RowResources
constexpr std::size_t kFirstOfRows = index_of(GrowthLimit::positions);
constexpr double kFitRounding = 1 + 1e-9;  // sums of needs are not exact
constexpr double kUnboundedRacks = 1e15;

}  // namespace

std::uint64_t whole_racks(double available_w, double rack_w) {
  if (available_w <= 0) return 0;
  return static_cast<std::uint64_t>(std::min(kUnboundedRacks, available_w / rack_w * kFitRounding));
}

RowResources resources_of(const RowNeeds& needs) {
  return {needs.positions, needs.power_w, needs.air_w,
          needs.liquid_w,  needs.ports,   needs.weight_kg};
}

RowFit fit_of(const RowResources& left, const RowResources& needs) {
  double least = kUnboundedRacks;
  std::size_t cause = kRowPower;
  for (std::size_t k = 0; k < left.size(); ++k) {
    if (needs[k] <= 0) continue;
    const double fit = std::floor(left[k] / needs[k] * kFitRounding);
    if (fit >= least) continue;
    least = fit;
    cause = k;
  }
  return {static_cast<std::uint64_t>(std::max(least, 0.0)),
          static_cast<GrowthLimit>(kFirstOfRows + cause)};
}

void SiteRows::add(const RowResources& row, std::uint32_t count, double ups_w) {
  const auto first = static_cast<std::uint32_t>(left_.size());
  left_.insert(left_.end(), count, row);
  halls_.push_back({first, first + count, ups_w});
}

std::uint64_t SiteRows::place(const RowResources& needs, std::uint64_t racks, std::uint32_t site,
                              std::vector<PlacedRacks>& placed) {
  std::uint64_t done = 0;
  for (Hall& hall : halls_) {
    std::uint64_t carried = whole_racks(hall.ups_w, needs[kRowPower]);
    for (std::uint32_t row = hall.first; row < hall.end && done < racks && carried > 0; ++row) {
      const std::uint64_t some = std::min({fit_of(left_[row], needs).racks, racks - done, carried});
      if (some == 0) continue;
      for (std::size_t k = 0; k < needs.size(); ++k) {
        left_[row][k] -= needs[k] * static_cast<double>(some);
      }
      hall.ups_w -= needs[kRowPower] * static_cast<double>(some);
      carried -= some;
      placed.push_back({site, row, some});
      done += some;
    }
  }
  used_w_ += needs[kRowPower] * static_cast<double>(done);
  return done;
}

void SiteRows::remove(const RowResources& needs, std::uint32_t row, std::uint64_t racks) {
  for (std::size_t k = 0; k < needs.size(); ++k) {
    left_[row][k] += needs[k] * static_cast<double>(racks);
  }
  const double power_w = needs[kRowPower] * static_cast<double>(racks);
  std::find_if(halls_.begin(), halls_.end(), [row](const Hall& hall) {
    return row < hall.end;
  })->ups_w += power_w;
  used_w_ -= power_w;
}

RowFit SiteRows::open(const RowResources& needs) const {
  using Rows = std::array<std::uint64_t, kGrowthLimits.size()>;  // by what ends first in them
  Rows full{};
  Rows all{};
  RowFit out;
  for (const Hall& hall : halls_) {
    std::uint64_t racks = 0;
    const std::uint64_t carried = whole_racks(hall.ups_w, needs[kRowPower]);
    Rows of_hall{};
    for (std::uint32_t row = hall.first; row < hall.end; ++row) {
      const RowFit fit = fit_of(left_[row], needs);
      racks += fit.racks;
      ++of_hall[index_of(fit.cause)];
      if (fit.racks == 0 || carried == 0) {
        ++full[index_of(fit.racks == 0 ? fit.cause : GrowthLimit::ups)];
      }
    }
    if (racks > carried) {
      all[index_of(GrowthLimit::ups)] += hall.end - hall.first;
    } else {
      for (std::size_t k = 0; k < all.size(); ++k) all[k] += of_hall[k];
    }
    out.racks += std::min(racks, carried);
  }
  const auto most_of = [](const Rows& rows) {
    return static_cast<GrowthLimit>(std::max_element(rows.begin(), rows.end()) - rows.begin());
  };
  // Rows that have room: more UPS is all that they lack.
  if (full[index_of(GrowthLimit::ups)] > 0) {
    out.cause = GrowthLimit::ups;
  } else if (full != Rows{}) {
    out.cause = most_of(full);
  } else if (all != Rows{}) {
    out.cause = most_of(all);
  }
  return out;
}

std::uint64_t SiteRows::strand(const RowResources& needs, double free_w,
                               StrandedPower& stranded) const {
  const double rack_w = needs[kRowPower];
  std::uint64_t racks = 0;
  for (const Hall& hall : halls_) {
    std::uint64_t of_hall = 0;
    for (std::uint32_t row = hall.first; row < hall.end; ++row) {
      const RowFit fit = fit_of(left_[row], needs);
      of_hall += fit.racks;
      stranded[index_of(fit.cause)] +=
          std::max(0.0, left_[row][kRowPower] - rack_w * static_cast<double>(fit.racks));
    }
    const std::uint64_t by_ups = std::min(of_hall, whole_racks(hall.ups_w, rack_w));
    stranded[index_of(GrowthLimit::ups)] += rack_w * static_cast<double>(of_hall - by_ups);
    racks += by_ups;
  }
  const std::uint64_t carried = whole_racks(free_w, rack_w);
  if (racks > carried) {
    stranded[index_of(GrowthLimit::grid)] += rack_w * static_cast<double>(racks - carried);
  } else {
    stranded[index_of(GrowthLimit::halls)] +=
        std::max(0.0, free_w - rack_w * static_cast<double>(racks));
  }
  return std::min(racks, carried);
}

double SiteRows::left_w() const {
  double sum = 0;
  for (const RowResources& left : left_) sum += left[kRowPower];
  return sum;
}

}  // namespace hyperdc
