#include "gzip/inflate.hpp"

#include <zlib.h>

#include <algorithm>

namespace weir::gzip {

Inflated inflate(std::string_view bytes, std::size_t most, std::string& out) {
  constexpr int either = 15 + 32;  // gzip or zlib, by the stream's head
  constexpr std::size_t block = 64 * 1024;
  z_stream stream{};
  if (::inflateInit2(&stream, either) != Z_OK) return Inflated::damaged;
  const std::size_t before = out.size();
  std::string in(bytes);  // zlib's next_in is not const
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  Inflated result = Inflated::damaged;
  for (;;) {
    const std::size_t have = out.size();
    if (have - before > most) {
      result = Inflated::too_large;
      break;
    }
    out.resize(have + block);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = block;
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(have + block - stream.avail_out);
    if (code == Z_STREAM_END) {
      if (out.size() - before > most) {
        result = Inflated::too_large;
        break;
      }
      // A gzip file may have several members, one after the other (RFC 1952, 2.2).
      if (stream.avail_in > 0 && ::inflateReset(&stream) == Z_OK) continue;
      result = Inflated::whole;
      break;
    }
    if (code != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) break;
  }
  ::inflateEnd(&stream);
  return result;
}

}  // namespace weir::gzip
