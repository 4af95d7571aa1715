// Admission: whether a replica takes a request, keeps it in its queue, and which it serves next.
//
// Load shedding: refusing early what would be late costs little and keeps the rest on time. Each
// replica has an admission of its own. It is asked when a request arrives and each time a slot is
// free; it knows no engine, no clock but view.now, no metrics and no files.
//
// The engine of a language model keeps its own queue, first come, first served: it asks arrives()
// and tells left(), and nothing else.
//
// What a replica does when a slot is free and requests wait:
//   1. while the oldest has waited longer than longest_wait(), drop it;
//   2. take the newest if newest_first(), else the oldest;
//   3. starts(): serve it, or drop it and go back to 1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// What an engine of a language model has to compute before the prompt of a newcomer, and how fast
/// it lately began to. Zero where requests have no tokens.
struct TokenBacklog {
  std::uint64_t ahead = 0;    // tokens
  std::uint64_t drained = 0;  // so many were begun
  Duration drained_in;        // in so long, of the time in which some waited
};

/// The replica as it is without the request that is asked about. Of an engine: slots are the
/// sequences that it can run at a time, those that run where it takes no more; service_mean
/// is that of a request that is alone.
struct AdmissionView {
  SimTime now;
  std::uint32_t queued = 0;      // waiting
  std::uint32_t in_service = 0;  // of the slots
  std::uint32_t slots = 1;       // concurrency
  Duration service_mean;         // time in service that is expected of a request
  Duration oldest_wait;          // of the request that has waited longest; 0 if none waits
  TokenBacklog tokens;           // of an engine
};

/// What an admission may know of a request.
struct AdmissionRequest {
  std::int32_t priority = 0;        // higher is more important
  std::optional<SimTime> deadline;  // an answer after it is worth nothing
  Duration waited;                  // in this queue; 0 at its arrival
};

struct Verdict {
  bool admit = true;
  std::string_view because;  // a constant of the policy; shown as the reason of the loss
};

/// A request that has left: served, or given up by its client while it waited or was served. Those
/// that the admission itself refused or dropped are not reported.
struct Departure {
  Duration in_system;      // since its arrival at the replica
  bool timed_out = false;  // its client no longer waits
};

class Admission {
 public:
  virtual ~Admission() = default;
  /// A request arrives at the replica.
  virtual Verdict arrives(const AdmissionView& view, const AdmissionRequest& request) = 0;
  /// Nothing: any time.
  virtual std::optional<Duration> longest_wait(const AdmissionView& view) {
    (void)view;
    return std::nullopt;
  }
  virtual bool newest_first(const AdmissionView& view) {
    (void)view;
    return false;
  }
  /// A waiting request (no longer in view.queued) has a slot.
  virtual Verdict starts(const AdmissionView& view, const AdmissionRequest& request) {
    (void)view;
    (void)request;
    return {};
  }
  virtual bool follows_departures() const { return false; }
  /// Only when follows_departures(). The view is that before the departure: the request is in it.
  virtual void left(const AdmissionView& view, const Departure& departure) {
    (void)view;
    (void)departure;
  }
};

struct AdmissionContext {
  std::optional<Duration> first_token;  // objective for the time to it
};

/// In which replicas it can do what it says.
enum class AdmissionScope {
  any,     // it decides when requests arrive
  queue,   // it decides in the queue too, which an engine of a language model keeps itself
  engine,  // it goes by tokens
};

struct AdmissionEntry : Entry<Admission, AdmissionContext> {
  AdmissionScope scope = AdmissionScope::any;
};
/// Every admission, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const AdmissionEntry> admissions();

}  // namespace hyperdc
