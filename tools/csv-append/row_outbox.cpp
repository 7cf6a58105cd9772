#include "row_outbox.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "process/threads.hpp"
#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"
#include "wider_rows.hpp"

namespace weir::csv_append {
RowOutbox::RowOutbox(std::string path, std::string folder)
    : path_(std::move(path)), folder_(std::move(folder)), done_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (done_.get() < 0) state::fail("eventfd");
  ::unlink(padded_path().c_str());  // of a run that was killed within pad()
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

bool RowOutbox::can_widen(const csv::Format& format) const {
  const state::Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return errno == ENOENT;
  return has_only_rows(file.get(), path_, format);
}

void RowOutbox::pad(const csv::Format& format, std::size_t columns) {
  if (!coming_) return;
  const std::string path = state::attachment_path(folder_, epoch_ + 1);
  auto padded = std::make_unique<state::Attachment>(padded_path());
  pad_rows(coming_->descriptor(), path, format, columns, [&](std::string_view bytes) { padded->append(bytes); });
  coming_.reset();
  padded->move_to(path);
  coming_ = std::move(padded);
}

void RowOutbox::seal(const std::string& header, const std::optional<Wider>& wider) {
  if (!coming_) return;
  open_at_path();
  if (wider && size_of_file(out_.get(), path_) > 0) write_wider_file(*wider);
  plan_.file = FileIdentity::of(out_.get(), path_);
  plan_.offset = size_of_file(out_.get(), path_);
  if (plan_.offset == 0) plan_.head = header;
  planned_ = std::move(coming_);
  plan_.rows = planned_->finish();
}

void RowOutbox::state(StateArchive& archive) {
  archive.value(plan_);
  if (!archive.loading() || plan_.empty()) return;
  if (find(plan_.file, out_).empty())
    throw state::Unusable("the file that was at " + path_ +
                          " is gone, and it is not known whether the last epoch's rows are in it");
}

/// Writes the file that is open anew, durably, beside itself, and opens that.
void RowOutbox::write_wider_file(const Wider& wider) {
  const std::vector<std::string> columns = read_columns(out_.get(), path_, wider.format);
  if (columns == wider.to) return;
  if (columns != wider.from) throw std::runtime_error(path_ + " was replaced by a file with other columns");
  const std::string path = wider_path();
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) state::fail(path);
  state::Descriptor made(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  struct stat old {};
  if (made.get() < 0 || ::fstat(out_.get(), &old) != 0 || ::fchmod(made.get(), old.st_mode & 07777) != 0)
    state::fail(path);
  const auto append = [&](std::string_view bytes) { state::write_all(made.get(), bytes, path); };
  if (!write_wider(out_.get(), path_, wider.format, wider.to, append))
    throw std::runtime_error(path_ + " has bytes that are not a row, and can get no columns");
  if (::fsync(made.get()) != 0) state::fail("syncing " + path);
  state::sync_folder(state::folder_of(path));
  plan_.narrow = FileIdentity::of(out_.get(), path_);
  out_.reset(made.release());
}

std::string RowOutbox::wider_path() const { return std::filesystem::weakly_canonical(path_).string() + ".wider"; }

/// The wider file takes the place of the old one, wherever that was renamed to, unless it has done so already.
void RowOutbox::place_wider_file() const {
  const std::string path = wider_path();
  state::Descriptor file(-1);
  if (plan_.narrow.inode == 0 || find(plan_.file, file) != path) return;
  const std::string old = find(plan_.narrow, file);
  if (old.empty()) throw state::Unusable("the file that was at " + path_ + " is gone; " + path + " has its rows");
  if (::rename(path.c_str(), old.c_str()) != 0) state::fail(path);
  state::sync_folder(state::folder_of(old));
}

/// Opens a file: at the path, or renamed within its folder since. Returns its name, or nothing when it is gone.
std::string RowOutbox::find(const FileIdentity& file, state::Descriptor& open) const {
  std::vector<std::string> paths{std::filesystem::weakly_canonical(path_).string(), wider_path()};
  const std::string name = std::filesystem::path(path_).filename().string();
  for (const auto& entry : std::filesystem::directory_iterator(state::folder_of(path_)))
    if (entry.path().filename().string().starts_with(name)) paths.push_back(entry.path().string());
  for (const std::string& path : paths) {
    state::Descriptor found(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (found.get() < 0 || FileIdentity::of(found.get(), path) != file) continue;
    open.reset(found.release());
    return path;
  }
  return {};
}

void RowOutbox::append_planned(std::uint64_t epoch) {
  // The snapshot of this epoch is there, so the one before it is not needed again.
  if (appended_) appended_->remove();
  appended_.reset();
  place_wider_file();
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
    const process::WithoutSignals guard;
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
  plan_.narrow = {};
  appended_ = std::move(planned_);
  return true;
}

}  // namespace weir::csv_append
