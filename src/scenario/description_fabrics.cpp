// Fabrics: entries of the catalog, or inline in a scenario; the WAN; and transfers over them.
#include "network/topology/topology.hpp"
#include "scenario/description.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/resolve_graph.hpp"

namespace hyperdc {
namespace {

TypeRef gear_type(const char* name, const char* doc) {
  return object_type(name, doc,
                     {optional("power", quantity_type(Dimension::power, "1.6 kW", {0, 1e6}),
                               "Of one, whatever its load."),
                      optional("price", quantity_type(Dimension::money, "38000 USD", {0, 1e8}),
                               "Of one, to buy.")});
}

TypeRef incast_type() {
  return object_type(
      "incast", "What many senders to one endpoint lose.",
      {required("flows", integer_type({1, 1e6}, "32"), "So many share the link without loss."),
       required("factor", number_type({0.001, 1}, "0.1"),
                "Share of the capacity of the link when there are more.")});
}

/// How flows choose paths and share links. The WAN has no detours, and so no random ones, and no
/// switches that send to endpoints.
std::vector<Field> rule_fields(bool wan) {
  std::vector<Field> fields = {
      wan ? defaulted("routing", choice_type({"ecmp", "spray", "adaptive"}), R"("ecmp")",
                      "How a flow takes one of the paths with the least links: by hash; all, "
                      "evenly; the one with the least flows at its start.")
          : defaulted("routing", choice_type({"ecmp", "spray", "adaptive", "valiant"}), R"("ecmp")",
                      "How a flow takes one of its paths: by hash; all equal ones, evenly (packet "
                      "spraying); the one with the least flows at its start, or a detour; a random "
                      "detour."),
      defaulted("most_paths", integer_type({1, 4096}, "64"), "256",
                "Most paths of a flow that spray spreads it over or adaptive looks at, of the "
                "equal ones and again of the detours."),
      defaulted("sharing", choice_type({"max-min", "approximate", "constant"}), R"("max-min")",
                "What flows on one link get: exactly max-min fair; nearly, and faster; all that "
                "their links have, as if there were no others."),
      defaulted("contention", number_type({0.01, 1}, "0.95"), "1",
                "Share of the capacity of a link that two or more flows get together: what "
                "congestion control leaves unused where it has work to do."),
  };
  if (wan) return fields;
  fields.insert(fields.end() - 1,
                optional("incast", incast_type(),
                         "A link from a switch to an endpoint that more than some flows share "
                         "carries less; left out: it carries all."));
  return fields;
}

Field efficiency_field() {
  return defaulted(
      "efficiency", number_type({0.01, 1}, "0.92"), "1",
      "Share of the capacity of a link that payload gets: headers, and what congestion "
      "control leaves unused.");
}

/// What every family has beside its own parameters.
std::vector<Field> fabric_fields() {
  return {
      efficiency_field(),
      defaulted("switches", gear_type("switch", "A switch of the fabric."), "{}",
                "Each of its switches; those inside a server are part of it."),
      defaulted("optics", gear_type("optical module", "An optical module."), "{}",
                "The two ends of each cable between switches; cables to hosts are copper."),
      optional("life", time_type("5 y", 86'400),
               "Over which switches and optics are written off evenly, at their prices and from "
               "the begin of the run on: account network. Left out: they are in no bill."),
      sources_field(),
  };
}

TypeRef graph_links_type() {
  return list_type(
      object_type(
          "graph link", "A link of a graph.",
          {required("name", text_type("a-b"), "Name; routes call it by this."),
           required("from", text_type("switch-a"), "A node."),
           required("to", text_type("switch-b"), "Another node."),
           required("bandwidth", quantity_type(Dimension::data_rate, "100 Gbit/s", {1, 1e15}),
                    "Each way."),
           required("latency", time_type("1 us"), "Of the cable and the switch at its end."),
           defaulted("directed", boolean_type(), "false",
                     "Whether bytes go from \"from\" to \"to\" only.")}),
      1);
}

/// Any graph: one of its forms. Files are named by scenarios only; the catalog has what it needs.
Variant graph_variant(bool with_files) {
  const TypeRef node =
      object_type("graph node", "A node of a graph.",
                  {required("name", text_type("switch-a"), "As the links call it."),
                   required("host", boolean_type(), "Whether it is an endpoint or a switch.")});
  const TypeRef route = object_type(
      "graph route", "A path that replaces the shortest ones from one endpoint to another.",
      {required("src", text_type("host-1"), "The endpoint that sends."),
       required("dst", text_type("host-2"), "The endpoint that receives."),
       required("links", list_type(text_type("a-b"), 1), "Names of links, from src on.")});
  const TypeRef csv = object_type(
      "graph files", "A graph from CSV files.",
      {required("links", file_type("links.csv"),
                "Columns name, from, to, bandwidth_Bps, latency_s and, if wanted, directed."),
       optional("nodes", file_type("nodes.csv"), "Columns name and host (true or false)."),
       optional("routes", file_type("routes.csv"),
                "Columns src, dst and links: their names, separated by \";\".")});
  Variant graph{
      std::string(kGraphFamily), "Any graph, from the scenario itself or from files.", {}, {}};
  const std::string nodes_doc =
      "Nodes in the order of their numbers; one that is not named is an endpoint if just one link "
      "ends there, or a route.";
  graph.fields = {
      with_files ? optional("links", graph_links_type(), "Links, each with both directions.")
                 : required("links", graph_links_type(), "Links, each with both directions."),
      only_with("links", optional("nodes", list_type(node), nodes_doc)),
      only_with("links", optional("routes", list_type(route),
                                  "Paths to take; several of one pair are equal choices."))};
  if (!with_files) return graph;
  graph.fields.push_back(optional("csv", csv, "Links and, if wanted, nodes and routes in files."));
  graph.fields.push_back(optional("graphml", file_type("network.graphml"),
                                  "GraphML with bandwidth_Bps and latency_s of edges and, if "
                                  "wanted, host of nodes."));
  graph.rules = {{{"links", "csv", "graphml"}, true}};
  return graph;
}

/// A torus may be a slice of a pod: shown by the catalog, with the slices that it might be instead.
Field slices_field() {
  return optional(
      "slices",
      object_type("slices", "A pod of cubes of 4 x 4 x 4 chips that optical switches join to tori.",
                  {required("cubes", integer_type({1, 4096}, "64"), "Cubes of the pod."),
                   required("largest", integer_type({1, 4096}, "64"), "Most cubes of one slice.")}),
      "The pod from which this torus is cut; x, y and z must be a legal slice of it.");
}

std::vector<Variant> families(bool with_files) {
  std::vector<Variant> variants = variants_of(topologies());
  variants.push_back(graph_variant(with_files));
  for (Variant& variant : variants) {
    for (Field& field : rule_fields(false)) variant.fields.push_back(std::move(field));
    if (variant.name == "torus") variant.fields.push_back(slices_field());
    for (Field& field : fabric_fields()) variant.fields.push_back(std::move(field));
  }
  return variants;
}

TypeRef share_type(const char* example) {
  return number_type({0, 1}, example);
}

TypeRef pattern_type() {
  const auto body = [](const char* name, const char* doc, std::vector<Field> fields) {
    return object_type(name, doc, std::move(fields));
  };
  const auto entry = [](std::string name, const TypeRef& type, std::string doc) {
    return optional(std::move(name), type, std::move(doc));
  };
  return one_key_type(
      "pattern", "Who sends to whom: exactly one key.", nullptr,
      {entry("uniform", body("uniform pattern", "Any two endpoints.", {}), "Any two endpoints."),
       entry("permutation", body("permutation pattern", "Each endpoint has one partner.", {}),
             "Each endpoint always sends to the same other one, drawn once."),
       entry("incast",
             body("incast pattern", "Many send to one.",
                  {required("fan_in", integer_type({1, 1e6}, "32"), "Senders at one moment.")}),
             "Each arrival is several transfers at one moment, from as many senders to one."),
       entry("hot-spot",
             body("hot-spot pattern", "A few receive much.",
                  {required("endpoints", integer_type({1, 1e6}, "4"), "How many are hot."),
                   required("share", share_type("0.3"), "Of transfers that go to them.")}),
             "A share goes to a few endpoints, drawn once; the rest is uniform."),
       entry("rack-local",
             body("rack-local pattern", "Much stays in the rack.",
                  {required("share", share_type("0.6"), "Of transfers that stay in the rack.")}),
             "A share stays in the sender's rack; the rest leaves it."),
       entry("pair",
             body("pair pattern", "One sends to another.",
                  {required("src", text_type("us-east"),
                            "Who sends: over the WAN the name of a region, else the number of an "
                            "endpoint, as a text: \"17\"."),
                   required("dst", text_type("eu-west"), "Who receives, in the same way.")}),
             "All from one endpoint to another.")});
}

TypeRef transfer_generator_type() {
  return object_type(
      "transfer generator", "Transfers drawn at random.",
      {defaulted("count", integer_type({0, kMaxJobs}, "100000"), "0",
                 "Number of arrivals; 0: until the end of the run."),
       required("bytes", distribution_type(Dimension::bytes, "8 MB", {0, kMaxTransferSize}),
                "Size of one transfer, at least a byte."),
       optional("cap", quantity_type(Dimension::data_rate, "10 Gbit/s", {1e-3, 1e18}),
                "No transfer is faster than this."),
       defaulted("pattern", pattern_type(), R"({"uniform": {}})", "Who sends to whom."),
       optional("load", number_type({1e-6, 100}, "0.3"),
                "Poisson arrivals at the rate at which the payload is this share of what all "
                "endpoints can send; instead of arrivals.")});
}

}  // namespace

TypeRef wan_type() {
  const TypeRef link = object_type(
      "wan link", "A cable between two regions, or what is leased of one.",
      {required("from", text_type("us-east"), "A region."),
       required("to", text_type("eu-west"), "Another region."),
       required("bandwidth", quantity_type(Dimension::data_rate, "2 Tbit/s", {1, 1e15}),
                "Each way."),
       optional("latency", quantity_type(Dimension::time, "33 ms", {0, 3600}),
                "One way; without it that of the scenario's latency for the two regions, stated or "
                "by distance."),
       optional("name", text_type("dunant"), "By which failures may call it.")});
  std::vector<Field> fields = {required("links", list_type(link, 1),
                                        "Cables; as items of failures they are numbered from 0.")};
  for (Field& field : rule_fields(true)) fields.push_back(std::move(field));
  fields.push_back(efficiency_field());
  return object_type("wan", "The network between regions: each is an endpoint, and passes on.",
                     std::move(fields));
}

Field over_field() {
  return defaulted("over", choice_type({"fabric", "wan"}), R"("fabric")",
                   "The network: the fabric of a region, or the WAN between regions.");
}

TypeRef fabric_type() {
  return tagged_type("fabric", "A network: how endpoints are joined.", "family", families(true));
}

TypeRef fabric_file_type() {
  std::vector<Variant> variants = families(false);
  for (Variant& variant : variants) {
    variant.fields.insert(variant.fields.begin(),
                          required("name", text_type("NAME"), "As the file is named."));
    variant.fields.push_back(
        optional("description", text_type("Two tiers, 1:1"), "What it is, in a sentence."));
  }
  return tagged_type("fabric file", "A catalog file of a fabric.", "family", std::move(variants));
}

Variant transfers_variant() {
  const TypeRef trace = object_type(
      "transfer trace",
      "Transfers from a CSV file: start_s,src,dst,bytes and, if wanted, cap_Bps. Over the WAN src "
      "and dst are names of regions, or their numbers from 0.",
      {required("file", file_type("transfers.csv"), "The file, plain or gz."),
       defaulted("time_scale", number_type({1e-6, 1e6}), "1",
                 "Multiplies start times: 0.5 doubles the load.")});
  return {"transfers",
          "Bytes from endpoint to endpoint over the fabric of a region, or between regions.",
          {over_field(),
           optional("region", text_type("us-east"),
                    "Whose fabric; may be left out if one region has one."),
           optional("trace", trace, "Transfers from a file."),
           optional("generate", transfer_generator_type(), "Transfers drawn at random."),
           only_with("generate", optional("arrivals", arrivals_type(),
                                          "When they start; or a load in generate."))},
          {{{"trace", "generate"}, true}}};
}

}  // namespace hyperdc
