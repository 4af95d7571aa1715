// Pipeline schedules: the bubble and the memory of each, against the order of operations run.
#include "ai/training/pipeline_schedule.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

using namespace hyperdc;

namespace {

enum class Kind : std::uint8_t { forward, inputs, weights, backward };

/// Of a micro-batch that enters at the first stage (direction 0) or at the last (1).
struct Operation {
  Kind kind = Kind::forward;
  int direction = 0, micro_batch = 0;
};

/// What a rank does at once, one after the other.
using Together = std::vector<Operation>;
using Order = std::vector<Together>;

/// Qi et al., figure 3: so many forwards first, weights so many micro-batches after inputs.
Order zero_bubble(int first, int behind, int batches) {
  Order order;
  int forwards = 0, weights = 0;
  const auto add = [&](Kind kind, int batch) { order.push_back({{kind, 0, batch}}); };
  while (forwards < std::min(first, batches)) add(Kind::forward, forwards++);
  for (int batch = 0; batch < batches; ++batch) {
    add(Kind::inputs, batch);
    if (batch >= behind) add(Kind::weights, weights++);
    if (forwards < batches) add(Kind::forward, forwards++);
  }
  while (weights < batches) add(Kind::weights, weights++);
  return order;
}

Order one_f_one_b(int first, int batches) {
  Order order;
  int forwards = 0;
  while (forwards < std::min(first, batches)) order.push_back({{Kind::forward, 0, forwards++}});
  for (int batch = 0; batch < batches; ++batch) {
    order.push_back({{Kind::backward, 0, batch}});
    if (forwards < batches) order.push_back({{Kind::forward, 0, forwards++}});
  }
  return order;
}

/// The eight steps that DeepSeek publishes.
class DualPipe {
 public:
  DualPipe(int ranks, int batches, int rank)
      : flipped_(rank >= ranks / 2),
        half_(std::min(rank, ranks - 1 - rank)),
        others_(ranks / 2 - 1 - half_),
        main_(batches / 2 - ranks + half_ + 1) {}

  Order order() {
    for (int i = 0; i < 2 * others_; ++i) forward(0);
    for (int i = 0; i <= half_; ++i) {
      forward(0);
      forward(1);
    }
    for (int i = 0; i < others_; ++i) {
      backward(1, true);
      weights();
      forward(1);
    }
    for (int i = 0; i < main_; ++i) {
      if (i == 0 && others_ == 0) {
        forward(0);
        backward(1, false);
      } else {
        both(0, 1);
      }
      both(1, 0);
    }
    for (int i = 0; i < others_; ++i) {
      backward(1, false);
      both(1, 0);
    }
    const int half_of = (half_ + 1) / 2;
    bool apart = false;
    for (int i = 0; i <= half_; ++i) {
      apart = apart || (i == half_of && half_ % 2 == 1);
      backward(1, apart);
      apart = apart || (i == half_of && half_ % 2 == 0);
      backward(0, apart);
    }
    for (int i = 0; i < others_; ++i) {
      weights();
      backward(0, true);
    }
    for (int i = 0; i <= half_; ++i) weights();
    return order_;
  }

 private:
  Operation next(Kind kind, int phase) {
    const int direction = flipped_ ? 1 - phase : phase;
    const std::size_t count = kind == Kind::forward ? 0 : 1;
    return {kind, direction, counts_[count][static_cast<std::size_t>(direction)]++};
  }
  void forward(int phase) { order_.push_back({next(Kind::forward, phase)}); }
  void backward(int phase, bool apart) {
    order_.push_back({next(apart ? Kind::inputs : Kind::backward, phase)});
    if (apart) left_.push_back(order_.back()[0]);
  }
  void both(int there, int back) {
    const Operation first = next(Kind::forward, there);
    order_.push_back({first, next(Kind::backward, back)});
  }
  void weights() {
    order_.push_back({{Kind::weights, left_.front().direction, left_.front().micro_batch}});
    left_.pop_front();
  }

