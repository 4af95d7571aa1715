// RequestLog: one row an attempt of a request to a language model, written as its engine is done
// with it or refuses it (requests.csv). One that is lost with its replica has no row. The world
// does not know files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct RequestRow {
  std::uint64_t number = 0;  // order of arrival in its workload
  std::string_view workload;
  std::uint32_t attempt = 1;  // of its client
  SimTime arrival;            // at its origin
  std::uint64_t prompt = 0, output = 0;
  std::uint64_t cached = 0;                  // of its prompt, when it was admitted
  std::optional<SimTime> first_token, done;  // nothing: it was refused
  std::uint32_t preemptions = 0;
  std::string_view pool;  // whose replica served it
  std::uint64_t replica = 0;
};

class RequestLog {
 public:
  virtual ~RequestLog() = default;
  virtual void left(const RequestRow& row) = 0;
};

}  // namespace hyperdc
