#include "scenario/resolve_jobs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <variant>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "workload/throughputs.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::pair<std::string_view, TraceFormat>, 5> kFormats = {{
    {"openb", TraceFormat::openb},
    {"philly", TraceFormat::philly},
    {"swf", TraceFormat::swf},
    {"gaia", TraceFormat::gaia},
    {"csv", TraceFormat::csv},
}};

Uniform uniform_of(Resolution& r, const View& body) {
  const Uniform out{body["low"].number(), body["high"].number()};
  if (body["low"] && body["high"] && out.low > out.high) {
    r.error("E034", body["high"], "high is below low");
  }
  return out;
}

Pareto pareto_of(Resolution& r, const View& body) {
  const Pareto out{body["minimum"].number(), body["shape"].number(), body["maximum"].number()};
  if (body["minimum"] && out.minimum <= 0) {
    r.error("E021", body["minimum"], "a Pareto distribution begins above zero");
  }
  if (body["shape"] && !body["maximum"] && out.shape <= 1) {
    r.error("E021", body["shape"],
            "without a maximum a Pareto distribution of this shape has no mean",
            "a shape above 1, or a \"maximum\"");
  }
  if (body["maximum"] && body["minimum"] && out.maximum <= out.minimum) {
    r.error("E034", body["maximum"], "maximum is not above minimum");
  }
  return out;
}

Empirical empirical_of(Resolution& r, const View& body) {
  Empirical out{body["values"].numbers(), body["weights"].numbers()};
  if (!body["weights"]) out.weights.assign(out.values.size(), 1.0);
  if (body["values"] && out.weights.size() != out.values.size()) {
    r.error("E022", body["weights"],
            fmt::format("{} weights for {} values", out.weights.size(), out.values.size()));
  } else if (body["weights"] && std::accumulate(out.weights.begin(), out.weights.end(), 0.0) <= 0) {
    r.error("E021", body["weights"], "all weights are zero");
  }
  return out;
}

Interpolated interpolated_of(Resolution& r, const View& body) {
  Interpolated out{body["values"].numbers(), body["shares"].numbers()};
  const std::string problem = distribution_problem(out);
  if (body["values"] && body["shares"] && !problem.empty()) r.error("E034", body, problem);
  return out;
}

/// A positive mean, which distributions over the positive numbers need.
double mean_of(Resolution& r, const View& body) {
  const View mean = body["mean"];
  if (mean && mean.number() <= 0) r.error("E021", mean, "the mean must be above zero");
  return mean.number();
}

/// The bit of a model that generated jobs ask for.
ModelSet model_bit(Resolution& r, const View& model) {
  std::string name = model_in_fleet(r, model.text());
  if (name.empty() && r.all_racks_known()) {
    std::vector<std::string> known;
    for (const AcceleratorType& type : r.scenario.accelerators) known.push_back(type.model);
    r.warning("E052", model, "no server has accelerators of model " + hyperdc::quoted(model.text()),
              name_hint(model.text(), known));
  }
  if (name.empty()) name = model.text();
  const auto bit = r.scenario.models.intern(name);
  if (!bit) r.error("E035", model, "more than 64 accelerator models in one scenario");
  return bit.value_or(0);
}

}  // namespace

DistributionSpec distribution_of(Resolution& r, const View& value) {
  if (!value || !value.json()->is(Json::Kind::object)) return Constant{value.number()};
  const auto [kind, body, _] = value.each().front();
  if (kind == "uniform") return uniform_of(r, body);
  if (kind == "pareto") return pareto_of(r, body);
  if (kind == "empirical") return empirical_of(r, body);
  if (kind == "interpolated") return interpolated_of(r, body);
  const double mean = mean_of(r, body);
  const double cv = body["cv"].number();
  if (kind == "exponential") return Exponential{mean};
  if (kind == "lognormal") return Lognormal{mean, cv};
  if (kind == "gamma") return Gamma{mean, cv};
  return Weibull{mean, cv};
}

std::optional<ArrivalSpec> arrivals_of(const View& arrivals) {
  if (!arrivals) return std::nullopt;
  const auto [kind, body, _] = arrivals.each().front();
  ArrivalSpec spec;
  if (kind == "every") {
    spec.mean_interval_s = body.number();
    return spec;
  }
  spec.kind = kind == "poisson" ? ArrivalSpec::Kind::poisson
              : kind == "gamma" ? ArrivalSpec::Kind::gamma
                                : ArrivalSpec::Kind::weibull;
  if (body["rate"]) spec.mean_interval_s = 1 / body["rate"].number();
  if (body["cv"]) spec.cv = body["cv"].number();
  return spec;
}