  bool flipped_;
  int half_, others_, main_;
  std::array<std::array<int, 2>, 2> counts_{};
  std::deque<Operation> left_;
  Order order_;
};

struct Ran {
  double bubble = 0;   // the most that a rank stands still between its first and its last
  int in_flight = 0;   // the most of a rank
  bool whole = false;  // all orders came to their end
};

/// Runs orders of ranks as soon as what each needs is there.
class Runner {
 public:
  Runner(std::vector<Order> orders, const StageTimes& times)
      : orders_(std::move(orders)), times_(times), ranks_(orders_.size()) {}

  Ran run(double work) {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t r = 0; r < ranks_.size(); ++r) {
        while (step(static_cast<int>(r))) moved = true;
      }
    }
    Ran ran;
    ran.whole = true;
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      ran.whole = ran.whole && ranks_[r].next == orders_[r].size();
      ran.bubble = std::max(ran.bubble, ranks_[r].free - ranks_[r].began.value_or(0) - work);
      ran.in_flight = std::max(ran.in_flight, ranks_[r].most);
    }
    return ran;
  }

 private:
  struct Rank {
    std::size_t next = 0;
    double free = 0;
    std::optional<double> began;
    int flying = 0, most = 0;
  };
  using Key = std::tuple<bool, int, int, int>;  // forward, rank, direction, micro-batch

  /// When what it needs is there; nothing if that is not known yet.
  std::optional<double> ready(int rank, const Operation& op) const {
    const bool forward = op.kind == Kind::forward;
    const int step = (op.direction == 0) == forward ? -1 : 1;  // whence it comes
    const int from = op.kind == Kind::weights ? rank : rank + step;
    const bool end = from < 0 || from >= static_cast<int>(ranks_.size());
    if (end && forward) return 0;
    const auto found =
        ends_.find({forward || end, end ? rank : from, op.direction, op.micro_batch});
    if (found == ends_.end()) return std::nullopt;
    return found->second;
  }
  double takes(Kind kind) const {
    if (kind == Kind::forward) return times_.forward;
    if (kind == Kind::inputs) return times_.inputs;
    return times_.weights + (kind == Kind::backward ? times_.inputs : 0);
  }
  bool step(int rank) {
    Rank& state = ranks_[static_cast<std::size_t>(rank)];
    const Order& order = orders_[static_cast<std::size_t>(rank)];
    if (state.next == order.size()) return false;
    double at = state.free, length = 0;
    for (const Operation& op : order[state.next]) {
      const auto there = ready(rank, op);
      if (!there) return false;
      at = std::max(at, *there);
      length += takes(op.kind);
    }
    if (!state.began) state.began = at;
    state.free = at + length;
    for (const Operation& op : order[state.next++]) {
      const bool forward = op.kind == Kind::forward;
      if (op.kind != Kind::weights)
        ends_[{forward, rank, op.direction, op.micro_batch}] = state.free;
      if (forward) state.most = std::max(state.most, ++state.flying);
      if (op.kind == Kind::weights || op.kind == Kind::backward) --state.flying;
    }
    return true;
  }

  std::vector<Order> orders_;
  StageTimes times_;
  std::vector<Rank> ranks_;
  std::map<Key, double> ends_;
};

Ran ran(const Pipeline& pipeline, const StageTimes& times) {
  std::vector<Order> orders;
  const int p = static_cast<int>(pipeline.stages), m = static_cast<int>(pipeline.micro_batches);
  for (int stage = 0; stage < p; ++stage) {
    const int left = p - stage;
    switch (pipeline.schedule) {
      case Schedule::one_f_one_b:
        orders.push_back(one_f_one_b(left, m));
        break;
      case Schedule::zb_h1:
        orders.push_back(zero_bubble(left, stage, m));
        break;
      case Schedule::zb_h2:
        orders.push_back(zero_bubble(2 * left - 1, 2 * stage, m));
        break;
      case Schedule::dualpipe:
        orders.push_back(DualPipe(p, m, stage).order());
    }
  }
  return Runner(std::move(orders), times).run(m * times.sum());
}

