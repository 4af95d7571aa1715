#include "results/stored_result.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "results/place_files.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;
using Stored = nlohmann::ordered_json;

const Stored& part(const Stored& object, const char* key) {
  if (!object.is_object()) throw ResultProblem("something is not an object");
  const auto found = object.find(key);
  if (found == object.end()) throw ResultProblem(std::string("it has no ") + key);
  return *found;
}

std::string text_of(const Stored& object, const char* key) {
  const Stored& value = part(object, key);
  if (!value.is_string()) throw ResultProblem(std::string(key) + " is not a text");
  return value.get<std::string>();
}

std::optional<double> number_of(const Stored& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) throw ResultProblem(std::string(key) + " is not a number");
  return found->get<double>();
}

std::uint64_t natural_of(const Stored& object, const char* key) {
  const Stored& value = part(object, key);
  if (!value.is_number_unsigned()) throw ResultProblem(std::string(key) + " is not a number");
  return value.get<std::uint64_t>();
}

bool flag_of(const Stored& object, const char* key) {
  const Stored& value = part(object, key);
  if (!value.is_boolean()) throw ResultProblem(std::string(key) + " is neither true nor false");
  return value.get<bool>();
}

std::uint64_t from_hex16(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (error != std::errc{} || stop != end) throw ResultProblem("a fingerprint is not hexadecimal");
  return value;
}

void read_scenario(const Stored& root, RunResult& out) {
  const Stored& scenario = part(root, "scenario");
  out.scenario = text_of(scenario, "name");
  out.seed = natural_of(scenario, "seed");
  out.sha256 = text_of(scenario, "sha256");
  const Stored& resolved = part(scenario, "resolved");
  if (!resolved.is_null()) out.resolved_json = resolved.dump();
}

void read_metrics(const Stored& root, RunResult& out) {
  for (const auto& entry : part(root, "metrics").items()) {
    ResultMetric metric;
    metric.name = entry.key();
    metric.unit = text_of(entry.value(), "unit");
    metric.value = number_of(entry.value(), "value");
    if (!metric.value) metric.reason = text_of(entry.value(), "reason");
    out.metrics.push_back(std::move(metric));
  }
}

void read_lists(const Stored& root, RunResult& out) {
  for (const Stored& one : part(root, "objectives")) {
    out.objectives.push_back({text_of(one, "metric"), number_of(one, "at_most"),
                              number_of(one, "at_least"), text_of(one, "unit"),
                              number_of(one, "value"), flag_of(one, "met")});
  }
  for (const Stored& one : part(root, "checks")) {
    out.checks.push_back(
        {text_of(one, "name"), text_of(one, "text"), number_of(one, "error").value_or(0)});
  }
  if (root.contains("bill")) {
    for (const Stored& one : part(root, "bill")) {
      out.bill.push_back({text_of(one, "region"), text_of(one, "account"), text_of(one, "item"),
                          number_of(one, "quantity").value_or(0), text_of(one, "unit"),
                          number_of(one, "usd"), one.value("reason", ""), one.value("source", "")});
    }
  }
  for (const Stored& one : part(root, "assumptions")) {
    out.assumptions.push_back({text_of(one, "path"), text_of(one, "text")});
  }
  for (const Stored& one : part(root, "files")) {
    out.files.push_back({text_of(one, "path"), text_of(one, "sha256")});
  }
  for (const Stored& one : part(root, "hourly_fingerprints")) {
    if (!one.is_string()) throw ResultProblem("a fingerprint is not a text");
    out.hourly_fingerprints.push_back(from_hex16(one.get<std::string>()));
  }
}

template <class Number>
Number field_number(const std::string& field, const std::string& line) {
  Number value{};
  const char* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc{} || stop != end) {
    throw ResultProblem(line + " holds what is not a number");
  }
  return value;
}

/// After the bins that are there, which it must not lie below and which have so many `samples`.
void add_bin(std::vector<ResultBin>& bins, std::uint64_t& samples, ResultBin bin,
             const std::string& line) {
  // Pages show them in 32 bits.
  const bool sound =
      bin.from >= 0 && bin.from <= bin.to && bin.to <= std::numeric_limits<float>::max();
  if (!sound) throw ResultProblem(line + " is not from a number to a greater one");
  if (!bins.empty() && bin.to < bins.back().from) {
    throw ResultProblem(line + " lies below the line before it");
  }
  if (bin.count == 0 || bin.count > std::numeric_limits<std::uint64_t>::max() - samples) {
    throw ResultProblem(line + " counts no samples, or too many");
  }
  samples += bin.count;
  bins.push_back(bin);
}

std::string contents_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw ResultProblem(path.string() + " cannot be read");
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) throw ResultProblem(path.string() + " cannot be read");
  return text;
}

bool has_result(const fs::path& directory) {
  std::error_code ignored;
  return fs::is_regular_file(directory / "result.json", ignored);
}

}  // namespace

std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

RunResult result_from_json(std::string_view json) {
  const Stored root = Stored::parse(json, nullptr, false);
  if (root.is_discarded()) throw ResultProblem("it is not JSON, or only a part of it");
  const bool known =
      root.is_object() && root.contains("schema") && root.at("schema") == "hyperdc.result/1";
  if (!known) {
    throw ResultProblem("its schema is not hyperdc.result/1");
  }
  RunResult out;
  read_scenario(root, out);
  out.fingerprint = from_hex16(text_of(root, "fingerprint"));
  const Stored& simulated = part(root, "simulated");
  out.simulated_s = number_of(simulated, "seconds").value_or(0);
  out.events = natural_of(simulated, "events");
  out.complete = flag_of(root, "complete");
  read_metrics(root, out);
  read_lists(root, out);
  return out;
}

