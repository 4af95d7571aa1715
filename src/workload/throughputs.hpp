// Throughputs: how fast applications run on accelerators of each model.
//
// Computes: a job of s steps of an application on n accelerators of model m runs s / T(m) seconds;
// its run time is that on the fastest model of the table, and its speed on m is T(m) / max T.
// A model that the table does not name does not run it.
// File: CSV with application, accelerators (that all its members have together), model (as of the
// fleet), steps_per_s. Units: steps/s. Source: the file's. Valid range: applications and sizes as
// in the file, nothing between. Leaves out: placement within a model, packing, batch sizes that
// change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/request.hpp>

#include "workload/trace.hpp"

namespace hyperdc {

struct Throughputs {
  struct Rate {
    ModelSet model = 0;  // one bit
    double steps_per_s = 0;
  };
  struct Profile {
    std::string application;
    std::uint32_t accelerators = 0;
    std::vector<Rate> rates;  // as they come
    double fastest() const;
  };
  std::vector<Profile> profiles;  // JobRecord::profile is one more than the index
  std::string sha256;

  /// What JobRecord::profile is for it; 0: the table has no such row.
  std::uint16_t find(std::string_view application, std::uint32_t accelerators) const;
};

/// At most 65,535 profiles. All problems, each with its place in the file.
Result<Throughputs> read_throughputs(const std::string& file, ModelNames& models);

}  // namespace hyperdc
