// Software of inference engines, as what it makes of a chip: files of the catalog.
#include "scenario/description.hpp"

namespace hyperdc {

TypeRef serving_file_type() {
  const TypeRef share = number_type({0.001, 1.5}, "0.8");
  const auto time = [](std::string_view example) {
    return quantity_type(Dimension::time, example, {0, 10});
  };
  const TypeRef efficiency =
      object_type("efficiencies", "Shares of the data sheet of a chip that are reached.",
                  {required("compute", share, "Of its operations in dense products."),
                   required("memory", share, "Of its memory bandwidth, reading weights."),
                   required("cache", share, "Of its memory bandwidth, reading key-value caches."),
                   required("link", share, "Of its scale-up link, in all-reduces."),
                   optional("gather", share,
                            "Of its memory bandwidth, reading rows of embedding tables; without it "
                            "as memory.")});
  const TypeRef times = object_type(
      "serving times", "What software adds, whatever the model.",
      {required("iteration", time("0.6 ms"), "Of every iteration: scheduling, sampling."),
       required("layer", time("15 us"), "Of every layer: launches and what is between products."),
       required("sum", time("4 us"), "Of every all-reduce, before its bytes."),
       required("expert_layer", time("70 us"), "Of every layer with experts: routing, sorting."),
       required("request", time("4 ms"),
                "Of every request outside the engine: front end, tokenizer, the way back.")});
  return object_type("serving software file",
                     "A catalog file: what an inference engine makes of a chip.",
                     {required("name", text_type("NAME"), "As the file is named."),
                      required("version", text_type("0.15.1"), "Of the software."),
                      required("efficiency", efficiency, "Shares of peaks."),
                      required("times", times, "Times that do not depend on the chip."),
                      required("memory_reserve", quantity_type(Dimension::bytes, "2 GB", {0, 1e12}),
                               "Of each accelerator, for activations and the software itself."),
                      sources_field()});
}

}  // namespace hyperdc
