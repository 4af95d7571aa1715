// EngineTrial: engines of one kind under steady arrivals, one after the other of their events.
//
// Computes: what a deployment of so many engines does in equilibrium: mean numbers that are there
// and that run, the share of the cache in use, tokens, and the times of each request, by running
// its batchers (batcher.hpp) on a list of requests. Arrivals come at a rate; or all are there from
// the beginning, which shows the capacity; or so many are there at any time, which shows what those
// have that run at capacity without having waited. Who came first is forgotten: some requests are
// served before anything counts, then each of the list counts once, while further ones keep coming.
// The correlation time of those that run is that of an Ornstein-Uhlenbeck process whose means over
// 400 windows vary as much. Units: requests, tokens, s. Source: deletion of the initial transient
// (Law, Simulation Modeling and Analysis, chapter 9). Valid: what the list says of all requests;
// several batches of all engines must fit into it. An engine remembers for as long as a request is
// there, and near capacity for longer, S / (1 - u)^2. Leaves out: what differs from request to
// request beside tokens and prefixes; breakdowns.
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

enum class TrialArrivals : std::uint8_t {
  steady,   // at a rate
  backlog,  // all are there from the beginning
  closed,   // so many are there: who leaves makes room for the next
};

struct TrialRules {
  TrialArrivals arrivals = TrialArrivals::backlog;
  std::uint64_t before = 0;  // requests that are served before anything counts
  std::uint32_t engines = 1;
  queueing::Split split = queueing::Split::random;
  double rate_per_s = 0;         // steady: of all engines together
  std::uint32_t one_of = 1;      // steady: of so many engines, by `split`, this is one
  std::uint64_t population = 1;  // closed: of all engines together
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
  std::vector<TokenGap> gaps;             // between tokens; those within 1/128 octave are one
};

TrialResult try_engines(const BatchRules& rules, const IterationTime& time,
                        const TrialDemand& demand, const TrialRules& trial,
                        const RandomStream& choices);

}  // namespace hyperdc
