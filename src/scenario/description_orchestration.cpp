// Domains of gangs, reservations and migrations of a pool.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef topology_type() {
  const TypeRef slices =
      object_type("slices", "Racks are cubes of 4 x 4 x 4 chips: 16 servers of 4.",
                  {defaulted("largest", integer_type({1, 1e6}, "96"), "64",
                             "Cubes of one slice at most: 64 of a TPU v4 pod, 96 of a v5p pod.")});
  return object_type(
      "topology",
      "In which domain (server, rack, pod, all of the pool) the members of a job are placed: the "
      "smallest that holds them.",
      {defaulted("rank", choice_type({"best-fit", "worst-fit", "first-fit", "none"}),
                 "\"best-fit\"",
                 "Of the domains that hold a gang: the one with the least room, the most, or the "
                 "first. none: the placement chooses server by server, and what gangs span is "
                 "counted."),
       defaulted(
           "required", choice_type({"none", "rack", "pod"}), "\"none\"",
           "A gang waits until one rack or pod holds all of it; one that none could ever hold "
           "is rejected. none: it is spread where it must be."),
       optional("racks_per_pod", integer_type({1, kMaxServers}, "4"),
                "Racks of a region in their order; without it pods are as the fabric of the region "
                "has them, or else the region."),
       optional("slices", slices,
                "Jobs get aligned blocks of a cube, or whole cubes; other sizes are rejected.")});
}

TypeRef reservation_type() {
  return object_type(
      "reservation", "Capacity that is kept for a tenant or a workload.",
      {optional("tenant", text_type("research"), "For the jobs of this tenant."),
       optional("workload", text_type("training"), "For the jobs of this workload."),
       optional("accelerators", integer_type({1, 1e9}, "64"), "So many, wherever they are."),
       optional("servers", integer_type({1, kMaxServers}, "8"),
                "What so many servers have, of the first type of the pool."),
       required("from", time_type("2 d"), "Begin of the first window."),
       required("for", time_type("12 h", 1e-9), "Length of a window."),
       optional("every", time_type("7 d", 1e-9), "From one begin to the next; without it once."),
       defaulted("at_start", choice_type({"wait", "preempt"}), "\"wait\"",
                 "What is not free at the begin: wait until it is; preempt: jobs of others give "
                 "way, the last started first.")},
      {{{"tenant", "workload"}, true}, {{"accelerators", "servers"}, true}});
}

TypeRef defragment_type() {
  return object_type(
      "defragment",
      "Running jobs of one member are moved when the next job would fit by totals and finds no "
      "servers.",
      {defaulted("every", time_type("10 min"), "\"0 s\"", "Not sooner after the last time."),
       defaulted("wait", time_type("5 min"), "\"0 s\"",
                 "Only for jobs that have waited for so long."),
       defaulted("most", integer_type({1, 1e9}, "64"), "16", "Accelerators moved at a time."),
       defaulted("overhead", time_type("2 min"), "\"0 s\"",
                 "Added to the run time of a job that is moved; what it did is kept.")});
}

}  // namespace hyperdc
