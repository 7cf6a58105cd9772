// URLs: putting them together, and keeping their secrets.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Percent-encodes all but RFC 3986's unreserved characters, for one value of a query.
std::string encode(std::string_view text);

/// The text with its percent-encodings resolved; what is not one stays.
std::string decode(std::string_view text);

/// Appends `?name=value` or `&name=value`, the value encoded.
void add_query(std::string& url, std::string_view name, std::string_view value);

/// True for `http://…` and `https://…` with a host and without user, blanks, control characters, query or fragment: fit
/// to be a base.
bool is_base_url(std::string_view url);

/// True for a base URL of `http://` whose host is not this machine's loopback: whatever is sent can be read on the way.
bool is_plain_off_host(std::string_view url);

/// The server that a URL names.
struct Server {
  std::string scheme;
  std::string host;
  std::string port;  ///< the scheme's usual one where none is given
  bool operator==(const Server&) const = default;
};

/// The server of a URL, in lower case; nothing when it cannot be read.
std::optional<Server> server_of(const std::string& url);

/// Whether a redirect from one URL to another stays with the same server: the same scheme, host and port, or from http
/// to https of the same host at the usual ports.
bool stays_with_server(const std::string& from, const std::string& to);

/// The text with the value of every `appid=`, `apikey=`, `api_key=`, `key=` and `token=`, and the user of every URL,
/// replaced by `***`.
std::string redact(std::string_view text);

}  // namespace weir::http
