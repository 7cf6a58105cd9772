#include "net/http/url.hpp"

#include "net/host.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::http {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

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
