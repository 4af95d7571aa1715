#include "files.hpp"

#include <catch2/catch.hpp>

namespace hyperdc::test {

Issues issues_of(const std::string& file, const LoadOptions& options) {
  auto result = load_scenario(file, options);
  if (auto* issues = std::get_if<Issues>(&result)) return *issues;
  return std::get<Loaded>(result).warnings;
}

Issues issues_of_text(std::string_view text) {
  const Files files;
  return issues_of(files.write("scenario.json", text));
}

Loaded load(const std::string& file, const LoadOptions& options) {
  auto result = load_scenario(file, options);
  if (const auto* issues = std::get_if<Issues>(&result)) FAIL(print(*issues));
  return std::get<Loaded>(std::move(result));
}

std::string print(const Issues& issues) {
  std::string out;
  for (const Issue& issue : issues) {
    out += std::to_string(issue.place.line) + ":" + std::to_string(issue.place.column) + ": " +
           issue.path + ": " + issue.message + "; " + issue.hint + " [" + issue.code + "]";
    if (!issue.note.empty()) out += " (" + issue.note + ")";
    out += "\n";
  }
  return out;
}

bool has(const Issues& issues, std::string_view code, std::string_view path,
         std::string_view part) {
  for (const Issue& issue : issues) {
    const std::string text = issue.message + "; " + issue.hint;
    if (issue.code == code && issue.path == path && text.find(part) != std::string::npos) {
      return true;
    }
  }
  return false;
}

std::string small_scenario(const std::string& top, const std::string& pool,
                           const std::string& workload) {
  return R"({"name": "small", "duration": "1 h",
  "server_types": {"box": {"cores": 8, "memory": "32 GiB", "host_power": {"idle": "100 W",
    "full": "300 W"}}},
  "regions": {"here": {"racks": {"a": {"server": "box", "servers_per_rack": 5, "count": 2}}}},
  "pools": {"p": {"racks": ["here.a"])" +
         pool + R"(}},
  "workloads": {"w": {"kind": "jobs", "pool": "p")" +
         workload + R"(}})" + top + "}\n";
}

}  // namespace hyperdc::test
