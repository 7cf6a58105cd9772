// Queries of --pattern, --define and --measure.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "expr/syntax_error.hpp"
#include "query.hpp"
#include "record/trimmed.hpp"

namespace weir::cep_match {
namespace {

/// Runs a step of reading, so that its errors name the option.
template <typename Step>
auto named(const char* option, Step step) {
  try {
    return step();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", option, error.what()));
  }
}

void expect_end(std::string_view text, std::size_t position) {
  if (position != text.size()) throw expr::SyntaxError("expected an operator or the end", text, position);
}

/// The place of a separator after a name; npos where there is none.
std::size_t after_name(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return at;
  const std::string_view name = trimmed(text.substr(0, at));
  const bool plain = !name.empty() && name.find_first_of(" \t<>!()'\"") == std::string_view::npos;
  return plain ? at : std::string_view::npos;
}

void read_definition(const std::string& text, Query& query, ExpressionReader& reader) {
  const std::size_t colon = after_name(text, ':');
  if (colon == std::string::npos) throw std::invalid_argument(fmt::format("'{}' is not NAME: CONDITION", text));
  const std::string name(trimmed(std::string_view(text).substr(0, colon)));
  const auto label = query.variables.find(name);
  if (!label) throw std::invalid_argument(fmt::format("{} is not a step of --pattern", name));
  if (query.definitions[*label]) throw std::invalid_argument(fmt::format("{} is defined twice", name));
  std::size_t position = colon + 1;
  query.definitions[*label] = reader.read_condition(text, position, fmt::format("--define {}", trimmed(text)));
  expect_end(text, position);
}

Measure read_measure(const std::string& text, ExpressionReader& reader) {
  const std::size_t equals = after_name(text, '=');
  if (equals == std::string::npos) throw std::invalid_argument(fmt::format("'{}' is not NAME = EXPRESSION", text));
  std::size_t position = equals + 1;
  Measure made{std::string(trimmed(std::string_view(text).substr(0, equals))),
               reader.read(text, position, fmt::format("--measure {}", trimmed(text)))};
  expect_end(text, position);
  return made;
}

void read_skip(const std::string& text, Query& query) {
  if (text == "past-last") return;
  if (text == "next-row") {
    query.skip = Skip::next_row;
  } else if (text == "none") {
    query.skip = Skip::none;
  } else if (text.starts_with("first:") || text.starts_with("last:")) {
    query.skip = text.starts_with("first:") ? Skip::to_first : Skip::to_last;
    const std::string name = text.substr(text.find(':') + 1);
    const auto labels = query.variables.labels(name);
    if (!labels) throw std::invalid_argument(fmt::format("{} is not a step of --pattern", name));
    query.skip_to = *labels;
  } else {
    throw std::invalid_argument(fmt::format("'{}' is not past-last, next-row, first:NAME, last:NAME or none", text));
  }
}

}  // namespace

Query read_line_query(const Settings& settings, Fields& fields) {
  Query query(Form::line);
  const PatternSettings pattern =
      named("--pattern", [&] { return read_line_pattern(settings.pattern, query.variables); });
  query.program = named("--pattern", [&] { return compile(pattern, Link::then); });
  query.definitions.resize(query.variables.size());
  ExpressionReader reader(query.variables, fields);
  named("--define", [&] {
    for (const std::string& text : settings.define) read_definition(text, query, reader);
    for (std::uint32_t i = 0; i < query.definitions.size(); ++i)
      if (!query.definitions[i])
        throw std::invalid_argument(fmt::format("the step {} has no definition ('{}: true' is any record)",
                                                query.variables.name(i), query.variables.name(i)));
  });
  named("--measure", [&] {
    for (const std::string& text : settings.measures) query.measures.push_back(read_measure(text, reader));
  });
  named("--skip", [&] { read_skip(settings.skip, query); });
  query.expressions = std::move(reader.record_expressions());
  query.by = settings.by;
  query.rows = settings.rows;
  query.complete();
  return query;
}

}  // namespace weir::cep_match
