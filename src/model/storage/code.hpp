// StorageCode: how a group of data is cut into fragments, and what is lost and read when some fail.
//
// Computes: fragments, overhead, which sets of lost fragments are decodable, and how many fragments
// are read to rebuild some.
//   replication n: one datum n times. Reed-Solomon (k, m): any k of k + m fragments give all.
//   LRC (k, l, g): k data fragments in l local groups of k / l, each with a local parity, and g
//   global parities (Huang et al., "Erasure Coding in Windows Azure Storage", ATC'12).
// Equations: an LRC is taken as maximally recoverable: with c_j losses in the local group j (its
// parity included) and c_g among the global parities, all is decodable if and only if
//   sum_j max(0, c_j - 1) + c_g <= g.
// A fragment of a group without other losses is rebuilt from the k / l others of its group; all
// else by decoding, from k fragments, which gives every lost fragment at once. So one fragment of
// LRC(12,2,2) costs (14 * 6 + 2 * 12) / 16 = 6.75 reads on average.
// Valid range: up to 32 fragments. Leaves out: codes that read parts of fragments (regenerating,
// Hitchhiker), local groups that overlap, partial stripes.
//
// Fragments are numbered: the local groups one after the other, k / l data and the parity of each;
// then the global parities. Replication and Reed-Solomon have no local groups.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// One bit a fragment.
using FragmentSet = std::uint32_t;
inline constexpr std::uint32_t kMaxFragments = 32;

class StorageCode {
 public:
  static StorageCode replication(std::uint32_t copies);
  static StorageCode reed_solomon(std::uint32_t data, std::uint32_t parities);
  /// `data` is a multiple of `groups`.
  static StorageCode lrc(std::uint32_t data, std::uint32_t groups, std::uint32_t globals);
  /// "replication-3", "rs-10-4", "lrc-12-2-2"; nothing for any other text, or beyond the range.
  static std::optional<StorageCode> named(std::string_view text);
  /// Why a text names none: "12 data fragments are not divided by 5 groups".
  static std::string problem_of(std::string_view text);

  std::uint32_t data() const { return data_; }
  std::uint32_t fragments() const { return local_groups_ * group_size_ + outside_; }
  /// Stored bytes over bytes of data.
  double overhead() const { return static_cast<double>(fragments()) / data_; }
  FragmentSet all() const;

  std::uint32_t local_groups() const { return local_groups_; }
  std::uint32_t group_size() const { return group_size_; }  // with its parity; 0 without groups
  std::uint32_t outside() const { return outside_; }        // fragments of no local group
  /// Losses that are left when each local group has made good one of its own.
  std::uint32_t tolerance() const { return tolerance_; }

  /// Of a set of lost fragments.
  std::uint32_t beyond_local(FragmentSet lost) const;
  bool decodable(FragmentSet lost) const { return beyond_local(lost) <= tolerance_; }

  /// Fragments that are read to rebuild `wanted`, of `missing`, which is decodable.
  std::uint32_t reads(FragmentSet missing, FragmentSet wanted) const;
  /// The same as a set, where fragments early in `avoid` are left out first if any may be.
  FragmentSet sources(FragmentSet missing, FragmentSet wanted,
                      const std::vector<std::uint32_t>& avoid) const;
  /// Of one lost fragment, averaged over all fragments.
  double mean_reads() const;

  bool operator==(const StorageCode&) const = default;

 private:
  StorageCode() = default;
  FragmentSet group(std::uint32_t index) const;
  /// Wanted fragments can each be had within their local group.
  bool local(FragmentSet missing, FragmentSet wanted) const;

  std::uint32_t data_ = 1;
  std::uint32_t local_groups_ = 0;
  std::uint32_t group_size_ = 0;
  std::uint32_t outside_ = 1;
  std::uint32_t tolerance_ = 0;
};

}  // namespace hyperdc
