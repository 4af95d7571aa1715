#include "model/storage/burst.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// Sets of fragments by how many they are and how many are left when each local group has made
/// good one of its own.
using Ways = std::vector<std::array<double, kMaxFragments + 1>>;

/// With `size` more fragments; the first of them that are lost costs nothing in a local group.
Ways with_part(const Ways& before, std::uint32_t size, bool local) {
  Ways after(before.size());
  double choose = 1;
  for (std::uint32_t c = 0; c <= size; ++c) {
    const std::uint32_t beyond = local && c > 0 ? c - 1 : c;
    for (std::size_t j = 0; j + c < before.size(); ++j) {
      for (std::size_t b = 0; b + beyond <= kMaxFragments; ++b) {
        after[j + c][b + beyond] += choose * before[j][b];
      }
    }
    choose = choose * (size - c) / (c + 1);
  }
  return after;
}

/// C(N - n, f - j) / C(N, f): that of n servers just these j are among the failed.
double just_these(const Burst& burst, std::uint32_t n, std::uint32_t j) {
  double p = 1;
  for (std::uint32_t i = 0; i < n; ++i) {
    const double left = i < j ? static_cast<double>(burst.failed) - i
                              : static_cast<double>(burst.servers) - burst.failed - (i - j);
    p *= std::max(0.0, left) / (static_cast<double>(burst.servers) - i);
  }
  return p;
}

/// That a group loses data with j fragments, by j.
std::vector<double> losses_by_count(const StorageCode& code, const Burst& burst) {
  const std::uint32_t n = code.fragments();
  HYPERDC_CHECK(burst.failed <= burst.servers && n <= burst.servers, "a burst of too many");
  Ways ways(n + 1);
  ways[0][0] = 1;
  for (std::uint32_t g = 0; g < code.local_groups(); ++g) {
    ways = with_part(ways, code.group_size(), true);
  }
  ways = with_part(ways, code.outside(), false);
  std::vector<double> p(n + 1, 0);
  for (std::uint32_t j = 0; j <= n; ++j) {
    double sets = 0;
    for (std::size_t b = code.tolerance() + 1; b <= kMaxFragments; ++b) sets += ways[j][b];
    if (sets > 0) p[j] = sets * just_these(burst, n, j);
  }
  return p;
}

/// Bursts in which a group is lost.
class Sampler {
 public:
  Sampler(const StorageCode& code, const Burst& burst, std::span<const std::uint32_t> servers,
          const RandomStream& stream);
  /// Groups that are lost in one of them.
  double lost_groups(std::uint64_t trial);

 private:
  /// The fragments of the group that fail.
  FragmentSet draw_lost(std::uint64_t trial);
  void fail(std::uint32_t server, std::uint64_t trial);

  const StorageCode& code_;
  const Burst& burst_;
  std::span<const std::uint32_t> servers_;
  const RandomStream& stream_;
  std::vector<double> by_count_;
  double sum_ = 0;
  // Fragments by server: those of server s are at_[first_[s]] to at_[first_[s + 1]].
  std::vector<std::uint32_t> at_, first_;
  std::vector<std::uint64_t> failed_in_;  // by server: the last trial in which it failed
  std::vector<std::uint64_t> seen_in_;    // by group
  std::vector<FragmentSet> lost_;         // by group, in that trial
  std::uint64_t draws_ = 0;
  double count_ = 0;
};

Sampler::Sampler(const StorageCode& code, const Burst& burst,
                 std::span<const std::uint32_t> servers, const RandomStream& stream)
    : code_(code),
      burst_(burst),
      servers_(servers),
      stream_(stream),
      by_count_(losses_by_count(code, burst)),
      at_(servers.size()),
      first_(burst.servers + 1, 0),
      failed_in_(burst.servers, 0),
      seen_in_(servers.size() / code.fragments(), 0),
      lost_(seen_in_.size(), 0) {
  for (const double p : by_count_) sum_ += p;
  for (const std::uint32_t server : servers_) ++first_[server + 1];
  for (std::size_t s = 1; s < first_.size(); ++s) first_[s] += first_[s - 1];
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    at_[next[servers_[i]]++] = static_cast<std::uint32_t>(i);
  }
}

FragmentSet Sampler::draw_lost(std::uint64_t trial) {
  double left = stream_.uniform(trial, draws_++) * sum_;
  std::uint32_t count = 0;
  for (std::uint32_t j = 0; j < by_count_.size(); ++j) {
    if (by_count_[j] == 0) continue;
    count = j;
    left -= by_count_[j];
    if (left < 0) break;
  }
  for (;;) {
    FragmentSet lost = 0;
    while (static_cast<std::uint32_t>(std::popcount(lost)) < count) {
      lost |= FragmentSet{1} << stream_.below(code_.fragments(), trial, draws_++);
    }
    if (!code_.decodable(lost)) return lost;
  }
}

void Sampler::fail(std::uint32_t server, std::uint64_t trial) {
  failed_in_[server] = trial;
  const std::uint32_t n = code_.fragments();
  for (std::uint32_t i = first_[server]; i < first_[server + 1]; ++i) {
    const std::uint32_t group = at_[i] / n;
    if (seen_in_[group] != trial) lost_[group] = 0;
    seen_in_[group] = trial;
    const bool gone = !code_.decodable(lost_[group]);
    lost_[group] |= FragmentSet{1} << at_[i] % n;
    if (!gone && !code_.decodable(lost_[group])) ++count_;
  }
}

double Sampler::lost_groups(std::uint64_t trial) {
  const std::uint32_t n = code_.fragments();
  count_ = 0;
  draws_ = 0;
  const std::uint64_t chosen = stream_.below(seen_in_.size(), trial, draws_++);
  const FragmentSet lost = draw_lost(trial);
  const auto members = servers_.subspan(chosen * n, n);
  for (FragmentSet left = lost; left != 0; left &= left - 1) {
    fail(members[static_cast<std::uint32_t>(std::countr_zero(left))], trial);
  }
  for (auto failed = static_cast<std::uint32_t>(std::popcount(lost)); failed < burst_.failed;) {
    const auto server = static_cast<std::uint32_t>(stream_.below(burst_.servers, trial, draws_++));
    // The others of the group are there.
    if (failed_in_[server] == trial || std::ranges::find(members, server) != members.end()) {
      continue;
    }
    fail(server, trial);
    ++failed;
  }
  return count_;
}

}  // namespace

double burst_loss_of_group(const StorageCode& code, const Burst& burst) {
  double sum = 0;
  for (const double p : losses_by_count(code, burst)) sum += p;
  return sum;
}

BurstLoss simulated_burst_loss(const StorageCode& code, const Burst& burst,
                               std::span<const std::uint32_t> servers, std::uint32_t trials,
                               const RandomStream& stream) {
  HYPERDC_CHECK(trials > 1, "a simulation without trials");
  const std::size_t whole_groups = servers.size() / code.fragments();
  const auto groups = static_cast<double>(whole_groups);
  const double mean = groups * burst_loss_of_group(code, burst);
  if (mean == 0) return {};
  Sampler sampler(code, burst, servers, stream);
  double sum = 0, squares = 0;
  for (std::uint64_t trial = 1; trial <= trials; ++trial) {
    const double share = 1 / sampler.lost_groups(trial);
    sum += share;
    squares += share * share;
  }
  const double average = sum / trials;
  const double variance = std::max(0.0, squares / trials - average * average);
  return {std::min(1.0, mean * average), mean * std::sqrt(variance / (trials - 1))};
}

}  // namespace hyperdc
