#include "s3_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "cli/errors.hpp"
#include "record/counted.hpp"
#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir::lake_load {
namespace {

constexpr std::size_t most_bytes = 1 << 30;  // of an object that is read whole

/// The bytes of a file that nobody changes, without a copy of them.
class MappedFile {
 public:
  /// Nothing where there is no such file.
  static std::optional<MappedFile> open(const std::string& path) {
    const state::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0 && errno == ENOENT) return std::nullopt;
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) state::fail(path);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) return MappedFile({});
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (at == MAP_FAILED) state::fail(path);
    return MappedFile({static_cast<const char*>(at), size});
  }
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace

S3Store::S3Store(const s3::Settings& settings, std::string prefix, std::string scratch, Log& log, s3::Stop stop)
    : log_(log), bucket_(settings, log, std::move(stop)), prefix_(std::move(prefix)), scratch_(std::move(scratch)) {
  probe();
}

/// The second PUT of one key must not get through. An earlier run's object tells as much with the first.
void S3Store::probe() {
  const std::string key = key_of("_weir/.probe");
  std::string reason = "it has put the same object twice";
  try {
    if (bucket_.put_if_absent(key, "probe") == s3::Put::same_is_there) return;
    if (bucket_.put_if_absent(key, "probe") != s3::Put::done) return;
  } catch (const s3::NotImplemented& refused) {
    reason = refused.what();
  }
  throw cli::UsageError(fmt::format(
      "the server does not honour If-None-Match ({}), without which two writers could overwrite each other: "
      "use another server, or a folder of this machine",
      reason));
}

std::optional<std::string> S3Store::read(const std::string& path) { return bucket_.get(key_of(path), most_bytes); }

bool S3Store::put_if_absent(const std::string& path, std::string_view bytes) {
  return bucket_.put_if_absent(key_of(path), bytes) != s3::Put::other_is_there;
}

void S3Store::replace(const std::string& path, std::string_view bytes) { bucket_.put(key_of(path), bytes); }

std::vector<std::string> S3Store::list(const std::string& folder) {
  const std::string prefix = key_of(folder) + '/';
  std::vector<std::string> names = bucket_.list(prefix);
  for (std::string& name : names) name.erase(0, prefix.size());
  std::erase_if(names, [](const std::string& name) { return name.find('/') != std::string::npos; });
  return names;
}

/// Of another writer nothing is touched: a file's name has the writer's, and a number after it.
void S3Store::abort_uploads(const std::string& name) {
  const std::string begin = "part-" + name + '-';
  const auto is_own = [&](const std::string& key) {
    std::string_view file = std::string_view(key).substr(key.rfind('/') + 1);
    if (!file.starts_with(begin)) return false;
    file.remove_prefix(begin.size());
    const std::size_t digits = std::min(file.find_first_not_of("0123456789"), file.size());
    return digits > 0 && (file.substr(digits) == ".parquet" || file.substr(digits) == ".ndjson");
  };
  try {
    const std::size_t aborted = bucket_.abort_uploads(prefix_.empty() ? "" : prefix_ + '/', is_own);
    if (aborted > 0)
      log_.info(fmt::format("{} aborted, which an earlier run has not completed", counted(aborted, "upload")));
  } catch (const s3::Refused& refused) {
    log_.warn(fmt::format("uploads that an earlier run has not completed are not looked for: {}", refused.what()));
  }
}

std::optional<std::string> S3Store::first(const std::string& folder) {
  const std::string prefix = key_of(folder) + '/';
  const std::vector<std::string> keys = bucket_.list(prefix, 1);
  if (keys.empty()) return std::nullopt;
  return keys.front().substr(prefix.size());
}

bool S3Store::take(const std::string& made, const std::string& path) {
  {
    const auto file = MappedFile::open(made);
    if (!file) return bucket_.has(key_of(path));
    if (path.starts_with("_delta_log/"))
      bucket_.put(key_of(path), file->bytes());
    else if (!put_if_absent(path, file->bytes()))
      throw std::runtime_error(
          fmt::format("{} is there with other content: another writer uses the same --name; give one of them another",
                      bucket_.name_of(key_of(path))));
  }
  ::unlink(made.c_str());
  return true;
}

std::optional<std::string> S3Store::fetch(const std::string& path) {
  const auto bytes = read(path);
  if (!bytes) return std::nullopt;
  std::string copy = scratch_ + "/fetched";
  state::write_file(copy, *bytes, 0600, state::Durable::no);
  return copy;
}

}  // namespace weir::lake_load
