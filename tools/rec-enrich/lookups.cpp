#include "lookups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "csv/row_reader.hpp"
#include "record/trimmed.hpp"
#include "time/duration.hpp"

namespace weir::rec_enrich {
namespace {

constexpr std::string_view postgres = "pg:";

[[noreturn]] void fail(std::string_view option, std::string_view text, std::string_view expected) {
  throw std::invalid_argument(fmt::format("{}: '{}' is not {}", option, text, expected));
}

/// The text of an option for one of the tables; empty when it has none.
std::string_view text_of(const TableOptions& options, const std::vector<std::string>& texts, std::size_t table,
                         std::string_view option) {
  if (texts.empty()) return {};
  if (texts.size() != 1 && texts.size() != options.tables.size())
    throw std::invalid_argument(fmt::format("{} is given once, or once for each of {} tables ('-': none), not {} times",
                                            option, options.tables.size(), texts.size()));
  const std::string_view text = texts[texts.size() == 1 ? 0 : table];
  return text == "-" ? std::string_view() : text;
}

/// Calls each(part) for the parts between commas.
template <typename Each>
void split(std::string_view text, Each each) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    each(trimmed(text.substr(at, comma - at)));
    at = comma + 1;
  }
}

void read_key(std::string_view text, LookupSettings& lookup) {
  if (text.empty()) throw std::invalid_argument(fmt::format("{}: the table needs a --on", lookup.table.rows.name));
  split(text, [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    const std::string_view field = trimmed(part.substr(0, equals));
    const std::string_view column = equals == std::string_view::npos ? field : trimmed(part.substr(equals + 1));
    if (field.empty() || column.empty()) fail("--on", text, "FIELD or FIELD=COLUMN, with commas between");
    lookup.fields.emplace_back(field);
    lookup.table.keys.emplace_back(column);
  });
}

void read_take(std::string_view text, LookupSettings& lookup) {
  if (text.empty() || text == "*") return;
  split(text, [&](std::string_view part) {
    if (part.empty()) fail("--take", text, "COLUMN or 'COLUMN as NAME', with commas between");
    lookup.table.take.push_back(read_field_as(part));
  });
}

void read_between(std::string_view text, LookupSettings& lookup) {
  if (text.empty()) return;
  const std::size_t equals = text.find('=');
  const std::string_view interval = equals == std::string_view::npos ? text : text.substr(equals + 1);
  const std::size_t dots = interval.find("..");
  if (equals != std::string_view::npos) lookup.number = trimmed(text.substr(0, equals));
  lookup.table.order = equals == std::string_view::npos ? tables::Order::times : tables::Order::numbers;
  lookup.table.from = trimmed(interval.substr(0, dots));
  if (dots != std::string_view::npos) lookup.table.to = trimmed(interval.substr(dots + 2));
  const bool no_field = equals != std::string_view::npos && lookup.number.empty();
  if (lookup.table.from.empty() || lookup.table.to.empty() || no_field)
    fail("--between", text, "FROM..TO or FIELD=FROM..TO, where FROM and TO are columns");
}

/// What is not read into memory at the start has less to offer.
void check_other(const LookupSettings& lookup) {
  const std::string& name = lookup.table.rows.name;
  if (name.empty()) throw std::invalid_argument("--table: 'pg:' needs the name of a table");
  if (lookup.table.take.empty()) throw std::invalid_argument(fmt::format("{}: this table needs --take", name));
  if (lookup.table.order != tables::Order::none)
    throw std::invalid_argument(fmt::format("{}: --between and --as-of are not for this table", name));
  if (lookup.kind == SourceKind::mmdb && lookup.fields.size() > 1)
    throw std::invalid_argument(fmt::format("{}: --on is one field, with an address", name));
}

Miss read_miss(std::string_view text) {
  if (text.empty() || text == "keep") return Miss::keep;
  if (text == "null") return Miss::null;
  if (text == "reject") return Miss::reject;
  fail("--miss", text, "keep, null or reject");
}

tables::Duplicates read_duplicates(std::string_view text) {
  if (text.empty() || text == "error") return tables::Duplicates::refused;
  if (text == "first") return tables::Duplicates::first;
  if (text == "last") return tables::Duplicates::last;
  fail("--duplicates", text, "error, first or last");
}

}  // namespace

std::vector<LookupSettings> read_lookups(const TableOptions& options, const TimeSettings& time) {
  std::vector<LookupSettings> lookups;
  const auto delimiter = csv::parse_delimiter(options.delimiter);
  if (!delimiter) fail("--delimiter", options.delimiter, "a delimiter: one character or 'tab'");
  for (std::size_t i = 0; i < options.tables.size(); ++i) {
    LookupSettings& lookup = lookups.emplace_back();
    tables::RowSettings& rows = lookup.table.rows;
    rows.name = options.tables[i];
    if (rows.name.starts_with(postgres)) {
      lookup.kind = SourceKind::postgres;
      rows.name.erase(0, postgres.size());
    } else if (rows.name.ends_with(".mmdb")) {
      lookup.kind = SourceKind::mmdb;
    } else {
      const auto format = tables::format_of(rows.name);
      if (!format)
        fail("--table", rows.name,
             "a file whose name ends with .csv, .tsv, .ndjson, .jsonl, .toml or .mmdb, or pg:NAME");
      rows.format = *format;
    }
    rows.delimiter = *delimiter;
    rows.text = options.text;
    read_key(text_of(options, options.keys, i, "--on"), lookup);
    read_take(text_of(options, options.take, i, "--take"), lookup);
    read_between(text_of(options, options.between, i, "--between"), lookup);
    if (const auto column = text_of(options, options.as_of, i, "--as-of"); !column.empty()) {
      if (lookup.table.order != tables::Order::none)
        throw std::invalid_argument(fmt::format("{}: --between and --as-of exclude each other", rows.name));
      lookup.table.order = tables::Order::as_of;
      lookup.table.from = column;
    }
    if (const auto age = text_of(options, options.max_age, i, "--max-age"); !age.empty()) {
      lookup.max_age = parse_duration(age);
      if (!lookup.max_age) fail("--max-age", age, "a duration with its unit, such as 15m");
      if (lookup.table.order != tables::Order::as_of) {
        if (options.max_age.size() == options.tables.size())
          throw std::invalid_argument(fmt::format("{}: --max-age goes with --as-of", rows.name));
        lookup.max_age.reset();  // it is for the other tables
      }
    }
    if (lookup.kind != SourceKind::file) check_other(lookup);
    lookup.miss = read_miss(text_of(options, options.miss, i, "--miss"));
    lookup.table.duplicates = read_duplicates(text_of(options, options.duplicates, i, "--duplicates"));
    lookup.table.times = TimeParser(Zone::named(time.zone), time.unit, time.fold);
  }
  return lookups;
}

}  // namespace weir::rec_enrich
