// hyperdc completion: scripts for shells, from the tree of commands.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/tree.hpp"

namespace hyperdc {
namespace {

constexpr const char* kCompletionExamples =
    R"(Examples:
  source <(hyperdc completion bash)
  hyperdc completion zsh > "${fpath[1]}/_hyperdc"
  hyperdc completion fish > ~/.config/fish/completions/hyperdc.fish)";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> option_names(const CommandFacts& command) {
  std::vector<std::string> names;
  for (const OptionFacts& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> command_names(const CommandFacts& root) {
  std::vector<std::string> names;
  for (const CommandFacts& command : root.commands) names.push_back(command.name);
  return names;
}

// ---- bash -------------------------------------------------------------------------------------

std::string bash_words(const std::string& words) {
  return fmt::format(R"(COMPREPLY=($(compgen -W "{}" -- "$cur")))", words);
}

/// What may follow an option that takes a value; empty if anything may.
std::string bash_value(const OptionFacts& option) {
  if (!option.choices.empty()) return bash_words(joined(option.choices));
  if (option.is_directory()) return R"(COMPREPLY=($(compgen -d -- "$cur")))";
  if (option.is_file()) return R"(COMPREPLY=($(compgen -f -- "$cur")))";
  return "COMPREPLY=()";
}

std::string bash_command(const CommandFacts& command) {
  std::string out;
  for (const OptionFacts& option : command.options) {
    if (!option.takes_value() || option.positional) continue;
    for (const std::string& name : option.names) {
      out += fmt::format("    '{},{}') {}; return ;;\n", command.name, name, bash_value(option));
    }
  }
  return out;
}

std::string bash_positional(const CommandFacts& command) {
  std::string choices = "COMPREPLY=()";
  for (const OptionFacts& option : command.options) {
    if (option.positional && (option.is_file() || !option.choices.empty())) {
      choices = bash_value(option);
      break;
    }
  }
  return fmt::format("    {}) if [[ $cur == -* ]]; then {}; else {}; fi ;;\n",
                     command.name.empty() ? "''" : command.name,
                     bash_words(joined(option_names(command))), choices);
}

std::string bash_script(CommandFacts root) {
  std::string values, positionals;
  for (CommandFacts& command : root.commands) {
    command.options.insert(command.options.end(), root.options.begin(), root.options.end());
    values += bash_command(command);
    positionals += bash_positional(command);
  }
  const std::string commands = joined(command_names(root));
  root.name.clear();
  values += bash_command(root);
  return fmt::format(R"bash(# bash completion for hyperdc
_hyperdc() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " {0} " in
      *" ${{COMP_WORDS[i]}} "*) command="${{COMP_WORDS[i]}}"; break ;;
    esac
  done
  case "$command,$prev" in
{1}  esac
  case "$command" in
{2}    *) {3} ;;
  esac
}}
complete -o filenames -F _hyperdc hyperdc
)bash",
                     commands, values, positionals,
                     bash_words(joined(option_names(root)) + " " + commands));
}

// ---- zsh --------------------------------------------------------------------------------------

/// For use between single quotes, inside [ ] of _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_action(const OptionFacts& option) {
  if (!option.choices.empty()) return fmt::format("({})", joined(option.choices));
  if (option.is_directory()) return "_files -/";
  return option.is_file() ? "_files" : " ";
}

std::string zsh_option(const OptionFacts& option) {
  if (option.positional) {
    const bool many = option.value.find("...") != std::string::npos;
    return fmt::format("      '{}:{}:{}' \\\n", many ? "*" : "", zsh_text(option.value),
                       zsh_action(option));
  }
  std::string out;
  for (const std::string& name : option.names) {
    out += fmt::format("      '*{}[{}]", name, zsh_text(option.description));
    if (option.takes_value()) {
      out += fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option));
    }
    out += "' \\\n";
  }
  return out;
}

std::string zsh_script(const CommandFacts& root) {
  std::string commands, cases;
  for (const CommandFacts& command : root.commands) {
    commands += fmt::format("    '{}:{}'\n", command.name, zsh_text(command.description));
    cases += fmt::format("    {}) _arguments \\\n", command.name);
    for (const OptionFacts& option : command.options) cases += zsh_option(option);
    for (const OptionFacts& option : root.options) {
      if (option.names.empty() || option.names.back() != "--help") cases += zsh_option(option);
    }
    cases += "      && return ;;\n";
  }
  std::string globals;
  for (const OptionFacts& option : root.options) globals += zsh_option(option);
  return fmt::format(R"zsh(#compdef hyperdc
_hyperdc() {{
  local curcontext="$curcontext" state line
  local -a commands=(
{0}  )
  _arguments -C \
{1}      '1:command:->command' '*::argument:->argument' && return
  case $state in
    command) _describe command commands && return ;;
  esac
  case $line[1] in
{2}  esac
}}
compdef _hyperdc hyperdc
)zsh",
                     commands, globals, cases);
}

// ---- fish -------------------------------------------------------------------------------------

std::string fish_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_option(const OptionFacts& option, const std::string& condition) {
  std::string out = fmt::format("complete -c hyperdc{}", condition);
  if (option.positional) {
    if (option.choices.empty()) return {};
    return fmt::format("{} -a '{}'\n", out, joined(option.choices));
  }
  for (const std::string& name : option.names) {
    const bool is_long = name.rfind("--", 0) == 0;
    out += fmt::format(" -{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
  }
  if (!option.choices.empty()) {
    out += fmt::format(" -x -a '{}'", joined(option.choices));
  } else if (option.is_directory()) {
    out += " -x -a '(__fish_complete_directories)'";
  } else if (option.is_file()) {
    out += " -r -F";
  } else if (option.takes_value()) {
    out += " -x";
  }
  return out + fmt::format(" -d '{}'\n", fish_text(option.description));
}

std::string fish_script(const CommandFacts& root) {
  std::string out = "# fish completion for hyperdc\ncomplete -c hyperdc -f\n";
  for (const OptionFacts& option : root.options) out += fish_option(option, "");
  for (const CommandFacts& command : root.commands) {
    out += fmt::format("complete -c hyperdc -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                       fish_text(command.description));
  }
  for (const CommandFacts& command : root.commands) {
    const std::string here = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionFacts& option : command.options) {
      if (option.positional && option.is_file()) {
        out += fmt::format("complete -c hyperdc{} -F\n", here);
      } else if (option.names.empty() || option.names.back() != "--help") {
        out += fish_option(option, here);
      }
    }
  }
  return out;
}

}  // namespace

void add_completion_command(CLI::App& app, CompletionOptions& options) {
  CLI::App& completion =
      *app.add_subcommand("completion", "Prints a completion script for a shell");
  completion.add_option("shell", options.shell, "Which shell")
      ->required()
      ->option_text("bash|zsh|fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion.footer(kCompletionExamples);
}

int completion_command(const CompletionOptions& options, const CLI::App& root, Console& console) {
  const CommandFacts facts = command_facts(root);
  if (options.shell == "bash") {
    console.out << bash_script(facts);
  } else if (options.shell == "zsh") {
    console.out << zsh_script(facts);
  } else {
    console.out << fish_script(facts);
  }
  return kExitOk;
}

}  // namespace hyperdc
