#include "experiment/flow_csv.hpp"

#include <iterator>

namespace hyperdc {

FlowCsv::FlowCsv(const std::string& path)
    : file_(path, "workload,number,src,dst,bytes,start_s,end_s,time_s,alone_s\n") {}

void FlowCsv::ended(const FlowRow& row) {
  fmt::memory_buffer& out = file_.row();
  put_text(out, row.workload);
  fmt::format_to(std::back_inserter(out), ",{},", row.number);
  for (const std::uint32_t endpoint : {row.from, row.to}) {
    if (row.names.empty()) {
      fmt::format_to(std::back_inserter(out), "{}", endpoint);
    } else {
      put_text(out, row.names[endpoint]);
    }
    out.push_back(',');
  }
  fmt::format_to(std::back_inserter(out), "{},", row.bytes);
  put_seconds(out, row.start.ns);
  out.push_back(',');
  if (row.end) put_seconds(out, row.end->ns);
  out.push_back(',');
  if (row.end) put_seconds(out, (*row.end - row.start).ns);
  out.push_back(',');
  put_seconds(out, row.alone.ns);
  out.push_back('\n');
}

}  // namespace hyperdc
