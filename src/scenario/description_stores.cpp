// Stores that replicas read the weights of their models from.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef store_type() {
  const auto rate = [](std::string_view example) {
    return quantity_type(Dimension::data_rate, example, {1e6, 1e18});
  };
  return object_type(
      "store",
      "Where replicas read weights, and training runs checkpoints and data, who share its rate.",
      {optional("region", text_type("us-east"),
                "Where it is; may be left out if there is one region."),
       required("rate", rate("50 GB/s"), "Of all readers and writers together."),
       optional("write_rate", rate("20 GB/s"),
                "Of all writers together; without it they share the rate with readers."),
       optional("client_rate", rate("5 GB/s"),
                "That one server or replica gets at most; without it all."),
       defaulted("latency", quantity_type(Dimension::time, "20 ms", {0, 3600}), "\"0 s\"",
                 "Before the first byte of a reader.")});
}

}  // namespace hyperdc
