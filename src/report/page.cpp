#include "report/page.hpp"

#include <hyperdc/core/assert.hpp>

#include "report/page_asset.hpp"
#include "report/page_parts.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kTitleMark = "<!--title-->", kDataMark = "<!--data-->";

}  // namespace

std::string_view name_of(Show show) {
  switch (show) {
    case Show::time:
      return "time";
    case Show::share:
      return "share";
    case Show::factor:
      return "factor";
    case Show::count:
      return "count";
    case Show::power:
      return "power";
    case Show::energy:
      return "energy";
    case Show::accelerator_time:
      return "accelerator_time";
    case Show::replica_time:
      return "replica_time";
    case Show::server_time:
      return "server_time";
    case Show::money:
      return "money";
    case Show::mass:
      return "mass";
    case Show::volume:
      return "volume";
    case Show::rate:
      return "rate";
    case Show::bytes:
      return "bytes";
    case Show::data_rate:
      return "data_rate";
    case Show::number:
      break;
  }
  return "number";
}

std::string_view name_of(Better better) {
  if (better == Better::neither) return "neither";
  return better == Better::lower ? "lower" : "higher";
}

void write_optional_number(JsonWriter& json, std::string_view key, std::optional<double> value) {
  json.key(key);
  value ? json.number(*value) : json.null();
}

std::string page_json(const PageContents& contents) {
  JsonWriter json;
  json.open_object(true);
  json.key("schema").text(kPageSchema);
  json.key("title").text(contents.title);
  json.key("program").open_object();
  json.key("version").text(contents.version);
  json.key("build").text(contents.build);
  json.close();
  json.key("command").text(contents.command);
  write_runs(json, contents);
  json.key("study");
  if (contents.study) {
    write_study(json, *contents.study);
  } else {
    json.null();
  }
  json.close();
  return json.finish();
}

std::string escaped_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string escaped_for_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string page_html(std::string_view json, std::string_view title) {
  const std::string_view page = page_asset();
  const std::size_t head = page.find(kTitleMark);
  const std::size_t data = page.find(kDataMark);
  HYPERDC_CHECK(head < data && data != std::string_view::npos, "the page has no marks");
  std::string out(page.substr(0, head));
  out += escaped_for_html(title);
  out += page.substr(head + kTitleMark.size(), data - head - kTitleMark.size());
  out += escaped_for_script(json);
  out += page.substr(data + kDataMark.size());
  return out;
}

}  // namespace hyperdc
