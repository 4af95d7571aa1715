#include "engine/engine.hpp"

#include <array>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "engine/event_queue.hpp"
#include "engine/fingerprint.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kNsPerHour = 3600ull * static_cast<std::uint64_t>(kNsPerSecond);
constexpr std::uint64_t kEventsPerTick = 4096;
constexpr std::array<std::string_view, 5> kPhaseNames = {"fault", "physics", "workload", "control",
                                                         "observe"};

/// "12.5" for 12'500'000'000 ns: exact, without a rounded last digit.
std::string exact_seconds(SimTime t) {
  // Negative only where a sum left the range: the text of that error shows it.
  const bool negative = t.ns < 0;
  const auto bits = static_cast<std::uint64_t>(t.ns);
  const std::uint64_t ns = negative ? 0 - bits : bits;
  constexpr auto kSecond = static_cast<std::uint64_t>(kNsPerSecond);
  std::string text(negative ? 1 : 0, '-');
  text.append(std::to_string(ns / kSecond));
  std::string fraction = std::to_string(ns % kSecond);
  if (fraction == "0") return text;
  fraction.insert(0, 9 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text.append(".").append(fraction);
}

}  // namespace

struct Engine::Impl {
  /// One kind of event of one process. The queue's payload names it by its index.
  struct Handler {
    Process* process;
    std::uint64_t name;  // hash of process and kind name
    ProcessId target;
    std::uint32_t kind;
  };
  struct Registered {
    std::uint32_t first_handler;
    std::uint32_t kinds;
  };
  /// Copies: an error may be described after the processes are gone.
  struct Names {
    std::string process;
    std::vector<std::string> kinds;
  };

  EventQueue queue;
  std::vector<Handler> handlers;
  std::vector<Registered> processes;
  std::vector<Names> names;  // as `processes`
  std::set<std::string, std::less<>> taken;

  SimTime now;
  std::uint64_t next_hour = kNsPerHour;
  Fingerprint fingerprint;
  std::vector<std::uint64_t> hourly;
  std::uint64_t events = 0;
  std::uint64_t not_observing = 0;  // pending events of other phases
  Event current;                    // the last one that ran; id kNoEvent before the first
  bool running = false;

  void advance(SimTime to) {
    now = to;
    while (static_cast<std::uint64_t>(to.ns) >= next_hour) [[unlikely]] {
        hourly.push_back(fingerprint.value());
        next_hour += kNsPerHour;
      }
  }

  void dispatch(const EventQueue::Item& item, Engine& engine) {
    const Handler handler = handlers[item.handler];  // a copy: add() may move the table
    const EventId id = low_word(item.key);
    current = {time_of(item.key), phase_of(id), id, handler.target, handler.kind, item.arg};
    if (current.at != now) advance(current.at);
    ++events;
    if (current.phase != Phase::observe) {
      --not_observing;
      fingerprint.add(now, static_cast<std::uint8_t>(current.phase), handler.name,
                      handler.process->meaning(current));
    }
    handler.process->handle(current, engine);
  }

  /// Throws what is wrong with an event; out of line, so that schedule() is short.
  void refuse(SimTime at, Phase phase, ProcessId target, std::uint32_t kind) const;

  /// Runs until `until` or, with `to_end`, until only observers are left.
  Stop loop(SimTime until, bool to_end, RunMonitor* monitor, Engine& engine);
};

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;

ProcessId Engine::add(Process& process) {
  const std::string name(process.name());
  HYPERDC_CHECK(impl_->taken.insert(name).second, "two processes are named " + name);
  const std::uint32_t kinds = process.kinds();
  const std::size_t first = impl_->handlers.size();
  HYPERDC_CHECK(kinds < kMaxHandlers - first, "too many kinds of events, up to process " + name);
  const ProcessId id{static_cast<std::uint32_t>(impl_->processes.size())};
  const std::uint64_t process_hash = Fingerprint::of_name(name);
  Impl::Names& names = impl_->names.emplace_back(Impl::Names{name, {}});
  for (std::uint32_t kind = 0; kind < kinds; ++kind) {
    names.kinds.emplace_back(process.kind_name(kind));
    const std::uint64_t hash = Fingerprint::of_name(names.kinds.back(), process_hash);
    impl_->handlers.push_back({&process, hash, id, kind});
  }
  impl_->processes.push_back({static_cast<std::uint32_t>(first), kinds});
  return id;
}

