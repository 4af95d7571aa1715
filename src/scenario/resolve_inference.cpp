#include "scenario/resolve_inference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "scenario/resolve_classes.hpp"
#include "scenario/resolve_engine.hpp"
#include "scenario/resolve_fluid.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_one_pass.hpp"
#include "scenario/resolve_service_network.hpp"
#include "scenario/resolve_table.hpp"
#include "scenario/resolve_variants.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::pair<std::string_view, TokenFormat>, 3> kTokenFormats = {{
    {"csv", TokenFormat::csv},
    {"mooncake", TokenFormat::mooncake},
    {"azure-2023", TokenFormat::azure_2023},
}};

TokenFormat format_of(const View& trace) {
  const std::string name = trace["format"].text();
  const auto known =
      std::ranges::find(kTokenFormats, name, &decltype(kTokenFormats)::value_type::first);
  return known == kTokenFormats.end() ? TokenFormat::csv : known->second;
}

/// Requests after the end of the run are left out, and it is said: times since 1970 all are.
void warn_of_late(Resolution& r, const View& file, const TokenTrace& trace) {
  const View duration = r.spec["duration"];
  if (!duration) return;
  const SimTime end = SimTime{} + duration.duration();
  const auto late =
      std::ranges::count_if(trace.rows, [&](const TokenRequest& row) { return row.at >= end; });
  if (late == 0) return;
  r.warning("E034", file,
            fmt::format("{} of {} requests come after the end of the run", late, trace.rows.size()),
            "times are ns since its start");
}

bool of_clients(const View& trace) {
  return trace["format"].text() == "servegen";
}

/// Where the lengths of requests are stated, if they are: of a demand, or of measured clients.
View stated_lengths(const View& workload) {
  const View requests = workload["requests"];
  return of_clients(requests["trace"]) ? requests["trace"] : requests["generate"];
}

/// Clients whose rates and burstiness were measured.
void read_clients(Resolution& r, const View& trace, ServiceWorkload& out) {
  const View file = trace["file"];
  ClientRequests& requests = out.arrivals.emplace<ClientRequests>();
  if (const View scale = trace["scale"]) requests.scale = scale.number();
  const auto opened = r.opened.find(file.path());
  if (!r.options.check_traces || opened == r.opened.end()) return;
  const auto read = read_client_windows(opened->second);
  if (const auto* issues = std::get_if<Issues>(&read)) return r.report(file, *issues);
  auto windows = std::make_shared<const ClientWindows>(std::get<ClientWindows>(read));
  r.note_file(file, windows->sha256);
  if (windows->capped > 0) {
    r.warning("E034", file,
              fmt::format("{} windows have a coefficient of variation above 100", windows->capped),
              "100 is taken for it");
  }
  const View duration = r.spec["duration"];
  if (duration && windows->end() < SimTime{} + duration.duration()) {
    r.warning("E034", file,
              fmt::format("its windows end after {} s: nobody asks in the rest of the run",
                          to_seconds(windows->end() - SimTime{})),
              "a shorter \"duration\"");
  }
  requests.windows = std::move(windows);
}

/// Keys that one format has and the others do not.
void check_trace_keys(Resolution& r, const View& trace) {
  if (trace["prefix_block"] && trace["format"].text() != "csv") {
    r.error("E016", trace["prefix_block"], "this format says what its blocks are, or has none",
            "remove it");
  }
  for (const char* key : {"scale", "prompt", "output"}) {
    if (!of_clients(trace) && trace[key]) {
      r.error("E016", trace[key], "the requests of this format are as they are",
              "remove it, or \"format\": \"servegen\"");
    } else if (of_clients(trace) && !trace[key] && std::string_view(key) != "scale") {
      r.error("E011", View(trace.json(), fmt::format("{}.{}", trace.path(), key)), "is missing",
              "servegen has no lengths: state a number of tokens or a distribution");
    }
  }
}

void read_trace(Resolution& r, const View& workload, const View& trace, ServiceWorkload& out) {
  for (const char* key : {"demand", "origins", "arrivals"}) {
    if (!workload[key]) continue;
    r.error("E016", workload[key], "the requests of a trace come when it says",
            "remove it, or \"generate\" requests");
  }
  check_trace_keys(r, trace);
  if (of_clients(trace)) return read_clients(r, trace, out);
  out.arrivals = ListedRequests{};
  const auto opened = r.opened.find(trace["file"].path());
  if (!r.options.check_traces || opened == r.opened.end()) return;
  TokenTraceSpec spec{format_of(trace), opened->second, {}};
  if (const View block = trace["prefix_block"]) {
    spec.prefix_block = static_cast<std::uint64_t>(std::max(1.0, block.number()));
  }
  const auto read = read_token_trace(spec);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(trace["file"], *issues);
    return;
  }
  auto list = std::make_shared<const TokenTrace>(std::get<TokenTrace>(read));
  r.note_file(trace["file"], list->sha256);
  warn_of_late(r, trace["file"], *list);
  out.inference->trace = list;
  out.arrivals = ListedRequests{std::move(list)};
}

