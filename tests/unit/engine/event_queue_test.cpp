#include "engine/event_queue.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

namespace {

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr SimTime kNoLimit{kLast};

/// The queue beside a std::map in the order (at, phase, number of the scheduling). Every call goes
/// to both; every answer must be the same.
class Pair {
 public:
  void push(std::int64_t at, Phase phase) {
    const std::uint64_t number = ++scheduled_;
    const EventId id = queue_.push({at}, phase, static_cast<std::uint32_t>(number % 1000), number);
    if (id == kNoEvent || !live_.emplace(id, Place{at, phase, number}).second) ++wrong_;
    reference_.emplace(Place{at, phase, number}, Content{id, number});
    ids_.push_back(id);
  }
  /// A recent event that may be pending, fired or cancelled.
  EventId some_id(std::mt19937_64& random) const {
    const std::size_t recent = std::min(ids_.size(), 2 * live_.size() + 1);
    return ids_[ids_.size() - 1 - random() % recent];
  }
  EventId pending_id(std::mt19937_64& random) const {
    const auto it = live_.lower_bound(ids_[random() % ids_.size()]);
    return it == live_.end() ? live_.begin()->first : it->first;
  }

  void cancel(EventId id) {
    const auto it = live_.find(id);
    if (queue_.cancel(id) != (it != live_.end())) ++wrong_;
    if (it == live_.end()) return;
    reference_.erase(it->second);
    live_.erase(it);
  }
  void reschedule(EventId id, std::int64_t at) {
    const auto it = live_.find(id);
    const EventId moved = queue_.reschedule(id, {at});
    if ((moved != kNoEvent) != (it != live_.end())) ++wrong_;
    if (it == live_.end()) return;
    const Content content = reference_.at(it->second);
    const Place place{at, std::get<1>(it->second), ++scheduled_};
    reference_.erase(it->second);
    live_.erase(it);
    reference_.emplace(place, Content{moved, content.arg});
    if (!live_.emplace(moved, place).second) ++wrong_;
    ids_.push_back(moved);
  }
  /// Pops from both; false when nothing is left up to `until`.
  bool pop(SimTime until = kNoLimit) {
    EventQueue::Item item;
    const bool some = queue_.pop(until, item);
    const auto first = reference_.begin();
    if (some != (first != reference_.end() && std::get<0>(first->first) <= until.ns)) ++wrong_;
    if (queue_.size() + (some ? 1 : 0) != reference_.size()) ++wrong_;
    if (!some || first == reference_.end()) return false;
    const auto& [place, content] = *first;
    const EventId id = low_word(item.key);
    if (time_of(item.key).ns != std::get<0>(place) || phase_of(id) != std::get<1>(place) ||
        id != content.id || item.arg != content.arg || item.handler != content.arg % 1000) {
      ++wrong_;
    }
    now_ = std::get<0>(place);
    phase_ = std::get<1>(place);
    live_.erase(content.id);
    reference_.erase(first);
    return true;
  }
  std::int64_t now() const { return now_; }
  std::size_t size() const { return reference_.size(); }
  int wrong() const { return wrong_; }
  const EventQueue& queue() const { return queue_; }

