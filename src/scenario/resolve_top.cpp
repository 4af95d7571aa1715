// The top level: name, times and objectives; and the resolved form.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/hints.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

void resolve_times(Resolution& r) {
  const View duration = r.spec["duration"];
  const View warmup = r.spec["warmup"];
  const View step = r.spec["series_step"];
  if (duration) r.scenario.duration = duration.duration();
  r.scenario.warmup = warmup.duration();
  if (step) r.scenario.step = step.duration();
  if (!duration) return;
  if (warmup && r.scenario.warmup >= *r.scenario.duration) {
    r.error("E034", warmup, "the warm-up does not end before the run does");
  }
  if (step && duration.number() / step.number() > kMaxSteps) {
    r.error("E035", step,
            fmt::format("{:.0f} steps; a time series may have {}",
                        duration.number() / step.number(), kMaxSteps));
  }
}

void resolve_objectives(Resolution& r) {
  for (const auto& [_, objective, span] : r.spec["objectives"].each()) {
    if (!objective) continue;
    Objective out;
    out.metric = objective["metric"].text();
    if (const View v = objective["at_most"]) {
      out.at_most = v.number();
      out.most_in = dimension_of(v.text()).value_or(Dimension::none);
    }
    if (const View v = objective["at_least"]) {
      out.at_least = v.number();
      out.least_in = dimension_of(v.text()).value_or(Dimension::none);
    }
    out.place = r.sources.place(objective["metric"].span());
    if (out.at_most && out.at_least && *out.at_most < *out.at_least) {
      r.error("E034", objective, "at_most is below at_least: nothing can meet both");
    }
    r.scenario.objectives.push_back(std::move(out));
  }
}

Json* replace(Json& object, std::string_view key, Json value) {
  Json* place = object.find(key);
  if (place != nullptr) *place = std::move(value);
  return place;
}

/// A file's path as the result shows it: relative to the scenario's directory where that helps.
std::string shown_path(const std::string& file, const std::string& home) {
  const auto relative = std::filesystem::path(file).lexically_normal().lexically_relative(
      std::filesystem::path(home.empty() ? "." : home).lexically_normal());
  const std::string text = relative.generic_string();
  return text.empty() || text.starts_with("..") ? std::filesystem::path(file).filename().string()
                                                : text;
}

}  // namespace

void Resolution::report(const View& at, const Issues& issues) {
  for (Issue issue : issues) {
    if (issue.path.empty()) issue.path = at.path();
    problems.add(std::move(issue));
  }
}

void Resolution::unknown(const View& at, std::string_view kind,
                         const std::vector<std::string>& known) {
  error("E030", at, fmt::format("there is no {} called {}", kind, hyperdc::quoted(at.text())),
        name_hint(at.text(), known));
}

std::vector<std::uint32_t> named_once(Resolution& r, const View& list, std::string_view kind,
                                      const std::vector<std::string>& known) {
  std::vector<std::uint32_t> out;
  for (const auto& [_, name, span] : list.each()) {
    if (!name) continue;
    const auto it = std::find(known.begin(), known.end(), name.text());
    const auto index = static_cast<std::uint32_t>(it - known.begin());
    if (it == known.end()) {
      r.unknown(name, kind, known);
    } else if (std::find(out.begin(), out.end(), index) != out.end()) {
      r.error("E034", name, fmt::format("the {} is named twice", kind));
    } else {
      out.push_back(index);
    }
  }
  return out;
}

void Resolution::note_file(const View& at, const std::string& shown, const std::string& sha256) {
  hashes[shown] = sha256;
  const View stated = spec["files"][shown];
  if (stated && stated.text() != sha256) {
    error("E041", at,
          fmt::format("{} is not the file that this scenario was made with",
                      hyperdc::quoted(shown, 200)),
          fmt::format("its sha256 is {}, \"files\" says {}", sha256,
                      hyperdc::quoted(stated.text(), 64)));
  }
}

void resolve_top(Resolution& r) {
  const View name = r.spec["name"];
  r.scenario.name = name.text();
  r.scenario.description = r.spec["description"].text();
  r.scenario.seed = static_cast<std::uint64_t>(r.spec["seed"].number());
  if (name && !is_name(name.text())) {
    r.error("E014", name, hyperdc::quoted(name.text()) + " is not a name",
            "names are made of a-z, 0-9, _ and -, and begin with a letter or digit");
  }
  r.scenario.complexity = r.spec["complexity"].flag();
  resolve_times(r);
  resolve_objectives(r);
}

void write_resolved(Resolution& r, const Json& spec, const Sources& sources) {
  Json out = spec;
  std::erase_if(out.members, [](const Member& m) { return m.key == "$schema"; });
  for (const auto& [kind, name] : r.used) {
    Json* types = out.find(types_key(kind));
    types->add(name, *r.catalog.find(kind, name));
  }
  Json files = Json::object();
  for (const auto& [path, sha256] : r.hashes) files.add(path, Json::of_text(sha256));
  replace(out, "files", std::move(files));

  const std::string home = std::filesystem::path(sources.at(1).name).parent_path().string();
  for (std::uint32_t i = 1; i <= sources.size(); ++i) {
    const Source& source = sources.at(i);
    const bool from_catalog = source.extended_by.file == 0 && i > 1;
    if (source.sha256.empty() || from_catalog) continue;  // --set; entries follow below
    r.scenario.files.push_back({shown_path(source.name, home), source.sha256});
  }
  for (const auto& [kind, name] : r.used) {
    r.scenario.files.push_back(
        {fmt::format("catalog/{}/{}.json", kind, name), r.catalog.sha256(kind, name)});
  }
  for (const auto& [path, sha256] : r.hashes) r.scenario.files.push_back({path, sha256});
  r.scenario.resolved_json = print_json(out);
  r.scenario.sha256 = sha256_hex(r.scenario.resolved_json);
}

}  // namespace hyperdc
