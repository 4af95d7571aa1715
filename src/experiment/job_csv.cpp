#include "experiment/job_csv.hpp"

#include <cerrno>
#include <cstring>
#include <iterator>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

namespace {

constexpr std::size_t kFlushAt = 1U << 16;

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

/// Seconds with as many digits as the nanoseconds need; exact.
void put_seconds(fmt::memory_buffer& out, std::int64_t ns) {
  fmt::format_to(std::back_inserter(out), "{}", ns / kNsPerSecond);
  std::int64_t fraction = ns % kNsPerSecond;
  if (fraction == 0) return;
  int width = 9;
  while (fraction % 10 == 0) {
    fraction /= 10;
    --width;
  }
  fmt::format_to(std::back_inserter(out), ".{:0{}}", fraction, width);
}

/// RFC 4180: quoted where needed.
void put_text(fmt::memory_buffer& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

JobCsv::JobCsv(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
  if (!file_) throw OutputError(path + ": " + std::strerror(errno));
  buffer_.append(kHeader);
}

void JobCsv::left(const JobRow& row) {
  const auto comma = [&] { buffer_.push_back(','); };
  const auto number = [&](auto value) {
    fmt::format_to(std::back_inserter(buffer_), "{}", value);
    comma();
  };
  number(row.number);
  put_text(buffer_, row.name), comma();
  put_text(buffer_, row.workload), comma();
  put_text(buffer_, row.tenant), comma();
  put_text(buffer_, fate_name(row.fate)), comma();
  put_seconds(buffer_, row.submit.ns), comma();
  if (row.start) put_seconds(buffer_, row.start->ns);
  comma();
  if (row.end) put_seconds(buffer_, row.end->ns);
  comma();
  if (row.start) put_seconds(buffer_, (*row.start - row.submit).ns);
  comma();
  put_seconds(buffer_, row.run.ns), comma();
  number(row.members);
  number(static_cast<double>(row.each.cores_milli) / 1000);
  number(row.each.memory_bytes);
  number(row.each.accelerators);
  number(row.each.accelerator_milli);
  number(row.priority);
  number(row.preemptions);
  put_text(buffer_, row.server), comma();
  put_text(buffer_, row.because);
  buffer_.push_back('\n');
  if (buffer_.size() >= kFlushAt) flush();
}

void JobCsv::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    throw OutputError(path_ + ": " + std::strerror(errno));
  }
  buffer_.clear();
}

void JobCsv::close() {
  flush();
  std::FILE* file = file_.release();
  if (std::fclose(file) != 0) throw OutputError(path_ + ": " + std::strerror(errno));
}

}  // namespace hyperdc
