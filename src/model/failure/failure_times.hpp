// FailureTimes: when which of many equal items fails next.
//
// Computes: each item k is a renewal process: new (at time 0, and whenever it is renewed) it fails
// after a time drawn from the distribution; a lemon after that time over `lemon_factor`.
//   exponential: the superposition of n such processes is Poisson with the sum of their rates, and
//   each event belongs to an item in proportion to its rate; an event of an item that is down is
//   void (it is without memory), which the caller sees by its own books. One draw a failure.
//   any other: the next time of each item, in a heap; items whose next failure lies beyond the
//   horizon are not kept.
// Both are exact. Infant mortality is a Weibull with cv > 1 (shape < 1: shape 0.7 is cv 1.46,
// shape 0.5 is cv 2.24); wear-out is cv < 1.
// Units: ns. Source: renewal theory; superposition: Cox and Smith, "Renewal Theory" (1962), ch. 6.
// Random numbers: attribute (renewal) of entity (item), so that the history of an item does not
// depend on anything but its own repairs; in the exponential case on the number of the failure.
// Valid range: up to 2^32 - 1 items, 10^4 renewals within the horizon each.
// Leaves out: ageing while an item is down; items that are not new at time 0; failures that depend
// on load or temperature.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "core/large_pages.hpp"
#include "core/rng.hpp"

namespace hyperdc {

class FailureTimes {
 public:
  struct Options {
    std::uint32_t items = 0;
    DistributionSpec time_to_failure = Exponential{1};  // s
    double lemon_share = 0;
    double lemon_factor = 1;
    SimTime horizon;  // nothing beyond it is asked for
  };
  /// `stream` draws times, `lemons` who is one.
  FailureTimes(const Options& options, RandomStream stream, RandomStream lemons);

  struct Next {
    SimTime at;
    std::uint32_t item = 0;
  };
  /// The next failure; nothing when there is none up to the horizon.
  std::optional<Next> peek();
  void pop();
  /// The item went down, by its own failure or another's: what it had before it is void.
  void failed(std::uint32_t item);
  /// It is as new from `at` on.
  void renewed(std::uint32_t item, SimTime at);

  bool is_lemon(std::uint32_t item) const;
  /// How often the item failed so far.
  std::uint32_t failures(std::uint32_t item) const { return renewals_[item]; }
  std::size_t memory_used() const;

 private:
  struct Entry {
    SimTime at;
    std::uint32_t item = 0;
    std::uint32_t renewal = 0;
    /// Heap order: the latest is the least.
    bool operator<(const Entry& other) const {
      return at != other.at ? at > other.at : item > other.item;
    }
  };

  void draw_superposed();
  void push(std::uint32_t item, SimTime from);

  const Options options_;
  const RandomStream stream_;
  const RandomStream lemons_;
  const Distribution time_to_failure_;
  const bool superposed_;
  LargeVector<std::uint32_t> renewals_;  // by item
  std::vector<Entry> heap_;
  // of the superposition
  double mean_gap_s_ = 0;
  std::uint64_t drawn_ = 0;
  std::optional<Next> next_;
  SimTime last_;
  bool over_ = false;
};

}  // namespace hyperdc
