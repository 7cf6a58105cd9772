#include "cli/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cli {
namespace {

/// Lists the names of time zones.
constexpr std::string_view list_zones = "awk '/^[^#]/ {print $3}' /usr/share/zoneinfo/zone.tab 2>/dev/null";

std::string shown_names(const Option& option) {
  if (option.arity == Arity::positional) return option.placeholder;
  std::string text = fmt::format("{}", fmt::join(option.names, ", "));
  if (option.arity != Arity::flag) text += " " + option.placeholder;
  return text;
}

std::string notes(const Option& option) {
  std::string text;
  const auto note = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (option.needed) note("required");
  if (option.arity == Arity::many) note("may be given again");
  if (!option.shown_default.empty() && option.arity != Arity::flag && !option.needed)
    note("default " + option.shown_default);
  if (!option.variable.empty()) note("environment " + option.variable);
  return text.empty() ? "" : " [" + text + "]";
}

/// Columns on a terminal, approximately: code points.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string usage_line(const App& app) {
  std::string text = app.name() + " [OPTIONS]";
  for (const Option* option : app.options())
    if (option->arity == Arity::positional)
      text += option->needed ? " " + option->placeholder : " [" + option->placeholder + "]";
  return text;
}

/// Groups in the order of their first option.
std::vector<std::string> groups_of(const App& app) {
  std::vector<std::string> groups;
  for (const Option* option : app.options())
    if (std::find(groups.begin(), groups.end(), option->group) == groups.end()) groups.push_back(option->group);
  return groups;
}

void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t column) {
  constexpr std::size_t width = 100;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (column > indent && column + 1 + width_of(word) > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width_of(word);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  out += '\n';
}

/// Text for scdoc, which gives meaning to backslash, underscore, star and a few beginnings of lines.
std::string scdoc(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '_' || c == '*' || c == '#' || c == '[' || c == '|' || c == '<' || c == '>' || c == '.')
      out += '\\';
    out += c;
  }
  return out;
}

std::string man_options(const App& app) {
  std::string out;
  for (const std::string& group : groups_of(app)) {
    out += fmt::format("## {}\n\n", scdoc(group));
    for (const Option* option : app.options()) {
      if (option->group != group) continue;
      out += fmt::format("*{}*\n\t{}\n\n", scdoc(shown_names(*option)), scdoc(option->help + notes(*option)));
    }
  }
  return out;
}

std::string man_examples(const App& app) {
  std::string out;
  for (const auto& [command, shows] : app.examples())
    out += fmt::format("{}:\n\n```\n{}\n```\n\n", scdoc(shows), command);
  return out;
}

std::string bash(const App& app) {
  std::string words;
  std::string cases;
  for (const Option* option : app.options()) {
    if (option->arity == Arity::positional) continue;
    for (const std::string& name : option->names) words += name + " ";
    if (option->arity == Arity::flag) continue;
    const std::string names = fmt::format("{}", fmt::join(option->names, "|"));
    if (option->completes_zones) {
      cases +=
          fmt::format("    {}) COMPREPLY=($(compgen -W \"$({}) UTC\" -- \"$cur\")); return ;;\n", names, list_zones);
    } else if (!option->choices.empty()) {
      cases += fmt::format("    {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")); return ;;\n", names,
                           fmt::join(option->choices, " "));
    } else if (!option->completes_files) {
      cases += fmt::format("    {}) COMPREPLY=(); return ;;\n", names);
    } else {
      cases += fmt::format("    {}) compopt -o default; COMPREPLY=(); return ;;\n", names);
    }
  }
  std::string function = app.name();
  std::replace(function.begin(), function.end(), '-', '_');
  return fmt::format(
      "# bash completion of {0}, made from its options\n_weir_{1}() {{\n  local cur=${{COMP_WORDS[COMP_CWORD]}} "
      "prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  case $prev in\n{2}  esac\n  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W \"{3}\" -- \"$cur\"))\n"
      "  else\n    compopt -o default\n    COMPREPLY=()\n  fi\n}}\ncomplete -F _weir_{1} {0}\n",
      app.name(), function, cases, words);
}

