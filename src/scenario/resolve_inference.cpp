#include "scenario/resolve_inference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "scenario/resolve_engine.hpp"
#include "scenario/resolve_jobs.hpp"

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

}  // namespace

bool is_endpoint(const View& workload) {
  const std::string kind = workload["kind"].text();
  return kind == "service" || kind == "llm-inference";
}

void resolve_inference(Resolution& r, const View& workload, ServiceWorkload& out) {
  InferenceSpec& spec = out.inference.emplace();
  resolve_engines(r, workload, out, spec);
  if (const View v = workload["slo"]["ttft"]) spec.slo_ttft = v.duration();
  if (const View v = workload["slo"]["tpot"]) spec.slo_tpot = v.duration();
  out.instance.discipline = Discipline::engine;
  out.instance.concurrency =
      static_cast<std::uint32_t>(std::max(1.0, workload["engine"]["max_sequences"].number()));
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
  if (!r.problems.failed() && !spec.engines.empty()) {
    const auto time = iteration_time_of(spec.engines.front());
    only.service_s =
        Constant{to_seconds(time_alone(*time, static_cast<std::uint64_t>(std::llround(prompt)),
                                       static_cast<std::uint64_t>(std::llround(output))))};
  }
  out.classes.push_back(std::move(only));
}

}  // namespace hyperdc
