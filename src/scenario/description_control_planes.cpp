// Control planes: what starts, scales and checks replicas, and when it cannot.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef control_plane_type() {
  const TypeRef outage =
      object_type("plane outage", "A time in which the plane does nothing.",
                  {required("at", time_type("9 h"), "When it begins."),
                   required("for", time_type("90 min", 1e-9), "How long it lasts.")});
  const TypeRef random = object_type(
      "random plane outages", "The plane works for a while, is out for a while, and so on.",
      {required("time_to_failure", distribution_type(Dimension::time, "90 d", {0, kMaxSeconds}),
                "From the start, or the end of an outage, to the next one."),
       required("for", distribution_type(Dimension::time, "2 h", {0, kMaxSeconds}),
                "How long an outage lasts.")});
  return object_type(
      "control plane",
      "What acts on replicas from outside. What runs goes on while it is out (static stability).",
      {required("kind", choice_type({"launch", "scaling", "health"}),
                "launch: nothing starts in its scope and no replica is taken away; scaling: "
                "autoscalers in its scope do not decide; health: load balancers keep what they "
                "knew of the replicas in its scope that have a health_check."),
       optional("in", list_type(text_type("us-east"), 1), "Only racks of these regions."),
       optional("zones", list_type(text_type("us-east.a"), 1),
                "Only racks of these zones, named REGION.ZONE."),
       defaulted("outages", list_type(outage), "[]", "Outages at given times; they may overlap."),
       optional("random", random, "Outages at random.")});
}

}  // namespace hyperdc
