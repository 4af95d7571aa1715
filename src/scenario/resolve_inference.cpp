#include "scenario/resolve_inference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

LinearCoefficients iteration_of(const View& iteration) {
  const View linear = iteration["linear"];
  const auto ns = [&](const char* key) { return linear[key].number() * 1e9; };
  return {ns("base"), ns("prompt_token"), ns("sequence"), ns("cached_token")};
}

BatchRules rules_of(Resolution& r, const View& engine) {
  const auto whole = [&](const char* key) {
    return static_cast<std::uint64_t>(std::max(1.0, engine[key].number()));
  };
  BatchRules out;
  if (engine["batching"].text() == "prefill-first") out.mode = BatchMode::prefill_first;
  out.chunked_prefill = engine["chunked_prefill"].flag();
  out.max_sequences = static_cast<std::uint32_t>(whole("max_sequences"));
  out.max_tokens = static_cast<std::uint32_t>(whole("max_tokens"));
  out.block_tokens = static_cast<std::uint32_t>(whole("block"));
  out.blocks = whole("blocks");
  out.prefix_caching = engine["prefix_caching"].flag();
  if (const View time = engine["prefix_time_to_live"]) {
    out.prefix_time_to_live = time.duration();
    if (!out.prefix_caching) {
      r.error("E016", time, "no prefix is cached", "\"prefix_caching\": true");
    }
  }
  if (out.prefix_caching && out.blocks > kMostPrefixBlocks) {
    r.error("E034", engine["blocks"], fmt::format("{} blocks with prefix caching", out.blocks),
            fmt::format("at most {}", kMostPrefixBlocks));
  }
  if (engine["max_tokens"] && out.max_tokens < out.max_sequences) {
    r.error("E034", engine["max_tokens"],
            fmt::format("{} tokens an iteration for {} sequences, of which each gets one",
                        out.max_tokens, out.max_sequences),
            "at least max_sequences");
  }
  return out;
}

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

void read_trace(Resolution& r, const View& workload, const View& trace, ServiceWorkload& out) {
  for (const char* key : {"demand", "origins", "arrivals"}) {
    if (!workload[key]) continue;
    r.error("E016", workload[key], "the requests of a trace come when it says",
            "remove it, or \"generate\" requests");
  }
  if (trace["prefix_block"] && format_of(trace) != TokenFormat::csv) {
    r.error("E016", trace["prefix_block"], "this format says what its blocks are, or has none",
            "remove it");
  }
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

/// What one request takes that is alone: its prompt in one iteration, then token by token.
double alone_s(const InferenceSpec& spec, double prompt, double output) {
  const LinearCoefficients& t = spec.iteration;
  const double first = t.base_ns + t.prompt_ns * prompt;
  const double later = t.base_ns + t.sequence_ns + t.cached_ns * (prompt + output / 2);
  return std::clamp((first + (output - 1) * later) * 1e-9, 1e-9, 1e9);
}

}  // namespace

bool is_endpoint(const View& workload) {
  const std::string kind = workload["kind"].text();
  return kind == "service" || kind == "llm-inference";
}

void resolve_inference(Resolution& r, const View& workload, ServiceWorkload& out) {
  InferenceSpec& spec = out.inference.emplace();
  spec.rules = rules_of(r, workload["engine"]);
  spec.iteration = iteration_of(workload["engine"]["iteration"]);
  if (const View v = workload["slo"]["ttft"]) spec.slo_ttft = v.duration();
  if (const View v = workload["slo"]["tpot"]) spec.slo_tpot = v.duration();
  out.instance.discipline = Discipline::engine;
  out.instance.concurrency = spec.rules.max_sequences;
  double prompt = 1, output = 1;
  if (const View generate = workload["requests"]["generate"]) {
    spec.prompt = distribution_of(r, generate["prompt"]);
    spec.output = distribution_of(r, generate["output"]);
    if (const View prefix = generate["prefix"]) {
      spec.prefixes = {static_cast<std::uint64_t>(std::max(1.0, prefix["groups"].number())),
                       distribution_of(r, prefix["tokens"])};
    }
    if (!r.problems.failed()) {
      prompt = mean_of(spec.prompt);
      output = mean_of(spec.output);
    }
  } else if (const View trace = workload["requests"]["trace"]) {
    read_trace(r, workload, trace, out);
    if (spec.trace) {
      double prompts = 0, outputs = 0;
      for (const TokenRequest& row : spec.trace->rows) {
        prompts += static_cast<double>(row.prompt);
        outputs += static_cast<double>(row.output);
      }
      prompt = prompts / static_cast<double>(spec.trace->rows.size());
      output = outputs / static_cast<double>(spec.trace->rows.size());
    }
  }
  if (workload["autoscaler"]["policy"].text() == "vertical") {
    r.error("E034", workload["autoscaler"], "an engine does not grow with its cores",
            "another policy");
  }
  RequestClass only;
  only.name = "all";
  only.service_s = Constant{alone_s(spec, prompt, output)};
  out.classes.push_back(std::move(only));
}

}  // namespace hyperdc