double mean_of(const DistributionSpec& spec) {
  return std::max(1.0, Distribution(spec).mean());
}

std::uint64_t whole(double tokens) {
  return static_cast<std::uint64_t>(std::llround(tokens));
}

/// What autoscalers take for the work of a request.
void note_mean_work(const Resolution& r, ServiceWorkload& service) {
  const InferenceSpec& spec = *service.inference;
  if (r.problems.failed() || spec.engines.empty()) return;
  const EngineSpec& engine = spec.engines.front();
  const auto time = iteration_time_of(engine);
  const std::uint64_t prompt = whole(spec.mean_prompt), output = whole(spec.mean_output);
  Duration work = time_alone(engine, *time, prompt, spec.handoff ? 1 : output);
  if (spec.handed) work = work - time_alone(engine, *time, prompt, 1);
  for (RequestClass& k : service.classes) {
    k.service_s = Constant{std::max(1e-9, to_seconds(work))};
  }
}

/// Objectives of a class; without them those of the endpoint.
void set_objectives(const View& workload, const View& of, TokenClass& out) {
  const View slo = of["slo"] ? of["slo"] : workload["slo"];
  if (const View v = slo["ttft"]) out.slo_ttft = v.duration();
  if (const View v = slo["tpot"]) out.slo_tpot = v.duration();
}

void check_token_classes(Resolution& r, const View& workload) {
  const View requests = workload["requests"], scheduling = workload["engine"]["scheduling"];
  std::set<double> priorities;
  for (const auto& [name, value, _] : workload["classes"].each()) {
    priorities.insert(value["priority"].number());
    for (const char* key : {"prompt", "output"}) {
      if (!value[key] || stated_lengths(workload)) continue;
      r.error("E016", value[key], "the requests of a trace have their tokens",
              "remove it, or \"generate\" requests");
    }
  }
  if (scheduling.text() == "priority" && requests && priorities.size() < 2) {
    r.error("E016", scheduling, "all requests are as urgent as each other",
            R"(add "classes" with a "priority" each)");
  }
}

/// Who asks: one class for all, or those that are stated.
void resolve_token_classes(Resolution& r, const View& workload, ServiceWorkload& out) {
  const View lengths = stated_lengths(workload);
  const auto tokens_of = [&](const View& of) {
    TokenClass tokens;
    for (const auto& [key, to] :
         {std::pair{"prompt", &tokens.prompt}, {"output", &tokens.output}}) {
      const View stated = of[key] ? of[key] : lengths[key];
      if (lengths && stated) *to = distribution_of(r, stated);
    }
    set_objectives(workload, of, tokens);
    return tokens;
  };
  resolve_class_shares(r, workload["classes"], out.classes);
  for (const auto& [name, value, _] : workload["classes"].each()) {
    out.inference->classes.push_back(tokens_of(value));
  }
  if (out.classes.empty()) {
    out.classes.emplace_back().name = "all";
    out.inference->classes.push_back(tokens_of(View{}));
  }
  check_token_classes(r, workload);
}

void resolve_conversations(Resolution& r, const View& workload, ServiceWorkload& out) {
  const View generate = workload["requests"]["generate"], stated = generate["conversation"];
  if (!stated) return;
  out.inference->conversations = {distribution_of(r, stated["turns"]),
                                  distribution_of(r, stated["think"]),
                                  static_cast<std::uint64_t>(stated["max_context"].number())};
  if (generate["prefix"]) {
    r.error("E015", generate["prefix"], "what turns have in common is their conversation",
            "remove it, or \"conversation\"");
  }
  if (std::holds_alternative<ClosedRequests>(out.arrivals)) {
    r.error("E015", workload["arrivals"], "users of a closed loop ask, and conversations do too",
            "arrivals from a demand");
  }
  if (workload["sessions"].number() > 0) {
    r.error("E016", workload["sessions"], "each conversation is a session", "remove it");
  }
}

/// Tokens of a prompt on average, of conversations about: all have the mean number of turns, and
/// none comes to its end before.
double mean_context(const ConversationSpec& spec, double prompt, double output) {
  const double turns = mean_of(spec.turns);
  return std::min(prompt + (turns - 1) / 2 * (prompt + output),
                  static_cast<double>(spec.max_context) + prompt);
}

