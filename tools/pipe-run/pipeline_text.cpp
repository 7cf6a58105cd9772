#include "pipeline_text.hpp"

#include <fmt/format.h>
#include <wordexp.h>

#include <stdexcept>

namespace weir::pipe_run {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(all) == std::string_view::npos;
}

/// Expands a text as a shell does, without running commands.
std::vector<std::string> expand(const std::string& stage) {
  wordexp_t found{};
  const int status = ::wordexp(stage.c_str(), &found, WRDE_NOCMD | WRDE_UNDEF);
  if (status != 0) {
    if (status == WRDE_NOSPACE) ::wordfree(&found);
    const char* const reason = status == WRDE_BADCHAR  ? "has one of < > & ; ( ) { } outside quotes: pipe-run starts "
                                                         "programs, not a shell"
                               : status == WRDE_BADVAL ? "names a variable that is not set"
                               : status == WRDE_CMDSUB
                                   ? "has a command in a command: pipe-run starts programs, not a shell"
                               : status == WRDE_SYNTAX ? "has a quote that is not closed"
                                                       : "is too long";
    throw std::invalid_argument(fmt::format("the stage '{}' {}", stage, reason));
  }
  std::vector<std::string> arguments(found.we_wordv, found.we_wordv + found.we_wordc);
  ::wordfree(&found);
  return arguments;
}

}  // namespace

PipelineText read_pipeline_file(std::string_view text) {
  PipelineText read;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    if (read.pipeline.empty() && equals != std::string_view::npos && is_name(line.substr(0, equals))) {
      const std::vector<std::string> value = expand(std::string(line.substr(equals + 1)));
      if (value.size() > 1) throw std::invalid_argument(fmt::format("the value in '{}' has blanks: quote it", line));
      read.variables.emplace_back(line.substr(0, equals), value.empty() ? "" : value.front());
      continue;
    }
    if (line.back() == '\\') line = trimmed(line.substr(0, line.size() - 1));
    read.pipeline += read.pipeline.empty() ? "" : " ";
    read.pipeline += line;
  }
  if (read.pipeline.empty()) throw std::invalid_argument("the file has no pipeline");
  return read;
}

std::vector<StageText> parse_pipeline(std::string_view text) {
  std::vector<std::string> stages(1);
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && c == '|') {
      stages.emplace_back();
      continue;
    }
    stages.back() += c;
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      stages.back() += text[++i];
    } else if (quote == c) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  std::vector<StageText> parsed;
  for (const std::string& stage : stages) {
    StageText& each = parsed.emplace_back();
    each.text = trimmed(stage);
    if (each.text.empty()) throw std::invalid_argument("there is an empty stage: two bars, or one at an end");
    each.arguments = expand(each.text);
    if (each.arguments.empty()) throw std::invalid_argument(fmt::format("the stage '{}' names no program", each.text));
  }
  return parsed;
}

}  // namespace weir::pipe_run
