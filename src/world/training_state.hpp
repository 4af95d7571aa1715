// TrainingState: a training run in the world (world/training.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/request.hpp>

#include "ai/training/training_run.hpp"
#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "engine/engine.hpp"
#include "scenario/training_spec.hpp"
#include "world/accounts.hpp"

namespace hyperdc {

/// Why a gang that holds its accelerators is slower than its step: a server is slow, or throttled;
/// others use the fabric; not all copies are there.
enum class TrainingDrag : std::uint8_t { stragglers, fabric, copies };
inline constexpr std::size_t kTrainingDrags = 3;

/// Why it stands still though it has all that it needs: it reads a checkpoint, writes one, has no
/// data, or the exchange of its last step is not over.
enum class TrainingStall : std::uint8_t { load, checkpoint, data, fabric };
inline constexpr std::size_t kTrainingStalls = 4;

/// Gang-time that was no work for a reason, ns.
struct TrainingLost {
  std::int64_t contended_ns = 0, missing_ns = 0;  // fabric, copies
  std::array<std::int64_t, kTrainingStalls> stalled_ns{};

  std::int64_t sum_ns() const {
    return std::accumulate(stalled_ns.begin(), stalled_ns.end(), contended_ns + missing_ns);
  }
};

struct TrainingIo;
struct TrainingSwingState;
struct TrainingNetwork;

struct TrainingState {
  TrainingState(const TrainingSpec& spec_in, std::uint64_t seed, const std::string& workload);
  ~TrainingState();

  const TrainingSpec* spec;
  TrainingRun run;
  Distribution detect;
  RandomStream detect_draws;
  std::uint64_t detections = 0;
  ProcessId process;
  std::unique_ptr<TrainingNetwork> network;   // null: its exchanges are on no fabric
  std::unique_ptr<TrainingSwingState> swing;  // null: its power is a mean

  JobId job;  // meaningful from its submission on
  std::uint32_t pool = 0;
  bool there = false;  // submitted and not gone
  bool over = false;   // gone: finished, given up or refused
  bool holds = false;  // it has its accelerators
  SimTime began;       // of the present segment, if it holds
  SimTime submitted, gone;
  bool found = false;  // a corruption, while it hangs

  /// Something failed, and what is left of the gang hangs until it is known what.
  struct Hang {
    SimTime since;
    Duration worked;             // of the segment, until then
    std::set<ServerId> servers;  // lost
    std::string_view because;    // the first was
    EventId detected = kNoEvent;
  };
  std::optional<Hang> hang;

  // Gang-time, ns, of closed segments: what the run itself cannot know.
  std::int64_t slowed_ns = 0, detection_ns = 0, waiting_ns = 0;
  TrainingLost lost;
  std::array<double, kTrainingDrags> drags{1, 1, 1};
  std::array<bool, kTrainingStalls> stalls{};
  TrainingLost segment;           // of the present one, until
  SimTime paced;                  // its pace changed last
  SimTime waits_since;            // while it does not hold
  LevelAccount held;              // 1 while it holds: the other side of the books
  std::int64_t discarded_ns = 0;  // that are booked as lost
  std::uint64_t restarts = 0, corruptions = 0, episodes = 0;
  std::uint64_t corrupt_since = 0;  // number of the first corruption that is still in it
  std::uint32_t copies = 0;         // that it has, or would start with; of an elastic gang
  LevelAccount copies_held;         // while it holds
  std::uint64_t resized = 0;        // starts with other copies than the last
  std::uint64_t reminded = 0;       // restarts + 1 when it was planned to ask for fewer
  bool rejoins = false;             // it left to begin again with more
  std::uint32_t last_copies = 0;    // with which it started last
  bool failed = false;              // why it leaves: a failure, or a plan

  std::unique_ptr<TrainingIo> io;  // only where it writes and reads what others use, too
  /// Whose memory has its copies while it waits, and which of them are lost.
  std::set<ServerId> memory, memory_lost;
  std::uint64_t kept_in_warmup = 0;  // steps that counted at its end
};

}  // namespace hyperdc
