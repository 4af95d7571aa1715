#include "results/store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStaging = ".partial-";
constexpr std::string_view kResult = "result.json";
constexpr auto kRunFiles = std::to_array<std::string_view>(
    {kResult, "run.json", "series.csv", "distributions.csv", "jobs.csv", "requests.csv",
     "flows.csv", "racks.csv", "links.csv", "fabrics.json"});
constexpr std::string_view kSummary = "summary.csv";
/// Names the sub-directories of several runs: a later command may replace those and no others.
constexpr std::string_view kIndex = "runs.txt";
constexpr std::string_view kIndexHead = "# hyperdc.runs/1: directories that one command wrote here";

[[noreturn]] void fail(std::string_view what, const std::string& path, const std::string& reason) {
  throw WriteFailed("cannot " + std::string(what) + " " + path + ": " + reason);
}

void check(std::string_view what, const fs::path& path, const std::error_code& error) {
  if (error) fail(what, path.string(), error.message());
}

bool is_run_file(const std::string& name) {
  return std::find(kRunFiles.begin(), kRunFiles.end(), name) != kRunFiles.end();
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// Does `directory` hold a result.json that this program wrote?
bool holds_result(const fs::path& directory) {
  std::error_code ignored;  // opening a pipe would wait for a writer
  if (!fs::is_regular_file(directory / kResult, ignored)) return false;
  std::ifstream in(directory / kResult, std::ios::binary);
  std::array<char, 64> head{};
  in.read(head.data(), head.size());
  const std::string_view text(head.data(), static_cast<std::size_t>(in.gcount()));
  return text.find("\"hyperdc.result/") != std::string_view::npos;
}

/// What the index of an earlier command names; nothing without an index that this program wrote.
std::optional<std::set<std::string>> indexed_runs(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::is_regular_file(directory / kIndex, ignored)) return std::nullopt;
  std::ifstream in(directory / kIndex, std::ios::binary);
  std::string line(kIndexHead.size() + 1, '\0');
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  if (!in || line != std::string(kIndexHead) + "\n") return std::nullopt;
  std::set<std::string> runs;
  while (std::getline(in, line)) {
    const bool name = !line.empty() && line != "." && line != ".." &&
                      line.find('/') == std::string::npos && !starts_with(line, kStaging);
    if (name) runs.insert(line);
  }
  return runs;
}

/// The first entry of a run's directory that is not a file of a result; nothing if all are.
std::optional<std::string> foreign_entry(const fs::path& directory) {
  if (!holds_result(directory)) return directory.filename().string();
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!is_run_file(name) || !entry.is_regular_file()) return name;
  }
  return std::nullopt;
}

/// Entries that are no part of an earlier result, sorted. Sub-directories are part of one only
/// where several runs replace several, and only those that the index names.
std::vector<std::string> foreign_entries(const fs::path& directory, bool several) {
  std::vector<std::string> foreign;
  const bool single = holds_result(directory);
  const auto index = several ? indexed_runs(directory) : std::nullopt;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    const fs::file_type type = entry.symlink_status().type();
    if (type == fs::file_type::directory && starts_with(name, kStaging)) continue;
    if (type == fs::file_type::directory && index && index->count(name) > 0) {
      const auto other = foreign_entry(entry.path());
      if (other) foreign.push_back(*other == name ? name : name + "/" + *other);
      continue;
    }
    const bool ours =
        type == fs::file_type::regular &&
        ((single && is_run_file(name)) || (index && (name == kIndex || name == kSummary)));
    if (!ours) foreign.push_back(name);
  }
  std::sort(foreign.begin(), foreign.end());
  return foreign;
}

void remove_entry(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  check("replace", path, error);
}

/// result.json first, so that a directory with one is always whole.
void remove_run(const fs::path& directory) {
  remove_entry(directory / kResult);
  for (const std::string_view file : kRunFiles) remove_entry(directory / file);
}

/// Removes an earlier result, and nothing that somebody put beside it since it was looked at.
void remove_result(const fs::path& directory, bool several) {
  if (holds_result(directory)) remove_run(directory);
  const auto index = several ? indexed_runs(directory) : std::nullopt;
  if (!index) return;
  remove_entry(directory / kSummary);
  for (const std::string& run : *index) {
    std::error_code ignored;
    const fs::path path = directory / run;
    if (!fs::is_directory(fs::symlink_status(path, ignored)) || foreign_entry(path)) continue;
    remove_run(path);
    remove_entry(path);
  }
  remove_entry(directory / kIndex);  // last: until then it says what may be removed
}