 private:
  using Place = std::tuple<std::int64_t, Phase, std::uint64_t>;
  struct Content {
    EventId id;
    std::uint64_t arg;
  };
  EventQueue queue_;
  std::map<Place, Content> reference_;
  std::map<EventId, Place> live_;
  std::vector<EventId> ids_;
  std::uint64_t scheduled_ = 0;
  std::int64_t now_ = 0;
  Phase phase_ = Phase::fault;
  int wrong_ = 0;
};

/// How far ahead events are scheduled.
enum class Ahead { uniform, few_moments, log_uniform, same_moment, mostly_near, end_of_time };
constexpr std::array kAhead = {Ahead::uniform,     Ahead::few_moments, Ahead::log_uniform,
                               Ahead::same_moment, Ahead::mostly_near, Ahead::end_of_time};

std::int64_t draw(Ahead ahead, std::int64_t now, std::mt19937_64& random) {
  std::int64_t delta = 0;
  const std::uint64_t bits = random();
  switch (ahead) {
    case Ahead::uniform:
      delta = static_cast<std::int64_t>(bits % 1'000'000'007);
      break;
    case Ahead::few_moments:
      delta = static_cast<std::int64_t>(bits % 3) * 1000;
      break;
    case Ahead::log_uniform:
      delta = static_cast<std::int64_t>(bits >> (2 + random() % 62));
      break;
    case Ahead::same_moment:
      delta = 0;
      break;
    case Ahead::mostly_near:
      delta = static_cast<std::int64_t>(bits % 64 == 0 ? bits % 4'000'000'000'000 : bits % 50);
      break;
    case Ahead::end_of_time:
      delta = bits % 2 == 0 ? kLast : static_cast<std::int64_t>(bits % 9);
      break;
  }
  return delta > kLast - now ? kLast : now + delta;
}

struct Mix {
  std::size_t pending;
  unsigned cancels, moves;  // of 100 operations
};

/// Grows to `mix.pending` events, works on them, and drains.
void run_random(const Mix& mix, Ahead ahead, std::uint64_t seed, std::size_t operations) {
  std::mt19937_64 random(seed);
  Pair pair;
  const auto push = [&] {
    const auto phase = static_cast<Phase>(random() % 5);
    pair.push(draw(ahead, pair.now(), random), phase);
  };
  for (std::size_t i = 0; i < mix.pending; ++i) push();
  for (std::size_t i = 0; i < operations; ++i) {
    const auto dice = static_cast<unsigned>(random() % 100);
    if (dice < mix.cancels) {
      pair.cancel(pair.some_id(random));
    } else if (dice < mix.cancels + mix.moves) {
      pair.reschedule(pair.some_id(random), draw(ahead, pair.now(), random));
    } else if (pair.size() > mix.pending) {
      pair.pop();
    } else if (random() % 2 == 0) {
      pair.pop({draw(ahead, pair.now(), random)});  // may find nothing up to there
    } else {
      push();
    }
  }
  while (pair.pop()) {
  }
  REQUIRE(pair.wrong() == 0);
  REQUIRE(pair.size() == 0);
}

}  // namespace

TEST_CASE("event queue: pops what a map pops, whatever the times", "[engine]") {
  for (const Ahead ahead : kAhead) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(static_cast<int>(ahead), seed);
      run_random({seed * seed, 0, 0}, ahead, seed, 1500);
      run_random({seed * 50, 10, 20}, ahead, seed + 100, 3000);
      run_random({seed * 20, 40, 20}, ahead, seed + 200, 3000);
    }
    run_random({10'000, 10, 10}, ahead, 7, 20'000);
  }
  run_random({100'000, 5, 15}, Ahead::uniform, 8, 50'000);
  run_random({50'000, 0, 0}, Ahead::log_uniform, 9, 20'000);
}

TEST_CASE("event queue: shuffled insertion gives the order of time, phase and sequence",
          "[engine]") {
  struct Entry {
    std::int64_t at;
    Phase phase;
  };
  std::vector<Entry> entries;
  for (std::int64_t at : {0, 1, 1, 1, 2, 70, 70, 1'000'000}) {
    for (int phase = 0; phase < 5; ++phase) entries.push_back({at, static_cast<Phase>(phase)});
  }
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::shuffle(entries.begin(), entries.end(), random);
    EventQueue queue;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      queue.push({entries[i].at}, entries[i].phase, 0, i);
    }
    // Stable: entries of one moment and phase stay in the order in which they were pushed.
    std::vector<std::size_t> expected(entries.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::stable_sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(entries[a].at, entries[a].phase) < std::tie(entries[b].at, entries[b].phase);
    });
    std::vector<std::size_t> popped;
    EventQueue::Item item;
    while (queue.pop(kNoLimit, item)) popped.push_back(item.arg);
    REQUIRE(popped == expected);
  }
}

TEST_CASE("event queue: an earlier phase of the present moment runs next", "[engine]") {
  // 300 events of one moment: more than bottom takes. Each that runs adds one of a lower phase.
  Pair pair;
  for (int i = 0; i < 300; ++i) pair.push(5, Phase::workload);
  for (int i = 0; i < 300; ++i) {
    pair.pop();
    pair.push(5, Phase::physics);
    pair.push(5, Phase::fault);
    pair.pop();
    pair.pop();
  }
  // One event adds thousands of them.
  pair.push(5, Phase::observe);
  pair.push(6, Phase::fault);
  pair.pop();
  for (int i = 0; i < 3000; ++i) pair.push(5, static_cast<Phase>(i % 5));
  while (pair.pop()) {
  }
  REQUIRE(pair.wrong() == 0);
}

