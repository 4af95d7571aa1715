#include "report/fabric_picture.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/screen.hpp"
#include "report/table.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

namespace {

constexpr std::uint32_t kMostDrawn = 24;  // switches or endpoints of a row

/// Cables of one tier that are alike.
struct Cables {
  std::uint64_t directed = 0;
  double capacity_Bps = 0;
  Duration latency;
};

std::vector<std::vector<Cables>> cables_by_tier(const Topology& topology) {
  std::vector<std::vector<Cables>> tiers(topology.link_tiers().size());
  for (std::uint32_t l = 0; l < topology.links(); ++l) {
    const LinkInfo link = topology.link({l});
    std::vector<Cables>& kinds = tiers[link.tier];
    const auto same = std::ranges::find_if(kinds, [&](const Cables& c) {
      return c.capacity_Bps == link.capacity_Bps && c.latency == link.latency;
    });
    if (same != kinds.end()) {
      ++same->directed;
    } else {
      kinds.push_back({1, link.capacity_Bps, link.latency});
    }
  }
  return tiers;
}

std::string marks(std::uint32_t n, std::string_view mark) {
  std::string out;
  for (std::uint32_t i = 0; i < std::min(n, kMostDrawn); ++i) out += mark;
  return n > kMostDrawn ? out + " …" : out;
}

std::string cable_text(const std::vector<Cables>& kinds) {
  constexpr std::size_t kMostKinds = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(kinds.size(), kMostKinds); ++i) {
    const std::uint64_t cables = kinds[i].directed / 2;
    out += fmt::format("{}{} × {}, {}", i == 0 ? "" : "; ", grouped(static_cast<double>(cables)),
                       format_for_people(kinds[i].capacity_Bps, Dimension::data_rate),
                       format_for_people(to_seconds(kinds[i].latency), Dimension::time));
  }
  return kinds.size() > kMostKinds ? out + "; …" : out;
}

std::string drawing(const Topology& topology, const TopologySummary& summary,
                    const TextStyle& style) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::right, 2);
  table.column(Align::left, 2);
  table.column(Align::left, 2);
  const auto tiers = summary.tiers;
  for (auto tier = tiers.rbegin(); tier != tiers.rend(); ++tier) {
    std::string ports = fmt::format("{} ports", tier->ports);
    if (tier->oversubscription) {
      ports += fmt::format(", {} : 1", shortest(std::round(*tier->oversubscription * 1000) / 1000));
    }
    table.row({{std::string(tier->name), Ink::strong},
               {grouped(tier->switches)},
               {marks(tier->switches, "■"), Ink::accent},
               {ports, Ink::faint}});
  }
  table.row({{"endpoints", Ink::strong},
             {grouped(summary.hosts)},
             {marks(summary.hosts, "○"), Ink::accent},
             {topology.endpoints_per_server() > 1
                  ? fmt::format("{} a server", topology.endpoints_per_server())
                  : std::string(),
              Ink::faint}});
  return table.render();
}

std::string links(const Topology& topology, const TextStyle& style) {
  const auto tiers = cables_by_tier(topology);
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::left, 2);
  table.header({"CABLES", "number × rate each way, latency"});
  for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
    if (tiers[tier].empty()) continue;
    table.row({{std::string(topology.link_tiers()[tier])}, {cable_text(tiers[tier])}});
  }
  return below_blank(table.render());
}

std::string known(const std::optional<double>& value, Show show) {
  return value ? for_people(*value, show) : "not stated";
}

std::string bisection_text(const Topology& topology, const TopologySummary& summary) {
  if (summary.hosts == 1) return "none: there is one endpoint";
  const double half = topology.endpoint_Bps() * summary.hosts / 2;
  return fmt::format("{}, {} of what half of the endpoints can send",
                     format_for_people(summary.bisection_Bps, Dimension::data_rate),
                     for_people(half > 0 ? summary.bisection_Bps / half : 0, Show::share));
}

std::string facts_table(const Topology& topology, const TopologySummary& summary,
                        const FabricFacts& facts, const TextStyle& style) {
  Table table(style);
  table.column(Align::left, 1);
  table.column(Align::left, 2);
  const auto row = [&](std::string what, std::string value) {
    table.row({{std::move(what), Ink::faint}, {std::move(value)}});
  };
  const EndpointId last{summary.hosts - 1};
  row("bisection", bisection_text(topology, summary));
  row("diameter", fmt::format("{} links", summary.diameter));
  row("radix", fmt::format("{} ports in use on a switch", summary.radix));
  row("paths", fmt::format("{} equal ones from the first endpoint to the last",
                           grouped(topology.choices({0}, last))));
  row("payload", for_people(facts.efficiency, Show::share));
  row("power", known(facts.power_w, Show::power) + ", switches and optics");
  row("price", known(facts.price_usd, Show::money) + ", to buy them");
  return below_blank(table.render());
}

/// Slices inside a cube and of powers of two of cubes, and the rule by which there are more.
std::string slices_table(const Topology& topology, const TpuPod& pod, const TextStyle& style) {
  const LinkInfo link = topology.link({0});  // all are alike
  const auto legal = legal_slices(pod);
  Table table(style);
  table.column(Align::left, 1);
  for (int i = 0; i < 3; ++i) table.column(Align::right, 2);
  table.header({"SLICES", "chips", "cubes", "bisection"});
  std::size_t shown = 0;
  for (const SliceShape& shape : legal) {
    const bool largest = shape.cubes == pod.largest;
    if ((shape.cubes & (shape.cubes - 1)) != 0 && !largest) continue;
    ++shown;
    // The cut across the longest dimension; Torus itself does not take the longest slices.
    const std::uint32_t across = shape.chips / std::max({shape.x, shape.y, shape.z});
    const double bisection_Bps = (shape.wrapped ? 2 : 1) * across * link.capacity_Bps;
    table.row({{fmt::format("{} x {} x {}{}", shape.x, shape.y, shape.z,
                            shape.wrapped ? "" : ", a mesh")},
               {grouped(shape.chips)},
               {grouped(shape.cubes)},
               {format_for_people(bisection_Bps, Dimension::data_rate)}});
  }
  const OcsNeed need = ocs_of(pod);
  const std::string rule = fmt::format(
      " and {} more: 4i x 4j x 4k, i <= j <= k, of up to {} of the {} cubes of a pod,\n"
      " which {} optical switches with {} ports each join; spare cubes replace failed ones\n",
      legal.size() - shown, pod.largest, pod.cubes, need.switches, need.ports);
  return below_blank(table.render()) + rule;
}

}  // namespace

std::string fabric_picture(const Topology& topology, const FabricFacts& facts,
                           const TextStyle& style) {
  const TopologySummary summary = topology.summary();
  std::string out =
      style.fit(fmt::format(" {} · {} · {} endpoints, {} switches\n\n", printable(facts.name),
                            facts.family, grouped(summary.hosts), grouped(summary.switches())));
  out += drawing(topology, summary, style);
  out += links(topology, style);
  out += facts_table(topology, summary, facts, style);
  if (facts.pod) out += slices_table(topology, *facts.pod, style);
  return out;
}

}  // namespace hyperdc
