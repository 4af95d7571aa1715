// The tree of commands as plain data, walked once from the parser: help, shell completion and the
// reference are all made from it, so that they cannot disagree.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hyperdc {

struct OptionFacts {
  std::vector<std::string> names;    // "--out", "-h"; empty for a positional argument
  std::string value;                 // "DIR", "text|json"; empty for a flag
  std::vector<std::string> choices;  // "text", "json"
  std::string description;
  bool positional = false;

  bool takes_value() const { return !value.empty(); }
  bool is_directory() const { return value == "DIR"; }
  bool is_file() const { return value.rfind("FILE", 0) == 0; }
};

struct CommandFacts {
  std::string name, description, footer;
  std::vector<OptionFacts> options;  // positional ones first
  std::vector<CommandFacts> commands;
};

CommandFacts command_facts(const CLI::App& app);

/// What --help prints for `command`; `path`: "hyperdc run".
std::string help_text(const CommandFacts& command, const std::string& path);

/// Markdown: all commands with their options.
std::string command_reference(const CommandFacts& root);

}  // namespace hyperdc
