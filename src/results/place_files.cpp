#include "results/place_files.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "results/json_writer.hpp"
#include "results/stored_result.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kRackKeys = "group,zone,of", kLinkKeys = "fabric,tier,way,from,to";
constexpr std::string_view kFabricsSchema = "hyperdc.fabrics/1";

std::string quantity_column(const PlaceQuantity& quantity, bool greatest) {
  return fmt::format("{}{}{}{}", quantity.name, greatest ? "_max" : "",
                     quantity.unit == "1" ? "" : "_", quantity.unit == "1" ? "" : quantity.unit);
}

void put_value(fmt::memory_buffer& out, float value) {
  out.push_back(',');
  if (!std::isnan(value)) fmt::format_to(std::back_inserter(out), "{:.6g}", value);
}

/// The words of a row, which are the same at every moment.
std::string words_of(const PlaceRow& row) {
  std::string out;
  for (const std::string& key : row.keys) {
    out += ',';
    out += csv_field(key);
  }
  return out + fmt::format(",{},{}", row.first, row.count);
}

[[noreturn]] void bad_line(std::size_t number, const std::string& what) {
  throw ResultProblem(fmt::format("line {} {}", number, what));
}

template <class Number>
Number number_in(std::string_view text, std::size_t line) {
  Number value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) {
    bad_line(line, "holds what is not a number");
  }
  return value;
}

float value_in(std::string_view text, std::size_t line) {
  if (text.empty()) return std::numeric_limits<float>::quiet_NaN();
  const auto value = number_in<float>(text, line);
  if (!std::isfinite(value)) bad_line(line, "holds what is not a finite number");
  return value;
}

/// Reads a map line by line.
class PlaceReader {
 public:
  void header(const std::vector<std::string>& fields) {
    width_ = fields.size();
    const auto first = std::ranges::find(fields, "first");
    const bool good = width_ > 4 && fields[0] == "from_s" && fields[1] == "to_s" &&
                      first != fields.end() && first + 1 != fields.end() && *(first + 1) == "count";
    if (!good) bad_line(1, "does not name the columns of a map of places");
    map_.keys.assign(fields.begin() + 2, first);
    std::string keys;
    for (const std::string& key : map_.keys) {
      if (!keys.empty()) keys += ',';
      keys += key;
    }
    if (keys != kRackKeys && keys != kLinkKeys) {
      bad_line(1, "does not name the columns of a map of places");
    }
    auto at = first + 2;
    while (fields.end() - at >= 2) {
      PlaceQuantity quantity{*at, "1", {}, {}};
      const std::size_t unit = quantity.name.find('_');
      if (unit != std::string::npos) {
        quantity.unit = quantity.name.substr(unit + 1);
        quantity.name.resize(unit);
      }
      if (*(at + 1) != quantity_column(quantity, true)) break;
      map_.quantities.push_back(std::move(quantity));
      at += 2;
    }
    if (at != fields.end()) map_.holder_kind = *at++;
    if (at != fields.end() || map_.quantities.empty()) {
      bad_line(1, "does not name the columns of a map of places");
    }
  }

  void line(const std::vector<std::string>& fields, std::size_t number) {
    if (fields.size() != width_) {
      bad_line(number, fmt::format("has {} values and not {}", fields.size(), width_));
    }
    begin_row(fields, number);
    std::size_t at = map_.keys.size() + 4;
    for (PlaceQuantity& quantity : map_.quantities) {
      quantity.mean.push_back(value_in(fields[at++], number));
      quantity.greatest.push_back(value_in(fields[at++], number));
    }
    if (map_.holder_kind.empty()) return;
    if (fields[at].empty()) {
      map_.holder.push_back(kNobody);
      return;
    }
    const auto known = std::ranges::find(map_.holders, fields[at]);
    map_.holder.push_back(static_cast<std::uint32_t>(known - map_.holders.begin()));
    if (known == map_.holders.end()) map_.holders.push_back(fields[at]);
  }

  PlaceMap finish(std::size_t lines) {
    if (map_.moments() > 1 && in_moment_ != map_.rows.size()) {
      bad_line(lines, "ends in the middle of a moment");
    }
    return std::move(map_);
  }

 private:
  void begin_row(const std::vector<std::string>& fields, std::size_t number) {
    const auto from_s = number_in<double>(fields[0], number);
    const auto to_s = number_in<double>(fields[1], number);
    const bool same =
        map_.moments() > 0 && map_.from_s.back() == from_s && map_.to_s.back() == to_s;
    if (!same) {
      if (map_.moments() > 1 && in_moment_ != map_.rows.size()) {
        bad_line(number, "begins a moment before the last one has all of its rows");
      }
      const double begin = map_.moments() == 0 ? from_s : map_.to_s.back();
      if (!(to_s > from_s) || from_s != begin) {
        bad_line(number, "holds a moment that does not follow the last one");
      }
      map_.from_s.push_back(from_s);
      map_.to_s.push_back(to_s);
      in_moment_ = 0;
    }
    const std::size_t keys = map_.keys.size();
    PlaceRow row;
    row.keys.assign(fields.begin() + 2, fields.begin() + 2 + static_cast<std::ptrdiff_t>(keys));
    row.first = number_in<std::uint32_t>(fields[2 + keys], number);
    row.count = number_in<std::uint32_t>(fields[3 + keys], number);
    if (row.count == 0) bad_line(number, "names a row without places");
    if (map_.moments() == 1) {
      map_.rows.push_back(std::move(row));
    } else if (in_moment_ >= map_.rows.size() || !(map_.rows[in_moment_] == row)) {
      bad_line(number, "does not name the row that stood there at the first moment");
    }
    ++in_moment_;
  }

