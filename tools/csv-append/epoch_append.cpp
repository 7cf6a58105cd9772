#include "epoch_append.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::csv_append {
namespace {

using state::fail;

/// So many bytes of rows are worth a write.
constexpr std::size_t write_block = 256 * 1024;

}  // namespace

EpochAppend::EpochAppend(Settings settings, SharedFile::Say say)
    : settings_(std::move(settings)), say_(std::move(say)), done_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (done_.get() < 0) fail("eventfd");
  fields_.read_members();
}

/// What the thread has not appended by now the next start appends: a stage that is to stop does not wait for it.
EpochAppend::~EpochAppend() { stop_ = true; }

/// The file's own columns, else those asked for, else the first record's.
void EpochAppend::settle_columns(const Record* first) {
  if (rows_) return;
  SharedFile file(settings_.path, settings_.format, say_);
  std::vector<std::string> columns = file.open("");
  if (columns.empty()) columns = settings_.columns;
  if (columns.empty() && first != nullptr) columns = RowBuilder::names_of(*first);
  if (columns.empty()) return;
  if (!settings_.columns.empty() && columns != settings_.columns)
    throw std::runtime_error(settings_.path + " has other columns than --columns");
  rows_.emplace(std::move(columns), settings_.format.delimiter);
  rows_->append_header(header_);
}

Verdict EpochAppend::on_record(const Record& record) {
  settle_columns(&record);
  if (!rows_) return Verdict::reject("a record without fields cannot name the columns");
  return rows_->append(record, pending_);
}

void EpochAppend::on_pause(bool) {
  if (pending_.size() >= write_block) put_rows();
}

/// Into the attachment to the snapshot that ends this epoch.
void EpochAppend::put_rows() {
  if (!coming_) coming_ = std::make_unique<state::Attachment>(state::attachment_path(folder_, epoch_ + 1));
  coming_->append(pending_);
  pending_.clear();
}

/// The file that is at the path now is where this epoch goes.
void EpochAppend::open_at_path() {
  out_.reset(::open(settings_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (out_.get() < 0) fail(settings_.path);
  if (size_of_file(out_.get(), settings_.path) == 0) state::sync_folder(state::folder_of(settings_.path));
}

void EpochAppend::snapshot(SnapshotWriter& to) {
  if (!pending_.empty()) put_rows();
  if (coming_) {
    open_at_path();
    plan_.file = FileIdentity::of(out_.get(), settings_.path);
    plan_.offset = size_of_file(out_.get(), settings_.path);
    if (plan_.offset == 0) plan_.head = header_;
    planned_ = std::move(coming_);
    plan_.rows = planned_->finish();
  }
  to.number<std::uint64_t>(rows_ ? rows_->columns().size() : 0);
  if (rows_)
    for (const std::string& name : rows_->columns()) to.text(name);
  plan_.snapshot(to);
}

void EpochAppend::restore(SnapshotReader& from) {
  std::vector<std::string> columns;
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) columns.emplace_back(from.text());
  if (!columns.empty()) {
    rows_.emplace(std::move(columns), settings_.format.delimiter);
    rows_->append_header(header_);
  }
  plan_ = AppendPlan::restored(from);
  if (!plan_.empty()) out_.reset(find_planned());
}

/// The file that an earlier run was to append to: at the path, or renamed within its folder since.
int EpochAppend::find_planned() const {
  std::vector<std::string> paths{settings_.path};
  const std::string name = std::filesystem::path(settings_.path).filename().string();
  for (const auto& entry : std::filesystem::directory_iterator(state::folder_of(settings_.path)))
    if (entry.path().filename().string().starts_with(name)) paths.push_back(entry.path().string());
  for (const std::string& path : paths) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) continue;
    if (FileIdentity::of(fd, path) == plan_.file) return fd;
    ::close(fd);
  }
  throw state::Unusable("the file that was at " + settings_.path +
                        " is gone, and it is not known whether the last epoch's rows are in it");
}

void EpochAppend::append_planned(std::uint64_t epoch) {
  // There is a snapshot behind that of these rows now, which is not asked for again.
  if (done_with_) done_with_->remove();
  done_with_.reset();
  if (planned_) return plan_.carry_out(out_.get(), planned_->descriptor(), settings_.path, stop_);
  const state::Descriptor rows = state::open_attachment(state::attachment_path(folder_, epoch), plan_.rows);
  plan_.carry_out(out_.get(), rows.get(), settings_.path, stop_);
}

bool EpochAppend::commit(std::uint64_t epoch) {
  epoch_ = epoch;
  if (plan_.empty()) {
    done_with_.reset();  // the file is gone, its blocks go now
    return true;
  }
  if (!appending_.valid()) {
    appending_ = std::async(std::launch::async, [this, epoch] {
      const auto tell = [this](const void*) { ::eventfd_write(done_.get(), 1); };
      const std::unique_ptr<const void, decltype(tell)> at_end(this, tell);
      append_planned(epoch);
    });
  }
  eventfd_t ended = 0;
  if (::eventfd_read(done_.get(), &ended) != 0) {
    // What tells of the end may fail, a second before we look without it.
    if (appending_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    ::eventfd_read(done_.get(), &ended);  // it may have come meanwhile
  }
  appending_.get();
  plan_.head.clear();
  plan_.rows = {};
  done_with_ = std::move(planned_);
  return true;
}

void EpochAppend::wait(std::span<pollfd> also, WaitLimit limit) {
  std::array<pollfd, 3> all{{{done_.get(), POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  std::copy(also.begin(), also.end(), all.begin() + 1);
  wait_for(all, limit);
  std::copy_n(all.begin() + 1, also.size(), also.begin());
}

}  // namespace weir::csv_append
