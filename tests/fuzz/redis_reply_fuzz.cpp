// links: weir_net_redis
// Bytes of a Redis server: replies, or an error; cut anywhere they give the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/redis/reply.hpp"

using weir::redis::Reply;
using weir::redis::ReplyReader;

namespace {

void append(std::string& out, const Reply& reply) {
  out += std::to_string(static_cast<int>(reply.kind)) + ":" + reply.text + ":" + std::to_string(reply.integer) + "[";
  for (const Reply& each : reply.elements) append(out, each);
  out += "]";
}

/// What the reader makes of the bytes, given in pieces of a size.
std::string read(std::string_view bytes, std::size_t piece) {
  ReplyReader reader;
  std::string out;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(bytes.substr(at, piece));
      while (const auto reply = reader.next()) append(out, *reply);
    }
  } catch (const std::runtime_error&) {
    out += "error";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (size > 0 && read(bytes, size) != read(bytes, 1)) std::abort();
  return 0;
}