ResultTable series_from_csv(std::string_view csv) {
  ResultTable table;
  std::size_t number = 0;
  while (!csv.empty()) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(std::min(end + 1, csv.size()));
    ++number;
    if (number == 1) {
      table.columns = csv_fields(line);
      continue;
    }
    std::size_t values = 0;
    while (true) {
      const std::size_t comma = std::min(line.find(','), line.size());
      double value = std::numeric_limits<double>::quiet_NaN();  // empty: no value
      const auto [stop, error] = std::from_chars(line.data(), line.data() + comma, value);
      if (comma > 0 && (error != std::errc{} || stop != line.data() + comma)) {
        throw ResultProblem("line " + std::to_string(number) + " holds what is not a number");
      }
      table.rows.push_back(value);
      ++values;
      if (comma == line.size()) break;
      line.remove_prefix(comma + 1);
    }
    if (values != table.columns.size()) {
      throw ResultProblem("line " + std::to_string(number) + " has " + std::to_string(values) +
                          " values and not " + std::to_string(table.columns.size()));
    }
  }
  return table;
}

std::vector<ResultDistribution> distributions_from_csv(std::string_view csv) {
  std::vector<ResultDistribution> out;
  std::set<std::string> names;
  std::uint64_t samples = 0;  // of the last metric
  std::size_t number = 0;
  while (!csv.empty()) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    const std::string_view line = csv.substr(0, end);
    csv.remove_prefix(std::min(end + 1, csv.size()));
    const std::string here = "line " + std::to_string(++number);
    if (number == 1) {
      if (line != kDistributionsHead) {
        throw ResultProblem(here + " is not " + std::string(kDistributionsHead));
      }
      continue;
    }
    const std::vector<std::string> fields = csv_fields(line);
    if (fields.size() != 5) {
      throw ResultProblem(here + " has " + std::to_string(fields.size()) + " values and not 5");
    }
    if (out.empty() || out.back().metric != fields[0]) {
      if (!names.insert(fields[0]).second) {
        throw ResultProblem(here + " has " + fields[0] + " again");
      }
      out.push_back({fields[0], fields[1], {}});
      samples = 0;
    }
    add_bin(out.back().bins, samples,
            {field_number<double>(fields[2], here), field_number<double>(fields[3], here),
             field_number<std::uint64_t>(fields[4], here)},
            here);
  }
  if (number == 0) throw ResultProblem("it is empty");
  return out;
}

std::vector<std::string> result_directories(const std::string& path,
                                            std::vector<std::string>* missing) {
  if (has_result(path)) return {path};
  std::vector<std::string> found;
  std::error_code ignored;
  if (fs::is_regular_file(fs::path(path) / "runs.txt", ignored)) {
    std::ifstream in(fs::path(path) / "runs.txt");
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line.front() == '#') continue;
      const std::string directory = (fs::path(path) / line).string();
      if (has_result(directory)) {
        found.push_back(directory);
      } else if (missing != nullptr) {
        missing->push_back(directory);
      }
    }
    return found;
  }
  if (!fs::is_directory(path, ignored)) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    if (entry.path().filename().string().front() == '.') continue;
    if (has_result(entry.path())) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

StoredResult read_stored_result(const std::string& directory) {
  const fs::path base(directory);
  StoredResult out;
  out.directory = directory;
  const auto read = [](const fs::path& file, const auto& reader) {
    const std::string text = contents_of(file);
    try {
      return reader(text);
    } catch (const ResultProblem& problem) {
      throw ResultProblem(file.string() + ": " + problem.what());
    }
  };
  out.result = read(base / "result.json", result_from_json);
  std::error_code ignored;
  if (fs::exists(base / "series.csv", ignored)) {
    out.result.series = read(base / "series.csv", series_from_csv);
  }
  if (fs::exists(base / "distributions.csv", ignored)) {
    out.result.distributions = read(base / "distributions.csv", distributions_from_csv);
  }
  auto places = std::make_shared<PlaceMaps>();
  bool any = false;
  const auto read_map = [&](const char* name, const char* first_key, PlaceMap& map) {
    if (!fs::exists(base / name, ignored)) return;
    map = read(base / name, [&](const std::string& text) {
      PlaceMap here = place_map_from_csv(text);
      if (here.keys.front() == first_key) return here;
      throw ResultProblem(std::string("line 1 has no column ") + first_key);
    });
    any = true;
  };
  read_map("racks.csv", "group", places->racks);
  read_map("links.csv", "fabric", places->links);
  if (fs::exists(base / "fabrics.json", ignored)) {
    places->fabrics = read(base / "fabrics.json", fabrics_from_json);
  }
  if (!places->links.rows.empty() && places->fabrics.empty()) {
    throw ResultProblem((base / "links.csv").string() + ": there is no fabrics.json beside it");
  }
  if (any) out.result.places = std::move(places);
  if (fs::exists(base / "run.json", ignored)) {
    out.run_json = read(base / "run.json", [](const std::string& text) {
      if (!Stored::accept(text)) throw ResultProblem("it is not JSON");
      return text;
    });
  }
  return out;
}

}  // namespace hyperdc
