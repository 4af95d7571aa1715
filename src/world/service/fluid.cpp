#include "world/service/fluid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "model/queueing/sojourn.hpp"
#include "scenario/fluid.hpp"
#include "world/service/fluid_engine.hpp"
#include "world/service/inference.hpp"
#include "world/service/residency.hpp"

namespace hyperdc {

namespace {

using queueing::kStrata;

/// One step of one deployment.
struct FluidMove {
  SimTime from;
  Duration span;
  std::size_t deployment = 0;
};

void expect(ServiceState& service, Count what, double amount) {
  FluidState& fluid = *service.fluid;
  const auto kind = static_cast<std::size_t>(what);
  fluid.expected[kind] += amount;
  const auto whole = static_cast<std::uint64_t>(std::llround(fluid.expected[kind]));
  service.counts.n[kind] += whole - fluid.told[kind];
  fluid.told[kind] = whole;
}

double& flow(ServiceState& service, std::size_t origin, std::size_t deployment) {
  return service.fluid->flows[origin * service.deployments.size() + deployment];
}

/// Of requests, those that the engines of some deployment can finish; all of a service.
double servable_share(const FluidState& fluid) {
  double most = 0;
  for (const FluidDeployment& deployment : fluid.deployments) {
    if (!deployment.engines) return 1;
    most = std::max(most, deployment.engines->station->served_share());
  }
  return most;
}

/// What nobody can finish is refused as often as it is sent.
void refuse_for_good(ServiceState& service, double requests, bool measured) {
  const double attempts = service.spec->client.retry.max_attempts;
  expect(service, Count::refused, requests * attempts);
  expect(service, Count::retries, requests * (attempts - 1));
  expect(service, Count::failed, requests);
  if (measured) service.fluid->failed_since_warmup += requests;
}

/// The attempts of each origin between two moments, by deployment.
void spread_demand(const World& world, ServiceState& service, SimTime from, SimTime to) {
  FluidState& fluid = *service.fluid;
  std::fill(fluid.flows.begin(), fluid.flows.end(), 0.0);
  for (std::size_t origin = 0; origin < service.origins.size(); ++origin) {
    const OriginState& state = service.origins[origin];
    if (!state.curve) continue;
    const double requests = state.curve->expected(from, to);
    expect(service, Count::offered, requests);
    const bool measured = from >= service.measured_from;  // steps end with it
    const double servable = servable_share(fluid);
    if (servable < 1) refuse_for_good(service, requests * (1 - servable), measured);
    fluid.retries.begin(origin, requests * servable, measured);
    const double sent = fluid.retries.sent_in_all(origin);
    if (service.deployments.size() == 1) {
      flow(service, origin, 0) = sent;
      continue;
    }
    const auto region = static_cast<std::uint16_t>(origin);
    const auto views = views_of(world, service, region, region, from);
    const std::span<double> shares(fluid.shares.data(), views.size());
    const bool split = service.region_router->shares(views, shares);
    HYPERDC_CHECK(split, "a fluid service has a region router without shares");
    for (std::uint32_t i = 0; i < views.size(); ++i) {
      flow(service, origin, deployment_of_view(service, region, i)) = sent * shares[i];
      const bool lost = views[i].ready == 0 && is_confined(service, region);
      if (lost) expect(service, Count::confined, sent * shares[i]);
    }
  }
}

/// Outside of the replicas, there and back.
double trip_s_of(const ServiceState& service, std::size_t origin, std::size_t deployment) {
  const auto& model = service.spec->inference;
  return 2 * to_seconds(service.origins[origin].one_way[deployment]) +
         to_seconds(model ? model->request_time : Duration{});
}

/// Of those that were admitted from one origin, what becomes of them; counts those that come too
/// late, and sends them again.
FluidPart part_of_admitted(ServiceState& service, const FluidMove& move, std::size_t origin,
                           std::size_t before, double admitted) {
  const FluidDeployment& fluid = service.fluid->deployments[move.deployment];
  const FluidStep& step = fluid.station.last();
  const RetryFlow::Attempts& sent = service.fluid->retries.sent(origin)[before];
  const double trip_s = trip_s_of(service, origin, move.deployment);
  const auto within = [&](Duration limit, double before_s) {
    return queueing::share_within(step.latency_s, to_seconds(limit) - trip_s - before_s);
  };
  const auto& timeout = service.client.timeout();
  const auto& slo = service.spec->classes[0].slo;
  const double prompt = timeout ? within(*timeout, 0) : 1.0;
  double good = slo ? std::min(prompt, within(*slo, sent.spent_s)) : 0;
  if (fluid.engines) {
    good = std::min(prompt, tokens_within(service, fluid, trip_s + sent.spent_s));
  }
  const double measured = sent.measured / sent.number;
  const double late = admitted * (1 - prompt);
  expect(service, Count::timed_out, late);
  if (timeout) {
    service.fluid->retries.fail(origin, before,
                                {late, late * measured, sent.spent_s + to_seconds(*timeout)});
  }
  return {admitted, admitted * prompt, admitted * good, measured, sent.spent_s};
}

/// The attempts of a step, those of each origin and number alike: some are refused, the others join
/// the queue.
void admit(ServiceState& service, const FluidMove& move, double admitted_share,
           double refused_share) {
  RetryFlow& retries = service.fluid->retries;
  FluidDeployment& fluid = service.fluid->deployments[move.deployment];
  FluidBatch batch;
  batch.latency_s = fluid.station.last().latency_sample_s;
  batch.wait_s = fluid.station.last().wait_sample_s;
  batch.parts.resize(fluid.dealers.size());
  for (std::size_t o = 0; o < service.origins.size(); ++o) {
    const double here = flow(service, o, move.deployment);
    if (here <= 0) continue;
    const double share = here / retries.sent_in_all(o);
    const std::size_t most = retries.sent(o).size();
    for (std::size_t before = 0; before < most; ++before) {
      const RetryFlow::Attempts& sent = retries.sent(o)[before];
      if (sent.number <= 0) continue;
      const double refused = share * refused_share;
      retries.fail(o, before, {refused * sent.number, refused * sent.measured, sent.spent_s});
      const double admitted = sent.number * share * admitted_share;
      batch.parts[o * most + before] = part_of_admitted(service, move, o, before, admitted);
    }
  }
  fluid.queue.add(std::move(batch));
}

/// Latencies and waits of a share of a batch; `part` are whole requests of some origin and number.
void tell_latencies(ServiceState& service, std::size_t deployment, const FluidBatch& batch,
                    std::size_t part, double number) {
  FluidState& state = *service.fluid;
  StrataDealer& dealer = state.deployments[deployment].dealers[part];
  const StrataDealer::Counts& counts = dealer.deal(number * batch.parts[part].measured);
  if (dealer.dealt() == 0) return;
  const std::size_t origin = part / service.spec->client.retry.max_attempts;
  const double trip_s = trip_s_of(service, origin, deployment);
  const double spent_s = batch.parts[part].spent_s;
  const bool fcfs = service.spec->instance.discipline == Discipline::fcfs;
  const bool engines = service.spec->instance.discipline == Discipline::engine;
  const auto& timeout = service.client.timeout();
  const double limit_s = timeout ? to_seconds(*timeout) : 1e300;
  for (std::size_t k = 0; k < kStrata; ++k) {
    const double latency_s = batch.latency_s[k] + trip_s;
    if (latency_s <= limit_s) state.latency.add(latency_s + spent_s, counts[k]);
    if (engines && latency_s <= limit_s) {
      state.before_service.add(batch.wait_s[k] + trip_s + spent_s, counts[k]);
    }
    if (fcfs) state.before_service.add(batch.wait_s[k], counts[k]);
  }
}

/// The oldest leave: answered, or too late for who asked.
void answer_oldest(ServiceState& service, std::size_t deployment, double served) {
  FluidState& state = *service.fluid;
  state.deployments[deployment].queue.take(served, [&](const FluidBatch& batch, double share) {
    double measured = 0;
    for (std::size_t i = 0; i < batch.parts.size(); ++i) {
      const FluidPart& part = batch.parts[i];
      if (part.number <= 0) continue;
      measured += share * part.prompt * part.measured;
      expect(service, Count::completed, share * part.prompt);
      expect(service, Count::wasted, share * (part.number - part.prompt));
      expect(service, Count::good, share * part.good);
      state.good_since_warmup += share * part.good * part.measured;
      tell_latencies(service, deployment, batch, i, share * part.number);
    }
    FluidDeployment& fluid = state.deployments[deployment];
    if (fluid.engines) tell_token_times(state, fluid, measured);
  });
}

/// Arrivals and busy slots as they would have been seen: expectations and chance.
double sense_flow(FluidState& state, const DeploymentState& deployment, const FluidInput& input) {
  FluidDeployment& fluid = state.deployments[deployment.index];
  const FluidStep& step = fluid.station.last();
  if (!state.watched) return step.arrived;
  const auto normal = [&](std::uint64_t which) {
    const std::uint64_t attribute = std::uint64_t{deployment.index} << 32 | which;
    return math::normal_quantile(state.chance.uniform(state.steps, attribute));
  };
  FluctuationInput around;
  around.step_s = input.step_s;
  around.busy = step.utilization * input.replicas * state.concurrency;
  around.all_busy = step.all_busy;
  around.service_s = fluid.station.service().mean_s() * input.slowdown;
  around.variation = state.arrivals_cv2 + fluid.station.service().cv2();
  if (fluid.engines) {
    around = engine_fluctuation(fluid, input);
  }
  fluid.deviation_s += input.step_s * fluid.fluctuation.step(around, normal(0), normal(1));
  return std::max(0.0, step.arrived + std::sqrt(state.arrivals_cv2 * step.arrived) * normal(2));
}

void tell_sensors(FluidState& state, DeploymentState& deployment, const FluidInput& input,
                  double served) {
  FluidDeployment& fluid = state.deployments[deployment.index];
  const FluidStep& step = fluid.station.last();
  const double service_s =
      input.slowdown * (fluid.engines ? state.work_s : fluid.station.service().mean_s());
  const double arrivals = sense_flow(state, deployment, input);
  deployment.sensors.flowed(arrivals, served, served * step.latency_mean_s, served * service_s);
  if (!deployment.sensors.keeps_latency()) return;
  const StrataDealer::Counts& counts = fluid.sensed.deal(served);
  for (std::size_t k = 0; k < kStrata; ++k) {
    deployment.sensors.latencies(step.latency_sample_s[k], counts[k]);
  }
}

/// The mean of the deployment's ready replicas since the last step.
FluidInput input_of(const DeploymentState& deployment, FluidDeployment& fluid, SimTime to,
                    Duration span) {
  const Int128 ready_ns = deployment.ready_level.until(to);
  const Int128 speed_ppm_ns = deployment.speed_ppm.until(to);
  const auto ready = static_cast<double>(ready_ns - fluid.ready_ns);
  const auto speed = 1e-6 * static_cast<double>(speed_ppm_ns - fluid.speed_ppm_ns);
  fluid.ready_ns = ready_ns;
  fluid.speed_ppm_ns = speed_ppm_ns;
  FluidInput input;
  input.step_s = to_seconds(span);
  input.replicas = ready / static_cast<double>(span.ns);
  input.slowdown = speed > 0 ? ready / speed : 1;
  return input;
}

void move_deployment(ServiceState& service, const FluidMove& move) {
  DeploymentState& deployment = service.deployments[move.deployment];
  FluidDeployment& fluid = service.fluid->deployments[move.deployment];
  FluidInput input = input_of(deployment, fluid, move.from + move.span, move.span);
  double arrived = 0;
  for (std::size_t o = 0; o < service.origins.size(); ++o) {
    arrived += flow(service, o, move.deployment);
  }
  double servable = 1;
  if (fluid.engines && arrived > 0) {
    servable = fluid.engines->station->served_share() / servable_share(*service.fluid);
  }
  input.rate_per_s = servable * arrived / input.step_s;
  const FluidStep& step = fluid.station.step(input);
  // What no ready replica holds any more is finished by those that leave.
  double served = step.served + step.dropped;
  // Nobody comes, and what is left is less than a request: it does not linger.
  constexpr double kNobody = 0.5;
  if (fluid.engines && arrived == 0 && fluid.station.in_system() < kNobody) {
    served += fluid.station.finish();
  }
  const double refused = std::max(0.0, arrived - step.admitted);
  if (fluid.engines) move_engines(service, deployment, input, served);
  expect(service, Count::refused, refused);
  if (input.replicas == 0) {
    deployment.without_replica += static_cast<std::uint64_t>(std::llround(step.arrived));
  }
  if (arrived > 0) admit(service, move, step.admitted / arrived, refused / arrived);
  answer_oldest(service, move.deployment, served);
  tell_sensors(*service.fluid, deployment, input, served);
  const double busy = fluid.engines
                          ? running_requests(fluid, input.replicas)
                          : step.utilization * input.replicas * service.spec->instance.concurrency;
  const auto span_ns = static_cast<double>(move.span.ns);
  deployment.busy_ns += static_cast<Int128>(busy * span_ns);
  deployment.load_ns += static_cast<Int128>(step.in_system * span_ns);
  deployment.in_system = static_cast<std::uint64_t>(std::llround(fluid.station.in_system()));
}

/// Mean of the longest of n residual services, n real: harmonic numbers, linear between them.
double harmonic(double n) {
  double sum = 0;
  double k = 1;
  for (; k <= n && k <= 1000; k += 1) sum += 1 / k;
  return sum + (n - (k - 1)) / k;
}

}  // namespace

FluidState::FluidState(std::uint64_t seed, const ServiceWorkload& service, std::size_t origins)
    : retries(service.client, origins),
      chance(seed, "workloads." + service.name + ".chance"),
      watched(service.autoscaler.policy != "none"),
      arrivals_cv2(fluid_arrivals_cv2(service.arrivals).value_or(1)),
      concurrency(service.instance.concurrency),
      work_s(Distribution(service.classes.front().service_s).mean()) {}

double take_deviation_s(ServiceState& service, const DeploymentState& deployment) {
  return std::exchange(service.fluid->deployments[deployment.index].deviation_s, 0.0);
}

void build_fluid(ServiceState& service, std::uint64_t seed) {
  if (service.spec->fidelity != Fidelity::fluid) return;
  const std::size_t origins = service.origins.size();
  service.fluid = std::make_unique<FluidState>(seed, *service.spec, origins);
  for (std::size_t d = 0; d < service.deployments.size(); ++d) {
    FluidService station = fluid_service(*service.spec);
    auto engines = make_fluid_engines(service, d, seed, station);
    service.fluid->deployments.emplace_back(station,
                                            origins * service.spec->client.retry.max_attempts);
    service.fluid->deployments.back().engines = std::move(engines);
  }
  service.fluid->shares.resize(service.deployments.size());
  service.fluid->flows.resize(service.deployments.size() * origins);
}

void advance_fluid(const World& world, ServiceState& service, SimTime to) {
  FluidState& fluid = *service.fluid;
  const Duration span = to - fluid.at;
  if (span.ns <= 0) return;
  spread_demand(world, service, fluid.at, to);
  for (std::size_t d = 0; d < service.deployments.size(); ++d) {
    move_deployment(service, {fluid.at, span, d});
  }
  const RetryFlow::Ended ended = fluid.retries.end(to_seconds(span));
  expect(service, Count::retries, ended.retries);
  expect(service, Count::failed, ended.given_up);
  fluid.failed_since_warmup += ended.given_up_measured;
  fluid.at = to;
  ++fluid.steps;
}

void close_fluid(World& world, ServiceState& service, SimTime end) {
  advance_fluid(world, service, end);
  FluidState& fluid = *service.fluid;
  fluid.latency.flush(*world.recorder, service.metrics.latency, end);
  if (service.inference) {
    const InferenceState& all = *service.inference;
    tell_engines(world, service, end);
    fluid.before_service.flush(*world.recorder, *all.ttft, end);
    fluid.tpot.flush(*world.recorder, all.tpot, end);
    if (all.itl) fluid.gaps.flush(*world.recorder, *all.itl, end);
  }
  if (service.spec->instance.discipline != Discipline::fcfs) return;
  fluid.before_service.flush(*world.recorder, service.metrics.queue_wait, end);
}

void crash_fluid(ServiceState& service, DeploymentState& deployment) {
  FluidDeployment& fluid = service.fluid->deployments[deployment.index];
  const auto ready = static_cast<double>(deployment.ready.size()) + 1;  // with the one that is gone
  const double gone = fluid.station.drop(1 / ready);
  expect(service, Count::crashed, gone);
  RetryFlow& retries = service.fluid->retries;
  const std::size_t most = service.spec->client.retry.max_attempts;
  fluid.queue.drop(1 / ready, [&](std::size_t at, const FluidPart& part, double share) {
    const double lost = share * part.prompt;
    retries.fail(at / most, at % most, {lost, lost * part.measured, part.spent_s});
  });
}

Duration fluid_drain_time(const ServiceState& service, const DeploymentState& deployment) {
  const FluidDeployment& fluid = service.fluid->deployments[deployment.index];
  const auto ready = static_cast<double>(deployment.ready.size()) + 1;  // with the one that leaves
  const double there = fluid.station.in_system() / ready;
  if (fluid.engines) {
    const double running = std::min(there, fluid.engines->now.running);
    const Duration longest = seconds(fluid.station.last().latency_mean_s * harmonic(running));
    return std::min(longest, service.spec->instance.drain.value_or(longest));
  }
  const double slots = service.spec->instance.concurrency;
  const queueing::ServiceShape& shape = fluid.station.service();
  const double residual_s = 0.5 * (1 + shape.cv2()) * shape.mean_s();
  const double busy_s = residual_s * harmonic(std::min(there, slots));
  const Duration left = seconds(busy_s + std::max(0.0, there - slots) * shape.mean_s() / slots);
  return std::min(left, service.spec->instance.drain.value_or(left));
}

void sample_fluid(ServiceState& service, DeploymentState& deployment,
                  const ReplicaInfo::Sample& sample) {
  auto& samples = service.fluid->deployments[deployment.index].samples;
  const SensorSpec& sensors = service.spec->sensors;
  const Duration keep = sensors.window + sensors.delay + sensors.scrape;
  std::erase_if(samples, [&](const ReplicaInfo::Sample& old) { return old.at < sample.at - keep; });
  if (sample.span_s > 0) samples.push_back(sample);
}

}  // namespace hyperdc
