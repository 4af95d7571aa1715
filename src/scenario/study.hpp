// Study: a base scenario, its variations and their seeds, read from a file.
//
// A variation is the base with some values set, as --set would (docs/adr/0011-studies.md). Designs:
// grid (every value with every other, the last knob fastest), together (the first of each, the
// second of each ...), random, Latin hypercube (McKay, Beckman and Conover, Technometrics 21(2),
// 1979: one sample in each of n parts of each knob, in random order) and Sobol (Joe and Kuo, SIAM
// J. Sci. Comput. 30(5), 2008, from its second point on: the first is a corner). Samples of a knob
// with values or a range take each of these with equal probability. Draws are those of the study's
// first seed and the name of the knob: a knob more leaves the others as they are, but for Sobol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenario/load.hpp"

namespace hyperdc {

struct Variation {
  std::string name;  // "scaler=hpa,racks=200"; of one knob "hpa"
  std::vector<std::pair<std::string, std::string>> parameters;  // name, value as JSON on one line
  std::vector<Override> overrides;
  std::vector<SourcePlace> places;  // of these, in the study file
};

struct Study {
  std::string name;
  std::string description;
  std::string base;  // a path that can be opened
  std::optional<std::uint64_t> first_seed;
  std::uint64_t replications = 1;
  std::vector<Variation> variations;
  std::string sha256;  // of the file
};

/// Reads and checks the file, but not the scenarios that its variations make. `first_seed`: of the
/// command line, in place of the study's.
Result<Study> load_study(const std::string& file,
                         std::optional<std::uint64_t> first_seed = std::nullopt);

/// True when the file is JSON with a key "base": then it is meant as a study.
bool is_study(const std::string& file);

/// The scenario of a variation, `also` set after it; problems of what the variation sets are in the
/// study file.
Result<Loaded> load_variation(const Study& study, const Variation& variation,
                              const LoadOptions& options);

}  // namespace hyperdc
