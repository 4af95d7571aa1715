#include "experiment/request_csv.hpp"

#include <iterator>

namespace hyperdc {

RequestCsv::RequestCsv(const std::string& path)
    : file_(path,
            "workload,number,attempt,arrival_ns,prompt,output,first_token_ns,done_ns,preemptions,"
            "pool,replica,cached\n") {}

void RequestCsv::left(const RequestRow& row) {
  fmt::memory_buffer& out = file_.row();
  put_text(out, row.workload);
  fmt::format_to(std::back_inserter(out), ",{},{},{},{},{},", row.number, row.attempt,
                 row.arrival.ns, row.prompt, row.output);
  if (row.first_token) fmt::format_to(std::back_inserter(out), "{}", row.first_token->ns);
  out.push_back(',');
  if (row.done) fmt::format_to(std::back_inserter(out), "{}", row.done->ns);
  fmt::format_to(std::back_inserter(out), ",{},", row.preemptions);
  put_text(out, row.pool);
  out.push_back(',');
  if (row.done) fmt::format_to(std::back_inserter(out), "{}", row.replica);
  fmt::format_to(std::back_inserter(out), ",{}\n", row.cached);
}

}  // namespace hyperdc
