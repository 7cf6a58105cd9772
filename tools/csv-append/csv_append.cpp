#include "csv_append.hpp"

#include <stdexcept>
#include <utility>

namespace weir::csv_append {
namespace {

constexpr std::size_t batch = 256 * 1024;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

CsvAppend::CsvAppend(AppendSettings settings, SharedFile::Say say)
    : settings_(std::move(settings)), file_(settings_.path, settings_.format, std::move(say)) {
  fields_.read_members();
}

/// Settles the columns: the file's own, else `columns`, else none yet.
bool CsvAppend::begin(const std::vector<std::string>& columns) {
  std::string header;
  if (!columns.empty()) RowBuilder(columns, settings_.format.delimiter).append_header(header);
  std::vector<std::string> settled = file_.open(header);
  if (settled.empty()) return false;
  rows_.emplace(std::move(settled), settings_.format.delimiter);
  rows_->append_header(header_);
  return true;
}

void CsvAppend::start(RejectLog&) {
  if (begin(settings_.columns) && !settings_.columns.empty() && rows_->columns() != settings_.columns)
    throw std::runtime_error(settings_.path + " has the columns " + joined(rows_->columns()) + ", not " +
                             joined(settings_.columns));
}

Verdict CsvAppend::on_record(const Record& record) {
  if (!rows_) {
    const std::vector<std::string> names = RowBuilder::names_of(record);
    if (names.empty()) return Verdict::reject("a record without fields cannot name the columns");
    begin(names);
  }
  Verdict verdict = rows_->append(record, pending_);
  if (pending_.size() >= batch) write_pending();
  return verdict;
}

void CsvAppend::write_pending() {
  if (pending_.empty()) return;
  file_.append(pending_, header_, rows_->columns());
  pending_.clear();
  if (settings_.fsync == Fsync::each) file_.sync();
  if (settings_.fsync == Fsync::interval && !unsynced_since_) unsynced_since_ = clock::now();
}

void CsvAppend::sync_if_due() {
  if (!unsynced_since_ || clock::now() - *unsynced_since_ < settings_.fsync_every) return;
  file_.sync();
  unsynced_since_.reset();
}

void CsvAppend::on_pause(bool paused) {
  if (paused || pending_.size() >= batch) write_pending();
  sync_if_due();
}

void CsvAppend::wait(std::span<pollfd> also, WaitLimit limit) {
  if (unsynced_since_) {
    const auto left = std::chrono::ceil<WaitLimit>(*unsynced_since_ + settings_.fsync_every - clock::now());
    const WaitLimit due = std::max(left, WaitLimit::zero());
    if (limit < WaitLimit::zero() || limit > due) limit = due;
  }
  wait_for(also, limit);
}

bool CsvAppend::finish() {
  write_pending();
  if (unsynced_since_) file_.sync();
  file_.close();
  return true;
}

}  // namespace weir::csv_append
