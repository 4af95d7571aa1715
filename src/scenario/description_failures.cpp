// Failures: what goes out of service, when, and how it comes back.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

constexpr double kMaxLife = 1e11;  // s, 3,000 years: of one item of a large fleet

/// Which racks a cause may hit.
std::vector<Field> scope_fields() {
  return {optional("in", list_type(text_type("us-east"), 1), "Only racks of these regions."),
          optional("zones", list_type(text_type("us-east.a"), 1),
                   "Only racks of these zones, named REGION.ZONE."),
          optional("racks", list_type(text_type("us-east.gpu"), 1), "Only these rack groups.")};
}

Field of_field() {
  return defaulted("of", choice_type({"server", "accelerator", "rack", "zone", "region"}),
                   "\"server\"",
                   "What fails as one item: a server, one accelerator, or all servers of a rack, "
                   "zone or region.");
}

std::vector<Field> with_scope(std::vector<Field> fields, bool items) {
  std::vector<Field> all = scope_fields();
  if (items) all.insert(all.begin(), of_field());
  for (Field& field : fields) all.push_back(std::move(field));
  return all;
}

TypeRef repair_type() {
  return object_type(
      "repair", "How failed items come back: first failed, first repaired.",
      {required("time", distribution_type(Dimension::time, "4 h", {0, kMaxLife}),
                "Work of a technician on one item."),
       optional("technicians", integer_type({1, 1e6}, "4"),
                "Repairs at a time; without it as many as are needed."),
       optional("spares", integer_type({0, 1e6}, "20"),
                "Parts in stock at the start; each repair takes one, and one is ordered in its "
                "place. Without it parts never lack."),
       only_with("spares",
                 defaulted("lead_time", distribution_type(Dimension::time, "14 d", {0, kMaxLife}),
                           "\"0 s\"", "From the order of a part to its arrival."))});
}

Variant random_variant() {
  const TypeRef lemons = object_type(
      "lemons", "Items that fail more often than others.",
      {required("share", number_type({0, 1}, "0.01"), "Probability that an item is a lemon."),
       required("factor", number_type({1, 1e6}, "20"), "Its times to failure are divided by it.")});
  const TypeRef common = object_type(
      "common cause", "Failures that take others of a group along: batch defects, shared parts.",
      {required("probability", number_type({0, 1}, "0.02"), "That a failure is not alone."),
       defaulted("group", choice_type({"server", "rack", "zone", "region"}), "\"rack\"",
                 "Who shares the cause: the items of the same ..."),
       defaulted("share", number_type({0, 1}, "0.5"), "1",
                 "Probability that each of the others fails too.")});
  return {
      "random",
      "Items fail at random and are repaired.",
      with_scope(
          {required("time_to_failure", distribution_type(Dimension::time, "80000 h", {0, kMaxLife}),
                    "Of one item that is new (at time 0) or repaired. Infant mortality is a "
                    "Weibull with cv above 1."),
           required("repair", repair_type(), "How failed items come back."),
           optional("lemons", lemons, "Items that fail more often."),
           optional("common_cause", common, "Failures that are not alone.")},
          true),
      {}};
}

TypeRef spare_type() {
  return object_type(
      "spare cubes", "Cubes of the pod that replace those of the slice that fail.",
      {optional("count", integer_type({1, 4096}, "2"),
                "How many there are at the start; without it all cubes of the pod that are not in "
                "the slice."),
       required("after", time_type("10 s", 0),
                "From a failure until the spare is in place: optical switches, and the restart of "
                "the job where that is not simulated.")});
}

Variant network_variant() {
  return {
      "network",
      "Parts of the network of a region, or of the WAN, fail: live flows take another path or "
      "wait.",
      {over_field(),
       optional("region", text_type("us-east"),
                "Whose fabric; may be left out if one region has one."),
       required("of", choice_type({"switch", "cable", "optics", "plane", "optical-switch", "cube"}),
                "What fails: a switch, a cable, an optical module (two a cable), a plane, an "
                "optical circuit switch of a torus of cubes, or a cube of a slice."),
       optional("tier", text_type("spine"),
                "Of switches, or of cables and optics, as hyperdc catalog fabric names them; "
                "required where there are several."),
       defaulted("capacity", number_type({0, 1}, "0.5"), "0",
                 "Share of its capacity that a link keeps; 0: it is dead."),
       optional("at", time_type("2 s", 0), "When it fails, once; or mtbf."),
       only_with("at", required("for", time_type("3 h", 0), "How long it lasts.")),
       only_with("at", defaulted("first", integer_type({0, 1e9}, "0"), "0",
                                 "The number of the first item that fails.")),
       only_with("at", optional("link", text_type("dunant"),
                                "The cable of the WAN that fails first, by its name; instead of "
                                "first.")),
       only_with("at", defaulted("items", integer_type({1, 1e9}, "2"), "1",
                                 "How many fail: that one and those after it.")),
       optional("mtbf", time_type("30 y", 1e-3),
                "Mean time between failures of one item, exponential; or at."),
       only_with("mtbf",
                 required("repair", distribution_type(Dimension::time, "4 h", {0, kMaxLife}),
                          "From a failure until the item is back.")),
       optional("spare", spare_type(),
                "Of cubes: a spare takes the place of one that fails, which is a spare itself once "
                "it is repaired. Without it a cube is away until it is repaired.")},
      {{{"at", "mtbf"}, true}}};
}

}  // namespace

TypeRef failure_type() {
  return tagged_type(
      "failure", "A cause for which servers or accelerators go out of service.", "kind",
      {random_variant(),
       {"trace",
        "Outages from a file: at each a share of the items, drawn at random, is out for a while "
        "(opendc), or nodes that leave and come, each the first item that is free (bamboo).",
        with_scope({required("format", choice_type({"opendc", "bamboo"}), "Columns of the file."),
                    required("file", file_type("outages.csv"), "The trace, plain or gz."),
                    defaulted("time_scale", number_type({1e-6, 1e6}, "0.5"), "1",
                              "Multiplies intervals and durations.")},
                   true),
        {}},
       {"outage",
        "One outage at a given time; without items and share everything is hit.",
        with_scope({required("at", time_type("2 d", 0), "When it begins."),
                    required("for", time_type("3 h", 0), "How long it lasts."),
                    optional("items", integer_type({0, kMaxServers}, "20"), "How many are hit."),
                    optional("share", number_type({0, 1}, "0.2"), "Which share of them is hit.")},
                   true),
        {}},
       {"maintenance",
        "Rack after rack, or zones or regions, is drained, worked on and given back.",
        with_scope(
            {required("first", time_type("1 d", 0), "Begin of the first round."),
             optional("every", time_type("30 d", 1),
                      "From the begin of a round to the next; without it there is one."),
             defaulted("of", choice_type({"rack", "zone", "region"}), "\"rack\"",
                       "What is emptied as one: region evacuates regions."),
             defaulted("racks_at_once", integer_type({1, 1e6}, "2"), "1",
                       "Racks of one wave, or zones or regions."),
             defaulted("jobs", choice_type({"finish", "move"}), "\"finish\"",
                       "finish: jobs go on until they end or the drain is over; move: they are "
                       "stopped at once, as on_failure of their pool says, and start elsewhere."),
             defaulted("drain", time_type("1 h", 0), "\"0 s\"",
                       "How long jobs may go on; those that still run then are stopped."),
             required("for", time_type("2 h", 0), "Work on one wave, once it is empty.")},
            false),
        {}},
       network_variant()});
}

}  // namespace hyperdc
