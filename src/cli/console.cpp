#include "cli/console.hpp"

#include <fmt/format.h>
#include <fstream>
#include <ostream>

#include "report/diagnostics.hpp"

namespace hyperdc {

void Console::error(const std::string& message, const std::string& hint) const {
  const TextStyle style = err_style();
  err << style.paint("error:", Ink::bad) << ' ' << style.fit(printable(message));
  if (!hint.empty()) err << "; " << style.fit(printable(hint));
  err << '\n';
}

void Console::problems(const Issues& issues) const {
  if (issues.empty()) return;
  err << issues_text(issues, err_style());
  if (on_github()) err << issues_github(issues);
}

void Console::step_summary(const std::string& markdown) const {
  const std::string path(out_facts.variable("GITHUB_STEP_SUMMARY"));
  if (path.empty()) return;
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << markdown;
  if (!file.flush()) error(fmt::format("cannot append to GITHUB_STEP_SUMMARY ({})", path));
}

}  // namespace hyperdc
