// The bytes of a stage's state: written in one order, read back in the same.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

/// The bytes are not a snapshot of what reads them. Every snapshot has a checksum, so this is an error of the program,
/// not of the disk.
class SnapshotError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

static_assert(std::endian::native == std::endian::little, "snapshots are copies of memory");

/// Appends values in order. A number takes its own size, text its length and its bytes.
class SnapshotWriter {
 public:
  /// Takes the bytes away and leaves `out` empty.
  using Drain = std::function<void(std::string& out)>;

  /// Appends to `out`, which must outlive this. With a `drain`, `out` is emptied whenever there is much in it; the
  /// caller takes the rest.
  explicit SnapshotWriter(std::string& out, Drain drain = nullptr) : out_(out), drain_(std::move(drain)) {}

  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
  void number(Number value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    number<std::uint64_t>(value.size());
    raw(value.data(), value.size());
  }
  /// Bytes whose number the reader knows.
  void raw(const void* bytes, std::size_t size) {
    out_.append(static_cast<const char*>(bytes), size);
    if (out_.size() >= much && drain_) drain_(out_);
  }

 private:
  static constexpr std::size_t much = 256 * 1024;
  std::string& out_;
  Drain drain_;
};

/// Reads the values again. Throws SnapshotError where there are not enough bytes.
class SnapshotReader {
 public:
  explicit SnapshotReader(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number> Number number() {
    Number value;
    raw(&value, sizeof value);
    return value;
  }
  /// A view into the snapshot's bytes.
  std::string_view text() { return take(number<std::uint64_t>()); }
  void raw(void* to, std::size_t size) {
    const std::string_view bytes = take(size);
    if (size != 0) std::memcpy(to, bytes.data(), size);
  }

  bool at_end() const { return rest_.empty(); }
  /// Bytes that have not been read.
  std::size_t left() const { return rest_.size(); }
  /// Throws SnapshotError unless all has been read.
  void finish() const {
    if (!at_end()) throw SnapshotError("the snapshot has more in it than was read");
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw SnapshotError("the snapshot ends too early");
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string_view rest_;
};

}  // namespace weir
