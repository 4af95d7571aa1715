// Study: a base scenario, its variations and their seeds, read from a file.
//
// A variation is the base with some values set, as --set would (docs/adr/0011-studies.md). Designs:
// grid (every value with every other, the last knob fastest), together (the first of each, the
// second of each ...), random, Latin hypercube (McKay, Beckman and Conover, Technometrics 21(2),
// 1979: one sample in each of n parts of each knob, in random order) and Sobol (Joe and Kuo, SIAM
// J. Sci. Comput. 30(5), 2008, with a random digital shift of each knob, which keeps the evenness
// of 2^m points). Samples of a knob with values or a range take each of these with equal
// probability. Draws are those of the study's own seed (1 without) and the name of the knob: what
// --seed says changes no variation, and a knob more leaves the others as they are, but for Sobol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/varied_value.hpp"
#include "scenario/load.hpp"

namespace hyperdc {

inline constexpr std::size_t kMaxStudyRuns = 1'000'000;

struct Variation {
  std::string name;  // "scaler=hpa,racks=200"; of one knob "hpa"; no two alike
  std::vector<VariedValue> parameters;
  std::vector<Override> overrides;  // one by one with these
  std::vector<SourcePlace> places;  // of these, in the study file
};

/// When replications end by themselves: as soon as each metric of the study is known in each
/// variation to within a share of its mean. Looked at after `least` seeds and then every `batch`.
struct StopRule {
  double within = 0;  // half width of the interval, as a share of the size of the mean
  double confidence = 0.95;
  std::uint64_t least = 10;
  std::uint64_t batch = 10;
};

struct Study {
  std::string file;  // that it was read from
  std::string name;
  std::string description;
  std::string base;  // a path that can be opened
  SourcePlace base_place, replications_place;
  std::optional<std::uint64_t> first_seed;
  std::uint64_t replications = 1;  // with a stop rule: at most
  std::optional<StopRule> stop;
  std::vector<std::string> metrics;       // that it is about; empty: those of the summary
  std::map<std::string, double> margins;  // that count as no difference, as shares, by metric
  std::map<std::string, SourcePlace> aim_places;  // of these two
  std::vector<Variation> variations;
};

/// Reads and checks the file, but not the scenarios that its variations make.
Result<Study> load_study(const std::string& file);

/// Reads the alternatives of a branch: a study of `base` with its listed variations, "base" first.
/// Live keys only (scenario/live.hpp).
Result<Study> load_variants(const std::string& file, const std::string& base);

/// True when the file is JSON with a key "base": then it is meant as a study.
bool is_study(const std::string& file);

/// The scenario of a variation, the overrides of `options` set after it. Problems and warnings of
/// what the variation sets are placed in the study file.
Result<Loaded> load_variation(const Study& study, const Variation& variation,
                              const LoadOptions& options);

/// Issues of the scenario of a variation, placed where the study sets what they are about.
void place_in_study(const Study& study, const Variation& variation, Issues& issues);

/// What is wrong with setting these beside the study: they may not touch what it varies.
Issues check_overrides(const Study& study, const std::vector<Override>& overrides);

}  // namespace hyperdc
