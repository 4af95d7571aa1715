// Data transfer: bytes that endpoints and transfers over the WAN move from one region to another.
//
// Computes, by workload: bytes of requests from the region that they come from to the one that
// serves them, of each attempt; bytes of answers back, between regions also of those that nobody
// waits for any more; bytes of answers to people, which leave to the internet at the region that
// these ask from; requests that people send in there, whose size need not be known; bytes of
// transfers that have arrived.
// Requests of services come from the region of who calls. Amount on the bill = bytes * price of
// where they leave (bill.hpp). Equation: bytes of a message = fixed part + part of a token *
// tokens. Units: bytes. Source: definition; prices come with the scenario. Valid range: means of
// sizes, up to 2^53 bytes a pair of regions. Leaves out: tiers by volume and free allowances;
// traffic between zones; caches of keys and values, weights, storage and collectives between
// regions; the time that it takes (network).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "world/service/state.hpp"
#include "world/world.hpp"

namespace hyperdc {

struct DataTransfers {
  struct Books {
    std::string name;  // of the workload
    MetricId egress;
    std::vector<double> moved;     // after the warm-up; from * (regions + 1) + to, last: internet
    std::vector<double> requests;  // after the warm-up, by region that people asked from
  };
  std::size_t regions = 0;
  SimTime measured_from;
  std::vector<std::optional<Books>> services, transfers;  // as in the scenario

  double moved(const Books& books, std::size_t from, std::size_t to) const {
    return books.moved[from * (regions + 1) + to];
  }
};

/// Null where no endpoint says what it moves and no region what that costs.
void build_data_transfers(World& world);

/// An attempt sets out to the deployment that was chosen.
void request_leaves(World& world, const ServiceState& service, std::uint32_t request, SimTime now);
/// Its answer sets out.
void answer_leaves(World& world, const ServiceState& service, std::uint32_t request, SimTime now);
/// Copies of what a service wrote have arrived.
void copy_moved(World& world, const ServiceState& service, std::size_t from, std::size_t to,
                double bytes, SimTime now);
/// A transfer over the WAN has arrived.
void transfer_moved(World& world, std::uint32_t workload, const Transfer& transfer, SimTime now);

}  // namespace hyperdc