TEST_CASE("event queue: ever earlier events nest rungs without end, and stay in order",
          "[engine]") {
  const int peek_every = GENERATE(1, 3, 16, 1000);
  std::mt19937_64 random(5);
  Pair pair;
  std::int64_t base = 2'000'000'000;
  for (int i = 0; i < 1000; ++i) pair.push(base + i * 1000, Phase::physics);
  pair.pop({0});  // finds nothing, but has to look
  for (int group = 0; group < 400; ++group) {
    base -= 100 + static_cast<std::int64_t>(random() % 100'000);
    for (int i = 0; i < 90; ++i) {
      const bool tie = i < 60;
      pair.push(base + (tie ? 0 : static_cast<std::int64_t>(random() % 150)), Phase::physics);
    }
    if (group % peek_every == 0) pair.pop({0});
    if (group % 50 == 49) pair.pop();
  }
  while (pair.pop()) {
  }
  REQUIRE(pair.wrong() == 0);
}

TEST_CASE("event queue: bursts into a queue that has nearly run dry", "[engine]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    Pair pair;
    for (int burst = 0; burst < 60; ++burst) {
      const std::uint64_t span = std::uint64_t{2} << (8 + random() % 24);
      for (std::uint64_t i = random() % 300; i > 0; --i) {
        pair.push(pair.now() + static_cast<std::int64_t>(random() % span), Phase::physics);
      }
      const std::size_t left = random() % 60;
      while (pair.size() > left && pair.pop()) {
      }
    }
    while (pair.pop()) {
    }
    CAPTURE(seed);
    REQUIRE(pair.wrong() == 0);
  }
}

TEST_CASE("event queue: sweeping tombstones spares the living, wherever they are", "[engine]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random(seed);
    Pair pair;
    for (int round = 0; round < 5; ++round) {
      while (pair.size() < 3000) {
        const Ahead ahead = random() % 2 == 0 ? Ahead::uniform : Ahead::mostly_near;
        pair.push(draw(ahead, pair.now(), random), Phase::physics);
      }
      for (int i = 0; i < 10; ++i) pair.pop();
      while (pair.size() > 300) pair.cancel(pair.pending_id(random));
      for (int i = 0; i < 100; ++i) pair.pop();
    }
    while (pair.pop()) {
    }
    CAPTURE(seed);
    REQUIRE(pair.wrong() == 0);
  }
}

TEST_CASE("event queue: a million events of one moment keep their order", "[engine]") {
  EventQueue queue;
  constexpr std::uint64_t kEvents = 1'000'000;
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    queue.push({77}, i % 2 == 0 ? Phase::control : Phase::physics, 0, i);
  }
  // While they run, every tenth adds one more of the same moment: behind its like.
  EventQueue::Item item;
  std::uint64_t wrong = 0;
  std::uint64_t last = 0;
  Phase phase = Phase::fault;
  std::uint64_t added = kEvents;
  std::uint64_t popped = 0;
  while (queue.pop({77}, item)) {
    const Phase now = phase_of(low_word(item.key));
    if (now == phase ? item.arg <= last : now < phase) ++wrong;
    phase = now;
    last = item.arg;
    if (++popped % 10 == 0 && popped < kEvents) queue.push({77}, now, 0, ++added);
  }
  REQUIRE(wrong == 0);
  REQUIRE(popped == added);
}

TEST_CASE("event queue: cancelled and fired events are gone for good", "[engine]") {
  EventQueue queue;
  const EventId a = queue.push({10}, Phase::fault, 1, 100);
  const EventId b = queue.push({20}, Phase::fault, 2, 200);
  REQUIRE(a != kNoEvent);
  REQUIRE(a != b);
  REQUIRE(queue.cancel(a));
  REQUIRE_FALSE(queue.cancel(a));
  REQUIRE(queue.size() == 1);
  const EventId c = queue.push({5}, Phase::fault, 3, 300);  // takes the place of a in the table
  REQUIRE(slot_of(c) == slot_of(a));
  REQUIRE_FALSE(queue.cancel(a));
  REQUIRE(queue.is_pending(c));
  EventQueue::Item item;
  REQUIRE(queue.pop(kNoLimit, item));
  REQUIRE(item.arg == 300);
  REQUIRE_FALSE(queue.cancel(c));
  REQUIRE(queue.reschedule(c, {30}) == kNoEvent);
  REQUIRE_FALSE(queue.pop({19}, item));
  const EventId moved = queue.reschedule(b, {15});
  REQUIRE(moved != b);
  REQUIRE_FALSE(queue.is_pending(b));
  REQUIRE(queue.pop({19}, item));
  REQUIRE(item.arg == 200);
  REQUIRE(item.handler == 2);
  REQUIRE_FALSE(queue.cancel(kNoEvent));
  REQUIRE_FALSE(queue.cancel(~EventId{0}));
  REQUIRE(queue.size() == 0);
}

