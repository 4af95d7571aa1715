#include "scenario/study.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "core/math.hpp"
#include "core/text.hpp"
#include "scenario/decode.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/study_design.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxKnobs = 1000;
constexpr std::size_t kShownBytes = 24;  // of a value in the name of a variation

/// A knob with what it may be written out.
struct Knob {
  std::string name;
  std::string at;
  SourcePlace place;
  std::vector<std::string> values;  // JSON
  std::vector<std::string> labels;  // as people read them
  double low = 0, high = 0;         // of a stretch
  std::string scale;
  std::string unit;
};

class StudyReader {
 public:
  StudyReader(Sources& sources, Problems& problems, const View& spec)
      : sources_(sources), problems_(problems), spec_(spec) {}

  void read(std::optional<std::uint64_t> first_seed, Study& out) {
    out.name = spec_["name"].text();
    if (spec_["name"] && !is_name(out.name)) {
      error(spec_["name"], "E014", hyperdc::quoted(out.name) + " is not a name",
            "names are made of a-z, 0-9, _ and -, and begin with a letter or digit");
    }
    out.description = spec_["description"].text();
    out.replications = static_cast<std::uint64_t>(std::max(1.0, spec_["replications"].number()));
    out.first_seed = first_seed;
    if (const View seed = spec_["seed"]; seed && !first_seed) {
      out.first_seed = static_cast<std::uint64_t>(seed.number());
    }
    if (spec_["vary"]) vary(out);
    if (spec_["variations"]) list(out);
  }

 private:
  void error(const View& at, std::string_view code, std::string message, std::string hint) {
    problems_.error(code, at.path(), std::move(message), std::move(hint), at.span());
  }

  /// What tells a value from others: its policy or kind, or itself.
  static std::string label_of(const Json& value) {
    for (const char* tag : {"policy", "kind", "family"}) {
      const Json* text = value.is(Json::Kind::object) ? value.find(tag) : nullptr;
      if (text != nullptr && text->is(Json::Kind::text)) return text->text;
    }
    if (value.is(Json::Kind::text)) return value.text;
    return print_short(value, kShownBytes);
  }

  static std::string number_text(double value, const std::string& unit) {
    return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
  }

  static std::string in_json(const std::string& text, const std::string& unit) {
    return unit.empty() ? text : print_short(Json::of_text(text), kMaxTextBytes);
  }

  void read_values(const View& values, Knob& knob) {
    for (const auto& entry : values.each()) {
      if (entry.value.json() == nullptr || entry.value.json()->is(Json::Kind::null)) {
        error(entry.value, "E010", "null is no value", "");
        continue;
      }
      knob.values.push_back(print_json(*entry.value.json()));
      knob.labels.push_back(label_of(*entry.value.json()));
    }
    // Two of one policy are told apart by their numbers.
    std::multiset<std::string> seen(knob.labels.begin(), knob.labels.end());
    for (std::size_t i = 0; i < knob.labels.size(); ++i) {
      if (seen.count(knob.labels[i]) > 1) knob.labels[i] += fmt::format(".{}", i);
    }
  }

