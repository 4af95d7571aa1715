// How long an iteration takes, by what was measured: a table, and straight lines in between.
//
// Computes: ns = T(p, d, k / d), with p tokens of prompts, d sequences that decode and k tokens in
// their caches, so k / d in each (its context). T is known for all combinations of some values of
// each, and trilinear between them; beyond the last value, and before the first context, it goes on
// as in the cell beside. With d = 0 there is no context. Counted in 2^-20 ns, so that iterations
// that decode can be summed at once; at least 1 ns.
// Units: tokens, sequences, ns. Source: linear interpolation; profiles of that shape: Vidur
// (MLSys'24), LLMServingSim (IISWC'24).
// Valid: within the table. Leaves out: how prompt tokens are spread over prompts, and what those
// attend to; a spread of the contexts around their mean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "ai/inference/iteration_time.hpp"

namespace hyperdc {

struct IterationTable {
  /// Values of each, ascending; of prompts and sequences the first is 0.
  std::vector<std::uint64_t> prompts, sequences, contexts;
  std::vector<double> ns;  // [prompt][sequences][context]
  std::string sha256;      // of its file

  double at(std::size_t prompt, std::size_t sequence, std::size_t context) const {
    return ns[(prompt * sequences.size() + sequence) * contexts.size() + context];
  }
};

/// From a CSV file, plain or gz, with columns prompt, sequences, context and ns: a row for each
/// combination; where no sequence decodes one for each prompt, whatever its context. All
/// problems of the file.
Result<IterationTable> read_iteration_table(const std::string& file);

class TableTime final : public IterationTime {
 public:
  explicit TableTime(std::shared_ptr<const IterationTable> table) : table_(std::move(table)) {}
  Duration of(const IterationLoad& load) const override;
  std::optional<StretchTime> stretch(const IterationLoad& first) const override;
  /// Before it becomes a whole number, with sequences of this context; also where that is too long.
  double real_ns(std::uint64_t prompt, std::uint64_t sequences, std::uint64_t context) const;

 private:
  /// Parts of a ns at a number of cached tokens, and from there on for each more.
  struct Line {
    WideNs first = 0, step = 0;
    std::uint64_t valid_below = ~std::uint64_t{0};  // cached tokens
  };
  Line line(const IterationLoad& load) const;
  double between(std::uint64_t prompt, std::uint64_t sequences, std::size_t context) const;

  std::shared_ptr<const IterationTable> table_;
};

}  // namespace hyperdc
