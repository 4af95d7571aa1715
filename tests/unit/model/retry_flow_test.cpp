// Retries as expected numbers: steps worked out by hand.
#include "model/client/retry_flow.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

/// Three attempts; pauses of at most 100 and 200 ms, half of it on average.
ClientSpec three_attempts() {
  ClientSpec spec;
  spec.retry.max_attempts = 3;
  spec.retry.base = Duration{100'000'000};
  spec.retry.multiplier = 2;
  spec.retry.cap = Duration{10'000'000'000};
  return spec;
}

/// So many of those sent in this step have failed after `took_s`.
RetryFlow::Attempts after(const RetryFlow& flow, std::size_t origin, std::size_t before,
                          double number, double took_s) {
  const RetryFlow::Attempts& sent = flow.sent(origin)[before];
  return {number, number * sent.measured / sent.number, sent.spent_s + took_s};
}

/// One step of 5 s with 100 new requests, of whose attempts half fail.
RetryFlow::Ended step_of_halves(RetryFlow& flow) {
  flow.begin(0, 100, true);
  flow.fail(0, 0, after(flow, 0, 0, 50, 1));
  return flow.end(5);
}

TEST_CASE("what fails is sent again in the next step until no attempt is left") {
  RetryFlow flow(three_attempts(), 2);
  flow.begin(0, 100, true);
  flow.begin(1, 10, true);
  flow.fail(0, 0, after(flow, 0, 0, 30, 1));
  flow.fail(0, 0, after(flow, 0, 0, 10, 0));  // 0.75 s on average
  const RetryFlow::Ended first = flow.end(10);
  CHECK(first.retries == 40);
  CHECK(first.given_up == 0);
  CHECK(flow.waiting() == 40);

  flow.begin(0, 100, true);
  flow.begin(1, 10, true);
  CHECK(flow.waiting() == 0);
  CHECK(flow.sent_in_all(0) == 140);
  CHECK(flow.sent_in_all(1) == 10);
  CHECK(flow.sent(0)[1].number == 40);
  CHECK(flow.sent(0)[1].spent_s == Approx(0.75 + 0.05));
  flow.fail(0, 1, after(flow, 0, 1, 10, 1));
  flow.end(10);

  flow.begin(0, 0, true);
  flow.begin(1, 0, true);
  CHECK(flow.sent(0)[1].number == 0);
  CHECK(flow.sent(0)[2].number == 10);
  CHECK(flow.sent(0)[2].spent_s == Approx(0.8 + 1 + 0.1));
  flow.fail(0, 2, after(flow, 0, 2, 4, 1));
  const RetryFlow::Ended last = flow.end(10);
  CHECK(last.given_up == 4);
  CHECK(last.retries == 0);
  CHECK(flow.waiting() == 0);
}

TEST_CASE(
    "a request that arrived before the warm-up ended is not measured, however often it asks") {
  RetryFlow flow(three_attempts(), 1);
  flow.begin(0, 100, false);
  flow.fail(0, 0, after(flow, 0, 0, 60, 1));
  flow.end(10);
  flow.begin(0, 20, true);
  CHECK(flow.sent(0)[0].measured == 20);
  CHECK(flow.sent(0)[1].number == 60);
  CHECK(flow.sent(0)[1].measured == 0);
  flow.fail(0, 0, after(flow, 0, 0, 20, 1));
  flow.fail(0, 1, after(flow, 0, 1, 60, 1));
  flow.end(10);
  flow.begin(0, 0, true);
  flow.fail(0, 1, after(flow, 0, 1, 10, 1));
  flow.fail(0, 2, after(flow, 0, 2, 60, 1));
  const RetryFlow::Ended third = flow.end(10);
  CHECK(third.given_up == 60);
  CHECK(third.given_up_measured == 0);
  flow.begin(0, 0, true);
  flow.fail(0, 2, after(flow, 0, 2, 10, 1));
  CHECK(flow.end(10).given_up_measured == 10);
}

TEST_CASE("jitter decides how long a pause is on average") {
  const auto pause = [](Jitter jitter) {
    ClientSpec spec = three_attempts();
    spec.retry.jitter = jitter;
    RetryFlow flow(spec, 1);
    flow.begin(0, 10, true);
    flow.fail(0, 0, after(flow, 0, 0, 1, 0));
    flow.end(1);
    flow.begin(0, 0, true);
    return flow.sent(0)[1].spent_s;
  };
  CHECK(pause(Jitter::none) == Approx(0.1));
  CHECK(pause(Jitter::full) == Approx(0.05));
  CHECK(pause(Jitter::equal) == Approx(0.075));
}

TEST_CASE("a budget bounds the retries of every window") {
  ClientSpec spec = three_attempts();
  spec.budget = RetryBudgetSpec{0.1, 1, Duration{10'000'000'000}};
  RetryFlow flow(spec, 1);
  // 10 at all times, and 0.1 of the requests of ten seconds, less the retries before.
  CHECK(step_of_halves(flow).retries == Approx(10 + 0.1 * 100));
  const RetryFlow::Ended second = step_of_halves(flow);
  CHECK(second.retries == Approx(10 + 0.1 * 200 - 20));
  CHECK(second.given_up == Approx(50 - 10));
  CHECK(step_of_halves(flow).retries == Approx(10 + 0.1 * 200 - 10));
  // A step that is longer than the window counts as a whole.
  flow.begin(0, 1000, true);
  flow.fail(0, 0, after(flow, 0, 0, 500, 1));
  CHECK(flow.end(40).retries == Approx(40 + 0.1 * 1000));
  // A part of the past: 8 s before this step of 2 s, of the 40 s with 1000 requests and 140
  // retries.
  flow.begin(0, 10, true);
  flow.fail(0, 0, after(flow, 0, 0, 10, 1));
  CHECK(flow.end(2).retries == Approx(10 + 0.1 * (10 + 200) - 28));
}

}  // namespace
}  // namespace hyperdc
