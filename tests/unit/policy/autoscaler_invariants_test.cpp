// What holds for every autoscaler, on random readings with gaps.
#include <cmath>
#include <set>

#include "scaled_deployment.hpp"

namespace hyperdc::testing {
namespace {

/// Numbers that depend on nothing but the seed.
struct Draws {
  std::uint64_t state;
  std::uint64_t next(std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  }
  double share() { return static_cast<double>(next(10'001)) / 10'000; }
};

struct Scene {
  ScaleView view;
  std::vector<ReplicaReading> list;
};

/// What a policy might see at step i with `wanted` replicas: a third of the readings is missing.
Scene scene(Draws& draws, std::int64_t i, Duration interval, std::uint32_t wanted) {
  Scene s;
  const auto maybe = [&](double value) {
    return draws.next(3) == 0 ? std::nullopt : std::optional(value);
  };
  s.view.now = SimTime{i * interval.ns};
  s.view.window = whole_seconds(static_cast<std::int64_t>(draws.next(60)));
  s.view.wanted = wanted;
  s.view.ready = wanted == 0 ? 0 : static_cast<std::uint32_t>(draws.next(wanted + 1));
  s.view.starting = wanted - s.view.ready;
  s.view.min_replicas = 0;
  s.view.max_replicas = 50;
  s.view.concurrency = 4;
  s.view.utilization = maybe(draws.share());
  s.view.arrivals_per_s = maybe(2000 * draws.share());
  s.view.in_system = maybe(300 * draws.share());
  s.view.queued = maybe(100 * draws.share());
  s.view.prompt_mean = maybe(1 + 3000 * draws.share());
  s.view.output_mean = maybe(1 + 300 * draws.share());
  s.view.ttft = TailReading{1, 2, draws.share()};
  s.view.tpot = TailReading{1, 2, draws.share()};
  s.view.service_mean_s = maybe(0.001 + 0.1 * draws.share());
  for (std::uint32_t r = 0; r < wanted && draws.next(4) > 0; ++r) {
    ReplicaReading reading;
    reading.created =
        SimTime{s.view.now.ns - static_cast<std::int64_t>(draws.next(1000)) * 1'000'000'000};
    if (r < s.view.ready) {
      reading.ready_since = reading.created;
      // Mostly low, so that fewer cores would do.
      const double share = draws.share();
      reading.utilization = maybe(share * draws.share());
    }
    s.list.push_back(reading);
  }
  return s;
}

std::unique_ptr<Autoscaler> make(const AutoscalerEntry& entry) {
  const AutoscalerContext context{
      0, 50, 4, 0.05, 1, whole_seconds(30), std::make_shared<HandEngine>()};
  return entry.make(params_for(entry), context);
}

}  // namespace

TEST_CASE("every autoscaler has a name, a sentence, defaults that are right, and an interval") {
  std::set<std::string_view> names;
  for (const AutoscalerEntry& entry : autoscalers()) {
    CAPTURE(entry.name);
    CHECK(names.insert(entry.name).second);
    CHECK(entry.doc.back() == '.');
    const Params params = params_for(entry);
    if (entry.check != nullptr) CHECK(entry.check(params).empty());
    for (const ParamSpec& spec : entry.params) {
      CAPTURE(spec.name);
      CHECK(spec.doc.back() == '.');
      if (spec.kind == ParamKind::number || spec.kind == ParamKind::quantity ||
          spec.kind == ParamKind::integer) {
        CHECK(params.number(spec.name) >= spec.min);
        CHECK(params.number(spec.name) <= spec.max);
      }
    }
    CHECK(make(entry)->interval().ns > 0);
  }
  CHECK(names.size() == 15);
}

TEST_CASE("every autoscaler gives the same answers to the same views, each with a reason") {
  for (const AutoscalerEntry& entry : autoscalers()) {
    CAPTURE(entry.name);
    std::size_t answers = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto first = make(entry);
      const auto second = make(entry);
      Draws draws{seed};
      std::uint32_t wanted = 5;
      double cores = 2;
      for (std::int64_t i = 0; i < 2000; ++i) {
        Scene s = scene(draws, i, first->interval(), wanted);
        s.view.replicas = s.list;
        s.view.cores = cores;
        const auto a = first->decide(s.view);
        const auto b = second->decide(s.view);
        REQUIRE(a.has_value() == b.has_value());
        if (!a) continue;
        ++answers;
        REQUIRE(a->replicas == b->replicas);
        REQUIRE(a->because == b->because);
        REQUIRE(a->cores == b->cores);
        REQUIRE_FALSE(a->because.empty());
        REQUIRE((a->replicas != wanted || a->cores));
        if (a->cores) REQUIRE((std::isfinite(*a->cores) && *a->cores > 0));
        wanted = std::min(a->replicas, s.view.max_replicas);
        cores = a->cores.value_or(cores);
      }
    }
    if (entry.name != "none") CHECK(answers > 0);  // else this shows little
  }
}

TEST_CASE("every autoscaler survives that nothing is known, with and without replicas") {
  for (const AutoscalerEntry& entry : autoscalers()) {
    CAPTURE(entry.name);
    for (const std::uint32_t wanted : {0U, 1U, 7U}) {
      const auto policy = make(entry);
      ScaleView view;
      view.wanted = wanted;
      view.ready = wanted;
      view.max_replicas = 50;
      const std::vector<ReplicaReading> silent(wanted,
                                               ReplicaReading{{}, SimTime{}, std::nullopt, {}});
      for (std::int64_t i = 0; i < 200; ++i) {
        view.now = SimTime{i * policy->interval().ns};
        view.replicas = i % 2 == 0 ? std::span<const ReplicaReading>(silent)
                                   : std::span<const ReplicaReading>();
        const auto answer = policy->decide(view);
        // Only the clock may speak.
        if (answer) CHECK(entry.name == "scheduled");
      }
    }
  }
}

TEST_CASE("every autoscaler follows a load that is ten times as high, and lets go of it") {
  for (const AutoscalerEntry& entry : autoscalers()) {
    if (entry.name == "none" || entry.name == "vertical") continue;
    CAPTURE(entry.name);
    const auto policy = make(entry);
    ScaleView view;
    view.wanted = 4;
    view.min_replicas = 1;
    view.max_replicas = 200;
    view.concurrency = 4;
    // Requests of 50 ms: 40/s are two busy slots; the load of the middle third is 400/s.
    const auto ask = [&](std::int64_t from_s, std::int64_t to_s, double rate) {
      for (std::int64_t t = from_s * 1'000'000'000; t < to_s * 1'000'000'000;
           t += policy->interval().ns) {
        view.now = SimTime{t};
        view.window = whole_seconds(2);
        view.ready = view.wanted;
        const double slots = 4.0 * view.wanted;
        view.utilization = std::min(1.0, rate * 0.05 / slots);
        view.arrivals_per_s = rate;
        view.in_system = rate * 0.05;
        view.queued = std::max(0.0, rate * 0.05 - slots);
        view.service_mean_s = 0.05;
        view.prompt_mean = 40;  // 40 ms of its own
        view.output_mean = 2;
        if (const auto answer = policy->decide(view)) {
          view.wanted = std::clamp(answer->replicas, view.min_replicas, view.max_replicas);
        }
      }
      return view.wanted;
    };
    ask(0, 7200, 40);
    const std::uint32_t before = view.wanted;
    CHECK(ask(7200, 14400, 400) >= 2 * before);
    CHECK(view.wanted >= 4);  // 20 busy slots take five replicas; knative may have 0.7 of them
    CHECK(ask(14400, 28800, 40) <= before + 1);
  }
}

}  // namespace hyperdc::testing