SimTime Engine::now() const {
  return impl_->now;
}

EventId Engine::schedule(SimTime at, Phase phase, ProcessId target, std::uint32_t kind,
                         std::uint64_t arg) {
  Impl& impl = *impl_;
  if (at < impl.now || target.value >= impl.processes.size() ||
      kind >= impl.processes[target.value].kinds || phase > Phase::observe) [[unlikely]] {
    impl.refuse(at, phase, target, kind);
  }
  const std::uint32_t first = impl.processes[target.value].first_handler;
  const EventId id = impl.queue.push(at, phase, first + kind, arg);
  if (phase != Phase::observe) ++impl.not_observing;
  return id;
}

void Engine::Impl::refuse(SimTime at, Phase phase, ProcessId target, std::uint32_t kind) const {
  HYPERDC_CHECK(at >= now, "event scheduled for t=" + exact_seconds(at) + " s, which is past");
  HYPERDC_CHECK(target.value < processes.size(), "no process with this id");
  HYPERDC_CHECK(kind < processes[target.value].kinds,
                "process " + names[target.value].process + " has no kind " + std::to_string(kind));
  HYPERDC_CHECK(phase <= Phase::observe, "no such phase");
}

bool Engine::cancel(EventId id) {
  if (!impl_->queue.cancel(id)) return false;
  if (phase_of(id) != Phase::observe) --impl_->not_observing;
  return true;
}

EventId Engine::reschedule(EventId id, SimTime at) {
  HYPERDC_CHECK(at >= impl_->now,
                "event rescheduled to t=" + exact_seconds(at) + " s, which is past");
  const EventId moved = impl_->queue.reschedule(id, at);
  HYPERDC_CHECK(moved != kNoEvent, "event to reschedule has fired or was cancelled");
  return moved;
}

Engine::Stop Engine::Impl::loop(SimTime until, bool to_end, RunMonitor* monitor, Engine& engine) {
  HYPERDC_CHECK(!running, "run() called from within an event");
  struct Running {
    bool& flag;
    explicit Running(bool& f) : flag(f) { flag = true; }
    ~Running() { flag = false; }
  } const guard(running);
  EventQueue::Item item;
  std::uint64_t next_tick = events + kEventsPerTick;
  while (!to_end || not_observing > 0) {
    if (!queue.pop(until, item)) break;
    dispatch(item, engine);
    if (events >= next_tick) [[unlikely]] {
      next_tick = events + kEventsPerTick;
      if (monitor != nullptr && !monitor->tick(now, events)) return Stop::stopped;
    }
  }
  if (to_end || queue.size() == 0) return Stop::drained;
  advance(until);
  return Stop::reached_until;
}

Engine::Stop Engine::run(SimTime until, RunMonitor* monitor) {
  HYPERDC_CHECK(until >= impl_->now, "run until t=" + exact_seconds(until) + " s, which is past");
  return impl_->loop(until, false, monitor, *this);
}

Engine::Stop Engine::run_to_end(RunMonitor* monitor) {
  constexpr SimTime kLatest{std::numeric_limits<std::int64_t>::max()};
  return impl_->loop(kLatest, true, monitor, *this);
}

std::uint64_t Engine::fingerprint() const {
  return impl_->fingerprint.value();
}
const std::vector<std::uint64_t>& Engine::hourly_fingerprints() const {
  return impl_->hourly;
}
std::uint64_t Engine::events() const {
  return impl_->events;
}
std::uint64_t Engine::pending() const {
  return impl_->queue.size();
}

std::string Engine::describe_current() const {
  const Event& event = impl_->current;
  if (event.id == kNoEvent) return "t=0 s, before the first event";
  const Impl::Names& names = impl_->names[event.target.value];
  std::string text = "t=" + exact_seconds(event.at) + " s, phase ";
  text += kPhaseNames[static_cast<std::size_t>(event.phase)];
  text.append(", process ").append(names.process);
  text.append(", kind ").append(names.kinds[event.kind]);
  return text + ", arg " + std::to_string(event.arg);
}

}  // namespace hyperdc
