#include "postgres_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <stdexcept>
#include <utility>

#include "record/json_text.hpp"

namespace weir::rec_enrich {
namespace {

constexpr auto first_contact_limit = std::chrono::seconds(30);

/// The parts of a key that append_key() has put together.
std::vector<std::string_view> parts_of(std::string_view key, std::size_t count) {
  if (count == 1) return {key};
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = key.find('\xff');
    parts.push_back(key.substr(0, end));
    key.remove_prefix(end + 1);
  }
  return parts;
}

/// Whether a query fails for a value in it, such as a text where a number is needed.
bool is_about_a_value(const db::ServerError::Report& report) { return report.sqlstate.starts_with("22"); }

std::string text_of(const db::ServerError::Report& report) {
  return report.hint.empty() ? report.message : report.message + "; " + report.hint;
}

}  // namespace

PostgresSource::PostgresSource(std::string table, std::vector<std::string> keys, std::vector<FieldAs> take,
                               const ServerSettings& settings)
    : table_(std::move(table)),
      keys_(std::move(keys)),
      take_(std::move(take)),
      settings_(settings),
      cache_(settings.cache, settings.cache_for),
      connection_(settings.target, "rec-enrich",
                  [this](const std::string& notice) { log_->info("the server reports: " + notice); }),
      pauses_(std::chrono::milliseconds(100), std::chrono::seconds(10), std::random_device()()) {
  for (const FieldAs& each : take_) {
    names_.push_back(each.name.empty() ? each.path : each.name);
    openings_.emplace_back(",");
    append_json_string(openings_.back(), names_.back());
    openings_.back() += ':';
  }
}

Outcome PostgresSource::find(const Question& question, Found& found) {
  // No text of the server has a NUL.
  if (question.key.find('\0') != std::string_view::npos) return Outcome::missing;
  bool fresh = false;
  AnswerCache::Entry& entry = cache_.use(question.key, question.at, fresh);
  if (fresh) {
    if (questions_.empty() || questions_.back().size() >= batch) questions_.emplace_back();
    questions_.back().push_back(&entry);
  }
  found = {entry.members, tables::Ends(entry.ends)};
  return entry.outcome;
}

bool PostgresSource::move_on() {
  if (due_ && clock::now() < *due_) return false;
  try {
    if (sent_.empty()) {
      if (questions_.empty()) return false;
      if (!connection_.is_open()) connect();
      send();
    }
    return receive();
  } catch (const db::ConnectionLost& loss) {
    lose(loss.what());
    return false;
  }
}

void PostgresSource::connect() {
  connection_.open();
  look_at_columns();
  if (away_ || reached_) log_->warn("connected to " + connection_.name());
  reached_ = true;
  away_.reset();
  due_.reset();
  pauses_.reset();
}

void PostgresSource::lose(const std::string& reason) {
  connection_.close();
  refusal_.reset();
  for (AnswerCache::Entry* entry : sent_) entry->outcome = Outcome::pending;
  if (!sent_.empty()) questions_.insert(questions_.begin(), std::exchange(sent_, {}));
  const auto now = clock::now();
  if (!away_) {
    away_ = now;
    log_->warn(reason + "; trying again");
  }
  const auto limit = settings_.retry_for ? clock::duration(*settings_.retry_for)
                     : reached_          ? clock::duration::max()
                                         : clock::duration(first_contact_limit);
  if (now - *away_ >= limit) throw std::runtime_error("cannot reach the server: " + reason);
  due_ = now + pauses_.next();
}

/// Finds the types of the keys, by which the table's index can be used.
void PostgresSource::look_at_columns() {
  const std::size_t dot = table_.find('.');
  quoted_ = dot == std::string::npos ? connection_.identifier(table_)
                                     : connection_.identifier(table_.substr(0, dot)) + '.' +
                                           connection_.identifier(table_.substr(dot + 1));
  db::Rows rows;
  try {
    rows = connection_.query(fmt::format("SELECT attname, format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = "
                                         "{}::regclass AND attnum > 0 AND NOT attisdropped",
                                         connection_.literal(quoted_)));
  } catch (const db::ServerError& error) {
    throw std::runtime_error(fmt::format("{}: {}", table_, text_of(error.report())));
  }
  const auto type_of = [&](const std::string& column) {
    const auto found = std::ranges::find_if(rows, [&](const auto& row) { return row.at(0) == column; });
    if (found == rows.end()) throw std::runtime_error(fmt::format("{} has no column '{}'", table_, column));
    return found->at(1).value_or("text");
  };
  types_.clear();
  for (const std::string& key : keys_) types_.push_back(type_of(key));
  for (const FieldAs& each : take_) type_of(each.path);
}

