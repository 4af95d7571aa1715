#include "scenario/extend.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"

namespace hyperdc {
namespace {

/// The same text for the same file, however it is named.
std::string identity(const std::string& file) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(file, error);
  return error ? file : real.string();
}

std::optional<Json> read_one(const std::string& file, const Span& named_by, Sources& sources,
                             Problems& problems) {
  const std::uint32_t id = read_source(file, file, named_by, sources, problems);
  if (id == 0) return std::nullopt;
  sources.set_extended_by(id, named_by);
  auto json = parse_json(id, sources, problems);
  if (json && !json->is(Json::Kind::object)) {
    problems.error("E010", "", fmt::format("{} where an object is needed", kind_name(json->kind)),
                   "a scenario is a JSON object: {…}", json->span);
    return std::nullopt;
  }
  return json;
}

}  // namespace

Extended read_extended(const std::string& file, const Type& type, const Paths& paths,
                       Sources& sources, Problems& problems) {
  std::vector<Json> chain;
  bool whole = false;
  std::vector<std::string> seen;
  std::string next = file;
  Span named_by;
  for (;;) {
    auto json = read_one(next, named_by, sources, problems);
    if (!json) break;
    seen.push_back(identity(next));
    const Json* base = json->find("extends");
    const Json named = base == nullptr ? Json{} : *base;
    std::erase_if(json->members, [](const Member& m) { return m.key == "extends"; });
    chain.push_back(std::move(*json));
    if (named.is(Json::Kind::missing) || named.is(Json::Kind::null)) {
      whole = true;
      break;
    }
    if (!named.is(Json::Kind::text)) {
      problems.error("E010", "extends",
                     fmt::format("{} where a file name is needed", kind_name(named.kind)), "",
                     named.span);
      break;
    }
    const auto found = paths.find(named.text, named.span, "extends", sources, problems);
    if (!found) break;
    if (std::find(seen.begin(), seen.end(), identity(found->open)) != seen.end()) {
      problems.error("E007", "extends",
                     fmt::format("{} extends itself, directly or through others",
                                 hyperdc::quoted(found->open, 200)),
                     "", named.span);
      break;
    }
    if (chain.size() > kMaxExtends) {
      problems.error("E007", "extends", fmt::format("a chain of more than {} files", kMaxExtends),
                     "", named.span);
      break;
    }
    next = found->open;
    named_by = named.span;
  }
  if (chain.empty()) return {};
  Json merged = std::move(chain.back());
  for (auto patch = std::next(chain.rbegin()); patch != chain.rend(); ++patch) {
    merge(merged, *patch, &type);
  }
  return {std::move(merged), whole};
}

}  // namespace hyperdc