constexpr std::array<StageTimes, 5> kTimes = {
    {{1, 1, 1}, {1, 1.2, 0.8}, {1, 2, 0.3}, {1, 0.9, 1}, {1, 1, 0.6}}};

}  // namespace

TEST_CASE("bubbles and micro-batches in flight are those of the orders run") {
  for (const Schedule schedule : {Schedule::one_f_one_b, Schedule::zb_h1, Schedule::zb_h2}) {
    for (const StageTimes& times : kTimes) {
      for (const std::uint32_t p : {2U, 4U, 7U, 8U}) {
        for (const std::uint64_t m : {2 * p - 1, 2 * p, 5 * p}) {
          const Pipeline pipeline{schedule, p, 1, m};
          INFO(name_of(schedule) << " p " << p << " m " << m << " W " << times.weights);
          const Ran order = ran(pipeline, times);
          REQUIRE(order.whole);
          CHECK(order.bubble == Approx(bubble_s(pipeline, times)).margin(1e-9));
          CHECK(order.in_flight == most_in_flight(pipeline));
          CHECK(why_not(pipeline).empty());
        }
      }
    }
  }
}

TEST_CASE("the bubble of DualPipe is that of its steps where forward is as long as inputs") {
  for (const StageTimes& times : {StageTimes{1, 1, 1}, {1, 1, 0.6}, {1, 1.2, 0.8}, {1, 1.5, 0.5}}) {
    for (const std::uint32_t p : {2U, 4U, 8U, 16U}) {
      for (const std::uint64_t m : {2 * p, 4 * p, 6 * p + 2}) {
        const Pipeline pipeline{Schedule::dualpipe, p, 1, m};
        INFO("p " << p << " m " << m << " B " << times.inputs << " W " << times.weights);
        const Ran order = ran(pipeline, times);
        const double told = bubble_s(pipeline, times);
        REQUIRE(order.whole);
        CHECK(order.in_flight == most_in_flight(pipeline));
        if (times.inputs == times.forward) CHECK(order.bubble == Approx(told).margin(1e-9));
        CHECK(order.bubble <= told + 1e-9);
        CHECK(order.bubble >= told * 0.85);
      }
    }
  }
}

TEST_CASE("published bubbles: a third of 1F1B, none, and what DualPipe states") {
  const StageTimes equal{1, 1, 1};
  const auto of = [&](Schedule schedule) { return bubble_s({schedule, 8, 1, 24}, equal); };
  CHECK(of(Schedule::zb_h1) == Approx(of(Schedule::one_f_one_b) / 3));
  CHECK(of(Schedule::zb_h2) == 0);
  // (PP / 2 - 1) (F&B + B - 3 W), of whole backwards of 2: 3 (3 + 2 - 3)
  CHECK(of(Schedule::dualpipe) == 6);
  CHECK(copies_of_stages(Schedule::dualpipe) == 2);
  CHECK_FALSE(why_not({Schedule::zb_h1, 8, 1, 7}).empty());
  CHECK_FALSE(why_not({Schedule::zb_h2, 8, 1, 14}).empty());
  CHECK_FALSE(why_not({Schedule::zb_h2, 8, 2, 16}).empty());
  CHECK_FALSE(why_not({Schedule::dualpipe, 8, 1, 15}).empty());
  CHECK_FALSE(why_not({Schedule::dualpipe, 8, 1, 14}).empty());
  CHECK_FALSE(why_not({Schedule::dualpipe, 7, 1, 28}).empty());
  CHECK_FALSE(why_not({Schedule::zb_h1, 1, 1, 8}).empty());
  for (const char* name : {"1f1b", "zb-h1", "zb-h2", "dualpipe"}) {
    CHECK(name_of(schedule_named(name)) == name);
  }
}
