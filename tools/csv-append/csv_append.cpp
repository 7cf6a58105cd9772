#include "csv_append.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "csv/header.hpp"
#include "record/control_key.hpp"

namespace weir::csv_append {
namespace {

/// So many bytes of rows are worth a write.
constexpr std::size_t write_block = 256 * 1024;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

/// A header that begins with @ctl could not be read again: its records would be control lines.
bool has_control_field(const Record& record) {
  const auto members = record.members();
  return std::any_of(members.begin(), members.end(), [](const Member& member) { return member.key == control_key; });
}

constexpr const char* too_many_columns = "its fields would be more columns than --max-columns";
/// A header of one column with one of these is that of a file with another delimiter.
constexpr std::string_view other_delimiters = ";\t|";
constexpr const char* control_column = "the field '@ctl' is kept for control lines and cannot be a column";

/// Whether a reader of the header finds these names.
bool reads_back(const std::vector<std::string>& columns, const csv::Format& format) {
  std::string header;
  RowBuilder(columns, format.delimiter).append_header(header);
  csv::RowReader reader(format);
  reader.append(header);
  const csv::Row* row = reader.next();
  return row != nullptr && row->problem == nullptr && csv::column_names(row->cells) == columns;
}

csv::Format format_of(const CsvAppend::Settings& settings) {
  const auto delimiter = csv::parse_delimiter(settings.delimiter);
  if (!delimiter)
    throw std::invalid_argument(
        "--delimiter takes `tab` or one ASCII character: not a letter, digit, sign, dot, quote or control character");
  return {.delimiter = *delimiter, .max_row = settings.max_row};
}

}  // namespace

CsvAppend::CsvAppend(Settings settings) : settings_(std::move(settings)), format_(format_of(settings_)) {
  if (settings_.path.empty()) throw std::invalid_argument("FILE is missing: the CSV file to append to");
  if (settings_.fsync_every <= Duration::zero()) throw std::invalid_argument("--fsync-every must be longer than zero");
  if (const auto twice = csv::named_twice(settings_.columns))
    throw std::invalid_argument("--columns names '" + *twice + "' twice");
  if (std::find(settings_.columns.begin(), settings_.columns.end(), control_key) != settings_.columns.end())
    throw std::invalid_argument("--columns names @ctl, which is kept for control lines");
  fields_.read_members();
}

std::vector<NamedField> CsvAppend::named_fields() const {
  std::vector<NamedField> named;
  for (const std::string& column : settings_.columns) named.push_back({column, "--columns"});
  return named;
}

void CsvAppend::start(SinkHost& host) {
  log_ = &host.log();
  file_.emplace(settings_.path, format_, host.log());
  if (const PipelineRun* run = host.pipeline()) {
    outbox_.emplace(settings_.path, run->folder);
  } else {
    settle_columns(settings_.columns);
  }
}

void CsvAppend::set_columns(std::vector<std::string> columns) {
  rows_.emplace(std::move(columns), format_.delimiter, settings_.extra);
  header_.clear();
  rows_->append_header(header_);
}

/// Settles the columns: the file's own, else those that are wanted, else none yet. Without checkpoints a new file gets
/// its header now, so that other writers see it.
void CsvAppend::settle_columns(const std::vector<std::string>& wanted) {
  std::string header;
  if (!outbox_ && !wanted.empty()) RowBuilder(wanted, format_.delimiter).append_header(header);
  std::vector<std::string> columns = file_->open(header);
  if (outbox_) {
    file_->close();  // the rows go in by the outbox
    if (columns.empty()) columns = wanted;
  }
  if (columns.empty()) return;
  if (settings_.columns.empty() && columns != wanted && columns.size() == 1)
    for (const char other : other_delimiters)
      if (other != format_.delimiter && columns.front().find(other) != std::string::npos)
        throw std::runtime_error(
            fmt::format("{}: its header '{}' is one column: is its delimiter '{}'? Give --delimiter, or "
                        "--columns where it is not",
                        settings_.path, columns.front(), other == '\t' ? "tab" : std::string(1, other)));
  if (!settings_.columns.empty() && columns != settings_.columns)
    throw std::runtime_error(settings_.path + " has the columns " + joined(columns) + ", not " +
                             joined(settings_.columns));
  set_columns(std::move(columns));
}

Verdict CsvAppend::on_record(const Record& record) {
  if (!rows_) {
    if (settings_.columns.empty() && has_control_field(record)) return Verdict::reject(control_column);
    std::vector<std::string> wanted = settings_.columns.empty() ? RowBuilder::names_of(record) : settings_.columns;
    const bool too_many = settings_.columns.empty() && wanted.size() > settings_.max_columns;
    if (too_many) wanted.clear();
    settle_columns(wanted);
    if (!rows_) return Verdict::reject(too_many ? too_many_columns : "a record without fields cannot name the columns");
  }
  Verdict verdict = rows_->append(record, pending_);
  const bool fixed = !settings_.columns.empty() || settings_.extra == ExtraFields::ignored;
  if (verdict.rejected() && !fixed && (outbox_ || file_->can_widen())) verdict = append_wider(record);
  if (pending_.size() >= write_block) write_pending();
  return verdict;
}

/// Appends a record whose fields are not all columns: the file gets them as its last ones.
Verdict CsvAppend::append_wider(const Record& record) {
  if (has_control_field(record)) return Verdict::reject(control_column);
  std::vector<std::string> columns = rows_->columns();
  for (std::string& name : RowBuilder::names_of(record))
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(std::move(name));
  if (columns.size() > settings_.max_columns) return Verdict::reject(too_many_columns);
  if (!reads_back(columns, format_)) return Verdict::reject("the name of a field cannot be that of a column");
  write_pending();
  if (const std::string problem = widen(std::move(columns)); !problem.empty()) return Verdict::reject(problem);
  return rows_->append(record, pending_);
}

/// Returns why the file cannot get these columns, or nothing.
std::string CsvAppend::widen(std::vector<std::string> columns) {
  constexpr const char* no_rows = "the file has bytes that are not a row, and can get no columns";
  if (!outbox_) {
    try {
      columns = file_->widen(rows_->columns(), std::move(columns));
    } catch (const std::system_error& error) {
      return std::string("its fields could not become columns: ") + error.what();
    }
    if (columns.empty()) return no_rows;
  } else {
    if (!wider_ && !outbox_->can_widen(format_)) return no_rows;
    if (!wider_) wider_ = {format_, rows_->columns(), {}};
    outbox_->pad(format_, columns.size());
    const auto first = columns.begin() + static_cast<std::ptrdiff_t>(rows_->columns().size());
    log_->info(fmt::format("{} gets new columns: {}", settings_.path, fmt::join(first, columns.end(), ", ")));
  }
  set_columns(std::move(columns));
  return {};
}

void CsvAppend::write_pending() {
  if (outbox_) return outbox_->put(pending_);
  if (pending_.empty()) return;
  if (auto wider = file_->append(pending_, header_, rows_->columns())) set_columns(std::move(*wider));
  pending_.clear();
  if (settings_.fsync == Fsync::each) file_->sync();
  if (settings_.fsync == Fsync::interval && !unsynced_since_) unsynced_since_ = clock::now();
}

void CsvAppend::sync_if_due() {
  if (!unsynced_since_ || clock::now() - *unsynced_since_ < settings_.fsync_every) return;
  file_->sync();
  unsynced_since_.reset();
}

void CsvAppend::on_pause(InputFlow flow) {
  if (outbox_) return;
  if (flow == InputFlow::paused) write_pending();
  sync_if_due();
}

void CsvAppend::wait(std::span<pollfd> also, WaitLimit limit) {
  if (unsynced_since_) {
    const auto left = std::chrono::ceil<WaitLimit>(*unsynced_since_ + settings_.fsync_every - clock::now());
    const WaitLimit due = std::max(left, WaitLimit::zero());
    if (limit < WaitLimit::zero() || limit > due) limit = due;
  }
  if (!outbox_) return wait_for(also, limit);
  pollfd appended = outbox_->descriptor();
  wait_for({&appended, 1}, also, limit);
}

bool CsvAppend::finish() {
  write_pending();
  if (unsynced_since_) file_->sync();
  file_->close();
  return true;
}

void CsvAppend::seal() {
  write_pending();
  if (wider_) wider_->to = rows_->columns();
  outbox_->seal(header_, wider_);
  wider_.reset();
}

void CsvAppend::state(StateArchive& archive) {
  std::vector<std::string> columns;
  if (rows_) columns = rows_->columns();
  archive.value(columns);
  if (archive.loading() && !columns.empty()) set_columns(std::move(columns));
  archive.value(*outbox_);
}

}  // namespace weir::csv_append
