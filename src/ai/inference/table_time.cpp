#include "ai/inference/table_time.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// The cell of a value: its lower end, and the share of the way through it, beyond 0 to 1 outside.
struct Cell {
  std::size_t low = 0;
  double share = 0;
};

Cell cell_of(const std::vector<std::uint64_t>& knots, std::uint64_t value) {
  if (knots.size() == 1) return {};
  const auto above = std::upper_bound(knots.begin() + 1, knots.end() - 1, value);
  const auto low = static_cast<std::size_t>(above - knots.begin()) - 1;
  const auto real = [](std::uint64_t x) { return static_cast<double>(x); };
  return {low, (real(value) - real(knots[low])) / real(knots[low + 1] - knots[low])};
}

WideNs floor_of(WideNs a, WideNs b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

/// At a context of the table.
double TableTime::between(std::uint64_t prompt, std::uint64_t sequences,
                          std::size_t context) const {
  const IterationTable& t = *table_;
  const Cell p = cell_of(t.prompts, prompt), d = cell_of(t.sequences, sequences);
  const auto along = [&](std::size_t at) {
    const double low = t.at(at, d.low, context);
    if (d.share == 0) return low;
    return low + d.share * (t.at(at, d.low + 1, context) - low);
  };
  const double low = along(p.low);
  return p.share == 0 ? low : low + p.share * (along(p.low + 1) - low);
}

double TableTime::real_ns(std::uint64_t prompt, std::uint64_t sequences,
                          std::uint64_t context) const {
  if (sequences == 0 || table_->contexts.size() == 1) return between(prompt, sequences, 0);
  const Cell c = cell_of(table_->contexts, context);
  const double low = between(prompt, sequences, c.low);
  return low + c.share * (between(prompt, sequences, c.low + 1) - low);
}

TableTime::Line TableTime::line(const IterationLoad& load) const {
  const std::vector<std::uint64_t>& contexts = table_->contexts;
  const std::uint64_t d = load.decoding;
  if (d == 0 || contexts.size() == 1) return {parts_of(between(load.prompt, d, 0)), 0};
  // The cell in which the cached tokens are, d times the contexts that it ends with.
  const std::size_t low = cell_of(contexts, load.cached / d).low;
  const std::uint64_t begin = contexts[low] * d, end = contexts[low + 1] * d;
  const WideNs at_begin = parts_of(between(load.prompt, d, low));
  const WideNs at_end = parts_of(between(load.prompt, d, low + 1));
  Line out;
  out.step = floor_of(at_end - at_begin, static_cast<WideNs>(end - begin));
  out.first = at_begin + out.step * (static_cast<WideNs>(load.cached) - static_cast<WideNs>(begin));
  if (low + 2 < contexts.size()) out.valid_below = end;
  return out;
}

Duration TableTime::of(const IterationLoad& load) const {
  const Line its = line(load);
  const StretchTime whole{its.first, its.step * static_cast<WideNs>(load.decoding), kNsParts};
  return time_of_first(in_token_parts(whole, load));
}

std::optional<StretchTime> TableTime::stretch(const IterationLoad& first) const {
  if (first.decoding == 0 || first.prompt > 0) return std::nullopt;
  const Line its = line(first);
  // Measured times may fall with the context: those are summed one by one.
  if (its.first < kNsParts || its.step < 0) return std::nullopt;
  StretchTime out{its.first, its.step * static_cast<WideNs>(first.decoding), kNsParts};
  if (its.valid_below != ~std::uint64_t{0}) {
    out.valid = (its.valid_below - first.cached + first.decoding - 1) / first.decoding;
  }
  return in_token_parts(out, first);
}

}  // namespace hyperdc
