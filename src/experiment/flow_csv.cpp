#include "experiment/flow_csv.hpp"

#include <iterator>

namespace hyperdc {

FlowCsv::FlowCsv(const std::string& path)
    : file_(path, "workload,number,src,dst,bytes,start_s,end_s,time_s,alone_s\n") {}

void FlowCsv::ended(const FlowRow& row) {
  fmt::memory_buffer& out = file_.row();
  put_text(out, row.workload);
  fmt::format_to(std::back_inserter(out), ",{},{},{},{},", row.number, row.from, row.to, row.bytes);
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
