#include "state/file_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "state/files.hpp"

namespace weir {

FileIdentity FileIdentity::of(int fd, const std::string& name) {
  FileIdentity identity;
  struct statx status;
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) != 0) state::fail(name);
  identity.inode = status.stx_ino;
  if ((status.stx_mask & STATX_BTIME) != 0)
    identity.made_ns = status.stx_btime.tv_sec * std::int64_t{1'000'000'000} + status.stx_btime.tv_nsec;
  // The handle follows its two numbers in one block of memory.
  alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> memory{};
  auto* const handle = reinterpret_cast<file_handle*>(memory.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  if (::name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) == 0)
    identity.handle.assign(memory.data() + sizeof(file_handle), handle->handle_bytes);
  else if (errno != EOPNOTSUPP && errno != EOVERFLOW && errno != ENOSYS &&
           errno != EPERM)  // it has none, or none for us
    state::fail(name);
  return identity;
}

}  // namespace weir
