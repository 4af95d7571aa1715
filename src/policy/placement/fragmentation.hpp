// Fragmentation: the accelerator capacity of a server that the usual jobs cannot use.
//
// Computes: F(n) = sum over kinds of job m of p_m * F_n(m), in 1/1000 accelerator, where R is all
// that is left on the server's devices and
//   m asks for no accelerator:                                       F_n(m) = R
//   m does not fit (cores, model, number of devices with enough):    F_n(m) = R
//   m fits:   F_n(m) = sum of what is left on devices with less left than m asks of one.
// Source: Weng et al., "Beware of Fragmentation" (FGD), USENIX ATC'23, section 3, and its artefact
// (frag.go). Valid range: left per device 0..1000, at most 32 devices.
// Leaves out: memory; kinds beyond the typical share of the mix.
//
// Exact: shares are rounded once to multiples of 2^-40 that sum to 1, and all else is integer
// arithmetic, so that equal states and sums in any order agree to the last bit.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <hyperdc/policy/placement.hpp>

namespace hyperdc {

/// The most frequent kinds that together make at least `share` of the mix, their shares scaled to
/// sum to 1. `mix` is sorted by share, falling.
std::vector<JobMixEntry> typical_mix(std::span<const JobMixEntry> mix, double share);

class Fragmentation {
 public:
  /// Shares need not sum to 1; they are normalised. An empty mix makes F zero everywhere.
  explicit Fragmentation(std::span<const JobMixEntry> typical);

  static constexpr int kFractionBits = 40;
  /// F in units of 2^-40 of 1/1000 accelerator. Exact.
  std::int64_t scaled(const NodeView& node) const;
  /// F in 1/1000 accelerator.
  double of(const NodeView& node) const;

  /// The textbook sum over kinds, for mixes whose table would be too large, and for tests.
  std::int64_t scaled_by_kind(const NodeView& node) const;

 private:
  struct Kind {
    Request request;
    std::int64_t weight = 0;  // units of 2^-40
  };
  /// Accelerator models for which the same kinds are allowed, and the levels of cores left at
  /// which one more of these kinds fits.
  struct Pattern {
    std::vector<bool> allowed;  // by kind
    std::vector<std::int64_t> levels;
    std::size_t table = 0;  // of its first row in weights_
  };

  void set_weights(std::span<const JobMixEntry> typical);
  void set_thresholds();
  std::uint8_t pattern_of(ModelSet model);
  void build_table();
  void fill(const Pattern& pattern);
  std::int64_t from_table(const NodeView& node) const;

  std::vector<Kind> kinds_;               // that ask for accelerators
  std::int64_t total_weight_ = 0;         // 2^40, or 0 when the mix is empty
  std::vector<std::int32_t> thresholds_;  // distinct accelerator_milli, rising
  std::array<std::uint16_t, kWholeAccelerator + 1> reached_{};  // thresholds <= left
  std::size_t most_devices_ = 0;                                // that a kind asks for
  std::vector<Pattern> patterns_;
  std::array<std::uint8_t, 65> pattern_of_model_{};  // by bit; [64]: no model
  // Weight of the kinds that fit, by pattern, level of cores, threshold and number of devices that
  // reach it. Empty when it would be too large.
  std::vector<std::int64_t> weights_;
};

}  // namespace hyperdc
