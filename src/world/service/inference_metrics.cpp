// What an endpoint of a model measures: metrics that are declared, and readings at the end.
#include <utility>

#include "world/service/inference.hpp"

namespace hyperdc {

namespace {

/// Beside what is of all deployments together.
void declare_of_pools(ServiceState& service, Recorder& recorder) {
  InferenceState& all = *service.inference;
  all.weights_kept.resize(service.deployments.size());
  all.work.resize(service.deployments.size());
  all.blocks_in_use.resize(service.deployments.size());
  all.engines_in_use.resize(service.deployments.size());
  const std::string prefix = "workloads." + service.spec->name + ".";
  const auto declare = [&](const std::string& metric, const char* unit, const char* meaning,
                           MetricKind kind) {
    return recorder.declare({prefix + metric, unit, meaning, kind});
  };
  for (const DeploymentState& deployment : service.deployments) {
    all.cache_use.push_back(declare(deployment.spec->name + ".kv_use", "1",
                                    "share of the cache blocks of serving replicas in use",
                                    MetricKind::level));
    if (!all.cached_tokens || service.spec->fidelity == Fidelity::fluid) continue;
    all.prefix_use.emplace_back().hit_rate =
        declare(deployment.spec->name + ".prefix_hit_rate", "1",
                "share of the tokens of prompts that were cached, of requests that were served "
                "between the last two scrapes",
                MetricKind::level);
  }
}

}  // namespace

void build_inference(ServiceState& service, Recorder& recorder, std::uint64_t seed) {
  if (!service.spec->inference) return;
  const std::string& name = service.spec->name;
  service.inference = std::make_unique<InferenceState>(*service.spec->inference, name, seed);
  InferenceState& all = *service.inference;
  const std::string prefix = "workloads." + name + ".";
  const auto declare = [&](const std::string& metric, const char* unit, const char* meaning,
                           MetricKind kind) {
    return recorder.declare({prefix + metric, unit, meaning, kind});
  };
  if (!all.spec->handed) {
    all.ttft = declare("ttft", "s", "from arrival to the first token, as callers see it",
                       MetricKind::sample);
    if (service.spec->fidelity == Fidelity::exact) {
      all.normalised_latency = declare("normalised_latency", "s",
                                       "latency over tokens of the answer", MetricKind::sample);
    }
    if (service.spec->classes.size() > 1) {
      for (const RequestClass& k : service.spec->classes) {
        all.class_ttft.push_back(declare("classes." + k.name + ".ttft", "s",
                                         "ttft of requests of this class", MetricKind::sample));
      }
    }
  }
  all.tpot =
      declare("tpot", "s", "mean time from one token to the next, of requests for two or more",
              MetricKind::sample);
  if (all.spec->keeps_cache() && !all.spec->handoff) {
    all.itl = declare("itl", "s", "from a token of a request to its next, as the engine gives them",
                      MetricKind::sample);
  }
  all.prompt_tokens =
      declare("prompt_tokens", "tokens", "tokens of prompts served", MetricKind::counter);
  all.output_tokens =
      declare("output_tokens", "tokens", "tokens of answers served", MetricKind::counter);
  all.preemptions = declare("kv_preemptions", "times", "requests that lost their cache to others",
                            MetricKind::counter);
  if (all.spec->engines.front().rules.prefix_caching && !all.spec->handed) {
    all.cached_tokens = declare("cached_tokens", "tokens", "tokens of prompts that were cached",
                                MetricKind::counter);
  }
  if (all.spec->engines.front().rules.host_blocks > 0) {
    all.host_tokens =
        declare("host_tokens", "tokens", "tokens of caches that came back from host memory",
                MetricKind::counter);
  }
  if (all.spec->variants) {
    all.loads =
        declare_variants(recorder, prefix, all.spec->engines.front().rules.variants.in_turns());
  }
  if (all.spec->handoff) {
    all.kv_transfer = declare("kv_transfer", "s",
                              "from the end of a prompt until its cache is where it is decoded",
                              MetricKind::sample);
  }
  if (all.spec->engines.front().store) {
    all.weights_load = declare("weights_load", "s",
                               "from the end of the start of a replica until it has its weights",
                               MetricKind::sample);
  }
  declare_of_pools(service, recorder);
}

void count_prefix(InferenceState& all, const DeploymentState& deployment,
                  const TokenState& tokens) {
  if (!all.cached_tokens) return;
  all.prefix_use[deployment.index].prompt += tokens.prompt;
  all.prefix_use[deployment.index].cached += tokens.cached;
}

void publish_hit_rate(const ServiceContext& c, const DeploymentState& deployment) {
  if (!c.service.inference || c.service.inference->prefix_use.empty()) return;
  PrefixUse& use = c.service.inference->prefix_use[deployment.index];
  const std::uint64_t prompt = std::exchange(use.prompt, 0);
  const std::uint64_t cached = std::exchange(use.cached, 0);
  if (prompt == 0) return;  // as before
  c.world.recorder->level(use.hit_rate, c.engine.now(),
                          static_cast<double>(cached) / static_cast<double>(prompt));
}

void read_inference(const ServiceState& service, SimTime end, std::vector<MetricValue>& values) {
  const InferenceState& all = *service.inference;
  for (const DeploymentState& deployment : service.deployments) {
    const auto* roofline =
        std::get_if<RooflineSpec>(&all.spec->engines[deployment.index].iteration);
    if (roofline == nullptr) continue;
    const double held_s = per_second(deployment.placed_level.until(end)) *
                          static_cast<double>(roofline->parallel.accelerators());
    IterationWork work = all.work[deployment.index];
    for (const ReplicaInfo& info : deployment.infos) {
      if (info.engine) work += info.engine->batcher.work_by(end);
    }
    const std::string name = "workloads." + service.spec->name + "." + deployment.spec->name + ".";
    const auto share = [&](const char* metric, double part, double peak) {
      MetricValue value{name + metric, "1", std::nullopt, "no replica had a place"};
      if (held_s > 0) value = {name + metric, "1", part / (held_s * peak), {}};
      values.push_back(std::move(value));
    };
    share("mfu", work.flops, peak_flops(roofline->chip, roofline->model.linear_precision));
    share("mbu", work.bytes, roofline->chip.memory_Bps);
  }
}

double take_cache_s(const ServiceState& service, DeploymentState& deployment, std::uint32_t replica,
                    SimTime now) {
  ReplicaEngine* engine = deployment.infos[replica].engine.get();
  if (engine == nullptr) return 0;
  const Int128 blocks_ns = engine->blocks.until(now);
  const Int128 since = blocks_ns - std::exchange(engine->blocks_ns, blocks_ns);
  const std::uint64_t blocks = service.inference->spec->engines[deployment.index].rules.blocks;
  return blocks > 0 ? per_second(since) / static_cast<double>(blocks) : 0;
}

double tokens_served(const ServiceState& service, const Recorder& recorder) {
  const InferenceState& all = *service.inference;
  return recorder.total(all.prompt_tokens) + recorder.total(all.output_tokens);
}

}  // namespace hyperdc