/// The process that a staging directory is named after; nothing for other names.
std::optional<pid_t> staging_owner(const std::string& name) {
  if (!starts_with(name, kStaging)) return std::nullopt;
  pid_t owner = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kStaging.size(), end, owner);
  if (error != std::errc{} || owner <= 0 || (stop != end && *stop != '-')) return std::nullopt;
  return owner;
}

/// A descriptor that holds the directory's lock; -1 when another process holds it. The system
/// releases it with the process, whatever ends it and whatever number the next one gets.
int lock_directory(const fs::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory >= 0 && ::flock(directory, LOCK_EX | LOCK_NB) == 0) return directory;
  if (directory >= 0) ::close(directory);
  return -1;
}

/// Removes what runs that were killed left behind: files of results in staging directories whose
/// process is gone.
void remove_stale(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const auto owner = staging_owner(entry.path().filename().string());
    if (!owner) continue;
    const bool gone = *owner == ::getpid() || (::kill(*owner, 0) != 0 && errno == ESRCH);
    if (gone) found.push_back(entry.path());
  }
  const auto clear = [&](const fs::path& run) {
    for (const std::string_view file : kRunFiles) fs::remove(run / file, ignored);
    fs::remove(run / kSummary, ignored);
  };
  for (const fs::path& staging : found) {
    const int lock = lock_directory(staging);
    if (lock < 0) continue;
    clear(staging);
    std::vector<fs::path> runs;
    for (const fs::directory_entry& entry : fs::directory_iterator(staging, ignored)) {
      if (entry.symlink_status(ignored).type() == fs::file_type::directory) {
        runs.push_back(entry.path());
      }
    }
    for (const fs::path& run : runs) {
      clear(run);
      fs::remove(run, ignored);  // only if it is empty
    }
    fs::remove(staging, ignored);
    ::close(lock);
  }
}

/// Why nothing can be created in `directory`, an existing one; nothing if it can.
std::optional<std::string> why_not_create_in(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return hyperdc::quoted(directory.string(), 200) + " is not a directory";
  }
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return hyperdc::quoted(directory.string(), 200) + ": " + std::strerror(errno);
}

bool is_missing(const fs::path& path) {
  std::error_code ignored;  // of the reasons a path that leads through a file is one
  return fs::status(path, ignored).type() == fs::file_type::not_found;
}

void move_run(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  check("create", to, error);
  for (auto file = kRunFiles.rbegin(); file != kRunFiles.rend(); ++file) {  // result.json last
    if (!fs::exists(from / *file)) continue;
    fs::rename(from / *file, to / *file, error);
    check("write", to / *file, error);
  }
}

}  // namespace

void write_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail("write", path, std::strerror(errno));
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      ::close(file);
      fail("write", path, std::strerror(reason));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(file) != 0) fail("write", path, std::strerror(errno));
}

std::optional<std::string> why_not_store_in(const std::string& directory, bool several) {
  try {
    if (is_missing(directory)) {
      fs::path above = fs::absolute(directory);
      while (is_missing(above) && above.has_relative_path()) above = above.parent_path();
      return why_not_create_in(above);
    }
    std::error_code error;
    const fs::file_status status = fs::status(directory, error);
    if (error) return error.message();
    if (!fs::is_directory(status)) return "it is not a directory";
    const std::vector<std::string> foreign = foreign_entries(directory, several);
    if (foreign.empty()) return why_not_create_in(directory);
    std::string text = "it holds something else: " + foreign.front();
    if (foreign.size() > 1) text += " and " + std::to_string(foreign.size() - 1) + " more";
    return text;
  } catch (const fs::filesystem_error& error) {
    return error.code().message();
  }
}

ResultDirectory::ResultDirectory(std::string directory, std::vector<std::string> runs)
    : directory_(std::move(directory)), runs_(std::move(runs)) {
  fs::path above = fs::absolute(directory_);
  for (; is_missing(above) && above.has_relative_path(); above = above.parent_path()) {
    created_.push_back(above.string());
  }
  try {
    open();
  } catch (...) {
    remove_temporary();
    throw;
  }
}

