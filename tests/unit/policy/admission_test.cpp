// Admissions: decisions by hand, what holds for every entry, and CoDel against the code of RFC
// 8289.
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>

#include <hyperdc/policy/admission.hpp>

#include "core/rng.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Admission> make_admission(std::string_view name, const Params& set = {}) {
  return testing::make_policy(admissions(), name, set, AdmissionContext{Duration{300'000'000}});
}
Params with(std::string_view name, double value) {
  Params set;
  set.set(name, value);
  return set;
}
constexpr SimTime at_ms(std::int64_t ms) {
  return {ms * 1'000'000};
}
constexpr Duration ms(std::int64_t n) {
  return {n * 1'000'000};
}
AdmissionView view(std::uint32_t queued, std::uint32_t in_service, std::uint32_t slots = 4) {
  AdmissionView v;
  v.queued = queued;
  v.in_service = in_service;
  v.slots = slots;
  v.service_mean = ms(10);
  return v;
}

TEST_CASE("every admission takes a request that finds an idle replica") {
  for (const AdmissionEntry& entry : admissions()) {
    CAPTURE(entry.name);
    CHECK(entry.doc.back() == '.');
    for (const ParamSpec& spec : entry.params) CHECK(spec.doc.back() == '.');
    const auto admission = make_admission(entry.name);
    AdmissionRequest request;
    request.deadline = at_ms(1000);
    CHECK(admission->arrives(view(0, 0), request).admit);
  }
}

/// One replica of one slot under twice its load for 3 s: service 10 ms, arrivals every 5 ms,
/// clients that wait for 300 ms. Returns served in time; every admission must keep the books
/// straight.
struct Overload {
  int in_time = 0, late = 0, refused = 0, dropped = 0, waiting = 0;
};
Overload overload(Admission& admission) {
  Overload out;
  std::deque<SimTime> queue;  // times of arrival
  std::optional<SimTime> serving;
  SimTime ends;
  const auto view_at = [&](SimTime now) {
    AdmissionView v = view(static_cast<std::uint32_t>(queue.size()), serving ? 1 : 0, 1);
    v.now = now;
    if (!queue.empty()) v.oldest_wait = now - queue.front();
    v.tokens = {100 * queue.size(), 100, ms(10)};
    return v;
  };
  const auto request_of = [](SimTime came, SimTime now) {
    return AdmissionRequest{0, came + ms(300), now - came};
  };
  const auto take_next = [&](SimTime now) {
    while (!queue.empty() && !serving) {
      const auto limit = admission.longest_wait(view_at(now));
      if (limit && now - queue.front() > *limit) {
        queue.pop_front();
        ++out.dropped;
        continue;
      }
      const bool newest = admission.newest_first(view_at(now));
      const SimTime came = newest ? queue.back() : queue.front();
      newest ? queue.pop_back() : queue.pop_front();
      const Verdict verdict = admission.starts(view_at(now), request_of(came, now));
      REQUIRE(verdict.admit == verdict.because.empty());
      if (!verdict.admit) {
        ++out.dropped;
        continue;
      }
      serving = came;
      ends = now + ms(10);
    }
  };
  for (std::int64_t t = 0; t < 3000; ++t) {
    const SimTime now = at_ms(t);
    if (serving && ends <= now) {
      const Duration took = now - *serving;
      if (admission.follows_departures()) admission.left(view_at(now), {took, took > ms(300)});
      ++(took <= ms(300) ? out.in_time : out.late);
      serving.reset();
      take_next(now);
    }
    if (t % 5 != 0) continue;
    const Verdict verdict = admission.arrives(view_at(now), request_of(now, now));
    REQUIRE(verdict.admit == verdict.because.empty());
    if (!verdict.admit) {
      ++out.refused;
      continue;
    }
    queue.push_back(now);
    take_next(now);
  }
  out.waiting = static_cast<int>(queue.size()) + (serving ? 1 : 0);
  return out;
}

