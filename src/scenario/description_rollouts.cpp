// Rollouts of a service: waves, what may be bad, who sees it.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef wave_type() {
  return object_type(
      "wave", "A part of the replicas that changes next.",
      {defaulted("share", number_type({0, 1}, "0.1"), "1",
                 "Share of the replicas of each of its deployments that have the new version when "
                 "the wave is done, those of earlier waves included."),
       optional("in", list_type(text_type("us-east"), 1), "Only deployments in these regions."),
       optional("zones", list_type(text_type("us-east.a"), 1),
                "Only deployments whose racks are all in these zones, named REGION.ZONE."),
       defaulted("bake", time_type("30 min"), "\"0 s\"",
                 "How long the wave is watched, from its last ready replica to the next wave.")});
}

std::vector<Field> rolling_fields() {
  const TypeRef share = number_type({0, 1}, "0.25");
  return {defaulted("max_surge", share, "0.25",
                    "Replicas beyond those wanted, as a share of them, rounded up."),
          defaulted("max_unavailable", share, "0.25",
                    "Replicas that may lack while others start, as a share of those wanted, "
                    "rounded down.")};
}

}  // namespace

TypeRef rollout_type() {
  const TypeRef bad =
      object_type("bad change", "What may be wrong with the new version.",
                  {defaulted("probability", number_type({0, 1}, "0.05"), "1", "That it is bad."),
                   defaulted("service_time_factor", number_type({0.01, 1000}, "3"), "1",
                             "A request takes so many times as long."),
                   defaulted("error_rate", number_type({0, 1}, "0.02"), "0",
                             "Share of the requests that fail when their work is done.")});
  const TypeRef detection = object_type(
      "detection", "Who sees that it is bad.",
      {defaulted("probability", number_type({0, 1}, "0.9"), "1", "That it is seen at all."),
       required("delay", distribution_type(Dimension::time, "10 min", {0, kMaxSeconds}),
                "From its first ready replica on.")});
  std::vector<Field> fields = {
      required("at", time_type("2 h"), "When it begins; it waits for the one before it."),
      defaulted("waves", list_type(wave_type(), 1), "[{}]",
                "One after the other; together they reach every replica.")};
  for (Field& field : rolling_fields()) fields.push_back(std::move(field));
  fields.push_back(optional("bad", bad, "That the new version may be bad."));
  fields.push_back(only_with(
      "bad", optional("detection", detection, "Who sees it; without it, it stays for ever.")));
  fields.push_back(only_with(
      "bad", defaulted("rollback", object_type("rollback", "The way back.", rolling_fields()), "{}",
                       "How the old version comes back.")));
  return object_type("rollout", "A new version of a service.", std::move(fields));
}

}  // namespace hyperdc
