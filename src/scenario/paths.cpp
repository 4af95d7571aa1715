#include "scenario/paths.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "core/text.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

fs::path real(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  fs::path found = fs::weakly_canonical(error ? path : absolute, error);
  return error ? absolute.lexically_normal() : found;
}

bool exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// The entry of the directory whose name is nearest to a file that is not there.
std::string nearest_file(const fs::path& path) {
  constexpr std::size_t kMaxEntries = 1000;
  std::vector<std::string> names;
  std::error_code error;
  const fs::path dir = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    if (names.size() == kMaxEntries) break;
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const auto near = nearest(path.filename().string(), names);
  return near ? fmt::format("did you mean {}?", hyperdc::quoted(*near)) : "";
}

}  // namespace

bool lies_in(const std::string& path, const std::string& dir) {
  const fs::path inner = real(path);
  const fs::path outer = real(dir.empty() ? "." : dir);
  const auto [rest, _] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return rest == outer.end() || (std::next(rest) == outer.end() && rest->empty());
}

Paths::Paths(std::string scenario_file, std::vector<std::string> trace_dirs)
    : scenario_file_(std::move(scenario_file)), trace_dirs_(std::move(trace_dirs)) {}

std::optional<FoundFile> Paths::find(std::string_view text, const Span& span,
                                     const std::string& path, const Sources& sources,
                                     Problems& problems) const {
  const std::string& named_in = span.file == 0 ? scenario_file_ : sources.at(span.file).name;
  const bool by_hand = named_in == kSetSource;
  const fs::path home = fs::path(scenario_file_).parent_path();
  const fs::path dir = by_hand ? home : fs::path(named_in).parent_path();
  const fs::path own = dir / fs::path(text);  // an absolute text stays what it is

  std::vector<fs::path> places{own};
  for (const std::string& trace_dir : trace_dirs_) places.push_back(fs::path(trace_dir) / text);
  if (by_hand) places.emplace_back(text);
  const auto found = std::find_if(places.begin(), places.end(), exists);
  if (found == places.end()) {
    problems.error("E001", path, fmt::format("there is no file {}", hyperdc::quoted(text, 200)),
                   nearest_file(own), span);
    return std::nullopt;
  }
  const std::string open = found->lexically_normal().string();
  const bool in_traces = std::any_of(trace_dirs_.begin(), trace_dirs_.end(),
                                     [&](const std::string& d) { return lies_in(open, d); });
  if (!by_hand && !in_traces && !lies_in(open, dir.string())) {
    problems.error("E008", path,
                   fmt::format("{} lies outside the directory of {}", hyperdc::quoted(text, 200),
                               hyperdc::quoted(named_in, 200)),
                   "move it there, or name its directory with --traces", span);
    return std::nullopt;
  }
  std::error_code error;
  if (!fs::is_regular_file(open, error)) {
    problems.error("E001", path,
                   fmt::format("{} is not a regular file", hyperdc::quoted(text, 200)),
                   "pipes, devices and directories cannot be checked first", span);
    return std::nullopt;
  }
  std::string shown(text);
  if (found == places.begin() && !fs::path(text).is_absolute()) {
    shown = fs::path(open).lexically_relative(home.lexically_normal()).generic_string();
    if (shown.empty()) shown = fs::path(open).generic_string();
  }
  return FoundFile{open, shown};
}

}  // namespace hyperdc
