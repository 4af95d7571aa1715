#include "engine/engine.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "engine/fingerprint.hpp"
#include "unit/engine/processes.hpp"

using namespace hyperdc;
using test::Caller;
using test::Network;
using test::trail_of;

namespace {

constexpr SimTime at_s(std::int64_t s) {
  return SimTime{} + whole_seconds(s);
}

std::vector<std::uint64_t> args(const Caller& caller) {
  std::vector<std::uint64_t> result;
  for (const Event& event : caller.seen) result.push_back(event.arg);
  return result;
}

}  // namespace

TEST_CASE("engine: hands each event to its process, in order, with all it carries", "[engine]") {
  Engine engine;
  Caller one("one");
  Caller two("two", {}, 3);
  const ProcessId first = engine.add(one);
  const ProcessId second = engine.add(two);
  const EventId late = engine.schedule({30}, Phase::control, second, 2, 7);
  engine.schedule({20}, Phase::observe, first, 1, 8);
  engine.schedule({20}, Phase::fault, second, 0, 9);
  REQUIRE(engine.pending() == 3);
  REQUIRE(engine.run({100}) == Engine::Stop::drained);
  REQUIRE(one.seen.size() == 1);
  REQUIRE(one.seen[0].kind == 1);
  REQUIRE(args(two) == std::vector<std::uint64_t>{9, 7});
  const Event& last = two.seen[1];
  REQUIRE(last.at == SimTime{30});
  REQUIRE(last.phase == Phase::control);
  REQUIRE(last.id == late);
  REQUIRE(last.target == second);
  REQUIRE(last.kind == 2);
  REQUIRE(engine.events() == 3);
  REQUIRE(engine.pending() == 0);
  REQUIRE(engine.now() == SimTime{30});
}

TEST_CASE("engine: events of the present moment run in it, earlier phases first", "[engine]") {
  Engine engine;
  Caller caller("p", [](const Event& event, Engine& e) {
    if (event.arg != 1) return;
    e.schedule(event.at, Phase::workload, event.target, 0, 4);  // behind 2: scheduled later
    e.schedule(event.at, Phase::fault, event.target, 0, 3);     // before 2: an earlier phase
  });
  const ProcessId self = engine.add(caller);
  engine.schedule({5}, Phase::workload, self, 0, 1);
  engine.schedule({5}, Phase::workload, self, 0, 2);
  engine.schedule({6}, Phase::fault, self, 0, 5);
  engine.run({10});
  REQUIRE(args(caller) == std::vector<std::uint64_t>{1, 3, 2, 4, 5});
}

TEST_CASE("engine: run(until) includes until, and time stops where the contract says", "[engine]") {
  Engine engine;
  Caller caller("p");
  const ProcessId self = engine.add(caller);
  engine.schedule({10}, Phase::physics, self, 0, 1);
  engine.schedule({20}, Phase::physics, self, 0, 2);
  engine.schedule({21}, Phase::physics, self, 0, 3);
  REQUIRE(engine.run({20}) == Engine::Stop::reached_until);
  REQUIRE(engine.now() == SimTime{20});
  REQUIRE(caller.seen.size() == 2);
  engine.schedule({20}, Phase::physics, self, 0, 4);  // now is not past
  REQUIRE(engine.run({20}) == Engine::Stop::reached_until);
  REQUIRE(args(caller) == std::vector<std::uint64_t>{1, 2, 4});
  REQUIRE_THROWS_AS(engine.run({19}), InvariantError);
  REQUIRE(engine.run({1000}) == Engine::Stop::drained);
  REQUIRE(engine.now() == SimTime{21});
  REQUIRE(engine.run({1000}) == Engine::Stop::drained);
}

TEST_CASE("engine: run_to_end leaves observers behind", "[engine]") {
  Engine engine;
  Caller observer("observer", [](const Event& event, Engine& e) {
    e.schedule(event.at + nanoseconds(10), Phase::observe, event.target, 0);
  });
  Caller worker("worker", [](const Event& event, Engine& e) {
    if (event.arg > 0) {
      e.schedule(event.at + nanoseconds(25), Phase::workload, event.target, 0, event.arg - 1);
    }
  });
  const ProcessId eye = engine.add(observer);
  const ProcessId hand = engine.add(worker);
  REQUIRE(engine.run_to_end() == Engine::Stop::drained);
  engine.schedule({10}, Phase::observe, eye, 0);
  REQUIRE(engine.run_to_end() == Engine::Stop::drained);
  REQUIRE(engine.events() == 0);
  engine.schedule({0}, Phase::workload, hand, 0, 3);  // ends at 75
  const EventId cancelled = engine.schedule({500}, Phase::fault, hand, 0, 0);
  const EventId moved = engine.schedule({600}, Phase::fault, hand, 0, 0);
  REQUIRE(engine.cancel(cancelled));
  REQUIRE(engine.reschedule(moved, {80}) != moved);
  REQUIRE(engine.run_to_end() == Engine::Stop::drained);
  REQUIRE(engine.now() == SimTime{80});
  REQUIRE(worker.seen.size() == 5);
  // 10, 20, …, 70; not 80: at its turn nothing but it was pending.
  REQUIRE(observer.seen.size() == 7);
  REQUIRE(engine.pending() == 1);
}

