#include "world/service/inference.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/service/answers.hpp"

namespace hyperdc {
namespace {

/// Tokens that the engine of an endpoint, to which nobody hands over, gives the request.
std::uint64_t output_here(const InferenceSpec& spec, const TokenState& tokens) {
  return spec.handoff ? 1 : tokens.output;
}

/// What a request takes on the first of its engines when nobody else is there.
Duration alone(const InferenceState& all, std::uint64_t prompt, std::uint64_t output) {
  return time_alone(all.spec->engines.front(), *all.times.front(), prompt, output);
}

double seconds_a_token(const TokenState& tokens) {
  return to_seconds(tokens.done - tokens.first_token) / static_cast<double>(tokens.output - 1);
}

/// So many blocks of a replica are in use now. Replicas that drain have theirs until they are gone.
void note_blocks(const ServiceContext& c, const DeploymentState& deployment, ReplicaEngine& engine,
                 std::uint64_t blocks) {
  InferenceState& all = *c.service.inference;
  std::uint64_t& in_use = all.blocks_in_use[deployment.index];
  std::uint32_t& engines = all.engines_in_use[deployment.index];
  const auto before = static_cast<std::uint64_t>(engine.blocks.level());
  in_use += blocks - before;
  engines += (blocks > 0 ? 1U : 0U) - (before > 0 ? 1U : 0U);
  engine.blocks.set(c.engine.now(), static_cast<std::int64_t>(blocks));
  const double there = static_cast<double>(all.spec->engines[deployment.index].rules.blocks) *
                       std::max(serving(deployment), engines);
  c.world.recorder->level(all.cache_use[deployment.index], c.engine.now(),
                          there > 0 ? static_cast<double>(in_use) / there : 0);
}

/// Brings what is counted of a replica up to its engine.
void note_engine(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  InferenceState& all = *c.service.inference;
  ReplicaEngine& engine = *deployment.infos[replica].engine;
  ReplicaState& state = deployment.replicas[replica];
  const SimTime now = c.engine.now();
  account_replica(state, deployment.load[replica], now);
  state.busy = static_cast<std::uint32_t>(engine.batcher.running());
  state.waiting = static_cast<std::uint32_t>(engine.batcher.waiting());
  note_blocks(c, deployment, engine, engine.batcher.blocks_used());
  const std::uint64_t tokens = engine.batcher.computed_tokens();
  deployment.sensors.computed(tokens - std::exchange(engine.tokens, tokens));
  if (all.host_tokens && engine.host_tokens < engine.batcher.host_tokens()) {
    const std::uint64_t host = engine.batcher.host_tokens();
    c.world.recorder->add(*all.host_tokens, now,
                          static_cast<double>(host - std::exchange(engine.host_tokens, host)));
  }
  if (all.loads) {
    note_variants(*c.world.recorder, now, *all.loads, engine.batcher.variant_use(),
                  engine.variants);
  }
  if (engine.preemptions < engine.batcher.preemptions()) {
    c.world.recorder->add(all.preemptions, now,
                          static_cast<double>(engine.batcher.preemptions() - engine.preemptions));
    engine.preemptions = engine.batcher.preemptions();
  }
}

/// The engine, which idles, begins then, or earlier if somebody comes.
void begin_at(const ServiceContext& c, const DeploymentState& deployment, std::uint32_t replica,
              SimTime at) {
  ReplicaEngine& engine = *deployment.infos[replica].engine;
  if (engine.begin == kNoEvent) {
    engine.begin = c.engine.schedule(at, Phase::control, c.service.process,
                                     static_cast<std::uint32_t>(ServiceEvent::engine_begin),
                                     replica_arg(deployment.index, replica));
  } else if (at < engine.begins_at) {
    engine.begin = c.engine.reschedule(engine.begin, at);
  } else {
    return;
  }
  engine.begins_at = at;
}

/// Begins a stretch, and takes note of what that takes from the queue.
void begin_stretch(ReplicaEngine& engine, SimTime now) {
  const std::uint64_t before = engine.batcher.drained_tokens();
  engine.batcher.begin(now);
  if (engine.waits_since) {
    engine.pace.add(engine.batcher.drained_tokens() - before, now - *engine.waits_since);
  }
  engine.waits_since.reset();
  if (engine.batcher.backlog_tokens() > 0) engine.waits_since = now;
}

void begin_later(const ServiceContext& c, const DeploymentState& deployment,
                 std::uint32_t replica) {
  if (!deployment.infos[replica].engine->batcher.idle()) return;
  begin_at(c, deployment, replica, c.engine.now());
}

void log_request(const ServiceContext& c, const DeploymentState* deployment, std::uint32_t slot,
                 std::optional<SimTime> done) {
  if (c.world.request_log == nullptr) return;
  const RequestState& request = c.service.requests[slot];
  const TokenState& tokens = c.service.inference->tokens[slot];
  RequestRow row;
  row.number = request.number;
  row.workload = c.service.spec->name;
  row.arrival = request.arrived;
  row.prompt = tokens.prompt;
  row.output = tokens.output;
  row.attempt = request.attempts;
  row.preemptions = tokens.preemptions;
  row.cached = tokens.cached;
  if (done) row.first_token = tokens.first_token;
  row.done = done;
  if (deployment != nullptr) {
    row.pool = deployment->spec->name;
    row.replica = tokens.replica;
  }
  c.world.request_log->left(row);
}

/// What callers see, by the tokens that they got.
void sample_times(const ServiceContext& c, std::uint32_t slot) {
  const RequestState& request = c.service.requests[slot];
  const InferenceState& all = *c.service.inference;
  const TokenState& tokens = all.tokens[slot];
  Recorder& recorder = *c.world.recorder;
  const Duration outside = round_trip(c.service, request);
  if (all.ttft) {
    const double ttft_s = to_seconds(tokens.first_token - request.arrived + outside);
    recorder.sample(*all.ttft, request.arrived, ttft_s);
    if (!all.class_ttft.empty()) {
      recorder.sample(all.class_ttft[request.request_class], request.arrived, ttft_s);
    }
    recorder.sample(
        *all.normalised_latency, request.arrived,
        to_seconds(tokens.done - request.arrived + outside) / static_cast<double>(tokens.output));
  }
  if (tokens.output == 1) return;
  recorder.sample(all.tpot, request.arrived, seconds_a_token(tokens));
}

/// The request has its last token now.
void all_tokens_there(const ServiceContext& c, const DeploymentState& deployment,
                      std::uint32_t slot) {
  c.service.inference->tokens[slot].done = c.engine.now();
  log_request(c, &deployment, slot, c.engine.now());
  // Of an abandoned one nobody sees the tokens; another attempt has its own.
  if (!c.service.requests[slot].abandoned) sample_times(c, slot);
}

/// What the same request for somebody else begins with.
TokenState asked_again(const TokenState& tokens) {
  TokenState asked;
  asked.prompt = tokens.prompt;
  asked.output = tokens.output;
  asked.prefix = tokens.prefix;
  asked.priority = tokens.priority;
  asked.variant = tokens.variant;
  asked.origin = tokens.origin;
  return asked;
}

/// The engine has done its part: all of the request, its prompt or its other tokens.
void served(const ServiceContext& c, DeploymentState& deployment, std::uint32_t slot,
            const BatchProgress& progress) {
  InferenceState& all = *c.service.inference;
  TokenState& tokens = all.tokens[slot];
  const SimTime now = c.engine.now();
  tokens.preemptions = progress.preemptions;
  tokens.cached = progress.cached;
  tokens.replica = deployment.infos[c.service.requests[slot].replica].number;
  const std::uint64_t outputs =
      all.spec->handed ? tokens.output - 1 : output_here(*all.spec, tokens);
  Recorder& recorder = *c.world.recorder;
  if (!all.spec->handed) {
    recorder.add(all.prompt_tokens, now, static_cast<double>(tokens.prompt));
  }
  recorder.add(all.output_tokens, now, static_cast<double>(outputs));
  if (all.cached_tokens) {
    recorder.add(*all.cached_tokens, now, static_cast<double>(tokens.cached));
  }
  count_prefix(all, deployment, tokens);
  if (all.spec->handoff && all.spec->handoff->fabric) tokens.origin = cache_origin(c, slot);
  deployment.sensors.served(tokens.prompt, tokens.output);
}

/// The prompt of a request is computed, and with it its first token.
void first_token_there(const ServiceContext& c, DeploymentState& deployment, std::uint32_t slot) {
  const SimTime now = c.engine.now();
  c.service.inference->tokens[slot].first_token = now;
  deployment.sensors.computed(1);
  deployment.sensors.first_token(to_seconds(now - c.service.requests[slot].entered));
}

/// Once it has counted more time than this it forgets half.
constexpr Duration kPaceMemory{20'000'000'000};

}  // namespace

void QueuePace::add(std::uint64_t drained, Duration in) {
  tokens += drained;
  over = over + in;
  for (; over > kPaceMemory; over.ns /= 2) tokens /= 2;
}

Duration ScaledTime::of(const IterationLoad& load) const {
  const Duration full = at_full_speed_.of(load);
  if (speed == 1) return full;
  HYPERDC_CHECK(speed > 0, "an engine that stands still");
  const double ns = std::ceil(static_cast<double>(full.ns) / speed);
  if (!(ns < 0x1p63)) time_overflow();
  return {static_cast<std::int64_t>(ns)};
}

PrefixGroups::PrefixGroups(const GeneratedPrefixes& spec, const std::string& workload,
                           std::uint64_t seed)
    : draws(seed, "workloads." + workload + ".prefix") {
  const Distribution lengths(spec.tokens);
  const RandomStream length_draws(seed, "workloads." + workload + ".prefix_tokens");
  for (std::uint64_t i = 0; i < spec.groups; ++i) {
    names.push_back(i);
    tokens.push_back(whole_tokens(lengths.draw(length_draws, i)));
  }
}

PrefixIds PrefixGroups::of(std::uint64_t request, std::uint64_t prompt) const {
  const std::uint64_t group = draws.below(names.size(), request);
  return {std::span(names).subspan(group, 1), tokens[group], std::min(prompt, tokens[group])};
}

InferenceState::InferenceState(const InferenceSpec& of, const std::string& workload,
                               std::uint64_t seed)
    : spec(&of),
      prompt_draws(seed, "workloads." + workload + ".prompt"),
      output_draws(seed, "workloads." + workload + ".output") {
  for (const EngineSpec& engine : of.engines) times.push_back(iteration_time_of(engine));
  if (of.variants) variants.emplace(*of.variants, workload, seed);
  if (of.trace) return;
  for (const TokenClass& k : of.classes) {
    prompt.emplace_back(k.prompt);
    output.emplace_back(k.output);
  }
  if (of.prefixes && of.engines.front().rules.prefix_caching)
    prefixes.emplace(*of.prefixes, workload, seed);
  if (of.conversations) conversations.emplace(*of.conversations, workload, seed);
}

std::uint64_t EngineCaches::cached_tokens(std::uint32_t replica) const {
  const ReplicaEngine* engine = deployment_.infos[replica].engine.get();
  if (engine == nullptr) return 0;
  return engine->batcher.tokens_in_cache(request_.prefix, request_.prompt, now_, request_.variant);
}

std::uint64_t EngineCaches::blocks_in_use(std::uint32_t replica) const {
  const ReplicaEngine* engine = deployment_.infos[replica].engine.get();
  return engine == nullptr ? 0 : engine->batcher.blocks_used();
}

bool EngineCaches::variant_loaded(std::uint32_t replica) const {
  const ReplicaEngine* engine = deployment_.infos[replica].engine.get();
  return engine != nullptr && engine->batcher.variant_loaded(request_.variant);
}

void set_tokens(ServiceState& service, std::uint32_t slot) {
  InferenceState& all = *service.inference;
  if (all.tokens.size() < service.requests.size()) all.tokens.resize(service.requests.size());
  RequestState& request = service.requests[slot];
  TokenState& tokens = all.tokens[slot];
  tokens = {};
  if (all.spec->handed) return;                                     // see take_over
  const bool talks = all.conversations && request.user != kNoUser;  // who is called does not
  if (talks) {
    request.request_class = all.conversations->class_of(request.user, request.request_class);
  }
  tokens.priority = service.spec->classes[request.request_class].priority;
  if (all.variants) {
    tokens.variant =
        all.variants->of(talks ? all.conversations->name(request.user) : request.number);
  }
  if (all.spec->trace) {
    const TokenRequest& row = all.spec->trace->rows[request.number];
    tokens.prompt = row.prompt;
    tokens.output = row.output;
    tokens.prefix = all.spec->trace->prefix(row);
  } else {
    const std::size_t k = request.request_class;
    tokens.prompt = whole_tokens(all.prompt[k].draw(all.prompt_draws, request.number));
    tokens.output = whole_tokens(all.output[k].draw(all.output_draws, request.number));
    if (all.prefixes) tokens.prefix = all.prefixes->of(request.number, tokens.prompt);
    if (talks) {
      const Turn turn = all.conversations->ask(request.user, tokens.prompt, tokens.output);
      tokens.prompt = turn.prompt;
      tokens.prefix = turn.prefix;
    }
  }
  request.work_ns = alone(all, tokens.prompt, output_here(*all.spec, tokens)).ns;
}

void inherit_tokens(ServiceState& service, std::uint32_t from, std::uint32_t heir) {
  InferenceState& all = *service.inference;
  if (all.tokens.size() < service.requests.size()) all.tokens.resize(service.requests.size());
  TokenState asked = asked_again(all.tokens[from]);
  if (all.spec->handed) asked.first_token = all.tokens[from].first_token;
  all.tokens[heir] = asked;
}

bool can_serve(const ServiceState& service, const DeploymentState& deployment, std::uint32_t slot) {
  const InferenceState& all = *service.inference;
  const TokenState& tokens = all.tokens[slot];
  return can_finish(all.spec->engines[deployment.index].rules, tokens.prompt,
                    output_here(*all.spec, tokens));
}

void see_engine(const DeploymentState& deployment, std::uint32_t replica, AdmissionView& view) {
  const ReplicaEngine* engine = deployment.infos[replica].engine.get();
  if (engine == nullptr) return;
  const Batcher& batcher = engine->batcher;
  if (const auto oldest = batcher.oldest_arrival()) view.oldest_wait = view.now - *oldest;
  if (batcher.full()) {
    view.slots = std::max(1U, static_cast<std::uint32_t>(batcher.running()));
  }
  view.tokens = {batcher.backlog_tokens(), engine->pace.tokens, engine->pace.over};
}

void refuse_tokens(const ServiceContext& c, std::uint32_t slot) {
  log_request(c, nullptr, slot, std::nullopt);
}

void engine_takes(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                  std::uint32_t slot) {
  InferenceState& all = *c.service.inference;
  std::unique_ptr<ReplicaEngine>& engine = deployment.infos[replica].engine;
  if (!engine) {
    engine = std::make_unique<ReplicaEngine>(all.spec->engines[deployment.index].rules,
                                             *all.times[deployment.index]);
  }
  RequestState& request = c.service.requests[slot];
  request.phase = RequestPhase::serving;
  request.holds = true;
  const TokenState& tokens = all.tokens[slot];
  const auto brings = all.spec->handed ? Batcher::Brings::cache : Batcher::Brings::prompt;
  const bool sooner = engine->batcher.arrive(
      slot, tokens.prompt, output_here(*all.spec, tokens), c.engine.now(), tokens.prefix, brings,
      all.spec->by_priority ? tokens.priority : 0, tokens.variant);
  if (sooner) engine->end = c.engine.reschedule(engine->end, *engine->batcher.end());
  deployment.replicas[replica].waiting = static_cast<std::uint32_t>(engine->batcher.waiting());
  begin_later(c, deployment, replica);
}

void change_engine_speed(const ServiceContext& c, DeploymentState& deployment,
                         std::uint32_t replica) {
  ReplicaEngine* engine = deployment.infos[replica].engine.get();
  if (engine == nullptr || !engine->batcher.cut(c.engine.now())) return;
  engine->end = c.engine.reschedule(engine->end, *engine->batcher.end());
}

void clear_engine(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  std::unique_ptr<ReplicaEngine>& engine = deployment.infos[replica].engine;
  if (!engine) return;
  if (engine->end != kNoEvent) c.engine.cancel(engine->end);
  if (engine->begin != kNoEvent) c.engine.cancel(engine->begin);
  c.service.inference->work[deployment.index] += engine->batcher.work_by(c.engine.now());
  note_blocks(c, deployment, *engine, 0);
  engine.reset();
}

void engine_begins(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaEngine* engine = deployment.infos[replica].engine.get();
  engine->begin = kNoEvent;
  engine->time.speed = deployment.replicas[replica].speed;
  begin_stretch(*engine, c.engine.now());
  note_engine(c, deployment, replica);
  if (engine->batcher.due()) begin_at(c, deployment, replica, *engine->batcher.due());
  if (engine->batcher.idle()) return;
  engine->end = c.engine.schedule(*engine->batcher.end(), Phase::physics, c.service.process,
                                  static_cast<std::uint32_t>(ServiceEvent::engine_end),
                                  replica_arg(deployment.index, replica));
}

void engine_ends(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica) {
  ReplicaEngine& engine = *deployment.infos[replica].engine;
  engine.end = kNoEvent;
  std::vector<BatchProgress> progress;
  engine.batcher.finish(progress);
  InferenceState& all = *c.service.inference;
  all.work[deployment.index] += engine.batcher.last_work();
  if (all.itl) {
    for (const TokenGap& gap : engine.batcher.token_gaps()) {
      c.world.recorder->sample(*all.itl, c.engine.now(), gap.ns * 1e-9, gap.times);
    }
  }
  note_engine(c, deployment, replica);
  if (engine.batcher.running() + engine.batcher.waiting() > 0) begin_later(c, deployment, replica);
  // The last answer of a replica that drains takes it away.
  for (const BatchProgress& one : progress) {
    const auto slot = static_cast<std::uint32_t>(one.tag);
    if (one.what == BatchProgress::What::first_token) {
      first_token_there(c, c.service.deployments[deployment.index], slot);
    } else {
      served(c, c.service.deployments[deployment.index], slot, one);
      request_finishes(c, slot);
    }
  }
}

void hand_over(const ServiceContext& c, std::uint32_t slot) {
  const TokenState& tokens = c.service.inference->tokens[slot];
  if (tokens.output == 1) {
    answer(c, slot);
    return;
  }
  const HandoffSpec& handoff = *c.service.inference->spec->handoff;
  RequestState& request = c.service.requests[slot];
  request.phase = RequestPhase::calling;
  Duration on_the_way;
  if (!handoff.fabric) {  // else it begins where the request has been sent to
    const double bytes = static_cast<double>(tokens.prompt) * handoff.token_bytes;
    on_the_way = handoff.latency + seconds(bytes / *handoff.rate_Bps);
    c.world.recorder->sample(*c.service.inference->kv_transfer, request.arrived,
                             to_seconds(on_the_way));
  }
  c.engine.schedule(c.engine.now() + on_the_way, Phase::physics, c.service.process,
                    static_cast<std::uint32_t>(ServiceEvent::handed_over), slot);
}

void take_over(const ServiceState& from, std::uint32_t slot, const ServiceContext& to,
               std::uint32_t child) {
  InferenceState& all = *to.service.inference;
  const TokenState& given = from.inference->tokens[slot];
  all.tokens[child] = asked_again(given);
  all.tokens[child].first_token = to.engine.now();
  to.service.requests[child].work_ns =
      (alone(all, given.prompt, given.output) - alone(all, given.prompt, 1)).ns;
}

void engine_is_done(const ServiceContext& c, std::uint32_t slot, bool failed) {
  const InferenceState& all = *c.service.inference;
  const TokenState& tokens = all.tokens[slot];
  DeploymentState& deployment = c.service.deployments[c.service.requests[slot].deployment];
  if (failed) return log_request(c, &deployment, slot, std::nullopt);
  if (!all.spec->handed && output_here(*all.spec, tokens) < tokens.output) return;
  all_tokens_there(c, deployment, slot);
  if (tokens.output > 1) deployment.sensors.last_token(seconds_a_token(tokens));
}

void decoded_elsewhere(const ServiceContext& c, std::uint32_t slot) {
  if (c.service.inference->tokens[slot].output == 1) return;
  const RequestState& request = c.service.requests[slot];
  all_tokens_there(c, c.service.deployments[request.deployment], slot);
}

bool tokens_in_time(const ServiceState& service, std::uint32_t slot, Duration on_the_way) {
  const RequestState& request = service.requests[slot];
  const TokenClass& spec = service.inference->spec->classes[request.request_class];
  if (!spec.slo_ttft && !spec.slo_tpot) return false;
  const TokenState& tokens = service.inference->tokens[slot];
  if (spec.slo_ttft && tokens.first_token - request.arrived + on_the_way > *spec.slo_ttft) {
    return false;
  }
  if (!spec.slo_tpot || tokens.output == 1) return true;
  return seconds_a_token(tokens) <= to_seconds(*spec.slo_tpot);
}

}  // namespace hyperdc
