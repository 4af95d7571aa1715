// Storage systems of a region, and drives: files of the catalog, or inline in a scenario.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

std::vector<Field> drive_fields() {
  return {
      required("capacity", quantity_type(Dimension::bytes, "20 TB", {1e9, 1e16}), "Of one drive."),
      required("bandwidth", quantity_type(Dimension::data_rate, "285 MB/s", {1e5, 1e12}),
               "That one drive reads or writes."),
      required("afr", number_type({1e-6, 10}, "0.0157"),
               "Annualized failure rate: failures over years of service."),
      defaulted("seek", time_type("12 ms"), "\"0 s\"",
                "That each read or write of a client takes beside its bytes: heads that move and "
                "half a turn."),
      optional("price", price_type(),
               "Of one drive for the time that it is there; without it drives are part of what "
               "their servers cost."),
      sources_field()};
}

TypeRef placement_type_of_storage() {
  const Field spread =
      defaulted("spread", choice_type({"server", "rack", "zone"}), "\"server\"",
                "Fragments of a group are in servers or racks of their own, or in equal parts in "
                "the zones, in racks of their own.");
  return tagged_type(
      "storage placement", "On which drives the fragments of a group are.", "policy",
      {{"random", "Drives at random for each group.", {spread}, {}},
       {"copysets",
        "Groups share few sets of drives (Cidon et al., ATC'13): fewer failures at once lose data, "
        "and more of it.",
        {required("scatter_width", integer_type({1, 100'000}, "10"),
                  "Other drives that a drive shares groups with, about."),
         spread},
        {}}});
}

TypeRef storage_repair_type() {
  return object_type(
      "storage repair", "How fragments that are lost are rebuilt elsewhere.",
      {optional("rate", quantity_type(Dimension::data_rate, "50 MB/s", {1e3, 1e12}),
                "That a drive reads or writes for one repair, at most; without it its bandwidth "
                "over streams."),
       defaulted("streams", integer_type({1, 64}, "1"), "1",
                 "Repairs that a drive takes part in at a time."),
       defaulted("detect", time_type("10 min"), "\"0 s\"",
                 "From the failure of a drive until its fragments may be rebuilt."),
       defaulted(
           "after", time_type("15 min"), "\"15 min\"",
           "From the loss of a server until its fragments may be rebuilt, if it is not back."),
       defaulted("on_fabric", boolean_type(), "false",
                 "What repairs move are flows on the fabric of the region.")});
}

TypeRef storage_growth_type() {
  return object_type(
      "storage growth", "Data that is written new, into groups that are full one after the other.",
      {required("rate", quantity_type(Dimension::data_rate, "50 TB/d", {1, 1e15}),
                "Of data, without what the code adds."),
       optional("open", integer_type({1, 1e6}, "100"),
                "Groups that are written at a time; without it one for as many drives as a group "
                "has fragments. So many of the first groups are partly filled, evenly.")});
}

TypeRef storage_join_type() {
  return object_type("storage expansion", "Drives that join a storage system.",
                     {required("at", time_type("10 d"), "When."),
                      required("racks", list_type(text_type("new"), 1),
                               "Rack groups of the region; their drives are empty until then.")});
}

TypeRef storage_rebalance_type() {
  return object_type(
      "storage rebalance", "Fragments that move from full drives to empty ones.",
      {optional("rate", quantity_type(Dimension::data_rate, "20 MB/s", {1e3, 1e12}),
                "That a drive reads or writes for one move, at most; without it that of a repair."),
       defaulted("streams", integer_type({1, 64}, "1"), "1",
                 "Moves that a drive takes part in at a time, of the streams of repairs."),
       defaulted("tolerance", number_type({0, 1}, "0.05"), "0.1",
                 "Share of the mean fill that a drive may have more or less, or one fragment where "
                 "that is more.")});
}

}  // namespace

TypeRef storage_type() {
  return object_type(
      "storage system", "Data in groups of fragments on drives of a region.",
      {required("code", text_type("rs-10-4"),
                "replication-COPIES, rs-DATA-PARITIES, or lrc-DATA-GROUPS-GLOBALS."),
       required("drive", text_type("hdd-20tb"), "A drive of this file or of the catalog."),
       required("drives_per_server", integer_type({1, 1000}, "24"), "Drives of each server."),
       optional("racks", list_type(text_type("store"), 1),
                "Rack groups of the region whose servers have them; without it all."),
       defaulted("used", number_type({0.001, 1}, "0.7"), "0.7",
                 "Share of the capacity that fragments take."),
       optional("groups", integer_type({1, 1e8}, "100000"),
                "Placement groups; without it a drive has a hundred fragments."),
       defaulted("placement", placement_type_of_storage(), R"({"policy": "random"})",
                 "On which drives the fragments of a group are."),
       optional("time_to_failure", distribution_type(Dimension::time, "80000 h", {0, 1e12}),
                "Of a new drive; without it exponential by the afr of the drive."),
       defaulted("replace", time_type("1 d"), "\"1 d\"",
                 "From the failure of a drive until a new one is in its place."),
       defaulted("repair", storage_repair_type(), "{}", "How lost fragments are rebuilt."),
       defaulted("full_ratio", number_type({0.01, 1}, "0.95"), "1",
                 "Share of a drive that fragments may take: one that has no room for another takes "
                 "none."),
       optional("growth", storage_growth_type(), "Data that is written new; without it none is."),
       optional("expansion", list_type(storage_join_type(), 1), "Drives that join later."),
       optional("rebalance", storage_rebalance_type(),
                "Fragments move until all drives are about as full; without it they stay.")});
}

Variant storage_requests_variant() {
  return {
      "storage",
      "Reads and writes of clients of a storage system.",
      {optional("system", text_type("us-east.blob"),
                "REGION.SYSTEM; may be left out if there is one."),
       required("arrivals", arrivals_type(), "When they come."),
       required("bytes", distribution_type(Dimension::bytes, "4 MB", {0, kMaxTransferSize}),
                "Of one read or write, at least a byte."),
       defaulted("reads", number_type({0, 1}, "0.9"), "1", "Share of reads; writes are the rest."),
       optional("clients", list_type(text_type("compute"), 1),
                "Rack groups of the region whose servers ask, over its fabric; without it the "
                "network takes no time.")},
      {}};
}

TypeRef drive_type() {
  return object_type("drive", "A type of drive.", drive_fields());
}

TypeRef drive_file_type() {
  std::vector<Field> fields = drive_fields();
  fields.insert(fields.begin(), required("name", text_type("NAME"), "As the file is named."));
  return object_type("drive file", "A catalog file of a drive.", std::move(fields));
}

}  // namespace hyperdc
