// What the calls of a bucket share within the room.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "net/http/client.hpp"

namespace weir::s3 {

/// The most bytes of a page of a list.
inline constexpr std::size_t most_answer = 16 << 20;

/// Has the digest of an object's bytes, by which is_same() knows them.
inline constexpr const char* digest_header = "x-amz-meta-weir-sha256";

/// In hexadecimal digits.
std::string sha256(std::string_view bytes);

/// Why an answer is not what was asked for.
std::string problem_of(const http::Response& response);

}  // namespace weir::s3
