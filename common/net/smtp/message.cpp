#include "net/smtp/message.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "record/json_text.hpp"
#include "time/time_of_day.hpp"

namespace weir::smtp {
namespace {

constexpr std::size_t line_limit = 76;
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void append_base64_lines(std::string& out, std::string_view bytes) {
  constexpr std::size_t bytes_a_line = line_limit / 4 * 3;
  while (!bytes.empty()) {
    append_base64(out, bytes.substr(0, bytes_a_line));
    out += "\r\n";
    bytes.remove_prefix(std::min(bytes.size(), bytes_a_line));
  }
}

void append_text_part(std::string& out, std::string_view type, std::string_view text) {
  append_header(out, "Content-Type", fmt::format("{}; charset=utf-8", type));
  append_header(out, "Content-Transfer-Encoding", "quoted-printable");
  out += "\r\n";
  append_quoted_printable(out, text);
}

void append_boundary(std::string& out, std::string_view boundary, std::string_view end = {}) {
  out += "--";
  out += boundary;
  out += end;
  out += "\r\n";
}

/// Ids and file names stand in headers between quotes or angle brackets, so what ends those is refused.
void require_token(std::string_view text, std::string_view what) {
  for (const char c : text)
    if (c <= ' ' || c > '~' || std::string_view("<>\"\\").find(c) != std::string_view::npos)
      throw std::invalid_argument(fmt::format("{} holds a character that it must not", what));
}

}  // namespace

std::string compose(const Message& message) {
  require_token(message.id, "the message id");
  std::string out;
  append_header(out, "Date", format_mail_date(message.date));
  append_header(out, "From", encode_mailbox(message.from, 6));
  append_header(out, "To", encode_mailbox(message.to, 4));
  append_header(out, "Message-ID", fmt::format("<{}>", message.id));
  append_header(out, "Subject", encode_header_text(message.subject, 9));
  for (const auto& [name, value] : message.headers) {
    require_token(name, "a header's name");
    out += fmt::format("{}:{}\r\n", name, plain_header_value(value, name.size() + 1));
  }
  append_header(out, "MIME-Version", "1.0");
  // `=_` stands neither in quoted-printable nor in base64, so no boundary can occur in a part.
  const std::string seed = fingerprint({message.id, message.text, message.html});
  const std::string outer = "=_a_" + seed;
  const std::string inner = "=_r_" + seed;
  append_header(out, "Content-Type", fmt::format("multipart/alternative;\r\n boundary=\"{}\"", outer));
  out += "\r\n";
  append_boundary(out, outer);
  append_text_part(out, "text/plain", message.text);
  append_boundary(out, outer);
  if (message.images.empty()) {
    append_text_part(out, "text/html", message.html);
  } else {
    append_header(out, "Content-Type",
                  fmt::format("multipart/related; type=\"text/html\";\r\n boundary=\"{}\"", inner));
    out += "\r\n";
    append_boundary(out, inner);
    append_text_part(out, "text/html", message.html);
    for (const Image& image : message.images) {
      require_token(image.id, "a picture's id");
      require_token(image.type, "a picture's type");
      require_token(image.filename, "a picture's file name");
      append_boundary(out, inner);
      append_header(out, "Content-Type", image.type);
      append_header(out, "Content-ID", fmt::format("<{}>", image.id));
      append_header(out, "Content-Disposition", fmt::format("inline; filename=\"{}\"", image.filename));
      append_header(out, "Content-Transfer-Encoding", "base64");
      out += "\r\n";
      append_base64_lines(out, image.bytes);
    }
    append_boundary(out, inner, "--");
  }
  append_boundary(out, outer, "--");
  return out;
}

std::string fingerprint(std::initializer_list<std::string_view> parts) {
  constexpr std::uint64_t prime = 0x100000001B3;
  std::array<std::uint64_t, 2> hashes{0xCBF29CE484222325, 0x9AE16A3B2F90404F};
  for (const std::string_view part : parts) {
    for (std::uint64_t& hash : hashes) {
      for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
      hash = (hash ^ part.size()) * prime;  // so that ("ab", "c") is not ("a", "bc")
      hash ^= hash >> 29U;
    }
  }
  return fmt::format("{:016x}{:016x}", hashes[0], hashes[1]);
}

std::string format_mail_date(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time_of_day(time)));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", weekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string mbox_entry(std::string_view message, std::string_view sender, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time_of_day(time)));
  std::string out = fmt::format(
      "From {} {} {} {:2} {:02}:{:02}:{:02} {}\n", sender, weekdays[std::chrono::weekday(day).c_encoding()],
      months[static_cast<unsigned>(date.month()) - 1], static_cast<unsigned>(date.day()), clock.hours().count(),
      clock.minutes().count(), clock.seconds().count(), static_cast<int>(date.year()));
  for (const char c : message)
    if (c != '\r') out += c;
  return out + '\n';
}

void append_quoted_printable(std::string& out, std::string_view text) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      line = 0;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    bool encode = byte < 0x20 || byte >= 0x7F || c == '=' || (c == ' ' && ends_line);
    // A dot at the start of a line is special in SMTP, and `From ` in mbox files.
    encode = encode || (line == 0 && (c == '.' || text.substr(i, 5) == "From "));
    const std::size_t width = encode ? 3 : 1;
    if (line + width > line_limit - (ends_line ? 0 : 1)) {
      out += "=\r\n";
      line = 0;
      encode = encode || c == '.' || text.substr(i, 5) == "From ";
    }
    if (encode)
      out += fmt::format("={:02X}", byte);
    else
      out += c;
    line += encode ? 3 : 1;
  }
  if (line != 0) out += "\r\n";
}

}  // namespace weir::smtp