/// Over all requests.
void set_mean_tokens(const Resolution& r, ServiceWorkload& service) {
  InferenceSpec& spec = *service.inference;
  if (r.problems.failed()) return;
  double prompt = 0, output = 0;
  if (spec.trace) {
    const auto requests = static_cast<double>(spec.trace->rows.size());
    for (const TokenRequest& row : spec.trace->rows) {
      prompt += static_cast<double>(row.prompt) / requests;
      output += static_cast<double>(row.output) / requests;
    }
  } else {
    for (std::size_t k = 0; k < spec.classes.size(); ++k) {
      prompt += service.classes[k].share * mean_of(spec.classes[k].prompt);
      output += service.classes[k].share * mean_of(spec.classes[k].output);
    }
  }
  spec.mean_prompt =
      spec.conversations ? mean_context(*spec.conversations, prompt, output) : prompt;
  spec.mean_output = output;
}

/// What caches take on their way: a rate of their own, or a fabric.
HandoffSpec way_of(Resolution& r, const View& handoff, const ServiceWorkload& from,
                   const ServiceWorkload& to) {
  HandoffSpec out;
  if (const View rate = handoff["rate"]) out.rate_Bps = rate.number();
  out.latency = handoff["latency"].duration();
  if (!handoff["fabric"].flag()) return out;
  std::vector<DeploymentSpec> pools = from.deployments;
  pools.insert(pools.end(), to.deployments.begin(), to.deployments.end());
  if (from.deployments.empty() || to.deployments.empty()) return out;  // reported
  out.fabric = fabric_of_pools(r, handoff["fabric"], pools,
                               {"the pools of the two endpoints lie in several regions",
                                "caches go over the fabric of one"});
  return out;
}

void resolve_handoff(Resolution& r, const View& workload, std::uint32_t index) {
  const View handoff = workload["handoff"];
  if (!handoff) return;
  if (handoff["rate"].json() == nullptr && handoff["fabric"] && !handoff["fabric"].flag()) {
    r.error("E011", View(handoff.json(), handoff.path() + ".rate"), "is missing",
            R"(add "rate", or "fabric": true where the region has one)");
  }
  if (!handoff["to"]) return;
  const auto to = service_named(r, handoff["to"], "endpoint");
  if (!to) return;
  ServiceWorkload& from = r.scenario.services[index];
  ServiceWorkload& target = r.scenario.services[*to];
  if (!target.inference || *to == index) {
    r.error("E034", handoff["to"],
            fmt::format("\"{}\" is {}", target.name,
                        *to == index ? "this endpoint itself" : "no endpoint of a model"),
            "another workload of kind llm-inference");
    return;
  }
  if (!target.inference->keeps_cache()) {
    r.error("E034", handoff["to"],
            fmt::format("\"{}\" has a model that keeps no cache and does not decode", target.name),
            "an endpoint of a language model");
  }
  if (r.spec["workloads"][target.name]["handoff"]) {
    r.error("E034", handoff["to"],
            fmt::format("\"{}\" hands its requests over itself", target.name), "one that decodes");
  }
  check_call_to_fluid(r, handoff, target);
  const std::string model = workload["engine"]["model"].text();
  const std::string theirs = r.spec["workloads"][target.name]["engine"]["model"].text();
  if (!model.empty() && !theirs.empty() && model != theirs) {
    r.error("E034", handoff["to"],
            fmt::format("\"{}\" has another model: {} instead of {}", target.name, theirs, model),
            "the same model");
  }
  check_handed_variants(r, handoff["to"], *from.inference, *target.inference);
  const View iteration = workload["engine"]["iteration"];
  HandoffSpec out = way_of(r, handoff, from, target);
  const auto* roofline = from.inference->engines.empty()
                             ? nullptr
                             : std::get_if<RooflineSpec>(&from.inference->engines[0].iteration);
  if (const View bytes = handoff["token_bytes"]) {
    out.token_bytes = bytes.number();
  } else if (roofline != nullptr) {
    out.token_bytes = roofline->model.kv_bytes;
  } else if (iteration && !iteration["roofline"]) {  // what is wrong with a roofline is reported
    r.error("E034", handoff, "nothing tells the bytes of a token in the cache",
            "add \"token_bytes\"");
  }
  from.inference->handoff = out;
  from.calls.push_back({*to, 1, 1});
  target.inference->handed = true;
  target.inference->mean_prompt = from.inference->mean_prompt;
  target.inference->mean_output = from.inference->mean_output;
  note_mean_work(r, from);
  note_mean_work(r, target);
}

