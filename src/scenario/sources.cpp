#include "scenario/sources.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace hyperdc {
namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts_character));
}

constexpr std::size_t kMarkEvery = 4096;

void step(Source::Mark& mark, char c) {
  if (c == '\n') {
    mark = {mark.line + 1, 1};
  } else if (starts_character(c)) {
    ++mark.column;
  }
}

/// A file descriptor that closes itself.
struct Descriptor {
  int fd = -1;
  explicit Descriptor(const std::string& path)
      // O_NONBLOCK: opening a pipe must not wait for a writer.
      : fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

struct ReadFailure {
  std::string code, message, hint;
};

std::string too_big(std::uint64_t limit) {
  return fmt::format("more than {} bytes of JSON", limit);
}

/// Reads at most `limit` bytes; nothing on success.
std::optional<ReadFailure> read_whole(const std::string& path, std::uint64_t limit,
                                      std::string& text) {
  const Descriptor file(path);
  struct stat info {};
  if (file.fd < 0 || ::fstat(file.fd, &info) != 0) {
    return ReadFailure{"E001", std::strerror(errno), ""};
  }
  if (S_ISDIR(info.st_mode)) return ReadFailure{"E001", "this is a directory, not a file", ""};
  if (!S_ISREG(info.st_mode)) {
    return ReadFailure{"E001", "not a regular file", "pipes and devices cannot be checked first"};
  }
  if (info.st_size > 0 && static_cast<std::uint64_t>(info.st_size) > limit) {
    return ReadFailure{"E004", too_big(kMaxJsonBytes), "put long lists into a trace file"};
  }
  text.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = ::read(file.fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ReadFailure{"E001", std::strerror(errno), ""};
    if (n == 0) return std::nullopt;
    text.append(buffer.data(), static_cast<std::size_t>(n));
    if (text.size() > limit) {
      return ReadFailure{"E004", too_big(kMaxJsonBytes), "put long lists into a trace file"};
    }
  }
}

}  // namespace

std::uint32_t Sources::add(Source source) {
  bytes += source.text.size();
  Source::Mark here;
  for (std::size_t i = 0; i <= source.text.size(); ++i) {
    if (i % kMarkEvery == 0) source.marks.push_back(here);
    if (i < source.text.size()) step(here, source.text[i]);
  }
  sources_.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources_.size());
}

SourcePlace Sources::place(const Span& span) const {
  SourcePlace place;
  if (span.file == 0) return place;
  const Source& source = at(span.file);
  place.file = source.name;
  if (source.name == kSetSource) return place;
  Source::Mark here = source.marks[span.begin / kMarkEvery];
  for (std::size_t i = span.begin / kMarkEvery * kMarkEvery; i < span.begin; ++i) {
    step(here, source.text[i]);
  }
  const std::size_t length = std::min<std::size_t>(span.length, kMarkEvery);
  std::string_view marked = std::string_view(source.text).substr(span.begin, length);
  marked = marked.substr(0, marked.find_first_of("\r\n"));
  place.line = static_cast<int>(here.line);
  place.column = static_cast<int>(here.column);
  place.length = std::max(1, characters(marked));
  return place;
}

Issue Problems::issue(std::string_view code, std::string path, std::string message,
                      std::string hint, const Span& span) const {
  Issue issue;
  issue.code = std::string(code);
  issue.path = std::move(path);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  issue.place = sources_.place(span);
  if (span.file != 0) {
    const SourcePlace by = sources_.place(sources_.at(span.file).extended_by);
    if (by.line > 0) issue.note = fmt::format("extended from {}:{}", by.file, by.line);
  }
  return issue;
}

void Problems::error(std::string_view code, std::string path, std::string message, std::string hint,
                     const Span& span) {
  if (issues_.size() >= kMaxProblems) {  // a place costs a walk over the file
    ++errors_, ++dropped_;
    return;
  }
  add(issue(code, std::move(path), std::move(message), std::move(hint), span));
}

void Problems::warning(std::string_view code, std::string path, std::string message,
                       std::string hint, const Span& span) {
  if (issues_.size() >= kMaxProblems) return;
  Issue problem = issue(code, std::move(path), std::move(message), std::move(hint), span);
  problem.warning = true;
  add(std::move(problem));
}

void Problems::add(Issue issue) {
  if (!issue.warning) ++errors_;
  if (issues_.size() >= kMaxProblems) {
    dropped_ += issue.warning ? 0 : 1;
    return;
  }
  issues_.push_back(std::move(issue));
}

Issues Problems::take() {
  std::map<std::string, std::size_t> ranks;  // files of JSON as they were read, then the others
  for (std::uint32_t i = 1; i <= sources_.size(); ++i) {
    ranks.emplace(sources_.at(i).name, ranks.size());
  }
  std::vector<std::tuple<std::size_t, int, int, std::size_t>> order;
  for (std::size_t i = 0; i < issues_.size(); ++i) {
    const SourcePlace& at = issues_[i].place;
    const std::size_t rank = ranks.emplace(at.file, ranks.size()).first->second;
    // What is true of the whole file comes after what is wrong in its lines.
    order.emplace_back(rank, at.line > 0 ? at.line : std::numeric_limits<int>::max(), at.column, i);
  }
  std::sort(order.begin(), order.end());
  Issues sorted;
  for (const auto& entry : order) sorted.push_back(std::move(issues_[std::get<3>(entry)]));
  if (dropped_ > 0) {
    Issue more;
    more.code = "E004";
    more.message = fmt::format("and {} more problems", dropped_);
    sorted.push_back(std::move(more));
  }
  issues_.clear();
  return sorted;
}

std::uint32_t read_source(const std::string& path, const std::string& name, const Span& named_by,
                          Sources& sources, Problems& problems) {
  Source source;
  source.name = name;
  const std::uint64_t limit = kMaxJsonBytes - std::min(kMaxJsonBytes, sources.bytes);
  if (auto failure = read_whole(path, limit, source.text)) {
    if (named_by.file != 0) failure->message = hyperdc::quoted(name, 200) + ": " + failure->message;
    Issue issue{failure->code, "", failure->message, failure->hint, sources.place(named_by), "",
                false};
    if (named_by.file == 0) issue.place.file = name;
    problems.add(std::move(issue));
    return 0;
  }
  source.sha256 = sha256_hex(source.text);
  return sources.add(std::move(source));
}

}  // namespace hyperdc
