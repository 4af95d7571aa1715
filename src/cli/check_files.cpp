#include "cli/check_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <system_error>

#include "cli/commands.hpp"
#include "core/text.hpp"
#include "results/baseline.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

Issue file_issue(const std::string& file, std::string code, std::string message, std::string hint) {
  Issue issue;
  issue.code = std::move(code);
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  issue.place.file = file;
  return issue;
}

/// All JSON files below `directory`, by name; hidden ones and links to directories are left out.
std::vector<std::string> json_files(const std::string& directory, Issues& issues) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.empty() && name.front() == '.') {
      it.disable_recursion_pending();
    } else if (it->path().extension() == ".json" && !it->is_directory(error)) {
      files.push_back(it->path().string());
    }
  }
  if (error) issues.push_back(file_issue(directory, "E001", error.message(), ""));
  std::sort(files.begin(), files.end());
  return files;
}

/// NAME.json of NAME.baseline.json.
std::string scenario_of(const std::string& baseline) {
  const fs::path path(baseline);
  return (path.parent_path() / (path.stem().stem().string() + ".json")).string();
}

void check_orphan(const std::string& baseline, Issues& issues) {
  std::error_code error;
  if (fs::exists(scenario_of(baseline), error)) return;
  issues.push_back(file_issue(
      baseline, "E001",
      fmt::format("its scenario {} is gone", hyperdc::quoted(scenario_of(baseline), 200)),
      "bring it back, or remove the baseline"));
}

}  // namespace

std::vector<CheckItem> find_check_items(const std::vector<std::string>& paths,
                                        const std::string& baseline, Issues& issues) {
  std::vector<CheckItem> items;
  std::set<std::string> known;
  const auto add = [&](const std::string& file, bool named) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(file, error);
    const std::string key = (error ? fs::path(file).lexically_normal() : canonical).string();
    if (known.insert(key).second) {
      items.push_back({file, baseline.empty() ? baseline_of(file) : baseline, named});
    }
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      // The shell's *.json names the baselines too.
      if (is_baseline_name(path) && fs::exists(path, error)) {
        check_orphan(path, issues);
      } else {
        add(path, true);
      }
      continue;
    }
    const std::size_t before = items.size();
    for (const std::string& file : json_files(path, issues)) {
      if (is_baseline_name(file)) {
        check_orphan(file, issues);
      } else {
        add(file, false);
      }
    }
    if (items.size() == before && issues.empty()) {
      issues.push_back(file_issue(path, "E001", "no scenario lies here",
                                  "name a scenario, or a directory that has some"));
    }
  }
  if (items.empty() && issues.empty()) {
    issues.push_back(option_issue("scenarios", "only baselines are named",
                                  "name their scenarios, or the directory"));
  }
  return items;
}

}  // namespace hyperdc
