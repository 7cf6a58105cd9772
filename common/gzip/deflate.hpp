// Compressing.
#pragma once
#include <string>
#include <string_view>

namespace weir::gzip {

/// The bytes as a gzip stream (RFC 1952), compressed quickly rather than well. Throws std::bad_alloc.
std::string compressed(std::string_view bytes);

}  // namespace weir::gzip
