#include "report/page_tornado.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "results/statistics.hpp"

namespace hyperdc {
namespace {

/// Variations that have the knob at the base's value and at another one, pair by pair the same
/// else.
struct Contrast {
  std::string label;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;  // base's value, this value
};

const VariedValue* parameter_of(const StudyVariation& variation, const std::string& knob) {
  for (const VariedValue& value : variation.parameters) {
    if (value.name == knob) return &value;
  }
  return nullptr;
}

std::vector<std::string> knobs_of(const StudyTable& table) {
  std::vector<std::string> knobs;
  for (const StudyVariation& variation : table.variations) {
    for (const VariedValue& value : variation.parameters) {
      if (std::find(knobs.begin(), knobs.end(), value.name) == knobs.end()) {
        knobs.push_back(value.name);
      }
    }
  }
  std::erase_if(knobs, [&](const std::string& knob) {
    std::set<std::string> values;
    for (const StudyVariation& variation : table.variations) {
      const VariedValue* value = parameter_of(variation, knob);
      values.insert(value == nullptr ? std::string() : value->json);
    }
    return values.size() < 2;
  });
  return knobs;
}

/// What gives one bar, whatever the metric.
struct TornadoDesign {
  std::string name;
  TornadoBar kind = TornadoBar::variation;
  std::string base;  // label of the base's value
  std::vector<Contrast> contrasts;
};

/// The values of all other knobs, as one text.
std::string other_values(const StudyVariation& variation, const std::string& knob) {
  std::string text;
  for (const VariedValue& value : variation.parameters) {
    if (value.name != knob) text += value.name + '\n' + value.json + '\n';
  }
  return text;
}

/// Nothing where the design does not tell this knob from the others.
std::optional<TornadoDesign> design_of(const StudyTable& table, std::size_t base,
                                       const std::string& knob) {
  const VariedValue* own = parameter_of(table.variations[base], knob);
  if (own == nullptr) return std::nullopt;
  std::map<std::string, std::map<std::string, std::size_t>> settings;  // of the others, by value
  std::vector<const VariedValue*> values;
  std::set<std::string> seen;
  for (std::size_t v = 0; v < table.variations.size(); ++v) {
    const VariedValue* value = parameter_of(table.variations[v], knob);
    if (value == nullptr) return std::nullopt;
    settings[other_values(table.variations[v], knob)].emplace(value->json, v);
    if (seen.insert(value->json).second) values.push_back(value);
  }
  const bool grid =
      settings.size() > 1 && std::all_of(settings.begin(), settings.end(), [&](const auto& one) {
        return one.second.size() == values.size();
      });
  const std::string here = other_values(table.variations[base], knob);
  TornadoDesign out{
      knob, grid ? TornadoBar::main_effect : TornadoBar::others_at_base, own->label, {}};
  for (const VariedValue* value : values) {
    if (value->json == own->json) continue;
    Contrast contrast{value->label, {}};
    for (const auto& [setting, at] : settings) {
      if (!grid && setting != here) continue;
      const auto found = at.find(value->json);
      if (found != at.end()) contrast.pairs.emplace_back(at.at(own->json), found->second);
    }
    if (!contrast.pairs.empty()) out.contrasts.push_back(std::move(contrast));
  }
  if (out.contrasts.empty()) return std::nullopt;
  return out;
}

std::vector<TornadoDesign> designs_of(const StudyTable& table, std::size_t base) {
  std::vector<TornadoDesign> designs;
  const std::vector<std::string> knobs = knobs_of(table);
  if (knobs.size() > 1) {
    for (const std::string& knob : knobs) {
      if (auto design = design_of(table, base, knob)) designs.push_back(std::move(*design));
    }
  }
  if (designs.size() > 1) return designs;
  designs.clear();
  if (table.variations.size() < 3) return designs;
  for (std::size_t v = 0; v < table.variations.size(); ++v) {
    if (v == base) continue;
    const std::string& name = table.variations[v].name;
    designs.push_back(
        {name, TornadoBar::variation, table.variations[base].name, {Contrast{name, {{base, v}}}}});
  }
  return designs;
}

class Effects {
 public:
  Effects(const StudyTable& table, std::size_t metric, double confidence)
      : table_(table), metric_(metric), confidence_(confidence) {}

