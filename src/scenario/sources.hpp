// Sources: the texts that a scenario was read from, and Problems: what is wrong with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>

#include "scenario/json.hpp"

namespace hyperdc {

/// Limits of one load, over all files together.
inline constexpr std::uint64_t kMaxJsonBytes = std::uint64_t{64} << 20U;
inline constexpr std::uint64_t kMaxJsonValues = 1'000'000;
inline constexpr int kMaxJsonDepth = 64;

struct Source {
  std::string name;  // as printed: a path, or "--set"
  std::string text;
  std::string sha256;
  Span extended_by;  // the "extends" value that led here; file 0: none
  /// Where every 4096th byte lies, so that a place costs the same at either end of a large file.
  struct Mark {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };
  std::vector<Mark> marks;  // filled by Sources::add
};

class Sources {
 public:
  /// The id of the new source (1, 2, …).
  std::uint32_t add(Source source);
  const Source& at(std::uint32_t file) const { return sources_[file - 1]; }
  std::size_t size() const { return sources_.size(); }
  void set_extended_by(std::uint32_t file, Span span) { sources_[file - 1].extended_by = span; }
  /// Line and column of the span; the length ends with the line. Line 0 for "--set" and defaults.
  SourcePlace place(const Span& span) const;
  std::uint64_t bytes = 0;   // read so far
  std::uint64_t values = 0;  // parsed so far

 private:
  std::vector<Source> sources_;
};

/// Collects problems in the order of discovery; after kMaxProblems only their number.
class Problems {
 public:
  static constexpr std::size_t kMaxProblems = 1000;

  explicit Problems(const Sources& sources) : sources_(sources) {}

  void error(std::string_view code, std::string path, std::string message, std::string hint,
             const Span& span);
  void warning(std::string_view code, std::string path, std::string message, std::string hint,
               const Span& span);
  void add(Issue issue);
  bool failed() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  /// All problems, sorted by file (in order of reading), line and column.
  Issues take();

 private:
  Issue issue(std::string_view code, std::string path, std::string message, std::string hint,
              const Span& span) const;

  const Sources& sources_;
  Issues issues_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

inline constexpr std::string_view kSetSource = "--set";

/// Reads a regular file of JSON into `sources`: its id, or 0 and a problem at `named_by` (the place
/// that names the file; file 0: the command line). Pipes, devices and directories are refused.
std::uint32_t read_source(const std::string& path, const std::string& name, const Span& named_by,
                          Sources& sources, Problems& problems);

}  // namespace hyperdc
