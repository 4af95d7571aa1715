// Console: where a command writes, and what it knows of its surroundings. Results go to `out`;
// progress, warnings, errors and facts about the machine go to `err`.
#pragma once

#include <iosfwd>
#include <string>

#include <hyperdc/core/issue.hpp>

#include "report/terminal.hpp"

namespace hyperdc {

enum ExitCode : int {
  kExitOk = 0,
  kExitMissed = 1,      // an objective does not hold
  kExitBadInput = 2,    // nothing was run or written
  kExitUnfinished = 3,  // disk full, broken invariant, input that changed
  kExitInterrupted = 130,
};

struct Console {
  std::ostream& out;
  std::ostream& err;
  StreamFacts out_facts;
  StreamFacts err_facts;
  ColorChoice color = ColorChoice::automatic;

  TextStyle out_style() const { return text_style(color, out_facts); }
  TextStyle err_style() const { return text_style(color, err_facts); }
  bool on_github() const { return out_facts.variable("GITHUB_ACTIONS") == "true"; }

  /// "error: MESSAGE; HINT" on the error stream; for mistakes on the command line.
  void error(const std::string& message, const std::string& hint = {}) const;
  /// Input problems on the error stream, as annotations too when GitHub runs us.
  void problems(const Issues& issues) const;
  /// Appends Markdown to the summary page of a GitHub step, if there is one.
  void step_summary(const std::string& markdown) const;
};

}  // namespace hyperdc
