// What requests.csv would hold, by number of the request.
#pragma once

#include <cstdint>
#include <map>

#include "world/request_log.hpp"

namespace hyperdc::test {

class RequestRows final : public RequestLog {
 public:
  void left(const RequestRow& row) override { all[row.number] = row; }
  std::map<std::uint64_t, RequestRow> all;
};

}  // namespace hyperdc::test
