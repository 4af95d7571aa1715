// Transfers: who sends how many bytes to whom, and when; from a file or drawn at random.
//
// Generated transfer k: size and the endpoints come from draws of entity k of the workload's own
// streams, the start from its arrivals. Patterns: uniform (any two), permutation (each endpoint
// always sends to the same other one), incast (several senders, one receiver, one moment), hot-spot
// (a share of all goes to a few), rack-local (a share stays in the rack), pair (one to another).
// Units: bytes, bytes per second, endpoints by number. Sizes are rounded up to whole bytes and are
// at least 1. Leaves out: dependence of one transfer on another (collectives, jobs).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "workload/trace.hpp"

namespace hyperdc {

inline constexpr double kMaxTransferBytes = 0x1p53;
inline constexpr double kLeastCap_Bps = 1e-3;
inline constexpr double kMaxCap_Bps = 1e18;

struct Transfer {
  SimTime start;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t bytes = 1;
  std::optional<double> cap_Bps;
};

struct TransferList {
  std::vector<Transfer> rows;  // by start, else as in the file
  std::string sha256;
};

/// The endpoint that a text means: one of `names`, else a number below `hosts`; nothing: none.
std::optional<std::uint32_t> endpoint_named(std::string_view text, std::uint32_t hosts,
                                            std::span<const std::string> names);

/// A CSV file with start_s, src, dst, bytes and optionally cap_Bps; endpoints below `hosts`, or by
/// their `names` where they have any. At most 4,000,000 rows, held in memory. Start times are
/// multiplied by `time_scale`.
Result<TransferList> read_transfers(const std::string& file, std::uint32_t hosts, double time_scale,
                                    std::span<const std::string> names = {});

struct TransferPattern {
  enum class Kind { uniform, permutation, incast, hot_spot, rack_local, pair };
  Kind kind = Kind::uniform;
  std::uint32_t fan_in = 1;        // incast: senders; each sends the whole size
  std::uint32_t hosts = 1;         // hot_spot: endpoints that are hot
  double share = 0;                // hot_spot, rack_local: of transfers
  std::uint32_t from = 0, to = 0;  // pair
};

struct TransferGenerator {
  std::uint64_t count = 0;  // transfers; 0: until the end of the run
  DistributionSpec bytes;
  std::optional<double> cap_Bps;
  TransferPattern pattern;
};

struct TransfersSpec {
  std::string workload;  // name: keys the random streams "workloads.NAME.*"
  std::shared_ptr<const TransferList> list;
  std::optional<TransferGenerator> generate;  // exactly one of list and generate
  std::optional<ArrivalSpec> arrivals;        // required for generate
};

/// The racks of the endpoints that a workload uses, in the order of the endpoints.
struct EndpointRacks {
  std::uint32_t hosts = 0;
  std::vector<std::uint32_t> rack_of;  // by endpoint; empty unless the pattern needs racks
};

/// What a pattern cannot do on these endpoints, as one sentence; empty: nothing.
std::string pattern_problem(const TransferPattern& pattern, const EndpointRacks& racks);

class TransferSource {
 public:
  virtual ~TransferSource() = default;
  /// In order of start. False when there are no more.
  virtual bool next(Transfer& transfer) = 0;
};

/// `racks` is copied where the pattern needs it. Takes for granted that pattern_problem() is empty.
std::unique_ptr<TransferSource> open_transfers(const TransfersSpec& spec,
                                               const EndpointRacks& racks, std::uint64_t seed);

}  // namespace hyperdc
