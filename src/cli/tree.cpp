#include "cli/tree.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kHelpColumn = 30;

/// "a|b" or "[a|b]": a and b.
std::vector<std::string> split_choices(std::string value) {
  std::vector<std::string> choices;
  if (value.size() > 2 && value.front() == '[' && value.back() == ']') {
    value = value.substr(1, value.size() - 2);
  }
  if (value.find('|') == std::string::npos) return choices;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t bar = std::min(value.find('|', at), value.size());
    choices.push_back(value.substr(at, bar - at));
    at = bar + 1;
  }
  return choices;
}

OptionFacts option_facts(const CLI::Option& option) {
  OptionFacts facts;
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) facts.names.push_back("--" + name);
  facts.positional = option.get_positional();
  if (option.get_items_expected_max() > 0) facts.value = option.get_option_text();
  facts.choices = split_choices(facts.value);
  facts.description = option.get_description();
  return facts;
}

/// `text` from column `column` on, broken between words, later lines indented to that column.
std::string wrapped(const std::string& text, std::size_t column) {
  std::string out;
  std::size_t used = column;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, space - at);
    const std::size_t width = display_width(word);
    if (used > column && used + 1 + width > kScreenWidth) {
      out += fmt::format("\n{:{}}", "", column);
      used = column;
    } else if (used > column) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width;
    at = space + 1;
  }
  return out;
}

/// "  --out DIR                   Stores …", the description below where there is no room beside.
std::string entry(const std::string& left, const std::string& description) {
  std::string out = fmt::format("  {}", left);
  const std::size_t width = display_width(out);
  if (width + 2 > kHelpColumn) {
    out += fmt::format("\n{:{}}", "", kHelpColumn);
  } else {
    out.append(kHelpColumn - width, ' ');
  }
  return out + wrapped(description, kHelpColumn) + "\n";
}

std::string left_of(const OptionFacts& option) {
  if (option.positional) return option.value;
  std::string text;
  for (const std::string& name : option.names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  if (option.takes_value()) text += " " + option.value;
  return text;
}

std::string usage(const CommandFacts& command, const std::string& path) {
  constexpr std::size_t kWidth = 100;
  std::string text = fmt::format("Usage: {}", path);
  std::size_t line = text.size();
  const auto add = [&](const std::string& word) {
    const bool fits = line + 1 + word.size() <= kWidth;
    text += (fits ? " " : "\n         ") + word;
    line = (fits ? line + 1 : 9) + word.size();
  };
  for (const OptionFacts& option : command.options) {
    if (option.positional) add(option.value);
  }
  if (!command.commands.empty()) add("COMMAND");
  add("[options]");
  return text + "\n";
}

std::string escaped_for_table(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

std::string reference_of(const CommandFacts& command, const std::string& path) {
  std::string out = fmt::format("## {}\n\n{}.\n\n```\n{}```\n\n", path, command.description,
                                usage(command, path));
  out += "| option | meaning |\n|---|---|\n";
  for (const OptionFacts& option : command.options) {
    out += fmt::format("| `{}` | {} |\n", escaped_for_table(left_of(option)), option.description);
  }
  if (!command.footer.empty()) out += fmt::format("\n```\n{}\n```\n", command.footer);
  return out;
}

}  // namespace

CommandFacts command_facts(const CLI::App& app) {
  CommandFacts facts;
  facts.name = app.get_name();
  facts.description = app.get_description();
  facts.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options())
    facts.options.push_back(option_facts(*option));
  std::stable_partition(facts.options.begin(), facts.options.end(),
                        [](const OptionFacts& option) { return option.positional; });
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    facts.commands.push_back(command_facts(*command));
  }
  return facts;
}

std::string help_text(const CommandFacts& command, const std::string& path) {
  std::string out = fmt::format("{}\n\n{}", command.description, usage(command, path));
  if (!command.commands.empty()) {
    out += "\nCommands:\n";
    for (const CommandFacts& sub : command.commands) out += entry(sub.name, sub.description);
  }
  out += "\nOptions:\n";
  for (const OptionFacts& option : command.options) {
    out += entry(left_of(option), option.description);
  }
  if (!command.footer.empty()) out += fmt::format("\n{}\n", command.footer);
  return out;
}

std::string command_reference(const CommandFacts& root) {
  std::string out = fmt::format("# Commands\n\n{}.\n\n", root.description);
  out += "| option of every command | meaning |\n|---|---|\n";
  for (const OptionFacts& option : root.options) {
    out += fmt::format("| `{}` | {} |\n", escaped_for_table(left_of(option)), option.description);
  }
  out += fmt::format("\n```\n{}\n```\n", root.footer);
  for (const CommandFacts& command : root.commands) {
    out += "\n" + reference_of(command, root.name + " " + command.name);
  }
  return out;
}

}  // namespace hyperdc
