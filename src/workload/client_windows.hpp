// servegen: who asks a language model, client by client, as measured: in each window of 600 s a
// rate and how bursty its arrivals are.
//
// Computes the arrivals of each client as a renewal process in operational time: the next request
// comes where the integral of the rates reaches the sum of gaps of mean 1. The law of a gap (gamma
// or Weibull) and its coefficient of variation are those of the window in which the gap begins, so
// that rates hold on average, and at the end of a window no gap is cut off. Requests of all clients
// together are the arrivals.
// File: the chunk-N-trace.csv of ServeGen, plain or gz, without a header: start of the window (s),
// requests/s in it, coefficient of variation of the gaps, their law (Gamma, Weibull, Exponential,
// or nothing in a window of rate 0), and its two parameters. Files of several clients are put one
// behind the other: a window that does not follow the one before begins another client.
// Units: s, 1/s; instants are rounded down to the nanosecond, what that moves is carried on.
// Source: Xiang et al., "ServeGen: Workload Characterization and Generation of Large Language Model
// Serving in Production" (arXiv 2505.09999), clients as in its section on generation. Range: rates
// up to 1e9/s, cv up to 100 (a larger one is taken as 100, and counted).
// Leaves out: lengths, which the chunks do not hold; the two parameters of the fit, which are
// checked and not used: where they are Weibull's they do not keep the rate that was measured.
// ServeGen draws each window anew, while a gap may reach into the next one here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// What a client does from a moment on, until its next window.
struct ClientWindow {
  SimTime from;
  double rate_per_s = 0;
  double cv = 1;
  bool weibull = false;  // else gamma
};

struct ClientWindows {
  std::vector<std::vector<ClientWindow>> clients;  // by time; the last window of each is 600 s long
  std::uint64_t capped = 0;                        // windows whose cv was above 100
  std::string sha256;

  /// The end of the last window of all.
  SimTime end() const;
};

Result<ClientWindows> read_client_windows(const std::string& file);

/// Requests of all clients, in order of time.
class ClientArrivals {
 public:
  /// Rates times `scale`. Client k draws from the stream "workloads.WORKLOAD.arrivals.client.k".
  ClientArrivals(std::shared_ptr<const ClientWindows> windows, double scale,
                 std::string_view workload, std::uint64_t seed, SimTime end);
  ~ClientArrivals();
  std::optional<SimTime> next();

 private:
  class Client;
  void push(std::uint32_t client);

  struct Coming {
    SimTime at;
    std::uint32_t client = 0;
    bool operator>(const Coming& other) const {
      return at != other.at ? at > other.at : client > other.client;
    }
  };
  std::shared_ptr<const ClientWindows> windows_;
  std::vector<Client> clients_;
  std::priority_queue<Coming, std::vector<Coming>, std::greater<>> coming_;
};

}  // namespace hyperdc
