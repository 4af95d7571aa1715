// Durability by simulation: how often a group of fragments loses data, however rarely.
//
// Computes: the rate of data loss of one group in the long run, with lifetimes and repairs that
// need not be exponential. By importance splitting with fixed effort over levels, the number of
// lost fragments: a cycle begins when all fragments are there again; from the states in which
// cycles enter level l, `effort` trials tell how many reach level l + 1, or lose data, before the
// cycle ends. At level l a trial follows both branches, each with its probability: the next
// failure comes before the next repair, or after it. So no step is rare.
// Equation: rate = P(loss in a cycle) / E[length of a cycle];
//   P(loss) = sum_l (product of the shares up to level l) * (share of data lost within level l);
// the failure comes first with p = 1 - exp(-H), H the sum of the hazards of the fragments that are
// there until the first repair. Unbiased for cycles that begin alike.
// Lifetimes and repairs are Weibull (shape 1: exponential; below 1: infant mortality; above: wear),
// repairs after a constant wait. Residual times are drawn anew given the age.
// Source: Garvels, "The splitting method in rare event simulation" (2000), chapter 2 (fixed
// effort); Villen-Altamirano, RESTART (1991); forced transitions: Lewis and Boehm, "Monte Carlo
// simulation of Markov unreliability models", Nucl. Eng. Des. 77 (1984). Units: any one of time.
// Valid range: repairs much shorter than lives, so that cycles end; up to 32 fragments. Cycles of
// lifetimes that are not exponential begin with the ages of a run that went on before.
// Leaves out: as the chain (model/storage/durability.hpp), but for the shape of times.
#pragma once

#include <cstdint>

#include "core/rng.hpp"
#include "model/storage/code.hpp"
#include "model/storage/durability.hpp"

namespace hyperdc {

struct WeibullTime {
  double mean = 1;
  double shape = 1;
};

struct LossSimulation {
  StorageCode code = StorageCode::replication(1);
  WeibullTime life;
  double wait = 0;     // before a repair begins: constant
  WeibullTime repair;  // after that
  RepairOrder order = RepairOrder::each;
  std::uint32_t effort = 1000;  // trials a level, and cycles
};

/// One estimate of data losses per time; those of several replications are independent.
double simulated_loss_rate(const LossSimulation& of, const RandomStream& stream,
                           std::uint64_t replication);

}  // namespace hyperdc
