#include "row_outbox.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::csv_append {
RowOutbox::RowOutbox(std::string path, std::string folder)
    : path_(std::move(path)), folder_(std::move(folder)), done_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (done_.get() < 0) state::fail("eventfd");
}

RowOutbox::~RowOutbox() { stop_ = true; }

void RowOutbox::put(std::string& rows) {
  if (rows.empty()) return;
  if (!coming_) coming_ = std::make_unique<state::Attachment>(state::attachment_path(folder_, epoch_ + 1));
  coming_->append(rows);
  rows.clear();
}

/// The file that is at the path now is where this epoch goes.
void RowOutbox::open_at_path() {
  out_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (out_.get() < 0) state::fail(path_);
  if (size_of_file(out_.get(), path_) == 0) state::sync_folder(state::folder_of(path_));
}

void RowOutbox::seal(const std::string& header) {
  if (!coming_) return;
  open_at_path();
  plan_.file = FileIdentity::of(out_.get(), path_);
  plan_.offset = size_of_file(out_.get(), path_);
  if (plan_.offset == 0) plan_.head = header;
  planned_ = std::move(coming_);
  plan_.rows = planned_->finish();
}

void RowOutbox::state(StateArchive& archive) {
  archive.value(plan_);
  if (archive.loading() && !plan_.empty()) out_.reset(find_planned());
}

/// The file that an earlier run was to append to: at the path, or renamed within its folder since.
int RowOutbox::find_planned() const {
  std::vector<std::string> paths{path_};
  const std::string name = std::filesystem::path(path_).filename().string();
  for (const auto& entry : std::filesystem::directory_iterator(state::folder_of(path_)))
    if (entry.path().filename().string().starts_with(name)) paths.push_back(entry.path().string());
  for (const std::string& path : paths) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) continue;
    if (FileIdentity::of(fd, path) == plan_.file) return fd;
    ::close(fd);
  }
  throw state::Unusable("the file that was at " + path_ +
                        " is gone, and it is not known whether the last epoch's rows are in it");
}

void RowOutbox::append_planned(std::uint64_t epoch) {
  // The snapshot of this epoch is there, so the one before it is not needed again.
  if (appended_) appended_->remove();
  appended_.reset();
  if (planned_) return plan_.carry_out(out_.get(), planned_->descriptor(), path_, stop_);
  const state::Descriptor rows = state::open_attachment(state::attachment_path(folder_, epoch), plan_.rows);
  plan_.carry_out(out_.get(), rows.get(), path_, stop_);
}

bool RowOutbox::carry_out(std::uint64_t epoch) {
  epoch_ = epoch;
  if (plan_.empty()) {
    appended_.reset();  // frees the blocks of a file that is gone
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
    // The write that tells of the end may fail: look at the thread too.
    if (appending_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    ::eventfd_read(done_.get(), &ended);  // it may have come meanwhile
  }
  appending_.get();
  plan_.head.clear();
  plan_.rows = {};
  appended_ = std::move(planned_);
  return true;
}

}  // namespace weir::csv_append
