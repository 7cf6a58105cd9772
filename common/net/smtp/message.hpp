// A mail as bytes: headers, and the text in two forms with pictures (RFC 5322, 2045, 2046, 2387).
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/smtp/header.hpp"
#include "time/time_types.hpp"

namespace weir::smtp {

/// A picture within the HTML, which refers to it by `cid:` and the id.
struct Image {
  std::string id;        ///< unique in the mail: letters, digits, `.`, `-` and `@`
  std::string type;      ///< as in `image/png`
  std::string filename;  ///< ASCII
  std::string bytes;
};

/// The content of a mail. Texts are UTF-8 with `\n` at line ends.
struct Message {
  Mailbox from;
  Mailbox to;
  std::string subject;
  Time date{};
  std::string id;                                            ///< Message-ID without the angle brackets
  std::vector<std::pair<std::string, std::string>> headers;  ///< further ones, for programs: printable ASCII
  std::string text;
  std::string html;
  std::vector<Image> images;
};

/// The mail with CRLF at line ends and no line longer than 78 bytes, but for a link in a further header:
/// multipart/alternative of text and HTML, the HTML with its pictures in a multipart/related. The same message gives
/// the same bytes. Throws std::invalid_argument when an address or a header holds what it must not.
///
/// It is made here and not by libcurl's MIME functions, whose boundaries are random: a mail must be the same bytes when
/// it is looked at (--dry-run) and when it is sent.
std::string compose(const Message& message);

/// 32 hexadecimal digits that depend on all the parts (FNV-1a, twice): tells messages apart, and does not prove
/// who made them.
std::string fingerprint(std::initializer_list<std::string_view> parts);

/// `Fri, 01 Dec 2017 05:00:00 +0000` (RFC 5322 §3.3).
std::string format_mail_date(Time time);

/// A message as an entry of an mbox file: a `From ` line, the message with `\n` at line ends, a blank line. The body
/// must come from compose(), which lets no line begin with `From `.
std::string mbox_entry(std::string_view message, std::string_view sender, Time time);

/// Appends text as quoted-printable (RFC 2045 §6.7) with CRLF line ends. A line never begins with `.` or with `From `.
void append_quoted_printable(std::string& out, std::string_view text);

}  // namespace weir::smtp
