// The reference pages, from the description and the registries.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include <hyperdc/core/units.hpp>
#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/allocator.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/pricing.hpp>
#include <hyperdc/policy/procurement.hpp>
#include <hyperdc/policy/purchasing.hpp>
#include <hyperdc/policy/router.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "scenario/description.hpp"
#include "scenario/load.hpp"

namespace hyperdc {
namespace {

using Kind = Type::Kind;

std::string anchor(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c == ' ' ? '-' : c;
  return out;
}

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

std::string kind_text(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "whole number";
    case Kind::number:
      return "number";
    case Kind::quantity:
      return std::string(dimension_name(type.dimension));
    case Kind::any_quantity:
      return "number or quantity";
    case Kind::any:
      return "any value";
    case Kind::text:
      return "text";
    case Kind::file:
      return "file";
    case Kind::choice: {
      std::string out;
      for (const std::string& choice : type.choices) {
        out += fmt::format("{}`\"{}\"`", out.empty() ? "" : " or ", choice);
      }
      return out;
    }
    case Kind::map:
      return fmt::format("names to {}", kind_text(*type.item));
    case Kind::list:
      return fmt::format("list of {}", kind_text(*type.item));
    case Kind::recursive:
      return kind_text(*type.target);
    case Kind::one_key:
      if (type.item)
        return fmt::format("{} or [{}](#{})", kind_text(*type.item), type.name, anchor(type.name));
      break;
    case Kind::object:
    case Kind::tagged:
      break;
  }
  return fmt::format("[{}](#{})", type.name, anchor(type.name));
}

std::string bound_text(double bound, const Type& type) {
  return type.kind == Kind::quantity ? format_for_people(bound, type.dimension)
                                     : fmt::format("{}", bound);
}

std::string range_text(const Type& type) {
  const Type& named = actual(type);
  const Type& scalar = named.kind == Kind::one_key && named.item ? *named.item : named;
  const bool low = std::isfinite(scalar.min);
  const bool high = std::isfinite(scalar.max);
  if (low && high) {
    return fmt::format("{} to {}", bound_text(scalar.min, scalar), bound_text(scalar.max, scalar));
  }
  if (low) return fmt::format("from {}", bound_text(scalar.min, scalar));
  return high ? fmt::format("to {}", bound_text(scalar.max, scalar)) : "";
}

std::string default_text(const Field& field) {
  std::string out;
  if (field.required) out = "**required**";
  if (!field.fallback.is(Json::Kind::missing)) out = code(print_short(field.fallback, 200));
  if (!field.with.empty()) out += fmt::format("{}beside `{}`", out.empty() ? "" : ", ", field.with);
  return out;
}

std::string table(const std::vector<Field>& fields) {
  std::string out =
      "| key | value | default | range | example | meaning |\n"
      "|---|---|---|---|---|---|\n";
  for (const Field& field : fields) {
    const std::string& example = field.type->example;
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", field.name, kind_text(*field.type),
                       default_text(field), range_text(*field.type),
                       example.empty() ? "" : code(example),
                       field.live ? field.doc + " *Live.*" : field.doc);
  }
  return out;
}

std::string rules_text(const std::vector<KeyRule>& rules) {
  std::string out;
  for (const KeyRule& rule : rules) {
    out += rule.exactly_one ? "\nExactly one of" : "\nAt least one of";
    for (const std::string& key : rule.keys) out += fmt::format(" `{}`", key);
    out += ".\n";
  }
  return out;
}

/// Writes a section for each named type, outermost first, each name once.
/// Keys that every variant has.
std::vector<Field> common_fields(const Type& type) {
  std::vector<Field> common;
  for (const Field& field : type.variants.front().fields) {
    const bool all = std::all_of(
        type.variants.begin(), type.variants.end(),
        [&](const Variant& variant) { return find_field(variant.fields, field.name) != nullptr; });
    if (all) common.push_back(field);
  }
  return common;
}

class ReferenceWriter {
 public:
  std::string out;

