// FlowLog: one row a transfer, written as it ends (flows.csv). The world does not know files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct FlowRow {
  std::uint64_t number = 0;  // order of start in its workload
  std::string_view workload;
  std::uint32_t from = 0, to = 0;
  std::uint64_t bytes = 0;
  SimTime start;
  std::optional<SimTime> end;  // its last byte arrived; nothing: not before the end of the run
  Duration alone;              // what it takes on an idle fabric
  std::span<const std::string> names = {};  // of the endpoints; empty: their numbers
};

class FlowLog {
 public:
  virtual ~FlowLog() = default;
  virtual void ended(const FlowRow& row) = 0;
};

}  // namespace hyperdc
