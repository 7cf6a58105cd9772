#include "net/s3/answer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/http/url.hpp"

namespace weir::s3 {
namespace {

/// The text of the first element of that name at or after `at`, which moves behind it; entities are still in it.
std::optional<std::string_view> element(std::string_view xml, std::string_view name, std::size_t& at) {
  const std::string open = '<' + std::string(name) + '>';
  const std::string close = "</" + std::string(name) + '>';
  const auto begin = xml.find(open, at);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto end = xml.find(close, begin + open.size());
  if (end == std::string_view::npos) return std::nullopt;
  at = end + close.size();
  return xml.substr(begin + open.size(), end - begin - open.size());
}

std::optional<std::string_view> element(std::string_view xml, std::string_view name) {
  std::size_t at = 0;
  return element(xml, name, at);
}

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18 & 7));
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

/// A text with its entities resolved; what is not one stays.
std::string unescaped(std::string_view text) {
  static constexpr std::pair<std::string_view, char> named[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += text[i];
      continue;
    }
    const std::string_view entity = text.substr(i + 1, end - i - 1);
    const auto* const found =
        std::find_if(std::begin(named), std::end(named), [&](const auto& each) { return each.first == entity; });
    unsigned point = 0;
    if (found != std::end(named)) {
      out += found->second;
    } else if (entity.starts_with('#')) {
      const bool hex = entity.starts_with("#x");
      std::from_chars(entity.data() + (hex ? 2 : 1), entity.data() + entity.size(), point, hex ? 16 : 10);
      append_utf8(out, point);
    } else {
      out += text[i];
      continue;
    }
    i = end;
  }
  return out;
}

/// A key as encoding-type=url has it: `+` is a blank.
std::string decoded(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return http::decode(text);
}

}  // namespace

std::optional<ListPage> read_list(std::string_view xml) {
  if (xml.find("<ListBucketResult") == std::string_view::npos) return std::nullopt;
  ListPage page;
  const bool encoded = element(xml, "EncodingType").value_or("") == "url";
  std::size_t at = 0;
  while (const auto contents = element(xml, "Contents", at)) {
    const auto key = element(*contents, "Key");
    if (!key) return std::nullopt;
    const std::string text = unescaped(*key);
    page.keys.push_back(encoded ? decoded(text) : text);
  }
  if (element(xml, "IsTruncated").value_or("false") == "true") {
    const auto token = element(xml, "NextContinuationToken");
    if (!token || token->empty()) return std::nullopt;
    page.next = unescaped(*token);
  }
  return page;
}

std::optional<UploadPage> read_uploads(std::string_view xml) {
  if (xml.find("<ListMultipartUploadsResult") == std::string_view::npos) return std::nullopt;
  UploadPage page;
  const bool encoded = element(xml, "EncodingType").value_or("") == "url";
  const auto key_of = [encoded](std::string_view key) {
    const std::string text = unescaped(key);
    return encoded ? decoded(text) : text;
  };
  std::size_t at = 0;
  while (const auto upload = element(xml, "Upload", at)) {
    const auto key = element(*upload, "Key");
    const auto id = element(*upload, "UploadId");
    if (!key || !id || id->empty()) return std::nullopt;
    page.uploads.push_back({key_of(*key), unescaped(*id)});
  }
  if (element(xml, "IsTruncated").value_or("false") == "true") {
    const auto key = element(xml, "NextKeyMarker");
    if (!key || key->empty()) return std::nullopt;
    page.next = {key_of(*key), unescaped(element(xml, "NextUploadIdMarker").value_or(""))};
  }
  return page;
}

std::optional<std::string> upload_id(std::string_view xml) {
  const auto id = element(xml, "UploadId");
  if (!id || id->empty()) return std::nullopt;
  return unescaped(*id);
}

std::string completion_of(const std::vector<std::string>& entity_tags) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < entity_tags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>";
    for (const char c : entity_tags[i]) {
      switch (c) {
        case '"':
          xml += "&quot;";
          break;
        case '&':
          xml += "&amp;";
          break;
        case '<':
          xml += "&lt;";
          break;
        default:
          xml += c;
      }
    }
    xml += "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

std::string error_code(std::string_view xml) { return unescaped(element(xml, "Code").value_or("")); }

std::string error_text(std::string_view xml) {
  constexpr std::size_t longest = 300;
  std::string text = error_code(xml);
  if (const auto message = element(xml, "Message")) text += (text.empty() ? "" : ": ") + unescaped(*message);
  if (text.size() > longest) text.resize(longest);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  return text;
}

}  // namespace weir::s3
