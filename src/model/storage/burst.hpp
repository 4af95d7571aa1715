// Loss of data when many servers fail for good at once.
//
// Computes: how many groups of fragments lose data when f of N servers, drawn evenly, are gone
// together (a loss of power after which some do not come back), and the probability that any does.
// Equation: a group has each of its n fragments on a server of its own, so that it is lost with
//   p = sum_j u_j C(N - n, f - j) / C(N, f),
// u_j the sets of j fragments that are not decodable; G groups lose G p of them in the mean,
// however they are placed. The probability that any is lost depends on how they overlap:
//   P = G p E[1 / L],
// L the groups that are lost in a burst in which one of them, drawn evenly, is: no event is rare.
// Source: bursts: Cidon et al., "Copysets", ATC'13; the estimator of a union: Karp, Luby, Madras,
// "Monte-Carlo approximation algorithms for enumeration problems", J. Algorithms 10 (1989). Units:
// none. Valid range: fragments of a group on servers of their own. Leaves out: bursts that take
// racks rather than servers; what comes back.
#pragma once

#include <cstdint>
#include <span>

#include "core/rng.hpp"
#include "model/storage/code.hpp"

namespace hyperdc {

/// Servers that fail together.
struct Burst {
  std::uint32_t servers = 1, failed = 1;
};

/// That one group loses data.
double burst_loss_of_group(const StorageCode& code, const Burst& burst);

/// Probability that any group loses data, and the standard error of that.
struct BurstLoss {
  double any = 0, error = 0;
};

/// `servers`: of each fragment, group after group.
BurstLoss simulated_burst_loss(const StorageCode& code, const Burst& burst,
                               std::span<const std::uint32_t> servers, std::uint32_t trials,
                               const RandomStream& stream);

}  // namespace hyperdc
