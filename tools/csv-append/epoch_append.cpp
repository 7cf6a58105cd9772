#include "epoch_append.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "state/epoch_file.hpp"

namespace weir {
namespace {

[[noreturn]] void fail(const std::string& path) { throw std::system_error(errno, std::generic_category(), path); }

std::uint64_t size_of(int fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) fail(path);
  if (!S_ISREG(status.st_mode)) throw std::runtime_error(path + " is no regular file; with --state rows go into one");
  return static_cast<std::uint64_t>(status.st_size);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Makes a new file's name durable.
void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail(folder);
  const bool synced = ::fsync(fd) == 0 || errno == EINVAL;
  ::close(fd);
  if (!synced) fail(folder);
}

}  // namespace

EpochAppend::EpochAppend(Settings settings, SharedFile::Say say)
    : settings_(std::move(settings)), say_(std::move(say)) {
  fields_.read_members();
}

EpochAppend::~EpochAppend() {
  if (fd_ >= 0) ::close(fd_);
}

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

/// The file that is at the path now is where this epoch goes.
void EpochAppend::open_at_path() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  fd_ = ::open(settings_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) fail(settings_.path);
  if (size_of(fd_, settings_.path) == 0) sync_folder(folder_of(settings_.path));
}

void EpochAppend::snapshot(SnapshotWriter& to) {
  if (!pending_.empty()) {
    open_at_path();
    plan_.file = FileIdentity::of(fd_, settings_.path);
    plan_.offset = size_of(fd_, settings_.path);
    if (plan_.offset == 0) plan_.bytes = header_;
    plan_.bytes += pending_;
    pending_.clear();
  }
  to.number<std::uint64_t>(rows_ ? rows_->columns().size() : 0);
  if (rows_)
    for (const std::string& name : rows_->columns()) to.text(name);
  plan_.file.snapshot(to);
  to.number(plan_.offset);
  to.text(plan_.bytes);
}

void EpochAppend::restore(SnapshotReader& from) {
  std::vector<std::string> columns;
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) columns.emplace_back(from.text());
  if (!columns.empty()) {
    rows_.emplace(std::move(columns), settings_.format.delimiter);
    rows_->append_header(header_);
  }
  plan_.file = FileIdentity::restored(from);
  plan_.offset = from.number<std::uint64_t>();
  plan_.bytes = from.text();
  if (!plan_.bytes.empty()) fd_ = find_planned();
}

/// The file that an earlier run was to append to: at the path, or renamed within its folder since.
int EpochAppend::find_planned() const {
  std::vector<std::string> paths{settings_.path};
  const std::string name = std::filesystem::path(settings_.path).filename().string();
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(settings_.path)))
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

bool EpochAppend::commit(std::uint64_t) {
  if (plan_.bytes.empty()) return true;
  const std::uint64_t size = size_of(fd_, settings_.path);
  if (size < plan_.offset)
    throw state::Unusable(settings_.path + " is shorter than it was when rows were last appended to it");
  const std::uint64_t there = std::min<std::uint64_t>(size - plan_.offset, plan_.bytes.size());
  std::string begun(there, '\0');
  if (::pread(fd_, begun.data(), begun.size(), static_cast<off_t>(plan_.offset)) != static_cast<ssize_t>(begun.size()))
    fail(settings_.path);
  if (!plan_.bytes.starts_with(begun))
    throw state::Unusable(settings_.path + " was written to by another program: with --state it is this stage's alone");
  for (std::uint64_t done = there; done < plan_.bytes.size();) {
    const ssize_t n =
        ::pwrite(fd_, plan_.bytes.data() + done, plan_.bytes.size() - done, static_cast<off_t>(plan_.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(settings_.path);
    done += static_cast<std::uint64_t>(n);
  }
  // A sync that fails is not tried again: the kernel may have dropped the pages and report success the second time.
  if (::fdatasync(fd_) != 0) fail("syncing " + settings_.path);
  plan_.bytes.clear();
  return true;
}

}  // namespace weir
