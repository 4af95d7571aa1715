// The top level of a scenario, its regions and its objectives.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef rack_type() {
  const auto watts = [](std::string_view example) {
    return quantity_type(Dimension::power, example, {0, 1e4});
  };
  const TypeRef nodes =
      object_type("node list", "Servers from a file, one row a server.",
                  {required("format", choice_type({"openb"}), "Columns of the file."),
                   required("file", file_type("nodes.csv"), "The file, plain or gz.")});
  const TypeRef host_power = object_type(
      "host power", "Power of the servers of a node list without their accelerators.",
      {required("idle_per_core", watts("0.74 W"), "Of each core of a server at rest."),
       required("full_per_core", watts("3.5 W"), "Of each core of a server under full load.")});
  return object_type(
      "rack group", "Racks of equal servers side by side, or the servers of a node list.",
      {optional("server", text_type("hgx-h100"), "A server type of this file or of the catalog."),
       only_with("server",
                 required("count", integer_type({1, kMaxServers}, "100"), "Number of racks.")),
       defaulted("servers_per_rack", integer_type({1, 10'000}, "4"), "1", "Servers of one rack."),
       defaulted("zone", text_type("b"), "\"a\"",
                 "Zone of the region: what may fail together; causes of failures name it."),
       rack_feeds_field(), rack_supply_field(), rack_cooling_field(),
       optional("nodes", nodes, "A list of servers instead of a type and a count."),
       only_with("nodes", optional("host_power", host_power,
                                   "Power of the hosts of a node list; without it their energy is "
                                   "unknown."))},
      {{{"server", "nodes"}, true}});
}

}  // namespace

TypeRef region_type() {
  return object_type(
      "region", "A place with one facility.",
      {defaulted("facility", facility_type(), "{}", "The building."),
       optional("location", location_type(),
                "Where it is; latencies that are not stated go by distance."),
       optional("utc_offset", utc_offset_type(),
                "Its local time ahead of UTC, for demand with a time_zone; 0 if "
                "absent."),
       optional("fabric", text_type("alibaba-hpn7"),
                "Its network: a fabric type of this file or of the catalog."),
       defaulted("racks", map_type(rack_type()), "{}", "Rack groups by name."),
       optional("storage", map_type(storage_type(), 1),
                "Storage systems on drives of its racks, by name."),
       optional("data_transfer", data_transfer_type(), "What it charges for what leaves it.")});
}

TypeRef objective_type() {
  const TypeRef bound = any_quantity_type();
  return object_type(
      "objective", "A metric and what it must be; a missed objective gives exit code 1.",
      {required("metric", text_type("workloads.batch.wait.p95"), "Name of a metric."),
       optional("at_most", bound, "The objective holds when the metric is not above this."),
       optional("at_least", bound, "The objective holds when the metric is not below this.")},
      {{{"at_most", "at_least"}, false}});
}

namespace {

TypeRef build_scenario_type() {
  return object_type(
      "scenario", "One experiment: what stands where, who uses it, how it is decided.",
      {optional("$schema", text_type("scenario.schema.json"), "For editors; not read."),
       required("name", text_type("launch-week"), "Name: a-z, 0-9, _ and -."),
       defaulted("description", text_type("What this shows."), "\"\"", "For people."),
       optional("provider",
                object_type("provider", "Whose datacenter it stands for.",
                            {required("name", text_type("AWS"), "Of the provider."),
                             required("as_of", text_type("2026-11-22"), "Date of the inputs.")}),
                "Counts how well the inputs are known: measured, published, estimated, guessed."),
       optional("extends", file_type("base.json"),
                "A scenario that this one is merged over (JSON Merge Patch, RFC 7396; an object "
                "whose variant changes is replaced whole)."),
       defaulted("seed", integer_type({0, 9007199254740991}), "1", "Seed of every random stream."),
       optional("duration", time_type("7 d", kNanosecond),
                "Simulated time; without it the run ends when all jobs have left."),
       defaulted("warmup", time_type("2 h", 0), "\"0 s\"", "Metrics begin after this time."),
       optional("series_step", time_type("1 h", 1e-3),
                "Step of the time series; without it a 200th of the duration, or an hour."),
       defaulted("complexity", boolean_type(), "false",
                 "Report what there is to manage: cables and switches by tier, failures a day, "
                 "control decisions a second."),
       defaulted("accelerator_types", map_type(accelerator_type()), "{}",
                 "Accelerators by name; they hide those of the catalog."),
       defaulted("server_types", map_type(server_type()), "{}",
                 "Servers by name; they hide those of the catalog."),
       defaulted("drive_types", map_type(drive_type()), "{}",
                 "Drives by name; they hide those of the catalog."),
       defaulted("fabric_types", map_type(fabric_type()), "{}",
                 "Fabrics by name; they hide those of the catalog."),
       defaulted("model_types", map_type(model_type()), "{}",
                 "Models by name; they hide those of the catalog."),
       optional("regions", map_type(region_type(), 1), "Regions by name."),
       defaulted("latency", latency_type(), "{}", "How long messages take between regions."),
       optional("wan", wan_type(), "The network between regions, over which transfers may go."),
       optional("stores", map_type(store_type(), 1),
                "What new replicas of endpoints read weights from, by name."),
       defaulted("pools", map_type(pool_type(), 0, kMaxPools), "{}",
                 "Pools by name: racks with one scheduler."),
       defaulted("workloads", map_type(workload_type()), "{}", "Workloads by name."),
       defaulted("failures", map_type(failure_type()), "{}",
                 "Causes of failures, outages and maintenance by name."),
       defaulted("control_planes", map_type(control_plane_type()), "{}",
                 "What starts, scales and checks replicas, with its outages, by name."),
       optional("growth", map_type(growth_type(), 1, 100),
                "Plans of capacity over years, by name; they need nothing else of this file."),
       optional("market", map_type(market_type(), 1, 100),
                "Rental markets by name; they need nothing else of this file but a duration."),
       optional("buyers", map_type(buyer_type(), 1, 100),
                "Who rents for years, by name; they need nothing else of this file."),
       optional("ownership", ownership_type(),
                "Who owns AI compute; it needs nothing else of this file."),
       defaulted("objectives", list_type(objective_type()), "[]", "What must hold."),
       defaulted("files", free_map_type(text_type("sha256 in hexadecimal")), "{}",
                 "Data files and their sha256; a file that differs is an error. Written by the "
                 "resolved scenario.")},
      {{{"regions", "growth", "market", "buyers", "ownership"}, false}});
}

}  // namespace

TypeRef scenario_type() {
  // Constant. A study reads thousands of scenarios with it, and to build it takes half of that
  // time.
  static const TypeRef type = build_scenario_type();
  return type;
}

}  // namespace hyperdc