/// Whether every endpoint that hands over says to whom, so that who has no requests is known.
bool all_handoffs_known(const Resolution& r) {
  return std::ranges::all_of(r.scenario.services, [&](const ServiceWorkload& service) {
    return !r.spec["workloads"][service.name]["handoff"] ||
           (service.inference && service.inference->handoff);
  });
}

/// Requests are its own or are handed over.
void check_requests(Resolution& r, const View& workload, const InferenceSpec& spec) {
  if (spec.handed) {
    for (const char* key : {"requests", "demand", "origins", "arrivals", "classes"}) {
      if (!workload[key]) continue;
      r.error("E016", workload[key], "its requests are handed over by others", "remove it");
    }
    if (workload["slo"]) {
      r.error("E016", workload["slo"], "callers see the endpoint that hands its requests over",
              "state it there");
    }
  } else if (workload["requests"].json() == nullptr && all_handoffs_known(r)) {
    r.error("E011", View(workload.json(), workload.path() + ".requests"), "is missing",
            "add what is asked for, or a handoff of another endpoint to this one");
  }
}

bool reads_priorities(const View& workload) {
  return workload["engine"]["scheduling"].text() == "priority" ||
         workload["admission"]["policy"].text() == "priority";
}

/// Priorities of classes are for those that read them, and who reads them needs some.
void check_priorities(Resolution& r, const View& workload, std::uint32_t index) {
  const auto of = [&](const ServiceWorkload& service) { return r.spec["workloads"][service.name]; };
  const ServiceWorkload& service = r.scenario.services[index];
  bool read = reads_priorities(workload);
  for (const CallSpec& call : service.calls) {
    read = read || reads_priorities(of(r.scenario.services[call.service]));
  }
  for (const auto& [name, value, _] : workload["classes"].each()) {
    if (read || !all_handoffs_known(r) || value["priority"].number() == 0) continue;
    r.warning("E016", value["priority"], "nothing goes by the priorities of this endpoint",
              R"("engine": {"scheduling": "priority"})");
  }
  const View scheduling = workload["engine"]["scheduling"];
  if (!service.inference->handed || scheduling.text() != "priority") return;
  std::set<std::int32_t> priorities;
  for (const ServiceWorkload& from : r.scenario.services) {
    if (from.calls.empty() || from.calls.front().service != index || !from.inference) continue;
    for (const RequestClass& k : from.classes) priorities.insert(k.priority);
  }
  if (priorities.size() > 1 || !all_handoffs_known(r)) return;
  r.error("E016", scheduling, "all requests that are handed over are as urgent as each other",
          R"(add "classes" with a "priority" each where they come from)");
}

}  // namespace

bool is_endpoint(const View& workload) {
  const std::string kind = workload["kind"].text();
  return kind == "service" || kind == "llm-inference";
}

void resolve_inference(Resolution& r, const View& workload, ServiceWorkload& out) {
  InferenceSpec& spec = out.inference.emplace();
  resolve_engines(r, workload, out, spec);
  spec.by_priority = workload["engine"]["scheduling"].text() == "priority";
  if (const View v = workload["slo"]["ttft"]) spec.slo_ttft = v.duration();
  out.instance.discipline = Discipline::engine;
  out.instance.concurrency =
      static_cast<std::uint32_t>(std::max(1.0, workload["engine"]["max_sequences"].number()));
  resolve_token_classes(r, workload, out);
  if (const View prefix = workload["requests"]["generate"]["prefix"]) {
    spec.prefixes = {static_cast<std::uint64_t>(std::max(1.0, prefix["groups"].number())),
                     distribution_of(r, prefix["tokens"])};
  }
  resolve_conversations(r, workload, out);
  if (const View trace = workload["requests"]["trace"]) read_trace(r, workload, trace, out);
  set_mean_tokens(r, out);
  check_one_pass(r, workload, spec);
  check_table(r, workload["engine"], spec);
  check_variant_router(r, workload, spec);
  if (workload["autoscaler"]["policy"].text() == "vertical") {
    r.error("E034", workload["autoscaler"], "an engine does not grow with its cores",
            "another policy");
  }
  note_mean_work(r, out);
}

void resolve_handoffs(Resolution& r) {
  std::uint32_t index = 0;
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (!workload || !is_endpoint(workload)) continue;
    if (index == r.scenario.services.size()) break;  // more than there may be: reported
    resolve_handoff(r, workload, index++);
  }
  index = 0;
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (!workload || !is_endpoint(workload)) continue;
    if (index == r.scenario.services.size()) break;
    if (const auto& inference = r.scenario.services[index].inference) {
      check_requests(r, workload, *inference);
      check_priorities(r, workload, index);
    }
    ++index;
  }
}

}  // namespace hyperdc
