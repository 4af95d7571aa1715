// Time of a collective that is alone on symmetric paths, without a flow.
//
// Alpha-beta model: time = sum of the alphas of the steps that follow each other + bytes of the
// port that has most to send / its bandwidth, phase by phase; phases do not overlap, what is in one
// phase does (pipelining with chunks so small that filling the pipe is in the alphas). For one
// level of n ranks, bandwidth B, alpha a, and S as in collective.hpp:
//   ring               all-reduce 2(n-1) a + 2(n-1)/n S/B; reduce-scatter, all-gather half of it;
//                      broadcast, reduce (n-1) a + S/B
//   tree               all-reduce 2 ceil(log2 n) a + 2 S/B (n = 2: S/B, n = 3: 1.5 S/B);
//                      broadcast, reduce ceil(log2 n) a + S/B
//   halving-doubling   2 log2 n a + 2(n-1)/n S/B; n no power of two: + 2 (a + S/B), n rounded down
//   in-network         S / min(R, B) + 2 a, without the gather 1 a; R the rate of reduction
//   pairwise           (n-1) (a + S/(n B))
//   direct             a + (n-1)/n S/B; send-recv a + S/B
// Two levels (g ranks a group, N groups; B0, B1, a0, a1):
//   hierarchical       reduce-scatter of S within, all-reduce of S/g across, all-gather of S within
//   rail-aligned       max(2(n-1)/n S/B0, 2(n-1)/n S/(g B1)): bus bandwidth min(B0, g B1);
//                      all-to-all a0 + a1 + max((g-1)/g S/B0, (N-1)/N S/B1)
//   tree               2((g-1) a0 + ceil(log2 N) a1) + max(2(g-1)/g S/B0, 2 S/(g B1))
//   in-network         max of S/R0 and, across, S/(g R1) or a tree of S/g
// Torus of d_1 x ... x d_k, B_i the two links of a dimension together:
//   all-reduce         bucket: k parts of S, each through all dimensions and back, each begins with
//                      another; equal dimensions: 2 sum (d-1) a + 2(n-1)/n S / (B_1 + ... + B_k)
//   all-to-all         max over i of floor(d_i^2/4)/d_i S/B_i, the bisection bound; sum of
//                      floor(d_i/2) a_i
// Sources: Thakur, Rabenseifner, Gropp, IJHPCA 19(1), 2005; Patarasuk, Yuan, JPDC 69(2), 2009
// (ring); Sanders et al. 2009 (two trees); Jain, Sabharwal, ICS 2010 (buckets on tori); bounds on
// bus bandwidth: SimAI (docs/models/collectives.md).
// Rounding: messages are whole bytes, rounded up; each phase is whole ns, rounded up.
// Leaves out: time to compute the reduction, chunks that fill and drain a pipe, protocols
// (tuning.hpp), other traffic (plan.hpp and a fabric).
#pragma once

#include <cstdint>
#include <span>

#include "ai/collective/collective.hpp"

namespace hyperdc {

struct CollectiveCost {
  Duration time;
  Duration latency;          // the part of it that does not depend on the size
  double algorithm_Bps = 0;  // size / time; 0: nothing is sent
  double bus_Bps = 0;        // times bus_factor(): what nccl-tests print as busbw
};

/// Time needs are O(levels), of an all-reduce by halving-doubling O(log n). InvariantError when
/// collective_problem() is not empty or the time is beyond 292 years.
CollectiveCost closed_form(CollectiveOp op, CollectiveAlgorithm algorithm, std::uint64_t bytes,
                           std::span<const CollectiveLevel> levels);

}  // namespace hyperdc
