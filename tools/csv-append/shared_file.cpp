#include "shared_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/errors.hpp"
#include "csv/header.hpp"
#include "state/files.hpp"
#include "wider_rows.hpp"

namespace weir::csv_append {
namespace {

constexpr std::size_t block = 256 * 1024;
/// How long a stop request waits for the lock of another writer.
constexpr auto lock_limit = std::chrono::seconds(5);

bool begins_with(const std::vector<std::string>& names, const std::vector<std::string>& first) {
  return names.size() >= first.size() && std::equal(first.begin(), first.end(), names.begin());
}

}  // namespace

/// Locks the file that is at the path, for its own lifetime.
class SharedFile::Lock {
 public:
  explicit Lock(SharedFile& file) : file_(file) { file_.open_current(); }
  ~Lock() {
    if (file_.regular_ && file_.fd_ >= 0) ::flock(file_.fd_, LOCK_UN);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  SharedFile& file_;
};

SharedFile::SharedFile(std::string path, csv::Format format, Log& log)
    : path_(std::move(path)), format_(format), log_(log) {}

SharedFile::~SharedFile() {
  if (fd_ > STDOUT_FILENO) ::close(fd_);
}

void SharedFile::fail(int error) const { throw std::system_error(error, std::generic_category(), path_); }

void SharedFile::take_lock() const {
  using clock = std::chrono::steady_clock;
  if (::flock(fd_, LOCK_EX) == 0) return;
  // A signal came while another writer had the lock, which takes no time unless that writer is stuck.
  for (const auto deadline = clock::now() + lock_limit; clock::now() < deadline;) {
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EINTR && errno != EWOULDBLOCK) fail(errno);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error(path_ + ": another writer keeps the lock");
}

/// Opens the file at the path, unless it is the one that is open, and locks it.
void SharedFile::open_current() {
  for (;;) {
    if (fd_ < 0) {
      fd_ = path_ == "-" ? STDOUT_FILENO : ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno == EINTR) continue;
      if (fd_ < 0) fail(errno);
      struct stat opened;
      if (::fstat(fd_, &opened) != 0) fail(errno);
      regular_ = path_ != "-" && S_ISREG(opened.st_mode);
      name_unsynced_ = regular_ && opened.st_size == 0;
    }
    if (!regular_) return;
    take_lock();
    struct stat mine;
    struct stat at_path;
    if (::fstat(fd_, &mine) != 0) fail(errno);
    const int found = ::stat(path_.c_str(), &at_path);
    if (found == 0 && mine.st_dev == at_path.st_dev && mine.st_ino == at_path.st_ino) return;
    if (found != 0 && errno != ENOENT) fail(errno);
    sync();  // the file that was renamed away
    if (::close(std::exchange(fd_, -1)) != 0) fail(errno);
  }
}

std::uint64_t SharedFile::size() const {
  struct stat status;
  if (::fstat(fd_, &status) != 0) fail(errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t SharedFile::read_block(char* to, std::uint64_t offset) const {
  for (;;) {
    const ssize_t n = ::pread(fd_, to, block, static_cast<off_t>(offset));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) fail(errno);
  }
}

std::vector<std::string> SharedFile::open(std::string_view header) {
  const Lock lock(*this);
  if (regular_) {
    std::vector<std::string> columns = read_columns(fd_, path_, format_);
    if (!columns.empty()) {
      repair(size(), columns.size());
      return columns;
    }
  } else if (started_) {
    return {};
  }
  if (header.empty()) return {};
  write_all(header);
  started_ = true;
  csv::RowReader reader(format_);
  reader.append(header);
  const csv::Row* row = reader.next();
  if (row == nullptr || row->problem != nullptr)
    throw std::runtime_error(path_ + ": the header row is longer than --max-line");
  return csv::column_names(row->cells);
}

/// Repairs what a crash left after the last line end. A row that lacks only its line end (an editor's) gets one. The
/// beginning of a row is cut off: with a line end it could pass for a row with a wrong last value. A killed write stops
/// between two pages, so a row that ends there is taken for torn.
void SharedFile::repair(std::uint64_t size, std::size_t columns) {
  char last = '\n';
  if (size == 0 || (::pread(fd_, &last, 1, static_cast<off_t>(size - 1)) == 1 && last == '\n')) return;
  csv::RowReader reader(format_);
  for (std::uint64_t offset = 0; offset < size;) {
    const std::size_t n = read_block(reader.room(block), offset);
    if (n == 0) break;
    reader.added(n);
    offset += n;
    while (reader.next() != nullptr) {
    }
  }
  const std::uint64_t whole = reader.consumed();
  const std::string rest(reader.pending());
  reader.finish();
  const csv::Row* row = reader.next();
  const bool row_is_whole = row == nullptr || (row->problem == nullptr && row->cells.size() == columns);
  const bool ends_with_page = size % static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) == 0;
  if (whole == 0 || (row_is_whole && !ends_with_page)) {
    write_all("\n");
    log_.warn(path_ + " did not end with a line end: added it");
    return;
  }
  if (::ftruncate(fd_, static_cast<off_t>(whole)) != 0) fail(errno);
  log_.warn(path_ + " ended in the middle of a row, as after a crash; this was cut off: " + rest);
}

/// Cuts off the torn row after a write that failed; whole rows stay, as readers may have taken them already.
void SharedFile::cut_to_whole_rows(std::string_view written, std::uint64_t before) {
  // Not where a program that does not take the lock has appended since.
  if (written.empty() || size() != before + written.size()) return;
  csv::RowReader reader(format_);
  reader.append(written);
  while (reader.next() != nullptr) {
  }
  if (::ftruncate(fd_, static_cast<off_t>(before + reader.consumed())) != 0) fail(errno);
}

void SharedFile::write_all(std::string_view bytes) {
  const std::uint64_t before = regular_ ? size() : 0;
  std::uint64_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = ::write(fd_, bytes.data() + written, bytes.size() - written);
    if (n >= 0) {
      written += static_cast<std::uint64_t>(n);
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (regular_) cut_to_whole_rows(bytes.substr(0, written), before);
    if (error == EPIPE) throw cli::OutputClosed();
    fail(error);
  }
}

std::optional<SharedFile::Columns> SharedFile::append(std::string_view rows, std::string_view header,
                                                      const Columns& columns) {
  const int before = fd_;
  struct stat old {};
  if (before >= 0 && ::fstat(before, &old) != 0) fail(errno);
  const Lock lock(*this);
  if (!regular_) {
    write_all(rows);
    return std::nullopt;
  }
  const std::uint64_t length = size();
  if (length == 0) {
    batch_.assign(header);
    batch_ += rows;
    write_all(batch_);
    return std::nullopt;
  }
  struct stat now;
  if (::fstat(fd_, &now) != 0) fail(errno);
  if (now.st_ino != old.st_ino || now.st_dev != old.st_dev) {
    if (Columns found = read_columns(fd_, path_, format_); found != columns)
      return append_to_wider(rows, columns, std::move(found));
  }
  repair(length, columns.size());
  write_all(rows);
  return std::nullopt;
}

/// Appends rows to a file that another writer has widened.
SharedFile::Columns SharedFile::append_to_wider(std::string_view rows, const Columns& columns, Columns found) {
  if (!begins_with(found, columns)) throw std::runtime_error(path_ + " was replaced by a file with other columns");
  repair(size(), found.size());
  csv::RowReader reader(format_);
  reader.append(rows);
  batch_.clear();
  if (!append_padded(reader, format_.delimiter, found.size(), "\n", batch_))
    throw std::runtime_error(path_ + ": a row of this run cannot be read again");
  write_all(batch_);
  return found;
}

SharedFile::Columns SharedFile::widen(const Columns& columns, Columns wider) {
  const Lock lock(*this);
  const Columns found = size() == 0 ? columns : read_columns(fd_, path_, format_);
  if (!begins_with(found, columns)) throw std::runtime_error(path_ + " was replaced by a file with other columns");
  if (found != columns) {  // another writer was first: its columns come before ours
    Columns added = std::move(wider);
    wider = found;
    for (std::string& name : added)
      if (std::find(found.begin(), found.end(), name) == found.end()) wider.push_back(std::move(name));
  }
  if (wider == found) return wider;
  if (size() > 0) repair(size(), found.size());
  if (!rewrite_wider(fd_, path_, format_, wider)) return {};
  if (::close(std::exchange(fd_, -1)) != 0) fail(errno);
  open_current();  // whose lock this call gives back
  log_.info(fmt::format("{} has new columns and was written anew: {}", path_,
                        fmt::join(wider.begin() + static_cast<std::ptrdiff_t>(found.size()), wider.end(), ", ")));
  return wider;
}

void SharedFile::sync() {
  if (!regular_ || fd_ < 0) return;
  while (::fdatasync(fd_) != 0)
    if (errno != EINTR) fail(errno);
  if (!name_unsynced_) return;
  const std::string folder = state::folder_of(path_);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder that may be written to but not read cannot be synced; the rows are, and that is the best there is.
  if (fd < 0) return;
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0 && error != EINVAL) throw std::system_error(error, std::generic_category(), folder);
  name_unsynced_ = false;
}

void SharedFile::close() {
  if (fd_ < 0) return;
  if (::close(std::exchange(fd_, -1)) != 0) fail(errno);
}

}  // namespace weir::csv_append
