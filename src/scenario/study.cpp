#include "scenario/study.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "core/text.hpp"
#include "scenario/decode.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/live.hpp"
#include "scenario/merge.hpp"
#include "scenario/study_knob.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxKnobs = 1000;

using Segments = std::vector<std::string>;

/// The keys of a path of a study, which was checked; of a problem, which needs no check.
Segments segments_or_none(const std::string& path) {
  return path_segments(path).value_or(Segments());
}

bool begins_with(const Segments& path, const Segments& with) {
  return with.size() <= path.size() && std::equal(with.begin(), with.end(), path.begin());
}

class StudyReader {
 public:
  StudyReader(Sources& sources, Problems& problems, const View& spec)
      : sources_(sources), problems_(problems), spec_(spec) {}

  void read(Study& out) {
    out.base_place = sources_.place(spec_["base"].span());
    out.replications_place = sources_.place(spec_["replications"].span());
    out.replications = static_cast<std::uint64_t>(std::max(1.0, spec_["replications"].number()));
    read_aims(out);
    if (spec_["vary"]) vary(out);
    if (spec_["variations"]) list(out);
    const double runs =
        static_cast<double>(out.variations.size()) * static_cast<double>(out.replications);
    if (runs > static_cast<double>(kMaxStudyRuns)) {
      error(spec_["replications"], "E034",
            fmt::format("{:.0f} runs; a study may have {}", runs, kMaxStudyRuns),
            "fewer variations or replications");
    }
  }

  /// The variations that are listed by name.
  void list(Study& out) {
    out.variations.push_back({"base", {}, {}, {}});
    for (const auto& entry : spec_["variations"].each()) {
      if (entry.key == "base") {
        problems_.error("E034", entry.value.path(), "\"base\" is the base as it is", "another name",
                        entry.key_span);
        continue;
      }
      Variation variation;
      variation.name = entry.key;
      for (const auto& set : entry.value.each()) {
        if (set.value.json() == nullptr) continue;
        check_path(set.key, set.value.path(), set.key_span);
        for (const Override& other : variation.overrides) {
          if (!paths_overlap(set.key, other.path)) continue;
          problems_.error(
              "E034", set.value.path(),
              fmt::format("{} sets this already, or a part of it", hyperdc::quoted(other.path)),
              "set each value once", set.key_span);
        }
        const Json& value = *set.value.json();
        const std::string json = print_short(value, kMaxJsonBytes);
        variation.parameters.push_back({set.key, label_of(value), json});
        variation.overrides.push_back({set.key, json});
        variation.places.push_back(sources_.place(set.key_span));
      }
      out.variations.push_back(std::move(variation));
    }
  }

 private:
  void error(const View& at, std::string_view code, std::string message, std::string hint) {
    problems_.error(code, at.path(), std::move(message), std::move(hint), at.span());
  }

  void read_aims(Study& out) {
    for (const auto& entry : spec_["metrics"].each()) {
      out.metrics.push_back(entry.value.text());
      if (!out.aim_places.emplace(out.metrics.back(), sources_.place(entry.value.span())).second) {
        error(entry.value, "E034", "the same metric twice", "leave one out");
      }
    }
    for (const auto& entry : spec_["margin"].each()) {
      out.margins[entry.key] = entry.value.number();
      out.aim_places.emplace(entry.key, sources_.place(entry.key_span));
    }
    const View stop = spec_["stop"];
    if (!stop) return;
    if (out.metrics.empty()) {
      error(stop, "E034", "what is to be known well is not said",
            R"(name it: "metrics": ["workloads.web.latency.p99"])");
    }
    const auto whole = [&](const char* key) {
      return static_cast<std::uint64_t>(stop[key].number());
    };
    out.stop = StopRule{stop["within"].number(), stop["confidence"].number(), whole("least"),
                        whole("batch")};
  }

  std::optional<Design> design_of(const std::vector<Knob>& knobs, std::size_t& samples) {
    const View at = spec_["design"];
    std::string name = at.text();
    if (at.json() != nullptr && at.json()->is(Json::Kind::object)) {
      const auto entry = at.each().front();
      name = entry.key;
      samples = static_cast<std::size_t>(entry.value.number());
    }
    if (name == "random") return Design::random;
    if (name == "latin-hypercube") return Design::latin_hypercube;
    if (name == "sobol") return Design::sobol;
    const bool stretch =
        std::any_of(knobs.begin(), knobs.end(), [](const Knob& k) { return k.values.empty(); });
    if (stretch) {
      error(at, "E034", "what lies between two numbers is sampled, and this design takes values",
            R"(write "design": {"latin-hypercube": 64}, or give values or a range)");
      return std::nullopt;
    }
    if (name != "together") return Design::grid;
    const bool alike = std::all_of(knobs.begin(), knobs.end(), [&](const Knob& knob) {
      return knob.values.size() == knobs.front().values.size();
    });
    if (alike) return Design::together;
    error(at, "E034", "values that go together are equally many", R"(or "design": "grid")");
    return std::nullopt;
  }

