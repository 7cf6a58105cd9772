// Queries of MATCH_RECOGNIZE.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "expr/syntax_error.hpp"
#include "pattern_reader.hpp"
#include "query.hpp"
#include "record/trimmed.hpp"
#include "sql_text.hpp"

namespace weir::cep_match {
namespace {

bool has_exclusion(const Pattern& pattern) {
  return pattern.kind == Pattern::Kind::exclusion ||
         std::any_of(pattern.parts.begin(), pattern.parts.end(), has_exclusion);
}

/// The clauses, in the order of the standard.
class SqlQuery {
 public:
  SqlQuery(std::string_view text, Query& query, Fields& fields)
      : text_(text), query_(query), expressions_(query.variables, fields) {}

  void read() {
    std::size_t position = find_pattern();
    pattern_.pattern = read_sql_pattern(text_, position, query_.variables);
    PatternReader after(text_, position);
    if (after.take_word("WITHIN")) pattern_.within = after.take_duration();
    if (after.take_word("SUBSET")) read_subsets(after);
    PatternReader before(text_, 0);
    read_head(before);
    if (!before.sees_word("PATTERN"))
      before.fail(
          "expected PARTITION BY, ORDER BY, MEASURES, ONE ROW or ALL ROWS PER MATCH, AFTER MATCH SKIP, PATTERN");
    query_.definitions.resize(query_.variables.size());
    if (after.take_word("DEFINE")) read_definitions(after);
    if (!after.at_end()) after.fail("expected WITHIN, SUBSET, DEFINE or the end");
    query_.program = compile(pattern_, Link::next);
    if (query_.others == Others::unmatched && has_exclusion(pattern_.pattern))
      throw std::invalid_argument("{- -} does not go with WITH UNMATCHED ROWS");
    query_.expressions = std::move(expressions_.record_expressions());
  }

 private:
  /// Where the parenthesis of PATTERN begins: the variables must be known before the measures are read.
  std::size_t find_pattern() const {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\'' || c == '`') {
        for (++i; i < text_.size() && text_[i] != c; ++i)
          if (c == '\'' && text_[i] == '\\') ++i;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && depth > 0) {
        --depth;
      } else if (depth == 0 && (c == 'P' || c == 'p')) {
        PatternReader reader(text_, i);
        const bool whole = i == 0 || std::string_view(" \t\r\n").find(text_[i - 1]) != std::string_view::npos;
        if (whole && reader.take_word("PATTERN") && reader.sees("(")) return reader.position();
      }
    }
    throw std::invalid_argument("there is no PATTERN (…)");
  }

  void read_head(PatternReader& reader) {
    if (reader.take_word("PARTITION")) {
      expect(reader, "BY");
      do query_.by.push_back(take_path(reader));
      while (reader.take(","));
    }
    if (reader.take_word("ORDER")) {
      expect(reader, "BY");
      query_.order = take_path(reader);
      if (reader.sees_word("DESC")) reader.fail("records are in ascending order of their time");
      reader.take_word("ASC");
      if (reader.sees(",")) reader.fail("ORDER BY takes the time alone; records of the same time stay as they came");
    }
    if (reader.take_word("MEASURES")) read_measures(reader);
    if (reader.take_word("ONE")) {
      for (const char* word : {"ROW", "PER", "MATCH"}) expect(reader, word);
    } else if (reader.take_word("ALL")) {
      for (const char* word : {"ROWS", "PER", "MATCH"}) expect(reader, word);
      query_.rows = Rows::all;
      read_others(reader);
    }
    if (reader.take_word("AFTER")) read_skip(reader);
  }

  static void expect(PatternReader& reader, const char* word) {
    if (!reader.take_word(word)) reader.fail(fmt::format("expected {}", word));
  }

  /// A field: names with dots between.
  static std::string take_path(PatternReader& reader) {
    std::string path;
    do {
      if (!path.empty()) path += '.';
      for (const char c : reader.take_name("a field")) {
        if (c == '.' || c == '\\') path += '\\';
        path += c;
      }
    } while (reader.take("."));
    return path;
  }