  void write(const Type& type) {
    if (type.kind == Kind::recursive) return;  // its target is being written
    if (!type.name.empty() && !seen_.insert(type.name).second) return;
    if (!type.name.empty()) out += fmt::format("\n## {}\n\n{}\n", type.name, type.doc);
    if (type.kind == Kind::one_key) out += "\nAn object with exactly one of these keys:\n";
    if (!type.fields.empty())
      out += fmt::format("\n{}{}", table(type.fields), rules_text(type.rules));
    if (!type.beside.empty()) {
      out += fmt::format("\nBeside that key may stand:\n\n{}", table(type.beside));
    }
    const bool policy = type.tag == "policy";
    const std::vector<Field> common = policy ? common_fields(type) : std::vector<Field>{};
    if (policy) out += "\n`policy` is one of the names in the reference of policies.\n";
    if (!common.empty()) out += fmt::format("\nBeside its own keys each has:\n\n{}", table(common));
    for (const Variant& variant : policy ? std::vector<Variant>{} : type.variants) {
      out += fmt::format("\n### `\"{}\": \"{}\"`\n\n{}\n\n{}{}", type.tag, variant.name,
                         variant.doc, table(variant.fields), rules_text(variant.rules));
    }
    if (type.item) write(*type.item);
    for (const Field& field : type.fields) write(*field.type);
    for (const Field& field : type.beside) write(*field.type);
    for (const Field& field : common) write(*field.type);
    for (const Variant& variant : policy ? std::vector<Variant>{} : type.variants) {
      for (const Field& field : variant.fields) write(*field.type);
    }
  }

 private:
  std::set<std::string> seen_;
};

template <class Entries>
std::string policies(std::string_view title, std::string_view key, std::string_view place,
                     const Entries& entries) {
  std::string out = fmt::format(
      "\n## {}\n\nWritten as `\"{}\": {{\"policy\": NAME, …}}` in a {}.\n", title, key, place);
  for (const auto& entry : entries) {
    out += fmt::format("\n### {}\n\n{}\n", entry.name, entry.doc);
    std::vector<Field> fields;
    for (const ParamSpec& spec : entry.params) fields.push_back(param_field(spec));
    if (!fields.empty()) out += fmt::format("\n{}", table(fields));
  }
  return out;
}

}  // namespace

std::string scenario_reference() {
  ReferenceWriter writer;
  writer.out =
      "# Scenario files\n\n"
      "A scenario is one JSON object. Maps are keyed by names (a-z, 0-9, _ and -), quantities are "
      "texts with a unit, paths are relative to the file that names them, unknown keys are "
      "errors, and `null` is the same as leaving a key out.\n";
  writer.write(*scenario_type());
  return writer.out;
}

std::string study_reference() {
  ReferenceWriter writer;
  writer.out =
      "# Study files\n\n"
      "A study is one JSON object: a base scenario, what varies, and how often each variation is "
      "run. The base may lie anywhere; paths are relative to the study.\n";
  writer.write(*study_type());
  return writer.out;
}

std::string baseline_reference() {
  ReferenceWriter writer;
  writer.out =
      "# Baseline files\n\n"
      "A baseline lies beside its scenario, NAME.baseline.json beside NAME.json. `hyperdc check` "
      "compares with it; `hyperdc check --update` writes it and keeps the description, the choice "
      "of metrics and the tolerances, which are yours to edit.\n";
  writer.write(*baseline_type());
  return writer.out;
}

std::string policy_reference() {
  return "# Policies\n" + policies("Schedulers", "scheduler", "pool", schedulers()) +
         policies("Placements", "placement", "pool", placements()) +
         policies("Allocators", "allocator", "workload of elastic training", allocators()) +
         policies("Autoscalers", "autoscaler", "service", autoscalers()) +
         policies("Node autoscalers", "nodes", "pool", node_autoscalers()) +
         policies("Routers", "router", "service", routers()) +
         policies("Routers between regions", "region_router", "service", region_routers()) +
         policies("Admissions", "admission", "service", admissions()) +
         policies("Procurement", "procurement", "growth plan", procurements()) +
         policies("Pricing", "pricing", "product of a rental market", pricings()) +
         policies("Purchasing", "purchasing", "buyer", purchasings());
}

std::string units_reference() {
  std::string out =
      "# Units\n\nA quantity is a text: number, space, unit (\"400 Gbit/s\"). Units are "
      "case-sensitive. Only times may be compound (\"2 d 9 h\"); 1 y = 365 d.\n\n"
      "| unit | measures | in SI |\n|---|---|---|\n";
  for (const UnitRow& row : unit_table()) {
    out += fmt::format("| `{}` | {} | {} |\n", row.unit, dimension_name(row.dimension),
                       format_quantity(row.factor, row.dimension));
  }
  return out;
}

}  // namespace hyperdc