  bool too_many(const std::vector<Knob>& knobs, Design design) {
    double count = 1;
    for (const Knob& knob : knobs) count *= static_cast<double>(knob.values.size());
    if (design != Design::grid || count <= static_cast<double>(kMaxVariations)) return false;
    error(spec_["vary"], "E034",
          fmt::format("{:.0f} variations; a study may have {}", count, kMaxVariations),
          R"(fewer values, or "design": {"latin-hypercube": 200})");
    return true;
  }

  /// Of a path that a study sets; `place` is where it stands.
  void check_path(const std::string& path, const std::string& where, const Span& place) {
    const auto segments = path_segments(path);
    if (!segments) {
      problems_.error("E009", where, fmt::format("{} is not a path", hyperdc::quoted(path)),
                      "write a.b.c or /a/b/c", place);
    } else if (segments->front() == "seed" && segments->size() == 1) {
      problems_.error("E034", where, "seeds are replications, not variations",
                      R"(write "replications": 20)", place);
    }
  }

  void check_knobs(const std::vector<Knob>& knobs) {
    if (knobs.size() > kMaxKnobs) {
      error(spec_["vary"], "E034", fmt::format("at most {} values may vary", kMaxKnobs), "");
      return;
    }
    for (std::size_t i = 0; i < knobs.size(); ++i) {
      check_path(knobs[i].at, knobs[i].where.path(), knobs[i].where.span());
      for (std::size_t j = 0; j < i; ++j) {
        if (!paths_overlap(knobs[i].at, knobs[j].at)) continue;
        error(
            knobs[i].where, "E034",
            fmt::format("{} varies this already, or a part of it", hyperdc::quoted(knobs[j].name)),
            "each value may vary once");
        break;
      }
    }
  }

  void vary(Study& out) {
    std::vector<Knob> knobs;
    const std::size_t before = problems_.errors();
    for (const auto& entry : spec_["vary"].each()) {
      if (auto knob = read_knob(entry, problems_)) knobs.push_back(std::move(*knob));
    }
    check_knobs(knobs);
    if (problems_.errors() != before) return;
    std::size_t samples = 0;
    const std::optional<Design> design = design_of(knobs, samples);
    if (problems_.errors() != before || !design || too_many(knobs, *design)) return;
    std::vector<DesignKnob> plain;
    for (const Knob& knob : knobs) plain.push_back({knob.name, knob.values.size()});
    const auto points = design_points(plain, *design, samples, out.first_seed.value_or(1));
    for (const auto& point : points) out.variations.push_back(variation_at(knobs, point));
    const bool drawn = *design != Design::grid && *design != Design::together;
    for (std::size_t i = 0; drawn && i < out.variations.size(); ++i) {
      out.variations[i].name = fmt::format("{:0{}}", i + 1, fmt::formatted_size("{}", samples));
    }
    check_names(out);
  }

  Variation variation_at(const std::vector<Knob>& knobs,
                         const std::vector<DesignPoint>& point) const {
    Variation out;
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      VariedValue value = value_at(knobs[k], point[k]);
      // The value of a single knob is name enough.
      const std::string named = knobs.size() == 1 ? "" : knobs[k].name + "=";
      out.name += fmt::format("{}{}{}", k == 0 ? "" : ",", named, value.label);
      out.overrides.push_back({knobs[k].at, value.json});
      out.places.push_back(sources_.place(knobs[k].where.span()));
      out.parameters.push_back(std::move(value));
    }
    return out;
  }

  /// Texts may hold commas and equals signs.
  void check_names(const Study& out) {
    std::set<std::string> seen;
    for (const Variation& variation : out.variations) {
      if (seen.insert(variation.name).second) continue;
      error(spec_["vary"], "E034",
            fmt::format("two variations are called {}", hyperdc::quoted(variation.name)),
            "other values, or list the variations with names of their own");
      return;
    }
  }

  Sources& sources_;
  Problems& problems_;
  View spec_;
};

std::string base_path(const std::string& file, const std::string& base) {
  const std::filesystem::path path(base);
  if (path.is_absolute()) return base;
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

/// The file as a JSON object, when it is one.
std::optional<Json> object_in(const std::string& file) {
  Sources sources;
  Problems problems(sources);
  std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw || !raw->is(Json::Kind::object)) return std::nullopt;
  return raw;
}

/// What a person gave in place of a study.
bool looks_like_scenario(const Json& raw) {
  return raw.is(Json::Kind::object) && raw.find("base") == nullptr &&
         (raw.find("regions") != nullptr || raw.find("growth") != nullptr ||
          raw.find("market") != nullptr || raw.find("buyers") != nullptr ||
          raw.find("extends") != nullptr || raw.find("workloads") != nullptr);
}

}  // namespace

