#include "planted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "state/epoch_file.hpp"

namespace weir::sensor_sim {

PlantedFile::PlantedFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
  if (file_.get() < 0) fail();
}

void PlantedFile::fail() const { throw std::system_error(errno, std::generic_category(), "--planted: " + path_); }

void PlantedFile::go_on_at(std::uint64_t size) {
  begun_ = true;
  struct stat status;
  if (::fstat(file_.get(), &status) != 0) fail();
  if (!S_ISREG(status.st_mode)) return;  // a pipe cannot be truncated
  if (static_cast<std::uint64_t>(status.st_size) < size)
    throw state::Unusable("--planted: " + path_ +
                          " is shorter than it was; start with a new file and a new state folder");
  const auto place = static_cast<off_t>(size);
  if (::ftruncate(file_.get(), place) != 0 || ::lseek(file_.get(), place, SEEK_SET) < 0) fail();
}

void PlantedFile::write(std::string_view line) {
  if (!begun_) go_on_at(0);
  while (!line.empty()) {
    const ssize_t n = ::write(file_.get(), line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail();
    line.remove_prefix(static_cast<std::size_t>(n));
  }
}

void PlantedFile::sync() {
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL) fail();
}

void PlantedFile::close() {
  if (!begun_) go_on_at(0);
  if (::close(file_.release()) != 0) fail();
}

}  // namespace weir::sensor_sim
