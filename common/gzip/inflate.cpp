#include "gzip/inflate.hpp"

#include <zlib.h>

#include <algorithm>

namespace weir::gzip {

namespace {

/// Whether a stream begins as gzip or zlib does. A raw one begins so only with bits set that nobody sets.
bool has_head(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const unsigned second = static_cast<unsigned char>(bytes[1]);
  const bool gzip = first == 0x1f && second == 0x8b;
  const bool zlib = (first & 0x0fU) == Z_DEFLATED && (first * 256 + second) % 31 == 0;
  return gzip || zlib;
}

}  // namespace

Inflated inflate(std::string_view bytes, std::size_t most, std::string& out, RawDeflate raw) {
  constexpr int either = 15 + 32;  // gzip or zlib, by the stream's head
  constexpr int headless = -15;
  constexpr std::size_t block = 64 * 1024;
  z_stream stream{};
  const bool is_raw = raw == RawDeflate::taken && !has_head(bytes);
  if (::inflateInit2(&stream, is_raw ? headless : either) != Z_OK) return Inflated::damaged;
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
      if (stream.avail_in > 0 && is_raw) break;
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