TEST_CASE("event queue: tombstones do not pile up, and memory is given back", "[engine]") {
  EventQueue queue;
  std::array<EventId, 10> ids{};
  for (EventId& id : ids) id = queue.push({1'000'000'000'000}, Phase::physics, 0, 0);
  for (int i = 0; i < 1'000'000; ++i) {
    EventId& id = ids[static_cast<std::size_t>(i) % ids.size()];
    id = queue.reschedule(id, {1'000'000'000'000 + i});
  }
  REQUIRE(queue.size() == 10);
  REQUIRE(queue.bytes() < 200'000);

  EventQueue::Item item;
  for (int i = 0; i < 1'000'000; ++i) queue.push({i * 1000}, Phase::physics, 0, 0);
  const std::uint64_t full = queue.bytes();
  REQUIRE(full < 1'000'000 * (16 + 25));
  // Popped down to ten events: the keys' memory is free again, the payload table is not.
  int popped = 0;
  while (popped < 1'000'000 && queue.pop(kNoLimit, item)) ++popped;
  REQUIRE(popped == 1'000'000);
  REQUIRE(queue.bytes() < full - 10'000'000);
  while (queue.pop(kNoLimit, item)) {
  }
  REQUIRE(queue.bytes() < 3'000'000);
}

TEST_CASE("event queue: its limits are errors, not wrong orders", "[engine]") {
  SECTION("sequence numbers") {
    EventQueue queue({kMaxSeq - 1, kMaxSlots});
    queue.push({1}, Phase::physics, 0, 1);
    const EventId last = queue.push({1}, Phase::physics, 0, 2);
    REQUIRE(seq_of(last) == kMaxSeq);
    REQUIRE_THROWS_AS(queue.push({1}, Phase::physics, 0, 3), InvariantError);
    REQUIRE_THROWS_AS(queue.reschedule(last, {2}), InvariantError);
    EventQueue::Item item;
    REQUIRE(queue.pop(kNoLimit, item));
    REQUIRE(item.arg == 1);
    REQUIRE(queue.pop(kNoLimit, item));
    REQUIRE(item.arg == 2);
  }
  SECTION("pending events") {
    EventQueue queue({1, 100});
    for (int i = 0; i < 100; ++i) queue.push({i}, Phase::physics, 0, 0);
    REQUIRE_THROWS_WITH(queue.push({1}, Phase::physics, 0, 0),
                        Catch::Contains("too many pending events: at most 100"));
    EventQueue::Item item;
    REQUIRE(queue.pop(kNoLimit, item));
    REQUIRE_NOTHROW(queue.push({1}, Phase::physics, 0, 0));
    REQUIRE(queue.size() == 100);
  }
}

TEST_CASE("event key: one comparison is the comparison of time, phase and sequence", "[engine]") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    const auto part = [&](std::uint64_t most) { return random() % 4 == 0 ? most : random() % 3; };
    const std::array<std::uint64_t, 4> a = {part(kLast), part(4), part(kMaxSeq),
                                            part(kMaxSlots - 1)};
    const std::array<std::uint64_t, 4> b = {part(kLast), part(4), part(kMaxSeq),
                                            part(kMaxSlots - 1)};
    const auto key = [](const std::array<std::uint64_t, 4>& p) {
      return make_key(
          {static_cast<std::int64_t>(p[0])},
          make_event_id(static_cast<Phase>(p[1]), p[2], static_cast<std::uint32_t>(p[3])));
    };
    REQUIRE((key(a) < key(b)) == (a < b));
    const EventId id = low_word(key(a));
    REQUIRE(time_of(key(a)).ns == static_cast<std::int64_t>(a[0]));
    REQUIRE(phase_of(id) == static_cast<Phase>(a[1]));
    REQUIRE(seq_of(id) == a[2]);
    REQUIRE(slot_of(id) == a[3]);
  }
}
