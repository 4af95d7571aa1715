// Problems of input for machines: GitHub workflow commands, JSON, SARIF.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/text.hpp"
#include "report/diagnostics.hpp"
#include "report/format.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kAnnotations = 9;  // GitHub shows ten of a kind and step

/// Of the message of a workflow command; of a property with colons and commas too.
std::string escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += '?';
    } else {
      out += c;
    }
  }
  return out;
}

/// A path as a URI reference (RFC 3986): what is neither unreserved nor harmless in a path is
/// percent-encoded, a colon too, because it would end a scheme.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string out;
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string whole_message(const Issue& issue) {
  std::string text = issue.path.empty() ? "" : issue.path + ": ";
  text += issue.message;
  if (!issue.hint.empty()) text += "; " + issue.hint;
  if (!issue.note.empty()) text += " (" + issue.note + ")";
  return text;
}

std::string annotation(const Issue& issue) {
  std::string out = issue.warning ? "::warning " : "::error ";
  const SourcePlace& place = issue.place;
  if (!place.file.empty()) out += "file=" + escape(place.file, true) + ",";
  if (place.line > 0) {
    out += fmt::format("line={},col={},endColumn={},", place.line, std::max(1, place.column),
                       std::max(1, place.column) + std::max(1, place.length));
  }
  out += "title=" + escape(issue.code.empty() ? "hyperdc" : issue.code, true);
  return out + "::" + escape(printable(whole_message(issue)), false) + "\n";
}

void write_issue(JsonWriter& json, const Issue& issue) {
  json.open_object();
  json.key("severity").text(issue.warning ? "warning" : "error");
  json.key("code").text(issue.code);
  json.key("file").text(issue.place.file);
  json.key("line").integer(issue.place.line);
  json.key("column").integer(issue.place.column);
  json.key("length").integer(issue.place.length);
  json.key("path").text(issue.path);
  json.key("message").text(issue.message);
  json.key("hint").text(issue.hint);
  json.key("note").text(issue.note);
  json.close();
}

void write_sarif_result(JsonWriter& json, const Issue& issue) {
  json.open_object();
  json.key("ruleId").text(issue.code.empty() ? "hyperdc" : issue.code);
  json.key("level").text(issue.warning ? "warning" : "error");
  json.key("message").open_object(true);
  json.key("text").text(whole_message(issue));
  json.close();
  json.key("locations").open_array();
  if (!issue.place.file.empty()) {
    json.open_object();
    json.key("physicalLocation").open_object();
    json.key("artifactLocation").open_object(true);
    json.key("uri").text(uri_of(issue.place.file));
    json.close();
    if (issue.place.line > 0) {
      const int column = std::max(1, issue.place.column);
      json.key("region").open_object(true);
      json.key("startLine").integer(issue.place.line);
      json.key("startColumn").integer(column);
      json.key("endColumn").integer(column + std::max(1, issue.place.length));
      json.close();
    }
    json.close();
    json.close();
  }
  json.close();
  json.close();
}

}  // namespace

std::string issues_github(const Issues& issues) {
  std::vector<const Issue*> order;
  for (const Issue& issue : issues) order.push_back(&issue);
  std::stable_sort(order.begin(), order.end(),
                   [](const Issue* a, const Issue* b) { return !a->warning && b->warning; });
  std::string out;
  for (std::size_t i = 0; i < std::min(order.size(), kAnnotations); ++i) {
    out += annotation(*order[i]);
  }
  if (order.size() > kAnnotations) {
    out += fmt::format("::{} title=hyperdc::{} more\n",
                       order[kAnnotations]->warning ? "warning" : "error",
                       plural(order.size() - kAnnotations, "problem", "problems"));
  }
  return out;
}

std::string issues_json(const std::vector<std::string>& files, const Issues& issues) {
  JsonWriter json;
  json.open_object();
  json.key("schema").text("hyperdc.issues/1");
  json.key("valid").boolean(error_count(issues) == 0);
  json.key("files").open_array(true);
  for (const std::string& file : files) json.text(file);
  json.close();
  json.key("issues").open_array();
  for (const Issue& issue : issues) write_issue(json, issue);
  json.close();
  json.close();
  return json.finish();
}

std::string issues_sarif(const Issues& issues, const std::string& version) {
  std::map<std::string, bool> rules;
  for (const Issue& issue : issues) rules[issue.code.empty() ? "hyperdc" : issue.code] = true;
  JsonWriter json;
  json.open_object();
  json.key("$schema").text("https://json.schemastore.org/sarif-2.1.0.json");
  json.key("version").text("2.1.0");
  json.key("runs").open_array();
  json.open_object();
  json.key("tool").open_object();
  json.key("driver").open_object();
  json.key("name").text("hyperdc");
  json.key("version").text(version);
  json.key("rules").open_array();
  for (const auto& rule : rules) {
    json.open_object(true);
    json.key("id").text(rule.first);
    json.close();
  }
  json.close();
  json.close();
  json.close();
  json.key("columnKind").text("unicodeCodePoints");
  json.key("results").open_array();
  for (const Issue& issue : issues) write_sarif_result(json, issue);
  json.close();
  json.close();
  json.close();
  json.close();
  return json.finish();
}

}  // namespace hyperdc
