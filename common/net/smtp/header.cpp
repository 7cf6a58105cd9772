#include "net/smtp/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "record/json_text.hpp"

namespace weir::smtp {
namespace {

constexpr std::size_t line_limit = 76;
constexpr std::size_t longest_word = 996;
constexpr std::string_view word_begin_q = "=?UTF-8?Q?";
constexpr std::string_view word_begin_b = "=?UTF-8?B?";
constexpr std::string_view word_end = "?=";
constexpr std::size_t word_limit = 75;  // RFC 2047 §2

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// RFC 5322 §3.2.3
bool is_atext(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  for (const char c : text)
    if (c != '.' && !is_atext(c)) return false;
  return true;
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!is_alphanumeric(c) && c != '-') return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

void require_header_text(std::string_view text) {
  if (const std::string problem = header_text_problem(text); !problem.empty()) throw std::invalid_argument(problem);
}

/// The length of the UTF-8 character that begins here; `text` is valid.
std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80) ++length;
  return length;
}

/// Where an encoded word stands; in a phrase, such as the name before an address, fewer characters are allowed (RFC
/// 2047 §5).
enum class Place : std::uint8_t { text, phrase };

/// Characters as in RFC 2047 §4.2.
void append_q(std::string& out, std::string_view characters, Place place) {
  for (const char c : characters) {
    const bool special = c == '=' || c == '?' || c == '_' || static_cast<unsigned char>(c) <= ' ' || c > '~';
    const bool plain = place == Place::text
                           ? !special && static_cast<unsigned char>(c) < 0x80
                           : is_alphanumeric(c) || std::string_view("!*+-/").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else if (c == ' ')
      out += '_';
    else
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
}

std::size_t q_length(std::string_view text, Place place) {
  std::string encoded;
  append_q(encoded, text, place);
  return encoded.size();
}

/// Encoded words, each whole characters only and no longer than it may be. Blanks between two words are no part of the
/// text.
std::string encoded_words(std::string_view text, std::size_t used, Place place) {
  // Q can be read by people, so it may be somewhat longer.
  const bool use_q = q_length(text, place) <= (text.size() + 2) / 3 * 6;
  const std::string_view begin = use_q ? word_begin_q : word_begin_b;
  std::string out;
  std::size_t line = used;
  while (!text.empty()) {
    const std::size_t frame = begin.size() + word_end.size();
    const std::size_t room = std::min(word_limit, line_limit > line ? line_limit - line : 0);
    std::size_t taken = 0;
    while (taken < text.size()) {
      const std::size_t next = taken + character_length(text.substr(taken));
      const std::size_t length = use_q ? q_length(text.substr(0, next), place) : (next + 2) / 3 * 4;
      if (frame + length > room) break;
      taken = next;
    }
    if (taken > 0) {
      const std::size_t before = out.size();
      out += begin;
      if (use_q)
        append_q(out, text.substr(0, taken), place);
      else
        append_base64(out, text.substr(0, taken));
      out += word_end;
      line += out.size() - before;
      text.remove_prefix(taken);
    }
    if (!text.empty()) {
      out += "\r\n ";
      line = 1;
    }
  }
  return out;
}

std::string folded(std::string_view text, std::size_t used) {
  std::string out;
  std::size_t line = used;
  while (!text.empty()) {
    // A blank goes with the word behind it, so that no line is blank alone.
    std::size_t end = text.find_first_not_of(' ');
    end = end == std::string_view::npos ? text.size() : text.find(' ', end);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view word = text.substr(0, end);
    if (line + word.size() > line_limit && word.front() == ' ' && word.back() != ' ' && !out.empty()) {
      out += "\r\n";
      line = 0;
    }
    out += word;
    line += word.size();
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace

std::string address_problem(std::string_view address) {
  if (address.empty()) return "there is no address";
  for (const char c : address)
    if (is_control(c)) return "the address holds a control character";
  if (!is_ascii(address))
    return fmt::format("'{}' is not ASCII (write its domain in punycode)", is_utf8(address) ? address : "the address");
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || address.size() > 254 || at > 64 || !is_dot_atom(address.substr(0, at)) ||
      !is_domain(address.substr(at + 1)))
    return fmt::format("'{}' is not an address", address);
  return {};
}

std::string header_text_problem(std::string_view text) {
  for (const char c : text)
    if (is_control(c)) return "the text holds a control character";
  if (!is_utf8(text)) return "the text is not UTF-8";
  return {};
}

Mailbox parse_mailbox(std::string_view text) {
  Mailbox mailbox;
  text = trim(text);
  std::string_view name;
  if (!text.empty() && text.back() == '>') {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos) throw std::invalid_argument(fmt::format("'{}' is not an address", text));
    name = trim(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    text = text.substr(open + 1, text.size() - open - 2);
  }
  if (const std::string problem = address_problem(text); !problem.empty()) throw std::invalid_argument(problem);
  require_header_text(name);
  return {std::string(text), std::string(name)};
}

std::string_view domain_of(std::string_view address) { return address.substr(address.rfind('@') + 1); }

std::string encode_header_text(std::string_view text, std::size_t used) {
  require_header_text(text);
  // What looks like an encoded word must not be taken for one; a word that no line can hold is cut by encoding alone.
  bool long_word = false;
  std::size_t word = 0;
  for (const char c : text) {
    word = c == ' ' ? 0 : word + 1;
    long_word = long_word || word > line_limit - 2;
  }
  const bool plain =
      is_ascii(text) && text.find("=?") == std::string_view::npos && !long_word && (text.empty() || text.back() != ' ');
  return plain ? folded(text, used) : encoded_words(text, used, Place::text);
}

std::string plain_header_value(std::string_view text, std::size_t used) {
  std::string out;
  std::size_t line = used;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    for (const char c : word)
      if (c < ' ' || c > '~') throw std::invalid_argument("a header's value is not printable ASCII");
    if (word.size() > longest_word) throw std::invalid_argument("a header's value is longer than a line may be");
    if (line + 1 + word.size() > line_limit) {
      out += "\r\n";
      line = 0;
    }
    (out += ' ') += word;
    line += 1 + word.size();
  }
  return out;
}

std::string encode_mailbox(const Mailbox& mailbox, std::size_t used) {
  if (const std::string problem = address_problem(mailbox.address); !problem.empty())
    throw std::invalid_argument(problem);
  require_header_text(mailbox.name);
  if (mailbox.name.empty()) return mailbox.address;
  std::string out;
  if (!is_ascii(mailbox.name) || mailbox.name.size() > line_limit / 2 || mailbox.name.find("=?") != std::string::npos) {
    out = encoded_words(mailbox.name, used, Place::phrase);
  } else {
    bool atoms = true;
    for (const char c : mailbox.name) atoms = atoms && (is_atext(c) || c == ' ');
    if (atoms) {
      out = mailbox.name;
    } else {
      out = '"';
      for (const char c : mailbox.name) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
  }
  const auto last_line = out.rfind("\r\n");
  const std::size_t line = last_line == std::string::npos ? used + out.size() : out.size() - last_line - 2;
  out += line + mailbox.address.size() + 3 > line_limit ? "\r\n <" : " <";
  return out + mailbox.address + '>';
}

}  // namespace weir::smtp
