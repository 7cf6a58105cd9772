#include "net/http/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <memory>
#include <utility>

#include "net/host.hpp"

namespace weir::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

struct UrlDelete {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// A part of a URL; nothing when it has none.
std::optional<std::string> part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
  std::string found = text;
  curl_free(text);
  for (char& c : found) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return found;
}

}  // namespace

std::optional<Server> server_of(const std::string& url) {
  const std::unique_ptr<CURLU, UrlDelete> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  auto scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  auto host = part_of(parsed.get(), CURLUPART_HOST);
  auto port = part_of(parsed.get(), CURLUPART_PORT);
  if (!scheme || !host || !port) return std::nullopt;
  return Server{std::move(*scheme), std::move(*host), std::move(*port)};
}

bool stays_with_server(const std::string& from, const std::string& to) {
  const auto before = server_of(from);
  const auto after = server_of(to);
  if (!before || !after) return false;
  return *after == *before ||
         (*before == Server{"http", after->host, "80"} && after->scheme == "https" && after->port == "443");
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string encode(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

void add_query(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += name;
  url += '=';
  url += encode(value);
}

bool is_base_url(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/' || url[scheme] == ':') return false;
  return std::all_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '?' && c != '#' && c != '@' && c != '"' &&
           c != '<' && c != '>';
  });
}

bool is_plain_off_host(std::string_view url) {
  if (!url.starts_with("http://")) return false;
  url.remove_prefix(7);
  std::string_view host = url.substr(0, url.find('/'));
  host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return !net::is_this_machine(host);
}

std::string redact(std::string_view text) {
  static constexpr std::array<std::string_view, 5> names = {"appid=", "apikey=", "api_key=", "key=", "token="};
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at).starts_with("//")) {
      // A user and his password before the host.
      const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at + 2), text.size());
      const std::size_t user = text.substr(0, end).rfind('@');
      out += "//";
      at += 2;
      if (user != std::string_view::npos && user >= at) {
        out += "***";
        at = user;
      }
      continue;
    }
    const auto name = std::find_if(names.begin(), names.end(), [&](std::string_view each) {
      return text.size() - at >= each.size() &&
             std::equal(each.begin(), each.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                        [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    });
    if (name == names.end()) {
      out += text[at++];
      continue;
    }
    out += text.substr(at, name->size());
    at += name->size();
    const std::size_t end = std::min(text.find_first_of("& \t\r\n\"'<>#;)", at), text.size());
    if (end > at) out += "***";
    at = end;
  }
  return out;
}

}  // namespace weir::http
