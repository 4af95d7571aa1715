// Arrivals of requests over a demand curve: the instants at which requests are issued.
//
// L(t) is the integral of the curve (its rate is l(t)), b the mean rate that comes of it.
//   poisson    non-homogeneous Poisson process with rate l(t). Thinning (Lewis and Shedler, Naval
//              Research Logistics 26, 1979) with a squeeze: candidates at the upper bound of a
//              short stretch, accepted at once below its lower bound, so that l is evaluated for
//              a few in a hundred. Exact. b = l
//   gamma, weibull   renewal process with the given coefficient of variation in operational time:
//              arrival k is where L reaches the sum of k gaps of mean 1 (time change; Gerhardt and
//              Nelson, INFORMS J. Computing 21, 2009). Exact to the nanosecond. b = l
//   markov     Markov-modulated Poisson process: in state i the rate is factor_i l(t); sojourns
//              are exponential, the next state is any other one with equal probability; the first
//              is drawn from the stationary law p_i, proportional to the mean sojourn.
//              b = l sum p_i factor_i
//   hawkes     self-exciting: each arrival adds branching / decay exp(-x / decay) to the rate.
//              Baseline arrivals are Poisson; those of the excitation are drawn by inversion
//              between arrivals (Dassios and Zhao, Electron. Commun. Probab. 18, 2013), exact.
//              b = l / (1 - branching) for a steady l
//   replay     the timestamps of a file; needs no curve
//   listed     those of requests that are in memory; needs no curve
//   clients    renewal processes of clients, whose rates and variation were measured
//              (client_windows.hpp); needs no curve
// Units: 1/s and s; instants are rounded down to the nanosecond. Range: rates up to 1e9/s, cv
// 0.001..100, branching below 1. Memory does not grow with the number of arrivals. Every draw is a
// function of (seed, "workloads.NAME.arrivals", number of the draw).
// Leaves out: batches, arrivals that depend on the state of the service. The closed loop does, and
// is a specification only: its users live in the world.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "workload/client_windows.hpp"
#include "workload/demand/demand_curve.hpp"
#include "workload/token_trace.hpp"

namespace hyperdc {

struct PoissonRequests {};
struct GammaRequests {
  double cv = 1;
};
struct WeibullRequests {
  double cv = 1;
};
struct MarkovRequests {
  struct State {
    double factor = 1;
    double mean_s = 1;
  };
  std::vector<State> states;  // at least two
};
struct HawkesRequests {
  double branching = 0.5;  // mean number of direct descendants, below 1
  double decay_s = 1;
};
/// One column of a table of timestamps, in order. The first is at time 0 with `from_first`.
struct ReplayRequests {
  std::string file;  // path that can be opened
  bool header = true;
  std::string column = "1";  // its name or number
  double unit_s = 0;         // of its numbers; 0: dates (2014-07-01 00:30:00)
  bool from_first = false;
};
/// N users: each thinks, issues a request, waits for its end, and again; after `requests` of them
/// a session ends and the user is away for `pause`. Driven by the world.
struct ClosedRequests {
  DemandSpec users;  // a number over time, rounded to the nearest
  DistributionSpec think_s;
  std::optional<DistributionSpec> session_requests;  // rounded, at least 1; nothing: no end
  DistributionSpec pause_s;
};

/// The instants of a list that is in memory.
struct ListedRequests {
  std::shared_ptr<const TokenTrace> list;
};

/// Those of clients, with their rates times `scale`.
struct ClientRequests {
  std::shared_ptr<const ClientWindows> windows;
  double scale = 1;
};

using RequestArrivalSpec =
    std::variant<PoissonRequests, GammaRequests, WeibullRequests, MarkovRequests, HawkesRequests,
                 ReplayRequests, ClosedRequests, ListedRequests, ClientRequests>;

/// True where the demand curve is the source of the arrivals.
bool needs_curve(const RequestArrivalSpec& spec);

class RequestArrivals {
 public:
  virtual ~RequestArrivals() = default;
  /// The next instant, never before the last one; nothing when there is none before the end.
  virtual std::optional<SimTime> next() = 0;
};

/// Arrivals in [0, end). `curve` outlives them and may be null where needs_curve() is false. A
/// closed loop is an InvariantError; replay throws InputChanged when the file is not what was
/// checked.
std::unique_ptr<RequestArrivals> make_request_arrivals(const RequestArrivalSpec& spec,
                                                       const DemandCurve* curve,
                                                       std::string_view workload,
                                                       std::uint64_t seed, SimTime end);

struct ReplayFacts {
  std::uint64_t rows = 0;
  SimTime first, last;
  std::string sha256;
};
/// Reads a replay once, whole, before anything runs: the first 20 problems and the count of others.
Result<ReplayFacts> check_replay(const ReplayRequests& spec);

}  // namespace hyperdc
