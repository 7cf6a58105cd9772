#include "sqlite_load.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::sqlite_load {
namespace {

/// A prepared statement with its parameters, as text or number.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& text) {
    if (sqlite3_prepare_v2(database, text.c_str(), -1, &handle_, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database));
  }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, const std::string& value) {
    sqlite3_bind_text(handle_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(int index, std::uint64_t value) {
    sqlite3_bind_int64(handle_, index, static_cast<sqlite3_int64>(value));
    return *this;
  }
  int step() { return sqlite3_step(handle_); }
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(sqlite3_column_int64(handle_, column)); }

 private:
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace

SqliteLoad::SqliteLoad(Settings settings) : settings_(std::move(settings)) {
  if (settings_.file.empty()) throw std::invalid_argument("--database is required");
  const bool plain =
      std::all_of(settings_.table.begin(), settings_.table.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (settings_.table.empty() || !plain) throw std::invalid_argument("--table takes a name of small letters");
}

void SqliteLoad::fail() const { throw std::runtime_error(settings_.file + ": " + sqlite3_errmsg(database_.get())); }

void SqliteLoad::execute(const std::string& statement) {
  if (sqlite3_exec(database_.get(), statement.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void SqliteLoad::start(SinkHost& host) {
  host_ = &host;
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(settings_.file.c_str(), &database);
  database_.reset(database);
  if (opened != SQLITE_OK) fail();
  sqlite3_busy_timeout(database, 10'000);
  execute("CREATE TABLE IF NOT EXISTS " + settings_.table +
          " (line TEXT NOT NULL CHECK (length(line) <= 1000));"
          "CREATE TABLE IF NOT EXISTS weir_epoch (pipe TEXT PRIMARY KEY, run TEXT NOT NULL, epoch INTEGER NOT NULL)");
}

Verdict SqliteLoad::on_record(const Record& record) {
  held_.push_back({record.line_number(), std::string(record.line())});
  held_bytes_ += record.line().size();
  return Verdict::ok();
}

/// Returns why the database refuses the line.
std::optional<std::string> SqliteLoad::insert(const std::string& line) {
  Statement statement(database_.get(), "INSERT INTO " + settings_.table + " (line) VALUES (?1)");
  const int result = statement.bind(1, line).step();
  if (result == SQLITE_DONE) return std::nullopt;
  if (result == SQLITE_CONSTRAINT) return sqlite3_errmsg(database_.get());
  fail();
}

std::vector<Refusal> SqliteLoad::insert_held() {
  std::vector<Refusal> refused;
  for (const Line& line : held_)
    if (const auto reason = insert(line.text)) refused.push_back({line.number, line.text, *reason});
  held_.clear();
  held_bytes_ = 0;
  return refused;
}

std::uint64_t SqliteLoad::fence(const PipelineRun& run) {
  Statement statement(database_.get(),
                      "INSERT INTO weir_epoch (pipe, run, epoch) VALUES (?1, ?2, 0) "
                      "ON CONFLICT (pipe) DO UPDATE SET run = excluded.run RETURNING epoch");
  if (statement.bind(1, run.pipe).bind(2, run.run).step() != SQLITE_ROW) fail();
  const std::uint64_t epoch = statement.number(0);
  if (statement.step() != SQLITE_DONE) fail();
  return epoch;
}

bool SqliteLoad::commit(std::uint64_t epoch) {
  execute("BEGIN IMMEDIATE");
  const std::vector<Refusal> refused = insert_held();
  if (!refused.empty()) host_->refuse(refused);
  Statement statement(database_.get(),
                      "UPDATE weir_epoch SET epoch = ?3 WHERE pipe = ?1 AND run = ?2 AND epoch = ?3 - 1");
  const PipelineRun& run = *host_->pipeline();
  if (statement.bind(1, run.pipe).bind(2, run.run).bind(3, epoch).step() != SQLITE_DONE) fail();
  if (sqlite3_changes(database_.get()) != 1) throw std::runtime_error("another run of the pipeline has taken over");
  execute("COMMIT");
  return true;
}

bool SqliteLoad::finish() {
  execute("BEGIN IMMEDIATE");
  const std::vector<Refusal> refused = insert_held();
  execute("COMMIT");
  for (const Refusal& each : refused) host_->reject(each.line, each.raw, each.reason);
  return true;
}

}  // namespace weir::sqlite_load
