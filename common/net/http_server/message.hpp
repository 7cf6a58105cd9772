// What a client asks and what it is answered.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::web {

/// Names and values, in the order in which they came.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The first value of that name; nothing when there is none.
std::optional<std::string_view> find(const Fields& fields, std::string_view name);

/// A whole request.
struct Request {
  std::string method;  ///< `GET`
  std::string path;    ///< percent-decoded, without the query: `/api/latest`
  Fields query;        ///< decoded
  Fields headers;      ///< names in lower case
  std::string body;
  std::string remote;  ///< the address of the other side, without its port

  /// The first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const { return find(headers, name); }
  /// The first query value of that name.
  std::optional<std::string_view> parameter(std::string_view name) const { return find(query, name); }
};

/// What goes back.
struct Response {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body{};
  Fields headers{};      ///< beside Content-Type, Content-Length, Date and Connection
  std::string reason{};  ///< of an error, for the log; empty: its body is a sentence
};

/// What a `+` stands for: itself in a path, a blank in a form or query.
enum class Plus : std::uint8_t { is_plus, is_blank };

/// Resolves `%41`. Nothing when a `%` is not followed by two hex digits, or the text is not UTF-8 or holds a NUL.
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

/// Text as it may stand in a query: all but letters, digits and `-._~` as `%41`.
std::string percent_encode(std::string_view text);

/// Reads `a=1&b=2` (application/x-www-form-urlencoded); nothing when it is none or has more than `most` fields.
std::optional<Fields> parse_form(std::string_view text, std::size_t most = 100);

/// Splits and decodes a request's target (`/api/history?key=a`) into the request's path and query; false when it is
/// none: it must begin with a slash.
bool parse_target(std::string_view target, Request& request);

/// The bytes of a base64 text (RFC 4648, with padding); nothing when it is none.
std::optional<std::string> decode_base64(std::string_view text);

/// The host of a Host header's value or of an origin's authority, small letters, without its port; an IPv6 address
/// without its brackets. Empty when it is none.
std::string host_of(std::string_view authority);

}  // namespace weir::web
