// EngineTrial: engines of one kind under steady arrivals, one after the other of their events.
//
// Computes: what a deployment of so many engines does in equilibrium at one rate: mean numbers that
// are there and that run, the share of the cache in use, tokens, and the times of each request, by
// running its batchers (batcher.hpp) on a list of requests. Who came first is forgotten: a quarter
// of the list is served before anything counts, then each request of the list counts once, while
// further ones keep coming. Without a rate all are there from the beginning: what comes out is the
// capacity. Units: requests, tokens, s. Source: method of batch means with initial deletion (Law,
// Simulation Modeling and Analysis, chapter 9); the correlation time is that of an
// Ornstein-Uhlenbeck process whose means over windows, 400 of them, vary as much. Valid: what the
// list says of all requests; an engine remembers for as long as a request is there, and near
// capacity for longer, S / (1 - u)^2. Leaves out: what differs from request to request beside
// tokens and prefixes; breakdowns.
#pragma once

#include <cstdint>
#include <vector>

#include "ai/inference/batcher.hpp"
#include "core/rng.hpp"
#include "model/queueing/split.hpp"

namespace hyperdc {

struct TrialRequest {
  std::uint64_t prompt = 1, output = 1;
  PrefixIds prefix;
};

/// What comes, over and over: as many gaps as requests, of mean 1.
struct TrialDemand {
  std::vector<TrialRequest> requests;  // that can all finish
  std::vector<double> gaps;
};

struct TrialRules {
  std::uint32_t engines = 1;
  queueing::Split split = queueing::Split::random;
  double rate_per_s = 0;  // of all engines together; 0: all are there from the beginning
};

struct TrialResult {
  double rate_per_s = 0;  // that were served, by all engines
  // Of one engine, over time:
  double number = 0;    // there
  double running = 0;   // of them
  double full = 0;      // share of the time that nobody more was let in
  double blocks = 0;    // in use
  double variance = 0;  // of those that run
  double memory_s = 0;  // for how long that stays as it is: its correlation time
  double served = 0;    // requests, by all engines
  // For one request:
  double computed = 0, cached = 0, host = 0;  // tokens
  double preemptions = 0;
  IterationWork work;
  std::vector<double> ttft_s, latency_s;  // of all
  std::vector<double> tpot_s;             // of those that ask for two tokens or more
  std::vector<TokenGap> gaps;             // between tokens
};

TrialResult try_engines(const BatchRules& rules, const IterationTime& time,
                        const TrialDemand& demand, const TrialRules& trial,
                        const RandomStream& choices);

}  // namespace hyperdc
