// Mail headers: addresses, and text that is not ASCII. Nothing that holds a line break gets through.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir::smtp {

/// A sender or recipient: `address` is `local@domain`; `name` may be empty.
struct Mailbox {
  std::string address;
  std::string name;
};

/// The reason why no mail can go to this address, or an empty string. Accepted are ASCII addresses `local@domain`
/// without quotes, comments or address literals (RFC 5321 §4.1.2, Dot-string and Domain), 254 bytes at most.
std::string address_problem(std::string_view address);

/// The reason why this text cannot stand in a header, or an empty string: control characters (CR, LF and NUL among
/// them) and bytes that are not UTF-8 are refused.
std::string header_text_problem(std::string_view text);

/// Reads `local@domain` or `Name <local@domain>`, quotes around the name allowed. Throws std::invalid_argument with the
/// reason.
Mailbox parse_mailbox(std::string_view text);

/// The domain of an address, without the `@`.
std::string_view domain_of(std::string_view address);

/// The value of a header that programs read, such as List-Unsubscribe: as it is (RFC 2369 knows no encoded words), with
/// a blank before it and folded at blanks alone. A longer word, such as a link, stands on a line of its own. `used` is
/// how many bytes the name and the colon take. Throws std::invalid_argument on anything but printable ASCII, and on a
/// word that no line can hold (996 bytes, RFC 5322 §2.1.1).
std::string plain_header_value(std::string_view text, std::size_t used);

/// Text as the value of a header such as Subject: as it is when it is ASCII, otherwise RFC 2047 encoded words in UTF-8;
/// folded to lines of at most 76 bytes. `used` is how many bytes of the first line are taken already. Throws
/// std::invalid_argument on what header_text_problem() names.
std::string encode_header_text(std::string_view text, std::size_t used);

/// A mailbox as the value of From or To. Throws std::invalid_argument on what address_problem() or
/// header_text_problem() name.
std::string encode_mailbox(const Mailbox& mailbox, std::size_t used);

}  // namespace weir::smtp