TEST_CASE("under overload every admission but always serves most in time") {
  for (const AdmissionEntry& entry : admissions()) {
    CAPTURE(entry.name);
    Params set;
    if (entry.name == "queue-limit") set = with("limit", 20);
    if (entry.name == "aimd-limit") set = with("timeout", 0.2);
    const auto admission = make_admission(entry.name, set);
    const Overload out = overload(*admission);
    CAPTURE(out.in_time, out.late, out.refused, out.dropped, out.waiting);
    CHECK(out.in_time + out.late + out.refused + out.dropped + out.waiting == 600);
    CHECK(out.in_time + out.late >= 295);  // the slot is always busy
    if (entry.name == "always") {
      CHECK(out.in_time < 70);  // waits grow by 5 ms each 10 ms: in time for 0.6 s
    } else if (entry.name == "codel") {
      CHECK(out.in_time > 70);  // its drop rate grows slowly
    } else {
      CHECK(out.in_time > 200);  // aimd-limit swings past the right limit and back
    }
  }
}

TEST_CASE("a queue limit refuses when all slots are busy and the queue is full") {
  const auto two = make_admission("queue-limit", with("limit", 2));
  CHECK(two->arrives(view(1, 4), {}).admit);
  CHECK_FALSE(two->arrives(view(2, 4), {}).admit);
  CHECK(two->arrives(view(2, 3), {}).admit);  // a slot is free
  const auto none = make_admission("queue-limit", with("limit", 0));
  CHECK(none->arrives(view(0, 3), {}).admit);
  CHECK_FALSE(none->arrives(view(0, 4), {}).admit);
}

TEST_CASE("token deadline by hand: half of an objective of 300 ms may pass in the queue") {
  const auto takes = [](Admission& admission, TokenBacklog tokens) {
    AdmissionView v = view(7, 4);
    v.tokens = tokens;
    return admission.arrives(v, {}).admit;
  };
  const auto half = make_admission("token-deadline");
  CHECK(takes(*half, {750, 500, ms(100)}));  // 150 ms
  CHECK_FALSE(takes(*half, {751, 500, ms(100)}));
  CHECK(takes(*make_admission("token-deadline", with("share", 2)), {3000, 500, ms(100)}));
  CHECK(takes(*half, {1'000'000, 0, {}}));           // nothing was measured
  CHECK_FALSE(takes(*half, {1'000'000, 0, ms(1)}));  // all were held up
  CHECK(takes(*half, {0, 0, ms(1)}));
  const auto without =
      testing::make_policy(admissions(), "token-deadline", with("share", 0), AdmissionContext{});
  CHECK(takes(*without, {1'000'000, 1, ms(1)}));  // no objective
}

TEST_CASE("deadline by hand") {
  const auto admission = make_admission("deadline");
  const auto due = [](std::int64_t t) { return AdmissionRequest{0, at_ms(t), {}}; };
  // A slot is free: 10 ms of service.
  CHECK(admission->arrives(view(0, 3), due(10)).admit);
  CHECK_FALSE(admission->arrives(view(0, 3), due(9)).admit);
  // All four busy, five wait: six completions at 4 per 10 ms are 15 ms, and 10 ms of service.
  CHECK(admission->arrives(view(5, 4), due(25)).admit);
  CHECK_FALSE(admission->arrives(view(5, 4), due(24)).admit);
  CHECK(admission->arrives(view(500, 4), {}).admit);  // no deadline
  AdmissionView later = view(0, 3);
  later.now = at_ms(91);
  CHECK_FALSE(admission->starts(later, due(100)).admit);
  later.now = at_ms(90);
  CHECK(admission->starts(later, due(100)).admit);
  const auto careful = make_admission("deadline", with("factor", 2));
  CHECK_FALSE(careful->arrives(view(5, 4), due(49)).admit);
  CHECK(careful->arrives(view(5, 4), due(50)).admit);
  const auto lenient = make_admission("deadline", with("factor", 0));
  CHECK(lenient->arrives(view(500, 4), due(0)).admit);
}

