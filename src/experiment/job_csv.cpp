#include "experiment/job_csv.hpp"

#include <iterator>

namespace hyperdc {

namespace {

constexpr std::string_view kHeader =
    "number,name,workload,tenant,fate,submit_s,start_s,end_s,wait_s,run_s,members,cores,"
    "memory_bytes,accelerators,accelerator_milli,priority,preemptions,server,because\n";

std::string_view fate_name(JobFate fate) {
  switch (fate) {
    case JobFate::finished:
      return "finished";
    case JobFate::rejected:
      return "rejected";
    case JobFate::running:
      return "running";
    case JobFate::waiting:
      return "waiting";
    case JobFate::failed:
      return "failed";
  }
  return "";
}

}  // namespace

JobCsv::JobCsv(const std::string& path) : file_(path, kHeader) {}

void JobCsv::left(const JobRow& row) {
  fmt::memory_buffer& out = file_.row();
  const auto comma = [&] { out.push_back(','); };
  const auto number = [&](auto value) {
    fmt::format_to(std::back_inserter(out), "{}", value);
    comma();
  };
  number(row.number);
  put_text(out, row.name), comma();
  put_text(out, row.workload), comma();
  put_text(out, row.tenant), comma();
  put_text(out, fate_name(row.fate)), comma();
  put_seconds(out, row.submit.ns), comma();
  if (row.start) put_seconds(out, row.start->ns);
  comma();
  if (row.end) put_seconds(out, row.end->ns);
  comma();
  if (row.start) put_seconds(out, (*row.start - row.submit).ns);
  comma();
  put_seconds(out, row.run.ns), comma();
  number(row.members);
  number(static_cast<double>(row.each.cores_milli) / 1000);
  number(row.each.memory_bytes);
  number(row.each.accelerators);
  number(row.each.accelerator_milli);
  number(row.priority);
  number(row.preemptions);
  put_text(out, row.server), comma();
  put_text(out, row.because);
  out.push_back('\n');
}

}  // namespace hyperdc
