// Paths: finds the files that a scenario names, and keeps it inside of its directory tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/sources.hpp"

namespace hyperdc {

struct FoundFile {
  std::string open;   // a path that can be opened
  std::string shown;  // relative to the scenario where it lies in its tree; as written otherwise
};

class Paths {
 public:
  Paths(std::string scenario_file, std::vector<std::string> trace_dirs);

  /// The file that `text` names, written at `span`. It must lie (after symbolic links) in the
  /// directory of the file that names it or below, or in a trace directory; a path given with
  /// --set may lead anywhere. Otherwise nothing, and a problem.
  std::optional<FoundFile> find(std::string_view text, const Span& span, const std::string& path,
                                const Sources& sources, Problems& problems) const;

 private:
  std::string scenario_file_;
  std::vector<std::string> trace_dirs_;
};

/// True when `path`, symbolic links followed, is `dir` or lies below it.
bool lies_in(const std::string& path, const std::string& dir);

}  // namespace hyperdc