  PlaceMap map_;
  std::size_t width_ = 0;
  std::size_t in_moment_ = 0;  // rows of the last moment so far
};

}  // namespace

std::string place_csv(const PlaceMap& map) {
  fmt::memory_buffer out;
  const auto put = [&](std::string_view text) { out.append(text); };
  put("from_s,to_s");
  for (const std::string& key : map.keys) put(fmt::format(",{}", key));
  put(",first,count");
  for (const PlaceQuantity& quantity : map.quantities) {
    put(fmt::format(",{},{}", quantity_column(quantity, false), quantity_column(quantity, true)));
  }
  if (!map.holder_kind.empty()) put(fmt::format(",{}", map.holder_kind));
  put("\n");
  std::vector<std::string> words;
  for (const PlaceRow& row : map.rows) words.push_back(words_of(row));
  for (std::size_t moment = 0; moment < map.moments(); ++moment) {
    const std::string times =
        fmt::format("{},{}", shortest(map.from_s[moment]), shortest(map.to_s[moment]));
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
      const std::size_t at = moment * map.rows.size() + row;
      put(times);
      put(words[row]);
      for (const PlaceQuantity& quantity : map.quantities) {
        put_value(out, quantity.mean[at]);
        put_value(out, quantity.greatest[at]);
      }
      if (!map.holder_kind.empty()) {
        put(",");
        if (map.holder[at] != kNobody) put(csv_field(map.holders[map.holder[at]]));
      }
      put("\n");
    }
  }
  return fmt::to_string(out);
}

PlaceMap place_map_from_csv(std::string_view csv) {
  PlaceReader reader;
  std::size_t number = 0;
  while (!csv.empty()) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    const std::vector<std::string> fields = csv_fields(csv.substr(0, end));
    csv.remove_prefix(std::min(end + 1, csv.size()));
    ++number == 1 ? reader.header(fields) : reader.line(fields, number);
  }
  if (number == 0) bad_line(1, "is missing: the file is empty");
  return reader.finish(number);
}

void write_fabrics(JsonWriter& json, const std::vector<FabricPlan>& fabrics) {
  json.key("fabrics").open_array();
  for (const FabricPlan& fabric : fabrics) {
    json.open_object();
    json.key("name").text(fabric.name);
    json.key("type").text(fabric.type);
    json.key("family").text(fabric.family);
    json.key("layers").open_array();
    for (const FabricLayer& layer : fabric.layers) {
      json.open_object(true);
      json.key("name").text(layer.name);
      json.key("size").natural(layer.size);
      json.key("ports").natural(layer.ports);
      json.key("oversubscription");
      layer.oversubscription ? json.number(*layer.oversubscription) : json.null();
      json.close();
    }
    json.close();
    json.key("cables").open_array();
    for (const FabricCables& cables : fabric.cables) {
      json.open_object(true);
      json.key("tier").text(cables.tier);
      json.key("low").natural(cables.low);
      json.key("high").natural(cables.high);
      json.key("links").natural(cables.links);
      json.key("least_Bps").number(cables.least_Bps);
      json.key("most_Bps").number(cables.most_Bps);
      json.close();
    }
    json.close();
    json.close();
  }
  json.close();
}

std::string fabrics_json(const std::vector<FabricPlan>& fabrics) {
  JsonWriter json;
  json.open_object();
  json.key("schema").text(kFabricsSchema);
  write_fabrics(json, fabrics);
  json.close();
  return json.finish();
}

namespace {

/// A whole number of 32 bits; anything else is converted in silence by the library.
std::uint32_t count_in(const nlohmann::json& value) {
  if (!value.is_number_unsigned() ||
      value.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
    throw ResultProblem("it counts with " + value.dump() + ", which is no count");
  }
  return value.get<std::uint32_t>();
}

}  // namespace

std::vector<FabricPlan> fabrics_from_json(std::string_view text) {
  const auto root = nlohmann::json::parse(text, nullptr, false);
  if (root.is_discarded()) throw ResultProblem("it is not JSON, or only a part of it");
  std::vector<FabricPlan> out;
  try {
    if (root.at("schema") != kFabricsSchema) {
      throw ResultProblem(fmt::format("its schema is not {}", kFabricsSchema));
    }
    for (const auto& one : root.at("fabrics")) {
      FabricPlan plan{one.at("name"), one.at("type"), one.at("family"), {}, {}};
      for (const auto& layer : one.at("layers")) {
        plan.layers.push_back(
            {layer.at("name"), count_in(layer.at("size")), count_in(layer.at("ports")), {}});
        const auto& ratio = layer.at("oversubscription");
        if (!ratio.is_null()) plan.layers.back().oversubscription = ratio.get<double>();
      }
      if (plan.layers.empty()) throw ResultProblem(plan.name + " has no layers");
      for (const auto& cables : one.at("cables")) {
        plan.cables.push_back({cables.at("tier"), count_in(cables.at("low")),
                               count_in(cables.at("high")), count_in(cables.at("links")),
                               cables.at("least_Bps"), cables.at("most_Bps")});
        if (std::max(plan.cables.back().low, plan.cables.back().high) >= plan.layers.size()) {
          throw ResultProblem(
              fmt::format("cables of {} lead to a layer that it has not", plan.name));
        }
      }
      out.push_back(std::move(plan));
    }
  } catch (const nlohmann::json::exception& problem) {
    throw ResultProblem(problem.what());
  }
  return out;
}

}  // namespace hyperdc
