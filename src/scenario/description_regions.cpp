// What regions charge for what leaves them, and where workloads may be served.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef data_transfer_type() {
  const auto money = [](const char* example) {
    return quantity_type(Dimension::money, example, {0, 1e6});
  };
  return object_type("data transfer", "Prices of what leaves a region: 1 GB is 10^9 B.",
                     {defaulted("regions_per_gb", money("0.02 USD"), "\"0 USD\"",
                                "Of what goes to another region."),
                      optional("to", map_type(money("0.01 USD"), 1),
                               "The same by region, where it is another price."),
                      defaulted("internet_per_gb", money("0.09 USD"), "\"0 USD\"",
                                "Of answers that leave to people who ask from there."),
                      defaulted("requests_per_million", money("1 USD"), "\"0 USD\"",
                                "Of requests that people send in there, further attempts as well."),
                      sources_field()});
}

Field payload_field(bool tokens) {
  const auto bytes = [](const char* example) {
    return quantity_type(Dimension::bytes, example, {0, 1e12});
  };
  std::vector<Field> fields = {
      defaulted("request", bytes("2 kB"), "\"0 B\"", "Of a request."),
      defaulted("response", bytes("80 kB"), "\"0 B\"", "Of an answer."),
  };
  if (tokens) {
    fields.push_back(
        defaulted("prompt_token", bytes("4 B"), "\"0 B\"", "More for each token of its prompt."));
    fields.push_back(
        defaulted("output_token", bytes("200 B"), "\"0 B\"", "More for each token of its answer."));
  }
  return optional("payload",
                  object_type(tokens ? "token payload" : "payload",
                              "Mean sizes, for what moves between regions; it takes no time.",
                              std::move(fields)),
                  "What requests and answers move between regions.");
}

Field replication_field() {
  const Field to = required("to", list_type(text_type("eu-west"), 1),
                            "Regions that have a copy of what is written in another.");
  const Field bytes =
      required("bytes", quantity_type(Dimension::bytes, "4 kB", {1, 1e12}), "Of one write.");
  const Field share = defaulted("share", number_type({0, 1}, "0.1"), "1",
                                "Which share of the requests writes, each with this chance.");
  const Field cap = optional("cap", quantity_type(Dimension::data_rate, "10 Gbit/s", {1, 1e15}),
                             "Of one flow at most, as of one stream over a long way.");
  return optional(
      "replication",
      tagged_type("replication", "Copies of what requests write, over the WAN.", "mode",
                  {{"asynchronous",
                    "Answers do not wait; what was written since is sent at intervals.",
                    {to, bytes, share,
                     defaulted("every", time_type("15 min", 1e-3), "\"1 s\"",
                               "Multiples of it at which what was written is sent; a batch waits "
                               "until the one before has arrived."),
                     cap},
                    {}},
                   {"synchronous",
                    "An answer sets out when all copies of its write are acknowledged.",
                    {to, bytes, share, cap},
                    {}}}),
      "Copies of what requests write in other regions; without it there are none.");
}

Field residency_field() {
  return optional("residency", map_type(list_type(text_type("eu-west"), 1), 1),
                  "By region that people ask from: regions that may serve them, retries, "
                  "fail-over and calls included. Regions that are not named are free.");
}

Field job_residency_field() {
  return optional("residency", list_type(text_type("eu-west"), 1),
                  "Regions of the pool that its jobs may run in; without it, all.");
}

}  // namespace hyperdc