void ResultDirectory::open() {
  std::error_code error;
  fs::create_directories(directory_, error);
  check("create", directory_, error);
  remove_stale(directory_);
  const std::string name = std::string(kStaging) + std::to_string(::getpid());
  bool fresh = false;
  for (int i = 1; !fresh; ++i) {
    staging_ = (fs::path(directory_) / (i == 1 ? name : name + "-" + std::to_string(i))).string();
    fresh = fs::create_directory(staging_, error);
    check("create", staging_, error);
  }
  lock_ = lock_directory(staging_);
  for (const std::string& run : runs_) {
    fs::create_directory(fs::path(staging_) / run, error);
    check("create", fs::path(staging_) / run, error);
  }
}

void ResultDirectory::remove_temporary() {
  std::error_code ignored;
  if (!staging_.empty()) fs::remove_all(staging_, ignored);
  if (lock_ >= 0) ::close(lock_);
  if (kept_) return;
  for (const std::string& directory : created_) fs::remove(directory, ignored);  // only if empty
}

ResultDirectory::~ResultDirectory() {
  remove_temporary();
}

std::string ResultDirectory::path(std::size_t run, std::string_view file) const {
  HYPERDC_CHECK(is_run_file(std::string(file)), "not a file of a result");
  const fs::path base(staging_);
  return ((runs_.empty() ? base : base / runs_.at(run)) / file).string();
}

void ResultDirectory::write(std::size_t run, std::string_view file, std::string_view text) {
  write_file(path(run, file), text);
}

void ResultDirectory::write_common(std::string_view file, std::string_view text) {
  HYPERDC_CHECK(file == kSummary && !runs_.empty(), "not a file beside several results");
  write_file((fs::path(staging_) / file).string(), text);
}

void ResultDirectory::keep(const std::vector<std::size_t>& runs) {
  if (runs.empty()) return;
  remove_result(directory_, !runs_.empty());
  kept_ = true;
  if (!runs_.empty()) {
    std::string index = std::string(kIndexHead) + "\n";
    for (const std::size_t run : runs) index += runs_.at(run) + "\n";
    write_file((fs::path(directory_) / kIndex).string(), index);
  }
  for (const std::size_t run : runs) {
    if (runs_.empty()) {
      move_run(staging_, directory_);
    } else {
      move_run(fs::path(staging_) / runs_.at(run), fs::path(directory_) / runs_.at(run));
    }
  }
  const fs::path common = fs::path(staging_) / kSummary;
  if (!fs::exists(common)) return;
  std::error_code error;
  fs::rename(common, fs::path(directory_) / kSummary, error);
  check("write", fs::path(directory_) / kSummary, error);
}

std::optional<std::string> why_not_write_to(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return "it is a directory";
  // The file is renamed into place: a device or a pipe would be gone.
  if (fs::exists(status) && !fs::is_regular_file(status)) return "it is not a regular file";
  const fs::path parent = fs::path(path).parent_path();
  return why_not_create_in(parent.empty() ? fs::path(".") : parent);
}

std::optional<std::string> input_replaced_by(const std::string& path,
                                             const std::vector<std::string>& inputs) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  const fs::path parent = fs::path(path).parent_path();
  const std::string ending = fs::path(path).extension().string();
  for (const std::string& input : inputs) {
    if (fs::equivalent(path, input, error)) return input;
    if (!fs::is_directory(input, error) || ending == ".html" || ending == ".htm") continue;
    const fs::path within = fs::relative(parent.empty() ? "." : parent, input, error);
    if (!error && !within.empty() && *within.begin() != "..") return path;
  }
  return std::nullopt;
}

ResultFileWriter::ResultFileWriter(std::string path) : path_(std::move(path)) {
  const fs::path whole(path_);
  const std::string name =
      std::string(kStaging) + std::to_string(::getpid()) + "-" + whole.filename().string();
  temporary_ = (whole.parent_path() / name).string();
  write_file(temporary_, {});
}

ResultFileWriter::~ResultFileWriter() {
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void ResultFileWriter::keep() {
  if (const auto reason = why_not_write_to(path_)) fail("write", path_, *reason);
  std::error_code error;
  fs::rename(temporary_, path_, error);
  check("write", path_, error);
}

}  // namespace hyperdc