std::string quoted(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string zsh(const App& app) {
  std::string out = fmt::format("#compdef {}\n_arguments -s -S", app.name());
  for (const Option* option : app.options()) {
    const std::string help = quoted(option->help, "[]:\\");
    const std::string action = option->completes_zones    ? "_time_zone"
                               : !option->choices.empty() ? fmt::format("({})", fmt::join(option->choices, " "))
                               : option->completes_files  ? "_files"
                                                          : " ";
    if (option->arity == Arity::positional) {
      out += fmt::format(" \\\n  '*:{}:_files'", option->names.front());
      continue;
    }
    for (const std::string& name : option->names) {
      const char* again = option->arity == Arity::many ? "*" : "";
      if (option->arity == Arity::flag) {
        out += fmt::format(" \\\n  '{}{}[{}]'", again, name, help);
      } else {
        out += fmt::format(" \\\n  '{}{}[{}]:{}:{}'", again, name, help, quoted(option->placeholder, "[]:\\"), action);
      }
    }
  }
  return out + "\n";
}

std::string fish_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += '\\';
    out += c;
  }
  return out;
}

std::string fish(const App& app) {
  std::string out = fmt::format("# fish completion of {}, made from its options\n", app.name());
  for (const Option* option : app.options()) {
    if (option->arity == Arity::positional) continue;
    out += fmt::format("complete -c {}", app.name());
    for (const std::string& name : option->names)
      out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
    if (option->arity != Arity::flag) out += option->completes_files ? " -r" : " -x";
    if (option->completes_zones) out += fmt::format(" -a '({}) UTC'", fish_quoted(list_zones));
    if (!option->choices.empty()) out += fmt::format(" -a '{}'", fmt::join(option->choices, " "));
    out += fmt::format(" -d '{}'\n", quoted(option->help, "\\"));
  }
  return out;
}

}  // namespace

std::string help_text(const App& app) {
  std::string out = fmt::format("{} - {}\n\n", app.name(), app.brief());
  if (!app.examples().empty()) out += "Examples:\n";
  for (const auto& [command, shows] : app.examples()) {
    out += fmt::format("  # {}\n", shows);
    for (std::string_view rest = command; !rest.empty();) {
      const auto newline = rest.find('\n');
      out += fmt::format("  {}\n", rest.substr(0, newline));
      rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    }
  }
  out += fmt::format("\nUsage: {}\n", usage_line(app));
  for (const std::string& group : groups_of(app)) {
    out += fmt::format("\n{}:\n", group);
    for (const Option* option : app.options()) {
      if (option->group != group) continue;
      constexpr std::size_t indent = 30;
      const std::string names = "  " + shown_names(*option);
      out += names;
      if (width_of(names) + 2 > indent) {
        out += '\n';
        out.append(indent, ' ');
      } else {
        out.append(indent - width_of(names), ' ');
      }
      append_wrapped(out, option->help + notes(*option), indent, indent);
    }
  }
  return out +
         fmt::format(
             "\nExit status: 0 done, 1 failed or records rejected, 2 wrong usage, 3 unusable state. Manual: man {}\n",
             app.name());
}

std::string description(const App& app, std::string_view word) {
  if (word == "man-synopsis")
    return fmt::format("*{}* {}\n", app.name(), scdoc(usage_line(app).substr(app.name().size() + 1)));
  if (word == "man-options") return man_options(app);
  if (word == "man-examples") return man_examples(app);
  if (word == "man-brief") return fmt::format("{} - {}\n", app.name(), app.brief());
  if (word == "bash") return bash(app);
  if (word == "zsh") return zsh(app);
  if (word == "fish") return fish(app);
  std::string out;
  if (word == "examples") {
    for (const auto& [command, shows] : app.examples()) out += command + '\0';
    return out;
  }
  if (word == "options") {
    for (const Option* option : app.options())
      if (option->arity != Arity::positional) out += option->long_name() + "\n";
    return out;
  }
  throw UsageError(fmt::format("--describe: '{}' is not known", word));
}

}  // namespace weir::cli
