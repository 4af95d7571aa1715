#include "world/service/fluid_engine.hpp"

#include <algorithm>
#include <cmath>

#include "model/queueing/sojourn.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {
namespace {

using queueing::kStrata;

/// The metrics that FluidEngines::expected are for; nothing where an endpoint has none.
std::array<std::optional<MetricId>, 5> amount_metrics(const InferenceState& all) {
  return {all.prompt_tokens, all.output_tokens, all.preemptions, all.cached_tokens,
          all.host_tokens};
}

void sense(DeploymentState& deployment, FluidEngines& engines, double served) {
  const EngineStation& station = *engines.station;
  Sensors& sensors = deployment.sensors;
  sensors.engines_flowed({served * engines.now.computed, served, served * station.mean_prompt(),
                          served * station.mean_output()});
}

}  // namespace

std::unique_ptr<FluidEngines> make_fluid_engines(const ServiceState& service,
                                                 std::size_t deployment, std::uint64_t seed,
                                                 FluidService& station) {
  if (!service.spec->inference) return nullptr;
  const auto engines =
      std::make_shared<EngineStation>(*service.spec, service.spec->inference->engines[deployment],
                                      *service.inference->times[deployment], seed);
  constexpr double kNever_s = 1e9;
  const double capacity = engines->capacity_per_s();
  const double each_s = capacity > 0 ? 1 / capacity : kNever_s;
  const double cv = std::sqrt(engines->work_cv2());
  station.service = Constant{each_s};
  if (cv > 0.01) station.service = Gamma{each_s, std::min(cv, 100.0)};
  station.concurrency = 1;
  station.measured = engines;
  return std::make_unique<FluidEngines>(engines);
}

double running_requests(const FluidDeployment& fluid, double replicas) {
  return fluid.engines->now.running * replicas;
}

FluctuationInput engine_fluctuation(const FluidDeployment& fluid, const FluidInput& input) {
  const EngineReading& now = fluid.engines->now;
  FluctuationInput around;
  around.step_s = input.step_s;
  around.busy = now.running * input.replicas;
  const double relative = now.running > 0 ? now.variance / now.running : 0;
  around.all_busy = 1 - relative;
  around.service_s = now.memory_s * relative * input.slowdown;
  return around;
}

void move_engines(ServiceState& service, DeploymentState& deployment, const FluidInput& input,
                  double served) {
  FluidDeployment& fluid = service.fluid->deployments[deployment.index];
  const FluidStep& step = fluid.station.last();
  FluidEngines& engines = *fluid.engines;
  if (input.replicas > 0) {
    const double each = step.in_system / input.replicas;
    engines.now = engines.station->at(each, step.alike, fluid.station.split());
    engines.now.running = std::min(engines.now.running, each);
    for (double& tpot_s : engines.now.tpot_s) tpot_s *= input.slowdown;
    for (double& gap_s : engines.now.gap_s) gap_s *= input.slowdown;
    sense(deployment, engines, served);
  } else {
    engines.now.number = engines.now.running = engines.now.full = engines.now.cache = 0;
    engines.now.variance = 0;
  }
  const EngineReading& now = engines.now;
  const double prompts = served * engines.station->mean_prompt();
  const std::array<double, 5> amounts = {prompts, served * engines.station->mean_output(),
                                         served * now.preemptions, served * now.cached,
                                         served * now.host};
  for (std::size_t i = 0; i < amounts.size(); ++i) engines.expected[i] += amounts[i];
  InferenceState& all = *service.inference;
  all.work[deployment.index] += {served * now.work.flops, served * now.work.bytes};
  if (!deployment.sensors.keeps_token_times()) return;
  const StrataDealer::Counts& first = engines.ttft.deal(served);
  for (std::size_t k = 0; k < kStrata; ++k) {
    deployment.sensors.first_tokens(step.wait_sample_s[k], first[k]);
  }
  const StrataDealer::Counts& others = engines.tpot.deal(served * engines.station->decoded_share());
  for (std::size_t k = 0; k < kStrata; ++k) {
    deployment.sensors.later_tokens(now.tpot_s[k], others[k]);
  }
}

double tokens_within(const ServiceState& service, const FluidDeployment& fluid, double before_s) {
  const TokenClass& slo = service.spec->inference->classes.front();
  if (!slo.slo_ttft && !slo.slo_tpot) return 0;
  double share = 1;
  if (slo.slo_ttft) {
    share =
        queueing::share_within(fluid.station.last().wait_s, to_seconds(*slo.slo_ttft) - before_s);
  }
  if (!slo.slo_tpot) return share;
  const double late =
      1 - queueing::share_within(fluid.engines->now.tpot_s, to_seconds(*slo.slo_tpot));
  return share * (1 - fluid.engines->station->decoded_share() * late);
}

double sense_cache(ServiceState& service, DeploymentState& deployment, double seen,
                   double replica_s) {
  const FluidDeployment& fluid = service.fluid->deployments[deployment.index];
  if (!fluid.engines) return 0;
  const double cache = std::min(1.0, fluid.engines->now.cache * seen);
  deployment.sensors.cache_used(cache * replica_s, replica_s);
  return cache;
}

void tell_token_times(FluidState& state, FluidDeployment& fluid, double requests) {
  FluidEngines& engines = *fluid.engines;
  const StrataDealer::Counts& tpot =
      engines.told_tpot.deal(requests * engines.station->decoded_share());
  for (std::size_t k = 0; k < kStrata; ++k) state.tpot.add(engines.now.tpot_s[k], tpot[k]);
  const StrataDealer::Counts& gaps = engines.told_gaps.deal(requests * engines.now.gaps);
  for (std::size_t k = 0; k < kStrata; ++k) state.gaps.add(engines.now.gap_s[k], gaps[k]);
}

void tell_engines(World& world, ServiceState& service, SimTime at) {
  if (!service.fluid || !service.inference) return;
  const InferenceState& all = *service.inference;
  const auto metrics = amount_metrics(all);
  for (DeploymentState& deployment : service.deployments) {
    FluidEngines& engines = *service.fluid->deployments[deployment.index].engines;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const double more = std::round(engines.expected[i]) - engines.told[i];
      if (!metrics[i] || more <= 0) continue;
      engines.told[i] += more;
      world.recorder->add(*metrics[i], at, more);
    }
    world.recorder->level(all.cache_use[deployment.index], at, engines.now.cache);
  }
}

}  // namespace hyperdc