/// The rows of all keys, each with the number of its key.
std::string PostgresSource::query_of(const Entries& entries) const {
  std::string columns, arrays, names, matches;
  for (const FieldAs& each : take_)
    columns += fmt::format(", to_jsonb(t.{})::text", connection_.identifier(each.path));
  for (std::size_t part = 0; part < keys_.size(); ++part) {
    std::string list = "{";
    for (const AnswerCache::Entry* entry : entries) {
      if (list.size() > 1) list += ',';
      list += '"';
      const std::string_view value = parts_of(entry->key, keys_.size())[part];
      for (const char c : value) {
        if (c == '"' || c == '\\') list += '\\';
        list += c;
      }
      list += '"';
    }
    const char* const comma = part == 0 ? "" : ", ";
    arrays += fmt::format("{}{}::{}[]", comma, connection_.literal(list + '}'), types_[part]);
    names += fmt::format("{}k{}", comma, part);
    matches += fmt::format("{}t.{} = q.k{}", part == 0 ? "" : " AND ", connection_.identifier(keys_[part]), part);
  }
  return fmt::format("SELECT q.n{} FROM unnest({}) WITH ORDINALITY AS q({}, n) JOIN {} AS t ON {}", columns, arrays,
                     names, quoted_, matches);
}

void PostgresSource::send() {
  sent_ = std::move(questions_.front());
  questions_.erase(questions_.begin());
  connection_.send(query_of(sent_));
}

bool PostgresSource::receive() {
  bool any = false;
  while (connection_.has_result()) {
    db::Result result = connection_.next_result();
    if (result.kind == db::Result::Kind::rows) take_rows(result.rows);
    if (result.kind == db::Result::Kind::error) refusal_ = std::move(result.error);
    if (result.kind != db::Result::Kind::end) continue;
    if (const auto refusal = std::exchange(refusal_, {})) {
      any = refuse(*refusal) || any;
    } else {
      for (AnswerCache::Entry* entry : sent_)
        if (entry->outcome == Outcome::pending) entry->outcome = Outcome::missing;
      sent_.clear();
      any = true;
    }
    if (questions_.empty()) return any;
    send();
  }
  return any;
}

void PostgresSource::take_rows(const db::Rows& rows) {
  for (const auto& row : rows) {
    std::size_t number = 0;
    const std::string text = row.at(0).value_or("");
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number < 1 || number > sent_.size()) throw std::runtime_error(table_ + ": an answer to no question");
    AnswerCache::Entry& entry = *sent_[number - 1];
    if (entry.outcome == Outcome::found) {
      if (!std::exchange(several_reported_, true))
        log_->warn(fmt::format("{} has several rows for a key; the first that the server gives counts", table_));
      continue;
    }
    entry.outcome = Outcome::found;
    entry.members.clear();
    entry.ends.clear();
    for (std::size_t i = 0; i < take_.size(); ++i) {
      entry.members += openings_[i];
      entry.members += row.at(i + 1).value_or("null");
      entry.ends.push_back(static_cast<std::uint32_t>(entry.members.size()));
    }
  }
}

/// The query was refused: for a value in it, which no row has then, or the run ends. Returns whether that is an answer.
bool PostgresSource::refuse(const db::ServerError::Report& report) {
  if (!is_about_a_value(report)) throw std::runtime_error(fmt::format("{}: {}", table_, text_of(report)));
  const Entries refused = std::exchange(sent_, {});
  if (refused.size() == 1) {
    refused[0]->outcome = Outcome::missing;
    return true;
  }
  for (AnswerCache::Entry* entry : refused) entry->outcome = Outcome::pending;  // some rows may have come before
  const auto middle = refused.begin() + static_cast<std::ptrdiff_t>(refused.size() / 2);
  questions_.insert(questions_.begin(), {Entries(refused.begin(), middle), Entries(middle, refused.end())});
  return false;
}

void PostgresSource::waits_for(std::vector<pollfd>& own, WaitLimit& limit) const {
  if (!sent_.empty()) return own.push_back(connection_.descriptor());
  if (questions_.empty()) return;
  const auto left = due_ ? std::max(*due_ - clock::now(), clock::duration::zero()) : clock::duration::zero();
  const auto pause = std::chrono::ceil<WaitLimit>(left);
  limit = limit < WaitLimit::zero() ? pause : std::min(limit, pause);
}

}  // namespace weir::rec_enrich
