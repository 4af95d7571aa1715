#include "model/storage/durability.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <vector>

namespace hyperdc {
namespace {

/// Losses by local group, falling, and outside as the last entry.
using Pattern = std::vector<std::uint32_t>;

Pattern sorted(Pattern pattern) {
  std::sort(pattern.begin(), pattern.end() - 1, std::greater<>());
  return pattern;
}

bool decodable(const StorageCode& code, const Pattern& pattern) {
  std::uint32_t beyond = pattern.back();
  for (std::size_t j = 0; j + 1 < pattern.size(); ++j) {
    beyond += pattern[j] > 0 ? pattern[j] - 1 : 0;
  }
  return beyond <= code.tolerance();
}

/// The chain over decodable patterns; the last column of `rates` is the loss of data.
struct Chain {
  std::vector<Pattern> patterns;
  std::vector<std::vector<double>> rates;
};

/// Patterns in the order of their losses, so that the whole group is the first.
std::vector<Pattern> patterns_of(const StorageCode& code) {
  std::vector<Pattern> found{Pattern(code.local_groups() + 1, 0)};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t place = 0; place < found[i].size(); ++place) {
      const bool outside = place == code.local_groups();
      if (found[i][place] == (outside ? code.outside() : code.group_size())) continue;
      Pattern next = found[i];
      ++next[place];
      next = sorted(std::move(next));
      if (decodable(code, next) && std::ranges::find(found, next) == found.end()) {
        found.push_back(std::move(next));
      }
    }
  }
  return found;
}

Chain chain_of(const StorageCode& code, double failure_rate, double repair_rate,
               RepairOrder order) {
  Chain chain{patterns_of(code), {}};
  const std::size_t n = chain.patterns.size();
  std::map<Pattern, std::size_t> index;
  for (std::size_t i = 0; i < n; ++i) index[chain.patterns[i]] = i;
  chain.rates.assign(n, std::vector<double>(n + 1, 0));
  for (std::size_t i = 0; i < n; ++i) {
    const Pattern& from = chain.patterns[i];
    const std::uint32_t lost = std::accumulate(from.begin(), from.end(), 0U);
    for (std::size_t place = 0; place < from.size(); ++place) {
      const bool outside = place == code.local_groups();
      const std::uint32_t size = outside ? code.outside() : code.group_size();
      Pattern to = from;
      ++to[place];
      const auto worse = from[place] < size ? index.find(sorted(to)) : index.end();
      const std::size_t column = worse == index.end() ? n : worse->second;
      chain.rates[i][column] += failure_rate * (size - from[place]);
      if (from[place] == 0) continue;
      to[place] = from[place] - 1;
      const double each = order == RepairOrder::each ? repair_rate : repair_rate / lost;
      chain.rates[i][index.at(sorted(to))] += each * from[place];
    }
  }
  return chain;
}

}  // namespace

double group_mttdl(const StorageCode& code, double failure_rate, double repair_rate,
                   RepairOrder order) {
  Chain chain = chain_of(code, failure_rate, repair_rate, order);
  const std::size_t n = chain.patterns.size();
  std::vector<double> time(n, 1);  // spent in a state and in those that were eliminated
  for (std::size_t last = n - 1; last > 0; --last) {
    std::vector<double>& from = chain.rates[last];
    double out = from[n];
    for (std::size_t j = 0; j < last; ++j) out += from[j];
    for (std::size_t i = 0; i < last; ++i) {
      const double share = chain.rates[i][last] / out;
      if (share == 0) continue;
      for (std::size_t j = 0; j < last; ++j) {
        if (j != i) chain.rates[i][j] += share * from[j];
      }
      chain.rates[i][n] += share * from[n];
      time[i] += share * time[last];
    }
  }
  return time[0] / chain.rates[0][n];
}

}  // namespace hyperdc