  void read_measures(PatternReader& reader) {
    do {
      std::size_t position = reader.position();
      const std::size_t begin = position;
      MatchExpression made = expressions_.read(text_, position, "MEASURES");
      reader = PatternReader(text_, position);
      if (!reader.take_word("AS"))
        reader.fail(fmt::format("expected AS and a name for {}", trimmed(text_.substr(begin, position - begin))));
      query_.measures.push_back({reader.take_name("the name of a measure"), std::move(made)});
    } while (reader.take(","));
  }

  void read_others(PatternReader& reader) {
    if (reader.take_word("SHOW")) {
      for (const char* word : {"EMPTY", "MATCHES"}) expect(reader, word);
    } else if (reader.take_word("OMIT")) {
      for (const char* word : {"EMPTY", "MATCHES"}) expect(reader, word);
      query_.others = Others::no_empty;
    } else if (reader.take_word("WITH")) {
      for (const char* word : {"UNMATCHED", "ROWS"}) expect(reader, word);
      query_.others = Others::unmatched;
    }
  }

  void read_skip(PatternReader& reader) {
    for (const char* word : {"MATCH", "SKIP"}) expect(reader, word);
    if (reader.take_word("PAST")) {
      for (const char* word : {"LAST", "ROW"}) expect(reader, word);
      return;
    }
    expect(reader, "TO");
    if (reader.take_word("NEXT")) {
      expect(reader, "ROW");
      query_.skip = Skip::next_row;
      return;
    }
    query_.skip = reader.take_word("FIRST") ? Skip::to_first : Skip::to_last;
    if (query_.skip == Skip::to_last) reader.take_word("LAST");
    const std::size_t begin = reader.position();
    const auto labels = query_.variables.labels(reader.take_name("a variable"));
    if (!labels) reader.fail_at("not a variable of the pattern", begin);
    query_.skip_to = *labels;
  }

  void read_subsets(PatternReader& reader) {
    do {
      const std::string name = reader.take_name("a name");
      reader.expect("==");  // as from_sql() has it
      reader.expect("(");
      Labels labels = 0;
      do {
        const std::size_t begin = reader.position();
        const auto label = query_.variables.find(reader.take_name("a variable"));
        if (!label) reader.fail_at("not a variable of the pattern", begin);
        labels |= Labels{1} << *label;
      } while (reader.take(","));
      reader.expect(")");
      query_.variables.add_union(name, labels);
    } while (reader.take(","));
  }

  void read_definitions(PatternReader& reader) {
    do {
      const std::size_t begin = reader.position();
      const std::string name = reader.take_name("a variable");
      const auto label = query_.variables.find(name);
      if (!label) reader.fail_at("not a variable of the pattern", begin);
      if (query_.definitions[*label]) reader.fail_at("defined twice", begin);
      expect(reader, "AS");
      std::size_t position = reader.position();
      query_.definitions[*label] = expressions_.read_condition(text_, position, fmt::format("DEFINE {}", name));
      reader = PatternReader(text_, position);
    } while (reader.take(","));
  }

  std::string_view text_;
  Query& query_;
  ExpressionReader expressions_;
  PatternSettings pattern_;
};

/// The clauses without MATCH_RECOGNIZE ( … ) around them.
std::string_view inner(std::string_view text) {
  text = trimmed(text);
  PatternReader reader(text, 0);
  if (!reader.take_word("MATCH_RECOGNIZE") || !reader.take("(") || !text.ends_with(')')) return text;
  return text.substr(reader.position(), text.size() - 1 - reader.position());
}

}  // namespace

Query read_sql_query(const Settings& settings, Fields& fields) {
  Query query(Form::match_recognize);
  query.rows = settings.rows;
  try {
    if (settings.skip != Settings().skip) throw std::invalid_argument("AFTER MATCH SKIP takes the place of --skip");
    const std::string text = from_sql(settings.match_recognize);
    SqlQuery(inner(text), query, fields).read();
    if (!query.by.empty() && !settings.by.empty()) throw std::invalid_argument("PARTITION BY takes the place of --by");
    query.complete();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--match-recognize: {}", error.what()));
  }
  if (query.by.empty()) query.by = settings.by;
  return query;
}

}  // namespace weir::cep_match
