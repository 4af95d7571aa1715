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
                     {required("at", time_type("10 d"), "When they join."),
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

TypeRef cache_type() {
  return object_type(
      "storage cache", "Objects that are read without drives.",
      {required("capacity", quantity_type(Dimension::bytes, "10 TB", {1, 1e18}),
                "Of all the objects in it."),
       required("bandwidth", quantity_type(Dimension::data_rate, "40 GB/s", {1e3, 1e15}),
                "Of all that it serves, one answer after the other."),
       defaulted("policy", choice_type({"lru", "fifo"}), "\"lru\"",
                 "What goes when others come: what was used longest ago, or what came first.")});
}

TypeRef metadata_type() {
  return object_type(
      "storage metadata", "Servers that say where objects are.",
      {required("time", distribution_type(Dimension::time, "80 us", {0, 3600}),
                "Of one operation."),
       defaulted("servers", integer_type({1, 100'000}, "4"), "1",
                 "Operations at a time; the others wait in the order in which they come.")});
}

TypeRef tier_type() {
  return object_type(
      "storage tier", "Where what clients write goes when it is old.",
      {required("to", text_type("us-east.cold"), "Another system of the region: REGION.SYSTEM."),
       required("after", time_type("30 d"), "Age at which an object is moved.")});
}

TypeRef storage_prices_type() {
  const TypeRef money = quantity_type(Dimension::money, "0.05 USD", {0, 1e6});
  return object_type("storage prices", "What clients of a storage system pay for what they ask.",
                     {defaulted("reads_per_10k", money, "\"0 USD\"", "Of 10,000 reads."),
                      defaulted("writes_per_10k", money, "\"0 USD\"", "Of 10,000 writes."),
                      defaulted("egress_per_gb", money, "\"0 USD\"",
                                "Of 10^9 B of reads of clients that are outside of the region."),
                      sources_field()});
}

TypeRef popularity_type() {
  return object_type(
      "object popularity", "Objects that are asked for again and again.",
      {required("objects", integer_type({1, 1e15}, "1000000"),
                "Of this workload; each has its size and its place."),
       required("exponent", number_type({0, 5}, "0.9"),
                "Zipf: the k-th is asked for in proportion to 1 / k^exponent; 0: all alike.")});
}

TypeRef hedge_type() {
  return object_type(
      "hedge", "Other fragments are read as well.",
      {optional("after", time_type("40 ms"), "From the begin of the read, or of a stripe of it."),
       optional("quantile", number_type({0.5, 0.99}, "0.95"),
                "Of the times of the last thousand, instead of a time.")});
}

TypeRef storage_burst_type() {
  return object_type(
      "storage burst", "Servers that fail for good at once, drawn evenly.",
      {required("servers", number_type({1e-6, 1}, "0.01"), "Share of the servers; at least one."),
       defaulted("trials", integer_type({100, 1'000'000}, "2000"), "2000",
                 "Bursts in which a group is lost: what the interval of the probability is by.")});
}

TypeRef storage_durability_type() {
  return object_type(
      "storage durability",
      "Loss of data by simulation beside the run, however rare, as well as by the Markov chain.",
      {defaulted("replications", integer_type({30, 1000}, "30"), "30",
                 "Independent estimates, of which the interval is."),
       defaulted("effort", integer_type({100, 1'000'000}, "1000"), "1000",
                 "Trials from each number of lost fragments, in each."),
       optional("burst", storage_burst_type(),
                "Servers that fail together; without it single drives alone fail.")});
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
                "Fragments move until all drives are about as full; without it they stay."),
       optional("durability", storage_durability_type(),
                "Loss of data by simulation; without it by the Markov chain alone."),
       optional("cache", cache_type(), "Objects that are read without drives."),
       optional("metadata", metadata_type(), "What each access of an object asks first."),
       optional("tier", tier_type(), "Where what clients write goes when it is old."),
       optional("prices", storage_prices_type(), "What its clients pay for what they ask.")});
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
                "network takes no time."),
       optional("stripe", quantity_type(Dimension::bytes, "64 MB", {1, 1e15}),
                "Bytes of a request that go to one group, the next to another; without it all go "
                "to one."),
       optional("stripes_at_once", integer_type({1, 1'000'000}, "16"),
                "Stripes of a request that are under way at a time; without it all."),
       optional("popularity", popularity_type(),
                "Which objects are asked for; without it each request is for one of its own."),
       optional("hedge", hedge_type(),
                "Reads that take long read other fragments as well; the first to end counts."),
       optional("age", distribution_type(Dimension::time, "20 d", {0, 1e11}),
                "Of what is read, where the system has a tier: what is too old for it is read from "
                "the next; without it all is read here."),
       optional("outside", boolean_type(),
                "Clients are outside of the region: what they read is egress.")},
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
