#include "model/storage/placement.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/hash.hpp"

namespace hyperdc {
namespace {

/// Vain draws in a row after which the drives that fit are counted: where few do.
constexpr std::uint32_t kVainDraws = 1024;

/// A drive that fits, one with room if any has; `drives` where there is none.
std::uint32_t draw_beside(std::span<const SpreadRule> rules, std::span<const std::uint32_t> members,
                          std::span<const std::uint64_t> held, std::uint64_t most,
                          const RandomStream& stream, std::uint64_t entity,
                          std::uint64_t& attribute) {
  const auto drives = static_cast<std::uint32_t>(held.size());
  for (std::uint32_t i = 0; i < kVainDraws; ++i) {
    const auto drive = static_cast<std::uint32_t>(stream.below(drives, entity, attribute++));
    if (held[drive] < most && fits_beside(rules, members, drive)) return drive;
  }
  std::vector<std::uint32_t> fit, roomy;
  for (std::uint32_t drive = 0; drive < drives; ++drive) {
    if (!fits_beside(rules, members, drive)) continue;
    fit.push_back(drive);
    if (held[drive] < most) roomy.push_back(drive);
  }
  if (!roomy.empty()) fit = std::move(roomy);
  return fit.empty() ? drives : fit[stream.below(fit.size(), entity, attribute++)];
}

}  // namespace

bool keeps_spread(std::span<const SpreadRule> rules, std::span<const std::uint32_t> members,
                  std::uint32_t drive) {
  return std::ranges::all_of(rules, [&](const SpreadRule& rule) {
    const auto same = std::ranges::count_if(members, [&](std::uint32_t member) {
      return rule.domain_of[member] == rule.domain_of[drive];
    });
    return same < static_cast<std::ptrdiff_t>(rule.most);
  });
}

bool fits_beside(std::span<const SpreadRule> rules, std::span<const std::uint32_t> members,
                 std::uint32_t drive) {
  return std::ranges::find(members, drive) == members.end() && keeps_spread(rules, members, drive);
}

PlacedGroups place_at_random(std::uint32_t drives, std::uint32_t width, std::uint64_t groups,
                             std::span<const SpreadRule> rules, const RandomStream& stream,
                             std::uint64_t most) {
  PlacedGroups placed{width, {}};
  std::vector<std::uint64_t> held(drives, 0);
  placed.drives.reserve(groups * width);
  for (std::uint64_t g = 0; g < groups; ++g) {
    const std::size_t begin = placed.drives.size();
    std::uint64_t attribute = 0;
    for (std::uint32_t i = 0; i < width; ++i) {
      const std::span<const std::uint32_t> members{placed.drives.data() + begin, i};
      const std::uint32_t drive = draw_beside(rules, members, held, most, stream, g, attribute);
      if (drive == drives) return {width, {}};
      placed.drives.push_back(drive);
      ++held[drive];
    }
  }
  return placed;
}

PlacedGroups copysets(std::uint32_t drives, std::uint32_t width, std::uint32_t scatter_width,
                      std::uint64_t most, std::span<const SpreadRule> rules,
                      const RandomStream& stream) {
  PlacedGroups sets{width, {}};
  const std::uint32_t others = std::max(1U, width - 1);
  const std::uint32_t permutations = (scatter_width + others - 1) / others;
  std::vector<std::uint32_t> order(drives);
  for (std::uint32_t p = 0; p < permutations && sets.size() < most; ++p) {
    std::iota(order.begin(), order.end(), 0U);
    for (std::uint32_t i = drives; i > 1; --i) {
      std::swap(order[i - 1], order[stream.below(i, p, i)]);
    }
    for (std::uint32_t begin = 0; begin + width <= drives; begin += width) {
      std::uint32_t filled = 0;
      for (std::uint32_t next = begin; next < drives && filled < width; ++next) {
        const std::span<const std::uint32_t> members{order.data() + begin, filled};
        if (!fits_beside(rules, members, order[next])) continue;
        std::swap(order[begin + filled], order[next]);
        ++filled;
      }
      if (filled < width) break;  // the drives that are left stand in too few domains
      sets.drives.insert(sets.drives.end(), order.begin() + begin, order.begin() + begin + width);
    }
  }
  return sets;
}

PlacedGroups place_on_copysets(const PlacedGroups& copysets, std::uint64_t groups) {
  PlacedGroups placed{copysets.width, {}};
  if (copysets.drives.empty()) return placed;
  placed.drives.reserve(groups * copysets.width);
  for (std::uint64_t g = 0; g < groups; ++g) {
    const auto set = copysets.group(g % copysets.size());
    placed.drives.insert(placed.drives.end(), set.begin(), set.end());
  }
  return placed;
}

std::uint64_t distinct_sets(const PlacedGroups& placed) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(placed.size());
  std::vector<std::uint32_t> set;
  for (std::size_t g = 0; g < placed.size(); ++g) {
    set.assign(placed.group(g).begin(), placed.group(g).end());
    std::ranges::sort(set);
    std::uint64_t hash = 0;
    for (const std::uint32_t drive : set) hash = hash_combine(hash, drive);
    hashes.push_back(hash);
  }
  std::ranges::sort(hashes);
  return static_cast<std::uint64_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
}

double all_fail(std::uint32_t drives, std::uint32_t failed, std::uint32_t width) {
  double p = 1;
  for (std::uint32_t i = 0; i < width; ++i) {
    p *= (static_cast<double>(failed) - i) / (static_cast<double>(drives) - i);
  }
  return std::max(0.0, p);
}

}  // namespace hyperdc