TEST_CASE("priorities are refused one after the other as load rises") {
  const auto admission = make_admission("priority");  // 1 and 1 more each
  const auto takes = [&](std::uint32_t in_system, std::int32_t priority) {
    const AdmissionView v = view(in_system > 4 ? in_system - 4 : 0, std::min(in_system, 4U));
    return admission->arrives(v, {priority, {}, {}}).admit;
  };
  CHECK(takes(3, 0));
  CHECK_FALSE(takes(4, 0));
  CHECK(takes(7, 1));
  CHECK_FALSE(takes(8, 1));
  CHECK(takes(11, 2));
  CHECK_FALSE(takes(0, -1));  // its bound is 0
}

TEST_CASE("the limit of aimd goes up by one and down by a tenth") {
  const auto admission = make_admission("aimd-limit");
  const auto limit = [&] {
    std::uint32_t n = 0;
    while (admission->arrives(view(n, 0), {}).admit) ++n;
    return n;
  };
  CHECK(limit() == 10);
  admission->left(view(0, 4), {ms(10)});  // 2 * 4 < 10: not used
  CHECK(limit() == 10);
  admission->left(view(1, 4), {ms(10)});
  CHECK(limit() == 11);
  admission->left(view(1, 4), {ms(5001)});  // floor(9.9)
  CHECK(limit() == 9);
  admission->left(view(1, 4), {ms(10), true});  // floor(8.1)
  CHECK(limit() == 8);
  for (int i = 0; i < 20; ++i) admission->left(view(1, 4), {ms(10), true});
  CHECK(limit() == 1);
}

TEST_CASE("the gradient limit by hand") {
  Params set = with("min", 1);
  set.set("initial", 20.0);
  const auto admission = make_admission("gradient-limit", set);
  const auto limit = [&] {
    std::uint32_t n = 0;
    while (admission->arrives(view(n, 0), {}).admit) ++n;
    return n;
  };
  CHECK(limit() == 20);
  admission->left(view(5, 4), {ms(10)});  // 9 < 20 / 2: not used; the long mean is 10 ms
  CHECK(limit() == 20);
  admission->left(view(6, 4), {ms(10)});  // gradient 1: 0.8 * 20 + 0.2 * 24 = 20.8
  CHECK(limit() == 20);
  admission->left(view(7, 4), {ms(10)});  // 0.8 * 20.8 + 0.2 * 24.8 = 21.6
  CHECK(limit() == 21);
  // 40 ms: the long mean of four is 17.5, gradient max(0.5, 0.4375):
  // 0.8 * 21.6 + 0.2 * (10.8 + 4) = 20.24
  admission->left(view(7, 4), {ms(40)});
  CHECK(limit() == 20);
  // 25 ms: (30 + 40 + 25) / 5 = 19, gradient 0.76: 0.8 * 20.24 + 0.2 * (15.3824 + 4) = 20.06848
  admission->left(view(7, 4), {ms(25)});
  CHECK(limit() == 20);
  // again 40 ms: 135 / 6 = 22.5, 0.5625: 16.054784 + 0.2 * (11.28852 + 4) = 19.112488
  admission->left(view(7, 4), {ms(40)});
  CHECK(limit() == 19);
}

TEST_CASE("adaptive lifo: a standing queue turns the order and shortens the waits") {
  const auto admission = make_admission("adaptive-lifo");
  AdmissionView v = view(0, 4);
  v.now = at_ms(1000);
  CHECK(admission->arrives(v, {}).admit);  // the queue was empty
  v.queued = 7;
  v.now = at_ms(1100);
  CHECK_FALSE(admission->newest_first(v));
  CHECK(admission->longest_wait(v) == ms(100));
  v.now = at_ms(1101);
  CHECK(admission->newest_first(v));
  CHECK(admission->longest_wait(v) == ms(5));
  v.queued = 0;
  CHECK(admission->arrives(v, {}).admit);
  CHECK_FALSE(admission->newest_first(v));
}