GeneratorSpec generator_of(Resolution& r, const View& generate) {
  GeneratorSpec spec;
  spec.count = static_cast<std::uint64_t>(generate["count"].number());
  spec.run_s = distribution_of(r, generate["run"]);
  spec.cores = distribution_of(r, generate["cores"]);
  spec.memory_bytes = distribution_of(r, generate["memory"]);
  spec.accelerators = distribution_of(r, generate["accelerators"]);
  spec.members = distribution_of(r, generate["members"]);
  spec.priority = distribution_of(r, generate["priority"]);
  spec.tenants = static_cast<std::uint32_t>(generate["tenants"].number());
  spec.estimate_factor = generate["estimate_factor"].number();
  for (const auto& [_, model, span] : generate["models"].each()) {
    if (model) spec.models |= model_bit(r, model);
  }
  return spec;
}

namespace {

std::shared_ptr<const Throughputs> throughputs_of(Resolution& r, const View& file) {
  const auto opened = r.opened.find(file.path());
  if (!file || !r.options.check_traces || opened == r.opened.end()) return nullptr;
  auto read = read_throughputs(opened->second, r.scenario.models);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(file, *issues);
    return nullptr;
  }
  auto table = std::make_shared<Throughputs>(std::get<Throughputs>(std::move(read)));
  r.note_file(file, table->sha256);
  return table;
}

}  // namespace

std::optional<TraceSpec> trace_of(Resolution& r, const View& trace) {
  const auto opened = r.opened.find(trace["file"].path());
  if (opened == r.opened.end()) return std::nullopt;
  TraceSpec spec;
  for (const auto& [name, format] : kFormats) {
    if (name == trace["format"].text()) spec.format = format;
  }
  spec.file = opened->second;
  if (const View v = trace["accelerators_per_server"]) {
    spec.accelerators_per_server = static_cast<std::int32_t>(v.number());
  }
  if (const View v = trace["cores_per_accelerator"]) {
    spec.cores_per_accelerator_milli = std::llround(v.number() * 1000);
  }
  spec.throughputs = throughputs_of(r, trace["throughputs"]);
  spec.cpus_are_members = trace["cpus_are_members"].flag();
  if (const View v = trace["time_unit"]) spec.time_unit_s = v.number();
  if (const View v = trace["time_scale"]) spec.time_scale = v.number();
  if (const View v = trace["window"]) {
    spec.window = v["length"].duration();
    spec.windows_from = v["from"].duration();
  }
  if (const View v = trace["limit"]) spec.limit = static_cast<std::uint64_t>(v.number());
  return spec;
}

void note_conversions(Resolution& r, const View& trace) {
  const std::string format = trace["format"].text();
  const auto note = [&](std::string_view key, std::string text) {
    r.scenario.assumptions.push_back({trace[key].path(), std::move(text)});
  };
  if (format == "philly") {
    note("accelerators_per_server",
         fmt::format("the trace does not say how jobs lay on servers; a job of more than {} "
                     "accelerators is split into members",
                     trace["accelerators_per_server"].number()));
    note("cores_per_accelerator",
         fmt::format("the trace has no cores; {} are taken with each accelerator",
                     trace["cores_per_accelerator"].number()));
  } else if (format == "swf" || format == "gaia") {
    note("cpus_are_members", trace["cpus_are_members"].flag()
                                 ? "a job of n processors is n members of one core each"
                                 : "a job of n processors is one member of n cores");
  }
}

std::optional<TraceFacts> TraceCheck::facts(const View& at, const TraceSpec& spec) {
  if (!r_.options.check_traces) return std::nullopt;
  const std::string key = print_short(*at.json(), std::string::npos);
  const auto [place, is_new] = seen_.try_emplace(key);
  if (!is_new) return place->second;
  if (at["throughputs"] && spec.throughputs == nullptr) return std::nullopt;  // it was not read
  const auto checked = check_trace(spec, r_.scenario.models);
  if (const auto* issues = std::get_if<Issues>(&checked)) {
    r_.report(at, *issues);
    return std::nullopt;
  }
  place->second = std::get<TraceFacts>(checked);
  r_.note_file(at["file"], place->second->sha256);
  return place->second;
}

}  // namespace hyperdc
