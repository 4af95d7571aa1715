#include "model/storage/code.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {
namespace {

std::uint32_t count(FragmentSet set) {
  return static_cast<std::uint32_t>(std::popcount(set));
}

FragmentSet first(std::uint32_t n) {
  return n == kMaxFragments ? ~FragmentSet{0} : (FragmentSet{1} << n) - 1;
}

/// "10-4" to 10 and 4; nothing where that is no list of numbers of 1 to 32.
std::optional<std::vector<std::uint32_t>> numbers(std::string_view text) {
  std::vector<std::uint32_t> out;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    std::uint32_t value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || value < 1 || value > kMaxFragments) return std::nullopt;
    out.push_back(value);
    if (rest == end) return out;
    if (*rest != '-') return std::nullopt;
    at = rest + 1;
  }
}

}  // namespace

StorageCode StorageCode::replication(std::uint32_t copies) {
  StorageCode code;
  code.outside_ = copies;
  code.tolerance_ = copies - 1;
  return code;
}

StorageCode StorageCode::reed_solomon(std::uint32_t data, std::uint32_t parities) {
  StorageCode code;
  code.data_ = data;
  code.outside_ = data + parities;
  code.tolerance_ = parities;
  return code;
}

StorageCode StorageCode::lrc(std::uint32_t data, std::uint32_t groups, std::uint32_t globals) {
  HYPERDC_CHECK(data % groups == 0, "local groups of an LRC are of one size");
  StorageCode code;
  code.data_ = data;
  code.local_groups_ = groups;
  code.group_size_ = data / groups + 1;
  code.outside_ = globals;
  code.tolerance_ = globals;
  return code;
}

std::optional<StorageCode> StorageCode::named(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, dash);
  const auto n = numbers(text.substr(dash + 1));
  if (!n) return std::nullopt;
  const auto& of = *n;
  if (kind == "replication" && of.size() == 1) return replication(of[0]);
  if (kind == "rs" && of.size() == 2 && of[0] + of[1] <= kMaxFragments) {
    return reed_solomon(of[0], of[1]);
  }
  if (kind == "lrc" && of.size() == 3 && of[0] + of[1] + of[2] <= kMaxFragments &&
      of[0] % of[1] == 0) {
    return lrc(of[0], of[1], of[2]);
  }
  return std::nullopt;
}

std::string StorageCode::problem_of(std::string_view text) {
  const std::string kind{text.substr(0, text.find('-'))};
  const auto n = numbers(text.substr(std::min(kind.size() + 1, text.size())));
  const std::size_t wants = kind == "rs" ? 2 : kind == "lrc" ? 3 : 1;
  const bool known = kind == "replication" || wants > 1;
  if (!known || !n || n->size() != wants) return quoted(text) + " is no code";
  const std::uint32_t sum = std::accumulate(n->begin(), n->end(), 0U);
  if (sum > kMaxFragments) return fmt::format("{} has {} fragments", quoted(text), sum);
  return fmt::format("{} data fragments are not divided by {} groups", (*n)[0], (*n)[1]);
}

FragmentSet StorageCode::all() const {
  return first(fragments());
}

FragmentSet StorageCode::group(std::uint32_t index) const {
  return first(group_size_) << (index * group_size_);
}

std::uint32_t StorageCode::beyond_local(FragmentSet lost) const {
  std::uint32_t beyond = count(lost);
  for (std::uint32_t j = 0; j < local_groups_; ++j) {
    if ((lost & group(j)) != 0) --beyond;
  }
  return beyond;
}

bool StorageCode::local(FragmentSet missing, FragmentSet wanted) const {
  FragmentSet rest = wanted;
  for (std::uint32_t j = 0; j < local_groups_; ++j) {
    if ((wanted & group(j)) == 0) continue;
    if (count(missing & group(j)) > 1) return false;
    rest &= ~group(j);
  }
  return rest == 0;
}

std::uint32_t StorageCode::reads(FragmentSet missing, FragmentSet wanted) const {
  HYPERDC_CHECK(decodable(missing) && (wanted & ~missing) == 0, "what is lost cannot be rebuilt");
  if (!local(missing, wanted)) return data_;
  std::uint32_t sum = 0;
  for (std::uint32_t j = 0; j < local_groups_; ++j) {
    if ((wanted & group(j)) != 0) sum += group_size_ - 1;
  }
  return std::min(sum, data_);
}

FragmentSet StorageCode::sources(FragmentSet missing, FragmentSet wanted,
                                 const std::vector<std::uint32_t>& avoid) const {
  const std::uint32_t least = reads(missing, wanted);
  FragmentSet left = all() & ~missing;
  if (local(missing, wanted) && least < data_) {
    FragmentSet groups = 0;
    for (std::uint32_t j = 0; j < local_groups_; ++j) {
      if ((wanted & group(j)) != 0) groups |= group(j);
    }
    return left & groups;
  }
  // What may be left out forms a matroid: whichever come first, k remain.
  for (const std::uint32_t fragment : avoid) {
    if (count(left) == least) break;
    const FragmentSet without = left & ~(FragmentSet{1} << fragment);
    if (decodable(all() & ~without)) left = without;
  }
  HYPERDC_CHECK(count(left) == least, "more fragments are read than the code needs");
  return left;
}

double StorageCode::mean_reads() const {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < fragments(); ++i) {
    sum += reads(FragmentSet{1} << i, FragmentSet{1} << i);
  }
  return static_cast<double>(sum) / fragments();
}

}  // namespace hyperdc