/// RFC 8289, section 5.5 and 5.6, written over a whole queue; times in ns.
class Rfc8289 {
 public:
  /// The next packet that is delivered, by its arrival; or -1. Dropped ones are counted.
  std::int64_t dequeue(std::int64_t now, std::deque<std::int64_t>& queue, int& drops) {
    auto [packet, ok_to_drop] = do_dequeue(now, queue);
    if (dropping_) {
      if (!ok_to_drop) dropping_ = false;
      while (now >= drop_next_ && dropping_) {
        ++drops;
        ++count_;
        std::tie(packet, ok_to_drop) = do_dequeue(now, queue);
        if (!ok_to_drop) {
          dropping_ = false;
        } else {
          drop_next_ = law(drop_next_);
        }
      }
    } else if (ok_to_drop) {
      ++drops;
      std::tie(packet, ok_to_drop) = do_dequeue(now, queue);
      dropping_ = true;
      const std::int64_t delta = count_ - last_count_;
      count_ = 1;
      if (delta > 1 && now - drop_next_ < 16 * kInterval) count_ = delta;
      drop_next_ = law(now);
      last_count_ = count_;
    }
    return packet;
  }

 private:
  static constexpr std::int64_t kTarget = 5'000'000, kInterval = 100'000'000;
  std::int64_t law(std::int64_t t) const {
    return t +
           std::llround(static_cast<double>(kInterval) / std::sqrt(static_cast<double>(count_)));
  }
  std::pair<std::int64_t, bool> do_dequeue(std::int64_t now, std::deque<std::int64_t>& queue) {
    if (queue.empty()) {
      first_above_ = 0;
      return {-1, false};
    }
    const std::int64_t packet = queue.front();
    queue.pop_front();
    if (now - packet < kTarget || queue.empty()) {
      first_above_ = 0;
      return {packet, false};
    }
    if (first_above_ == 0) {
      first_above_ = now + kInterval;
      return {packet, false};
    }
    return {packet, now >= first_above_};
  }
  std::int64_t first_above_ = 0, drop_next_ = 0, count_ = 0, last_count_ = 0;
  bool dropping_ = false;
};

TEST_CASE("codel drops what RFC 8289 drops") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RandomStream chance(seed, "codel");
    const auto admission = make_admission("codel");
    Rfc8289 rfc;
    std::deque<std::int64_t> ours, theirs;
    int our_drops = 0;
    int their_drops = 0;
    std::int64_t arrival = 0;
    std::int64_t now = 1'000'000'000;  // the RFC takes time 0 for "never"
    arrival = now;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
      // Service of 0 to 2 ms; arrivals alternate between 30 % over and 30 % under that rate.
      now += static_cast<std::int64_t>(chance.below(2'000'000, step, 0));
      const std::int64_t gap = step / 2500 % 2 == 0 ? 770'000 : 1'430'000;
      for (; arrival <= now; arrival += gap) {
        ours.push_back(arrival);
        theirs.push_back(arrival);
      }
      const std::int64_t expected = rfc.dequeue(now, theirs, their_drops);
      std::int64_t got = -1;
      while (!ours.empty()) {
        const std::int64_t came = ours.front();
        ours.pop_front();
        AdmissionView v = view(static_cast<std::uint32_t>(ours.size()), 3);
        v.now = {now};
        if (admission->starts(v, {0, {}, Duration{now - came}}).admit) {
          got = came;
          break;
        }
        ++our_drops;
      }
      REQUIRE(got == expected);
    }
    CHECK(our_drops == their_drops);
    CHECK(our_drops > 100);
  }
}

}  // namespace
}  // namespace hyperdc
