#include "report/junit.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "report/check_screens.hpp"
#include "report/check_words.hpp"
#include "report/diagnostics.hpp"
#include "report/terminal.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string escaped_xml(std::string_view text, bool in_attribute) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = first_character(text.substr(i));
    const std::string_view bytes = text.substr(i, character.length);
    i += character.length;
    const unsigned char first = static_cast<unsigned char>(bytes.front());
    if (bytes == "&") {
      out += "&amp;";
    } else if (bytes == "<") {
      out += "&lt;";
    } else if (bytes == ">") {
      out += "&gt;";
    } else if (bytes == "\"") {
      out += "&quot;";
    } else if (bytes == "'") {
      out += "&apos;";
    } else if (bytes == "\r" || (in_attribute && (bytes == "\n" || bytes == "\t"))) {
      out += fmt::format("&#{};", first);
    } else if (!is_utf8(bytes) || (first < 0x20 && bytes != "\n" && bytes != "\t") ||
               character.code == 0xFFFE || character.code == 0xFFFF) {
      out += kReplacement;
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, xml_attribute(value));
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("        <property{}{}/>\n", attribute("name", name),
                     attribute("value", value));
}

std::string outcome(std::string_view element, std::string_view type, std::string_view message,
                    std::string_view text) {
  return fmt::format("      <{}{}{}>{}</{}>\n", element, attribute("type", type),
                     attribute("message", message), xml_text(text), element);
}

/// Where a reader should look: the first objective that is missed in this file, or its top.
int line_of(const CheckedScenario& scenario) {
  for (const ObjectiveChange& change : scenario.objectives) {
    if (objective_fails(change) && change.place.file == scenario.file) return change.place.line;
  }
  for (const Issue& issue : scenario.issues) {
    if (!issue.warning && issue.place.file == scenario.file && issue.place.line > 0) {
      return issue.place.line;
    }
  }
  return 1;
}

std::string failures(const CheckedScenario& scenario) {
  const std::string details = check_details(scenario, TextStyle{false, true});
  std::string out, objectives;
  for (const ObjectiveChange& change : scenario.objectives) {
    if (!objective_fails(change)) continue;
    if (!objectives.empty()) objectives += "; ";
    objectives += objective_sentence(scenario, change);
  }
  if (!objectives.empty()) out += outcome("failure", "objective", objectives, objectives);
  const bool baseline = !scenario.diff || moved(*scenario.diff) ||
                        (scenario.exact && !scenario.diff->same_fingerprints);
  if (baseline) out += outcome("failure", "baseline", result_words(scenario), details);
  return out;
}

std::string testcase(const CheckedScenario& scenario) {
  std::string out = fmt::format(
      "    <testcase{}{}{} line=\"{}\" time=\"{:.3f}\">\n",
      attribute("classname", check_folder(scenario)), attribute("name", check_name(scenario)),
      attribute("file", scenario.file), line_of(scenario), scenario.wall_s);
  out += "      <properties>\n" + property("baseline", scenario.baseline_file);
  for (const std::string& one : scenario.fingerprints) out += property("fingerprint", one);
  out += "      </properties>\n";
  switch (scenario.status) {
    case CheckStatus::passed:
      break;
    case CheckStatus::failed:
      out += failures(scenario);
      break;
    case CheckStatus::invalid:
      out += outcome("error", "invalid", issue_counts(scenario.issues),
                     issues_text(scenario.issues, TextStyle{false, true}));
      break;
    case CheckStatus::crashed:
      out += outcome("error", "crash", scenario.reason, scenario.reason);
      break;
    case CheckStatus::skipped:
    case CheckStatus::not_run:
      out += fmt::format("      <skipped{}/>\n", attribute("message", scenario.reason));
      break;
  }
  return out + "    </testcase>\n";
}

/// The counts as both levels have them.
std::string totals(const CheckReport& report) {
  double time_s = 0;
  for (const CheckedScenario& one : report.scenarios) time_s += one.wall_s;
  return fmt::format(
      " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
      report.scenarios.size(), count_of(report, CheckStatus::failed),
      count_of(report, CheckStatus::invalid) + count_of(report, CheckStatus::crashed),
      count_of(report, CheckStatus::skipped) + count_of(report, CheckStatus::not_run), time_s);
}

}  // namespace

std::string xml_attribute(std::string_view text) {
  return escaped_xml(text, true);
}

std::string xml_text(std::string_view text) {
  return escaped_xml(text, false);
}

std::string check_junit(const CheckReport& report) {
  const std::string counts = totals(report);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"hyperdc check\"{}>\n", counts);
  out += fmt::format("  <testsuite name=\"hyperdc check\"{}>\n", counts);
  for (const CheckedScenario& one : report.scenarios) out += testcase(one);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace hyperdc
