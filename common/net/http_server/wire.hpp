// Of this room alone: the bytes of frames and events, and the layer that Beast reads from and writes to.
#pragma once
#include "net/http_server/server_impl.hpp"

namespace weir::web {

/// The head of an unmasked text frame (RFC 6455 §5.2).
inline void append_frame(std::string& out, std::string_view text) {
  const std::uint64_t size = text.size();
  out += '\x81';
  const auto append_bytes = [&](int count) {
    for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xffU);
  };
  if (size < 126) {
    out += static_cast<char>(size);
  } else if (size < 65536) {
    out += '\x7e';
    append_bytes(2);
  } else {
    out += '\x7f';
    append_bytes(8);
  }
  out += text;
}

inline void append_event(std::string& out, std::string_view name, std::string_view text) {
  if (!name.empty()) out += fmt::format("event: {}\n", name);
  out += "data: ";
  out += text;
  out += "\n\n";
}

/// What Beast reads from and writes to: a session's connection, plain or TLS. What is written goes through the
/// session's queue, so that Beast's control frames and the stream's own frames never cut into each other.
class Wire {
 public:
  using executor_type = Executor;
  explicit Wire(Session& session) : session_(&session) {}
  executor_type get_executor() noexcept;
  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler);
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler);
  /// Only asked for by Beast's concept checks; nothing here reads or writes synchronously.
  Session& session() { return *session_; }

 private:
  Session* session_;
};

/// A handler of whatever type, called once.
class WriteDone {
 public:
  virtual ~WriteDone() = default;
  virtual void call(error_code error) = 0;
};

template <typename Handler>
class WriteDoneOf : public WriteDone {
 public:
  WriteDoneOf(Handler handler, std::size_t size) : handler_(std::move(handler)), size_(size) {}
  void call(error_code error) override { handler_(error, error ? 0 : size_); }

 private:
  Handler handler_;
  std::size_t size_;
};

}  // namespace weir::web
