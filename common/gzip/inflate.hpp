// Bodies that were compressed.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::gzip {

enum class Inflated { whole, damaged, too_large };

/// Whether a deflate stream without zlib's head and checksum (RFC 1951) is taken as well. Many clients send one as
/// `Content-Encoding: deflate`, which is zlib's by RFC 9110, 8.4.1.2.
enum class RawDeflate { refused, taken };

/// Appends to `out` what a gzip or zlib stream holds (RFC 1952, RFC 1950); of a stream that is damaged or holds more
/// than `most` bytes, some of it.
Inflated inflate(std::string_view bytes, std::size_t most, std::string& out, RawDeflate raw = RawDeflate::refused);

}  // namespace weir::gzip