  std::optional<TornadoRow> row(const TornadoDesign& design) const {
    TornadoRow out{design.name, design.kind, {}, {}};
    out.low.label = out.high.label = design.base;
    bool any = false;
    for (const Contrast& contrast : design.contrasts) {
      const std::optional<TornadoEnd> end = effect(contrast);
      if (!end) continue;
      any = true;
      if (end->effect < out.low.effect) out.low = *end;
      if (end->effect > out.high.effect) out.high = *end;
    }
    if (!any) return std::nullopt;
    return out;
  }

 private:
  std::optional<TornadoEnd> effect(const Contrast& contrast) const {
    std::vector<double> differences;
    for (std::size_t s = 0; s < table_.seeds.size(); ++s) {
      double sum = 0;
      bool whole = true;
      for (const auto& [base, other] : contrast.pairs) {
        const std::optional<double> a = table_.at(base, s, metric_);
        const std::optional<double> b = table_.at(other, s, metric_);
        whole = whole && a && b;
        if (whole) sum += *b - *a;
      }
      if (whole) differences.push_back(sum / static_cast<double>(contrast.pairs.size()));
    }
    if (differences.empty()) return std::nullopt;
    const Moments moments = moments_of(differences);
    const double half = moments.n > 1 ? half_width_of(moments, confidence_) : 0;
    return TornadoEnd{contrast.label, moments.mean, moments.n, moments.mean - half,
                      moments.mean + half};
  }

  const StudyTable& table_;
  std::size_t metric_;
  double confidence_;
};

double length_of(const TornadoRow& row) {
  return row.high.effect - row.low.effect;
}

std::string_view name_of(TornadoBar kind) {
  switch (kind) {
    case TornadoBar::main_effect:
      return "main effect";
    case TornadoBar::others_at_base:
      return "others as in the base";
    case TornadoBar::variation:
      break;
  }
  return "variation";
}

void write_end(JsonWriter& json, std::string_view key, const TornadoEnd& end) {
  json.key(key).open_array();
  json.text(end.label);
  json.number(end.effect);
  json.number(end.low);
  json.number(end.high);
  json.natural(end.seeds);
  json.close();
}

template <class Named>
std::optional<std::size_t> index_of(const std::vector<Named>& list, std::string_view name) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<TornadoDesign> designs_from(const StudyTable& table, std::string_view base) {
  const std::optional<std::size_t> at = index_of(table.variations, base);
  return at ? designs_of(table, *at) : std::vector<TornadoDesign>();
}

std::vector<TornadoRow> tornado_rows(const StudyTable& table,
                                     const std::vector<TornadoDesign>& designs, std::size_t metric,
                                     double confidence) {
  const Effects effects(table, metric, confidence);
  std::vector<TornadoRow> rows;
  for (const TornadoDesign& design : designs) {
    if (const auto row = effects.row(design)) rows.push_back(*row);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const TornadoRow& a, const TornadoRow& b) {
    return length_of(a) > length_of(b);
  });
  if (rows.size() < 2) rows.clear();
  return rows;
}

}  // namespace

std::vector<TornadoRow> tornado_of(const StudyTable& table, std::string_view base,
                                   std::string_view metric, double confidence) {
  const std::optional<std::size_t> of = index_of(table.metrics, metric);
  if (!of) return {};
  return tornado_rows(table, designs_from(table, base), *of, confidence);
}

void write_tornado(JsonWriter& json, const PageStudy& study, const std::set<std::string>& metrics) {
  const std::vector<TornadoDesign> designs = designs_from(study.table, study.comparison.base);
  json.key("tornado").open_array();
  std::size_t written = 0;
  for (std::size_t m = 0; m < study.table.metrics.size(); ++m) {
    const std::string& name = study.table.metrics[m].name;
    if (metrics.count(name) == 0 || written == kMostTornadoMetrics) continue;
    const std::vector<TornadoRow> rows =
        tornado_rows(study.table, designs, m, study.comparison.options.confidence);
    if (rows.empty()) continue;
    ++written;
    json.open_object();
    json.key("metric").text(name);
    json.key("all").natural(rows.size());
    json.key("bars").open_array();
    for (std::size_t i = 0; i < std::min(rows.size(), kMostTornadoBars); ++i) {
      json.open_object();
      json.key("name").text(rows[i].name);
      json.key("kind").text(name_of(rows[i].kind));
      write_end(json, "low", rows[i].low);
      write_end(json, "high", rows[i].high);
      json.close();
    }
    json.close();
    json.close();
  }
  json.close();
}

}  // namespace hyperdc