void read_study_head(const View& view, const std::string& file, Problems& problems, Study& out) {
  out.name = view["name"].text();
  if (view["name"] && !is_name(out.name)) {
    problems.error("E014", "name", hyperdc::quoted(out.name) + " is not a name",
                   "names are made of a-z, 0-9, _ and -, and begin with a letter or digit",
                   view["name"].span());
  }
  out.file = file;
  out.description = view["description"].text();
  out.base = base_path(file, view["base"].text());
  if (const View seed = view["seed"]) out.first_seed = static_cast<std::uint64_t>(seed.number());
}

Result<Study> load_study(const std::string& file) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw) return problems.take();
  if (looks_like_scenario(*raw)) {
    problems.error("E034", "", "this is a scenario, not a study",
                   "run it with hyperdc run, or name it as the \"base\" of a study", raw->span);
    return problems.take();
  }
  const Json spec = decode(*raw, *study_type(), {}, problems);
  const View view(&spec, "");
  Study study;
  read_study_head(view, file, problems, study);
  if (const View base = view["base"]; base && is_study(study.base)) {
    problems.error("E034", base.path(), "the base is a study itself", "name a scenario",
                   base.span());
  }
  if (view["plan"]) {
    problems.error("E016", "plan", "this study is a plan: it has no variations that could be run",
                   "hyperdc plan searches it", view["plan"].span());
  }
  StudyReader(sources, problems, view).read(study);
  if (problems.failed()) return problems.take();
  return study;
}

Result<Study> load_variants(const std::string& file, const std::string& base) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw) return problems.take();
  const Json spec = decode(*raw, *variants_type(), {}, problems);
  Study study;
  study.file = file;
  study.base = base;
  StudyReader(sources, problems, View(&spec, "")).list(study);
  for (const Variation& variation : study.variations) {
    for (std::size_t i = 0; i < variation.overrides.size(); ++i) {
      const std::string& path = variation.overrides[i].path;
      if (!path_segments(path) || is_live(path)) continue;  // the first was reported
      Issue issue;
      issue.code = "E034";
      issue.path = path;
      issue.message = "this may not change while a scenario runs";
      for (const std::string& key : live_keys()) {
        issue.hint += (issue.hint.empty() ? "live are " : ", ") + key;
      }
      issue.place = variation.places[i];
      problems.add(std::move(issue));
    }
  }
  if (problems.failed()) return problems.take();
  return study;
}

bool is_study(const std::string& file) {
  const std::optional<Json> raw = object_in(file);
  return raw && raw->find("base") != nullptr;
}

void place_in_study(const Study& study, const Variation& variation, Issues& issues) {
  for (Issue& issue : issues) {
    const Segments path = segments_or_none(issue.path);
    std::size_t depth = 0;
    for (std::size_t i = 0; i < variation.overrides.size(); ++i) {
      const std::string& set = variation.overrides[i].path;
      const Segments keys = segments_or_none(set);
      // What is wrong with an object may be what the variation sets within it.
      const bool within = issue.place.file == kSetSource && begins_with(keys, path);
      const bool about = issue.path == set || begins_with(path, keys) || within;
      if (!about || keys.size() < depth) continue;
      depth = keys.size();
      issue.place = variation.places[i];
      issue.note = fmt::format("in variation {}", hyperdc::quoted(variation.name));
    }
    if (issue.place.file == study.base && issue.place.line == 0) issue.place = study.base_place;
  }
}

Issues check_overrides(const Study& study, const std::vector<Override>& overrides) {
  Issues out;
  for (const Override& override : overrides) {
    const Override* varied = nullptr;
    for (const Variation& variation : study.variations) {
      for (const Override& one : variation.overrides) {
        if (varied == nullptr && paths_overlap(one.path, override.path)) varied = &one;
      }
    }
    if (varied == nullptr) continue;
    Issue issue;
    issue.code = "E034";
    issue.path = override.path;
    issue.message = fmt::format("the study varies {}", hyperdc::quoted(varied->path));
    issue.hint = "change the study, or set something else";
    issue.place.file = kSetSource;
    out.push_back(std::move(issue));
  }
  return out;
}

Result<Loaded> load_variation(const Study& study, const Variation& variation,
                              const LoadOptions& options) {
  LoadOptions all = options;
  all.overrides = variation.overrides;
  all.overrides.insert(all.overrides.end(), options.overrides.begin(), options.overrides.end());
  Result<Loaded> loaded = load_scenario(study.base, all);
  auto* issues = std::get_if<Issues>(&loaded);
  place_in_study(study, variation, issues != nullptr ? *issues : std::get<Loaded>(loaded).warnings);
  return loaded;
}

}  // namespace hyperdc
