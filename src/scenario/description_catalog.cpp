// Accelerators and servers: entries of the catalog, or inline in a scenario.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef power_type() {
  const auto watts = [](std::string_view example) {
    return quantity_type(Dimension::power, example, {0, 1e6});
  };
  return object_type("power range", "Draws idle + (full - idle) * utilization.",
                     {required("idle", watts("80 W"), "Power at rest."),
                      required("full", watts("700 W"), "Power under full load.")});
}

Field power_reason_field(std::string_view of) {
  return optional(
      "power_reason", text_type("not published"),
      "Why there is no " + std::string(of) + "; required then. Energy is null with this reason.");
}

std::vector<Field> accelerator_fields() {
  const TypeRef scale_up = object_type(
      "scale-up fabric", "The fast fabric among neighbouring accelerators.",
      {defaulted("domain", integer_type({1, 1e6}, "8"), "1", "Accelerators that share it."),
       optional("rate", quantity_type(Dimension::data_rate, "450 GB/s", {0, 1e15}),
                "Of one accelerator, in one direction.")});
  return {
      optional("vendor", text_type("NVIDIA"), "Who makes it."),
      optional("model", text_type("H100"), "What jobs ask for; the entry's name if absent."),
      defaulted("aliases", list_type(text_type("H100-SXM5-80GB")), "[]",
                "Other names of the model in node lists and traces."),
      optional("year", integer_type({1990, 2100}, "2022"), "First year of sale."),
      optional("power", power_type(), "Power of one accelerator; null if not known."),
      power_reason_field("power"),
      optional("memory", quantity_type(Dimension::bytes, "80 GB", {0, kMaxMemory}),
               "Memory of one accelerator."),
      optional("memory_bandwidth", quantity_type(Dimension::data_rate, "3.35 TB/s", {0, 1e15}),
               "Of its memory."),
      defaulted("compute",
                free_map_type(quantity_type(Dimension::compute_rate, "989 TFLOP/s", {0, 1e21})),
                "{}", "Dense peak by number format (bf16, fp8)."),
      defaulted("scale_up", scale_up, "{}", "The scale-up fabric."),
      sources_field(),
  };
}

std::vector<Field> server_fields() {
  const TypeRef drives = object_type(
      "drives", "Drives of one server.",
      {required("count", integer_type({0, 1000}, "8"), "Number in one server."),
       defaulted("power_each", quantity_type(Dimension::power, "8 W", {0, 1e3}), "\"0 W\"",
                 "Constant power of one."),
       optional("size", quantity_type(Dimension::bytes, "3.84 TB", {0, 1e18}), "Of one of them.")});
  const TypeRef nics =
      object_type("network adapters", "Network adapters of one server.",
                  {required("count", integer_type({0, 1000}, "8"), "Number in one server."),
                   optional("rate", quantity_type(Dimension::data_rate, "400 Gbit/s", {0, 1e15}),
                            "Of one of them."),
                   defaulted("power_each", quantity_type(Dimension::power, "25 W", {0, 1e3}),
                             "\"0 W\"", "Constant power of one.")});
  const TypeRef embodied = object_type(
      "embodied carbon", "Carbon of making a thing, spread evenly over its life.",
      {required("carbon", quantity_type(Dimension::mass, "3000 kg", {0, 1e9}), "Of one."),
       required("life", time_type("5 y", 86'400), "Over which it is spread.")});
  return {
      required("cores", number_type({0.001, kMaxCores}, "96"), "Cores, to a thousandth."),
      required("memory", quantity_type(Dimension::bytes, "512 GiB", {0, kMaxMemory}),
               "Memory of one server."),
      optional("accelerator", text_type("h100-sxm"),
               "An accelerator of this file or of the catalog; null if there is none."),
      defaulted("accelerators", integer_type({0, 32}, "8"), "0", "Accelerators of one server."),
      optional("host_power", power_type(),
               "Processors, memory, fans and losses, without accelerators; null if not known."),
      power_reason_field("host_power"),
      defaulted("boot_time", quantity_type(Dimension::time, "5 min", {0, 86400}), "\"0 s\"",
                "From the end of a repair, or power-on, until it takes jobs."),
      optional("boot_power", quantity_type(Dimension::power, "400 W", {0, 1e6}),
               "Of the whole server while it boots; without it as at rest."),
      optional("drives", drives, "Drives of one server."),
      optional("nics", nics, "Network adapters of one server."),
      optional("price", price_type(), "Of one server for the time that it stands there."),
      optional("embodied", embodied, "Carbon of making one server."),
      defaulted("servers_per_domain", integer_type({1, 1e6}, "18"), "1",
                "Servers that share one scale-up domain."),
      sources_field(),
  };
}

TypeRef with_name(std::string name, std::string doc, std::vector<Field> fields) {
  fields.insert(fields.begin(), required("name", text_type("NAME"), "As the file is named."));
  return object_type(std::move(name), std::move(doc), std::move(fields));
}

}  // namespace

Field sources_field() {
  const TypeRef source = object_type(
      "source", "Where a fact is from.",
      {required("source", text_type("https://…"),
                "An address or a document; \"memory\" makes the fact an assumption."),
       optional("date", text_type("2026-11-22"), "When it was read."),
       optional("note", text_type("measured on one server"), "What else must be known."),
       optional("grade", choice_type({"measured", "published", "estimated", "guessed"}),
                "How well it is known; without it a document is published, what is assumed in part "
                "estimated, memory guessed."),
       optional("assumed", boolean_type(),
                "The document does not say all of it; the note says what is assumed, and a run "
                "that rests on it prints that.")});
  return defaulted("sources", free_map_type(source), "{}", "Sources by key, dotted.");
}

TypeRef accelerator_type() {
  return object_type("accelerator", "A type of accelerator.", accelerator_fields());
}

TypeRef server_type() {
  return object_type("server", "A type of server.", server_fields());
}

TypeRef accelerator_file_type() {
  return with_name("accelerator file", "A catalog file of an accelerator.", accelerator_fields());
}

TypeRef server_file_type() {
  return with_name("server file", "A catalog file of a server.", server_fields());
}

}  // namespace hyperdc