  void read_range(const View& range, Knob& knob) {
    const std::vector<double> numbers = range.numbers();
    if (numbers.size() != 3) {
      error(range, "E034", "a range is from, to and step", "write [100, 400, 50]");
      return;
    }
    const double steps = (numbers[1] - numbers[0]) / numbers[2];
    if (!(numbers[2] != 0) || !(steps >= 0) || steps >= static_cast<double>(kMaxVariations)) {
      error(range, "E034", "a range goes from the first number to the second in steps",
            "write [100, 400, 50]");
      return;
    }
    const auto count = static_cast<std::size_t>(std::floor(steps * (1 + 1e-12) + 1e-9)) + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = numbers[0] + numbers[2] * static_cast<double>(i);
      // 0.1 + 0.2: what a person would write.
      const double written = std::stod(fmt::format("{:.12g}", value));
      knob.labels.push_back(number_text(written, knob.unit));
      knob.values.push_back(in_json(knob.labels.back(), knob.unit));
    }
  }

  void read_stretch(const View& between, const View& scale, Knob& knob) {
    const std::vector<double> ends = between.numbers();
    knob.scale = scale.text();
    if (ends.size() != 2 || !(ends[0] < ends[1])) {
      error(between, "E034", "a stretch is between a least and a larger most", "write [0.4, 0.9]");
      return;
    }
    if (knob.scale == "log" && ends[0] <= 0) {
      error(between, "E034", "a logarithmic stretch begins above 0", "");
      return;
    }
    if (knob.scale == "integer" && std::ceil(ends[0]) > std::floor(ends[1])) {
      error(between, "E034", "there is no whole number between these", "");
      return;
    }
    knob.low = ends[0];
    knob.high = ends[1];
  }

  std::optional<Knob> read_knob(const View::Entry& entry) {
    const std::size_t before = problems_.errors();
    Knob knob;
    knob.name = entry.key;
    knob.at = entry.value["at"].text();
    knob.place = sources_.place(entry.value["at"].span());
    knob.unit = entry.value["unit"].text();
    if (const View values = entry.value["values"]) {
      if (!knob.unit.empty()) {
        error(entry.value["unit"], "E034", "values state their own units", "leave it out");
      }
      read_values(values, knob);
    } else if (const View range = entry.value["range"]) {
      read_range(range, knob);
    } else if (const View between = entry.value["between"]) {
      read_stretch(between, entry.value["scale"], knob);
    }
    const bool whole = entry.value["at"] && problems_.errors() == before;
    return whole ? std::optional(std::move(knob)) : std::nullopt;
  }

  /// The value of a knob at a point: as JSON, and as people read it.
  static std::pair<std::string, std::string> value_at(const Knob& knob, const DesignPoint& point) {
    if (!knob.values.empty()) return {knob.values[point.value], knob.labels[point.value]};
    double value = knob.low + point.share * (knob.high - knob.low);
    if (knob.scale == "log") {
      const double low = math::log(knob.low);
      value = math::exp(low + point.share * (math::log(knob.high) - low));
    } else if (knob.scale == "integer") {
      const double low = std::ceil(knob.low);
      value = low + std::floor(point.share * (std::floor(knob.high) - low + 1));
    }
    const std::string text = number_text(std::stod(fmt::format("{:.9g}", value)), knob.unit);
    return {in_json(text, knob.unit), text};
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
        std::ranges::any_of(knobs, [](const Knob& knob) { return knob.values.empty(); });
    if (stretch) {
      error(at, "E034", "what lies between two numbers is sampled, and this design takes values",
            R"(write "design": {"latin-hypercube": 64}, or give values or a range)");
      return std::nullopt;
    }
    if (name != "together") return Design::grid;
    const bool alike = std::ranges::all_of(
        knobs, [&](const Knob& knob) { return knob.values.size() == knobs.front().values.size(); });
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

  void vary(Study& out) {
    std::vector<Knob> knobs;
    const auto entries = spec_["vary"].each();
    const std::size_t before = problems_.errors();
    for (const auto& entry : entries) {
      if (auto knob = read_knob(entry)) knobs.push_back(std::move(*knob));
    }
    if (knobs.size() > kMaxKnobs) {
      error(spec_["vary"], "E034", fmt::format("at most {} values may vary", kMaxKnobs), "");
    }
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
  }

  static Variation variation_at(const std::vector<Knob>& knobs,
                                const std::vector<DesignPoint>& point) {
    Variation out;
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      const auto [json, label] = value_at(knobs[k], point[k]);
      // The value of a single knob is name enough.
      const std::string named = knobs.size() == 1 ? "" : knobs[k].name + "=";
      out.name += fmt::format("{}{}{}", k == 0 ? "" : ",", named, label);
      out.parameters.emplace_back(knobs[k].name, label);
      out.overrides.push_back({knobs[k].at, json});
      out.places.push_back(knobs[k].place);
    }
    return out;
  }

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
        if (!set.value) continue;
        variation.parameters.emplace_back(set.key, label_of(*set.value.json()));
        variation.overrides.push_back({set.key, print_json(*set.value.json())});
        variation.places.push_back(sources_.place(set.key_span));
      }
      out.variations.push_back(std::move(variation));
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

}  // namespace

Result<Study> load_study(const std::string& file, std::optional<std::uint64_t> first_seed) {
  Sources sources;
  Problems problems(sources);
  const std::uint32_t source = read_source(file, file, {}, sources, problems);
  if (source == 0) return problems.take();
  const std::optional<Json> raw = parse_json(source, sources, problems);
  if (!raw) return problems.take();
  const Json spec = decode(*raw, *study_type(), {}, problems);
  const View view(&spec, "");
  Study study;
  study.sha256 = sources.at(source).sha256;
  study.base = base_path(file, view["base"].text());
  StudyReader(sources, problems, view).read(first_seed, study);
  if (problems.failed()) return problems.take();
  return study;
}

bool is_study(const std::string& file) {
  Sources sources;
  Problems problems(sources);
  const std::uint32_t source = read_source(file, file, {}, sources, problems);
  if (source == 0) return false;
  const std::optional<Json> raw = parse_json(source, sources, problems);
  return raw && raw->is(Json::Kind::object) && raw->find("base") != nullptr;
}

Result<Loaded> load_variation(const Study& study, const Variation& variation,
                              const LoadOptions& options) {
  LoadOptions all = options;
  all.overrides = variation.overrides;
  all.overrides.insert(all.overrides.end(), options.overrides.begin(), options.overrides.end());
  Result<Loaded> loaded = load_scenario(study.base, all);
  auto* issues = std::get_if<Issues>(&loaded);
  if (issues == nullptr) return loaded;
  for (Issue& issue : *issues) {
    if (issue.place.file != kSetSource) continue;
    for (std::size_t i = 0; i < variation.overrides.size(); ++i) {
      if (!issue.path.starts_with(variation.overrides[i].path)) continue;
      issue.place = variation.places[i];
      issue.note = fmt::format("in variation {}", hyperdc::quoted(variation.name));
      break;
    }
  }
  return loaded;
}

}  // namespace hyperdc
