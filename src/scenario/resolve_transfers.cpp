// Transfers: over which fabric, from a file or drawn at random.
#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/transfer_use.hpp"

namespace hyperdc {

namespace {

/// The only fabric of a region, where a workload names none.
std::optional<std::uint32_t> only_fabric(Resolution& r, const View& workload) {
  const auto& fabrics = r.scenario.fabrics;
  const auto regional =
      std::ranges::count_if(fabrics, [](const auto& f) { return bool(f.region); });
  if (regional == 1) return 0;  // they come before the WAN
  const bool named = std::ranges::any_of(r.spec["regions"].each(), [](const auto& entry) {
    return entry.value["fabric"].json() != nullptr;
  });
  if (regional == 0 && !named) {
    const View of = workload["of"];  // of a failure: a WAN has cables only
    const bool wan = r.spec["wan"].json() != nullptr && workload["over"].json() != nullptr &&
                     (of.json() == nullptr || of.text() == "cable");
    r.error("E034", workload,
            wan ? "no region has a network to send over" : "there is no network to send over",
            wan ? R"(add "over": "wan")" : R"(give a region one: "fabric": "alibaba-hpn7")");
  } else if (regional > 1) {
    r.error(
        "E011", View(workload.json(), workload.path() + ".region"), "is missing",
        fmt::format("{} regions have a fabric; add \"region\": \"{}\"", regional, fabrics[0].name));
  }
  return std::nullopt;
}

std::optional<std::uint32_t> wan_of(Resolution& r, const View& workload) {
  const View region = workload["region"];
  if (region) {
    r.error("E034", region, "the WAN is of no one region",
            "leave out one of \"over\" and \"region\"");
  }
  if (r.spec["wan"].json() == nullptr) {
    r.error("E034", workload["over"], "the scenario has no WAN",
            R"(add "wan": {"links": [{"from": "a", "to": "b", "bandwidth": "1 Tbit/s"}]} to it)");
  }
  const auto& fabrics = r.scenario.fabrics;
  if (region || fabrics.empty() || fabrics.back().region) return std::nullopt;
  return static_cast<std::uint32_t>(fabrics.size() - 1);
}

}  // namespace

std::optional<std::uint32_t> fabric_of(Resolution& r, const View& workload) {
  if (workload["over"].text() == kWan) return wan_of(r, workload);
  const auto& fabrics = r.scenario.fabrics;
  const View region = workload["region"];
  if (!region && region.json() == nullptr) return only_fabric(r, workload);
  for (std::uint32_t i = 0; region && i < fabrics.size(); ++i) {
    if (fabrics[i].region && fabrics[i].name == region.text()) return i;
  }
  const View known = r.spec["regions"][region.text()];
  if (!region) return std::nullopt;
  if (known.json() == nullptr) {
    std::vector<std::string> names;
    for (const Region& each : r.scenario.regions) names.push_back(each.name);
    r.unknown(region, "region", names);
  } else if (known["fabric"].json() == nullptr) {
    r.error("E034", region, "this region has no fabric", R"(add "fabric" to it)");
  }
  return std::nullopt;
}

namespace {

/// The endpoint that a text means; nothing and a problem where it means none.
std::optional<std::uint32_t> endpoint_of(Resolution& r, const View& at, const FabricSpec& fabric) {
  const auto& names = fabric.endpoint_names;
  const std::uint32_t hosts = fabric.topology->hosts();
  if (const auto endpoint = endpoint_named(at.text(), hosts, names)) return endpoint;
  if (!names.empty()) {
    r.unknown(at, "region", names);
  } else {
    r.error("E034", at, fmt::format("{} is no endpoint of this fabric", quoted(at.text())),
            fmt::format("the number of an endpoint, from \"0\" to \"{}\"", hosts - 1));
  }
  return std::nullopt;
}

/// Both ends of a pattern that has them, and what the WAN cannot do.
void resolve_pattern(Resolution& r, const View& pattern, const FabricSpec& fabric,
                     TransferPattern& out) {
  if (!fabric.region && out.kind == TransferPattern::Kind::rack_local) {
    r.error("E034", pattern, "endpoints of the WAN are regions: none is in a rack with another");
  }
  if (out.kind != TransferPattern::Kind::pair) return;
  const View pair = pattern["pair"];
  std::optional<std::uint32_t> from;
  std::optional<std::uint32_t> to;
  if (pair["src"]) from = endpoint_of(r, pair["src"], fabric);
  if (pair["dst"]) to = endpoint_of(r, pair["dst"], fabric);
  if (from && to) {
    out.from = *from, out.to = *to;
  } else {
    out.kind = TransferPattern::Kind::uniform;  // what is wrong with the pair is reported
  }
}

TransferPattern pattern_of(const View& pattern) {
  TransferPattern out;
  if (!pattern) return out;
  const auto [kind, body, _] = pattern.each().front();
  if (kind == "permutation") out.kind = TransferPattern::Kind::permutation;
  if (kind == "incast") out.kind = TransferPattern::Kind::incast;
  if (kind == "hot-spot") out.kind = TransferPattern::Kind::hot_spot;
  if (kind == "rack-local") out.kind = TransferPattern::Kind::rack_local;
  if (kind == "pair") out.kind = TransferPattern::Kind::pair;
  out.fan_in = std::max(1U, static_cast<std::uint32_t>(body["fan_in"].number()));
  out.hosts = std::max(1U, static_cast<std::uint32_t>(body["endpoints"].number()));
  out.share = body["share"].number();
  return out;
}

/// Poisson arrivals that offer `load` of what all endpoints can send.
ArrivalSpec arrivals_of_load(double load, const FabricSpec& fabric, const TransferGenerator& spec) {
  const Topology& topology = *fabric.topology;
  const double port_Bps = topology.endpoint_Bps() * fabric.efficiency;
  const double senders =
      spec.pattern.kind == TransferPattern::Kind::incast ? spec.pattern.fan_in : 1;
  const double bytes = Distribution(spec.bytes).mean() * senders;
  ArrivalSpec out;
  out.kind = ArrivalSpec::Kind::poisson;
  out.mean_interval_s = bytes / (load * port_Bps * topology.hosts());
  return out;
}

void check_arrivals(Resolution& r, const View& workload, const View& generate) {
  const View arrivals = workload["arrivals"];
  const View load = generate["load"];
  if (load.json() != nullptr && arrivals.json() != nullptr) {
    r.error("E034", load, "the load says when transfers come, and so does \"arrivals\"",
            "leave one out");
  } else if (load.json() == nullptr && arrivals.json() == nullptr) {
    r.error("E011", View(generate.json(), generate.path() + ".load"), "is missing",
            R"(add "load": 0.3 here, or "arrivals": {"poisson": {"rate": "5000 /s"}} beside it)");
  }
  if (generate["count"] && generate["count"].number() == 0 &&
      r.spec["duration"].json() == nullptr) {
    r.error("E033", generate, "these transfers never end",
            R"(add "count" here, or "duration": "1 min" to the scenario)");
  }
}

/// More than the links carry is no mistake (it is what a study may be about), but flows then pile
/// up, and the time to simulate them with them.
void warn_of_overload(Resolution& r, const View& generate, const FabricSpec& fabric,
                      const TransfersSpec& transfers) {
  constexpr double kClearly = 1.05;
  constexpr std::uint64_t kFew = 1000;  // flows at once are quick, however full the links
  const std::uint64_t count = transfers.generate->count;
  if (fabric.rules.sharing == FlowSharing::constant || (count > 0 && count < kFew)) return;
  const TierUse most = most_used(fabric, transfers);
  if (most.use <= kClearly) return;
  const View load = generate["load"];
  r.warning(
      "E053", load ? load : generate,
      fmt::format("the {} would have to carry {:.2g} times what they can: flows pile up, and the "
                  "run gets slow",
                  most.links, most.use),
      load ? fmt::format("a load below {:.2g}", load.number() / most.use)
           : "fewer or smaller transfers");
}

void resolve_generator(Resolution& r, const View& workload, const FabricSpec* fabric,
                       TransfersSpec& out) {
  const View generate = workload["generate"];
  check_arrivals(r, workload, generate);
  TransferGenerator spec;
  spec.count = static_cast<std::uint64_t>(generate["count"].number());
  const std::size_t before = r.problems.errors();
  spec.bytes = distribution_of(r, generate["bytes"]);
  if (const View cap = generate["cap"]) spec.cap_Bps = cap.number();
  spec.pattern = pattern_of(generate["pattern"]);
  if (fabric != nullptr) resolve_pattern(r, generate["pattern"], *fabric, spec.pattern);
  out.arrivals = arrivals_of(workload["arrivals"]);
  const bool whole = r.problems.errors() == before && generate["bytes"] && fabric != nullptr;
  if (whole) {
    const std::string problem = pattern_problem(spec.pattern, endpoint_racks(*fabric));
    if (!problem.empty()) r.error("E034", generate["pattern"], problem);
    const View load = generate["load"];
    if (load && Distribution(spec.bytes).mean() > 0) {
      out.arrivals = arrivals_of_load(load.number(), *fabric, spec);
      if (out.arrivals->mean_interval_s > kMaxSeconds) {
        r.error("E034", load, "at this load a transfer comes less than once in a hundred years");
      }
    }
  }
  out.generate = std::move(spec);
  if (whole && r.problems.errors() == before && out.arrivals)
    warn_of_overload(r, generate, *fabric, out);
}

void resolve_list(Resolution& r, const View& trace, const FabricSpec* fabric, TransfersSpec& out) {
  const View file = trace["file"];
  const auto opened = r.opened.find(file.path());
  if (fabric == nullptr || !r.options.check_traces || opened == r.opened.end()) return;
  auto read = read_transfers(opened->second, fabric->topology->hosts(),
                             trace["time_scale"].number(), fabric->endpoint_names);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(file, *issues);
    return;
  }
  auto& list = std::get<TransferList>(read);
  r.note_file(file, list.sha256);
  out.list = std::make_shared<const TransferList>(std::move(list));
}

}  // namespace

void resolve_transfers(Resolution& r) {
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (!workload || workload["kind"].text() != "transfers") continue;
    TransfersWorkload out;
    out.name = name;
    out.transfers.workload = name;
    const auto index = fabric_of(r, workload);
    out.fabric = index.value_or(0);
    const FabricSpec* fabric = index ? &r.scenario.fabrics[*index] : nullptr;
    if (workload["generate"]) resolve_generator(r, workload, fabric, out.transfers);
    if (workload["trace"]) resolve_list(r, workload["trace"], fabric, out.transfers);
    r.scenario.transfers.push_back(std::move(out));
  }
}

}  // namespace hyperdc
