// Bodies that were compressed.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::gzip {

enum class Inflated { whole, damaged, too_large };

/// Appends to `out` what a gzip or zlib stream holds (RFC 1952, RFC 1950); of a stream that is damaged or holds more
/// than `most` bytes, some of it.
Inflated inflate(std::string_view bytes, std::size_t most, std::string& out);

}  // namespace weir::gzip