TEST_CASE("engine: cancel and reschedule", "[engine]") {
  Engine engine;
  Caller caller("p");
  const ProcessId self = engine.add(caller);
  const EventId a = engine.schedule({10}, Phase::physics, self, 0, 1);
  const EventId b = engine.schedule({20}, Phase::physics, self, 1, 2);
  engine.schedule({30}, Phase::physics, self, 0, 3);
  engine.run({10});
  REQUIRE_FALSE(engine.cancel(a));  // has fired
  REQUIRE_THROWS_AS(engine.reschedule(a, {50}), InvariantError);
  REQUIRE_FALSE(engine.cancel(kNoEvent));
  const EventId moved = engine.reschedule(b, {30});  // behind the one that was there before
  REQUIRE_FALSE(engine.cancel(b));
  REQUIRE_THROWS_AS(engine.reschedule(b, {50}), InvariantError);
  REQUIRE_THROWS_AS(engine.reschedule(moved, {9}), InvariantError);
  REQUIRE(engine.pending() == 2);
  engine.run({100});
  REQUIRE(args(caller) == std::vector<std::uint64_t>{1, 3, 2});
  REQUIRE(caller.seen[2].kind == 1);
  REQUIRE(caller.seen[2].id == moved);
}

TEST_CASE("engine: an event may cancel another of its moment", "[engine]") {
  Engine engine;
  EventId victim = kNoEvent;
  Caller caller("p", [&](const Event& event, Engine& e) {
    if (event.arg == 1) REQUIRE(e.cancel(victim));
    REQUIRE_FALSE(e.cancel(event.id));  // itself: it has fired
  });
  const ProcessId self = engine.add(caller);
  engine.schedule({5}, Phase::physics, self, 0, 1);
  victim = engine.schedule({5}, Phase::physics, self, 0, 2);
  engine.schedule({5}, Phase::physics, self, 0, 3);
  engine.run({5});
  REQUIRE(args(caller) == std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("engine: mistakes of a process are InvariantErrors", "[engine]") {
  Engine engine;
  Caller caller("p", [](const Event&, Engine& e) { e.run({100}); });
  const ProcessId self = engine.add(caller);
  REQUIRE_THROWS_AS(engine.schedule({-1}, Phase::physics, self, 0), InvariantError);
  REQUIRE_THROWS_AS(engine.schedule({1}, Phase::physics, ProcessId{1}, 0), InvariantError);
  REQUIRE_THROWS_AS(engine.schedule({1}, Phase::physics, self, 2), InvariantError);
  REQUIRE_THROWS_AS(engine.schedule({1}, static_cast<Phase>(5), self, 0), InvariantError);
  REQUIRE_THROWS_WITH(engine.add(caller), Catch::Contains("two processes are named p"));
  engine.schedule({1}, Phase::physics, self, 0);
  REQUIRE_THROWS_WITH(engine.run({2}), Catch::Contains("called from within an event"));
  REQUIRE(engine.now() == SimTime{1});
  REQUIRE_THROWS_WITH(engine.schedule({0}, Phase::physics, self, 0),
                      Catch::Contains("t=0 s, which is past"));
}

TEST_CASE("engine: tells the event that went wrong, after its process is gone", "[engine]") {
  Engine engine;
  REQUIRE(engine.describe_current() == "t=0 s, before the first event");
  auto caller = std::make_unique<Caller>("pools.h100.jobs", [](const Event& event, Engine&) {
    HYPERDC_CHECK(event.arg != 7, "seven");
  });
  const ProcessId self = engine.add(*caller);
  engine.schedule({12'500'000'000}, Phase::workload, self, 1, 7);
  engine.schedule({13'000'000'001}, Phase::observe, self, 0, 8);
  REQUIRE_THROWS_WITH(engine.run(at_s(60)), Catch::Contains("seven"));
  REQUIRE(engine.describe_current() ==
          "t=12.5 s, phase workload, process pools.h100.jobs, kind kind1, arg 7");
  REQUIRE(engine.run(at_s(60)) == Engine::Stop::drained);  // the engine itself is whole
  caller.reset();
  REQUIRE(engine.describe_current() ==
          "t=13.000000001 s, phase observe, process pools.h100.jobs, kind kind0, arg 8");
}

TEST_CASE("engine: the end of time is a time", "[engine]") {
  Engine engine;
  Caller caller("p");
  const ProcessId self = engine.add(caller);
  constexpr SimTime kEnd{std::numeric_limits<std::int64_t>::max()};
  engine.schedule(kEnd, Phase::observe, self, 0, 2);
  engine.schedule({1}, Phase::physics, self, 0, 1);
  engine.schedule(kEnd, Phase::fault, self, 0, 3);
  REQUIRE(engine.run(kEnd) == Engine::Stop::drained);
  REQUIRE(args(caller) == std::vector<std::uint64_t>{1, 3, 2});
  REQUIRE(engine.now() == kEnd);
  REQUIRE(engine.hourly_fingerprints().size() == 2'562'047);  // floor((2^63 - 1) / 3.6e12)
}

TEST_CASE("engine: hourly fingerprints are those of runs that end with the hour", "[engine]") {
  const auto run_until = [](SimTime until) {
    Engine engine;
    Network network(4, 20);
    network.begin(engine.add(network), engine);
    engine.run(until);
    return trail_of(engine);
  };
  const test::Trail whole = run_until(at_s(4 * 3600));
  REQUIRE(whole.hourly.size() == 4);
  for (std::size_t h = 0; h < 4; ++h) {
    // An event at the very end of an hour belongs to the next one.
    const SimTime end = at_s(3600 * (static_cast<std::int64_t>(h) + 1)) - nanoseconds(1);
    REQUIRE(run_until(end).fingerprint == whole.hourly[h]);
  }
  Engine idle;
  Caller caller("p");
  const ProcessId self = idle.add(caller);
  idle.schedule(at_s(3 * 3600), Phase::physics, self, 0);
  const std::uint64_t nothing = idle.fingerprint();
  idle.run(at_s(3 * 3600 + 1));
  REQUIRE(idle.hourly_fingerprints() == std::vector<std::uint64_t>(3, nothing));
  REQUIRE(idle.fingerprint() != nothing);
}

TEST_CASE("engine: a run stopped by its monitor and continued equals one in one go", "[engine]") {
  struct Monitor : RunMonitor {
    std::uint64_t stop_every = 0;
    std::uint64_t ticks = 0;
    std::uint64_t last_events = 0;
    bool tick(SimTime, std::uint64_t events) override {
      REQUIRE(events > last_events);
      REQUIRE(events - last_events <= 10'000);  // often enough for a progress line
      last_events = events;
      ++ticks;
      return stop_every == 0 || ticks % stop_every != 0;
    }
  };
  constexpr SimTime kUntil{50'000'000'000'000};
  const auto run = [&](RunMonitor* monitor, int* stops) {
    Engine engine;
    Network network(9, 50);
    network.begin(engine.add(network), engine);
    while (engine.run(kUntil, monitor) == Engine::Stop::stopped) ++*stops;
    REQUIRE(engine.now() == kUntil);
    return trail_of(engine);
  };
  int stops = 0;
  const test::Trail alone = run(nullptr, &stops);
  REQUIRE(alone.events > 80'000);
  Monitor patient;
  REQUIRE(run(&patient, &stops) == alone);
  REQUIRE(patient.ticks >= alone.events / 10'000);
  REQUIRE(stops == 0);
  Monitor hasty;
  hasty.stop_every = 2;
  REQUIRE(run(&hasty, &stops) == alone);
  REQUIRE(stops > 3);
}

TEST_CASE("engine: the fingerprint sees time, phase, names, meaning and order; not observers",
          "[engine]") {
  struct Renamed : Caller {
    using Caller::Caller;
    std::uint64_t meaning(const Event& event) const override { return event.arg / 100; }
  };
  struct One {
    std::int64_t at;
    Phase phase;
    std::uint32_t kind;
    std::uint64_t arg;
  };
  const auto of = [](const std::string& name, const std::vector<One>& events) {
    Engine engine;
    Renamed process(name);
    const ProcessId self = engine.add(process);
    for (const One& e : events) engine.schedule({e.at}, e.phase, self, e.kind, e.arg);
    engine.run({1000});
    return engine.fingerprint();
  };
  const std::vector<One> plain = {{1, Phase::physics, 0, 100}, {1, Phase::physics, 1, 200}};
  const std::uint64_t base = of("p", plain);
  REQUIRE(of("p", plain) == base);
  REQUIRE(of("p", {{1, Phase::physics, 0, 101}, {1, Phase::physics, 1, 299}}) == base);
  REQUIRE(of("p", {{1, Phase::observe, 0, 9}, plain[0], plain[1]}) == base);
  REQUIRE(of("q", plain) != base);
  REQUIRE(of("p", {plain[1], plain[0]}) != base);
  REQUIRE(of("p", {plain[0]}) != base);
  REQUIRE(of("p", {{1, Phase::physics, 0, 100}, {1, Phase::physics, 0, 200}}) != base);
  REQUIRE(of("p", {{1, Phase::physics, 0, 100}, {1, Phase::physics, 1, 300}}) != base);
  REQUIRE(of("p", {{1, Phase::physics, 0, 100}, {2, Phase::physics, 1, 200}}) != base);
  REQUIRE(of("p", {{1, Phase::physics, 0, 100}, {1, Phase::control, 1, 200}}) != base);
}
