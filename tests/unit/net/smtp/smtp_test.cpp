#include <stdexcept>

#include "catch.hpp"
#include "net/smtp/client.hpp"
#include "net/smtp/header.hpp"
#include "net/smtp/message.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::smtp;

namespace {

std::string encoded(std::string_view text) {
  std::string out;
  append_quoted_printable(out, text);
  return out;
}

std::size_t longest_line(std::string_view bytes) {
  std::size_t longest = 0;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n");
    longest = std::max(longest, std::min(end, bytes.size()));
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 2);
  }
  return longest;
}

Message a_message() {
  Message message;
  message.from = {"weir@example.org", "Weir"};
  message.to = {"ana@example.org", "Ana"};
  message.subject = "Weather";
  message.date = *TimeParser().parse("2017-12-01T05:00:00Z");
  message.id = "one@example.org";
  message.text = "Hello\n";
  message.html = "<p>Hello</p>\n";
  return message;
}

}  // namespace

TEST_CASE("addresses that are taken and refused") {
  for (const char* good :
       {"a@b", "root@localhost", "first.last+tag@mail.example.org", "o'neil@example.org", "x_y@xn--bcher-kva.example"})
    CHECK(address_problem(good) == "");
  for (const char* bad : {"",
                          "a",
                          "@b",
                          "a@",
                          "a b@c",
                          "a@b c",
                          "<a@b>",
                          "a@b,c@d",
                          "a@b;c",
                          ".a@b",
                          "a.@b",
                          "a..b@c",
                          "a@-b",
                          "a@b-",
                          "a@b..c",
                          "a@.b",
                          "\"a\"@b",
                          "a@[127.0.0.1]",
                          "a@b\r",
                          "a@b\nRCPT TO:<c@d>",
                          "bücher@example.org",
                          "a@bücher.example"})
    CHECK(address_problem(bad) != "");
  CHECK(address_problem(std::string_view("a@b\0", 4)) != "");
  CHECK(address_problem(std::string(65, 'a') + "@b") != "");
  CHECK(address_problem(std::string(64, 'a') + "@b") == "");
}

TEST_CASE("a mailbox is an address, or a name and an address") {
  CHECK(parse_mailbox("a@b").address == "a@b");
  const Mailbox named = parse_mailbox(" \"Weather, daily\" <a@b> ");
  CHECK(named.name == "Weather, daily");
  CHECK(named.address == "a@b");
  CHECK_THROWS_AS(parse_mailbox("Ana"), std::invalid_argument);
  CHECK_THROWS_AS(parse_mailbox("Ana <a@b"), std::invalid_argument);
  CHECK_THROWS_AS(parse_mailbox("A\r\nBcc: x@y <a@b>"), std::invalid_argument);
}

TEST_CASE("header text: ASCII as it is, the rest as encoded words") {
  CHECK(encode_header_text("Weather in Athens", 9) == "Weather in Athens");
  CHECK(encode_header_text("12.5 °C, a_b", 9) == "=?UTF-8?Q?12.5_=C2=B0C,_a=5Fb?=");
  CHECK(encode_header_text("Αθήνα", 9) == "=?UTF-8?B?zpHOuM6uzr3OsQ==?=");
  // Text that looks like an encoded word is encoded, so that it is read back unchanged.
  CHECK(encode_header_text("=?UTF-8?Q?x?=", 9) == "=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?=");
  CHECK_THROWS_AS(encode_header_text("a\r\nBcc: x@y", 9), std::invalid_argument);
  CHECK_THROWS_AS(encode_header_text("a\nb", 9), std::invalid_argument);
  CHECK_THROWS_AS(encode_header_text(std::string_view("a\0b", 3), 9), std::invalid_argument);
  CHECK_THROWS_AS(encode_header_text("\xff", 9), std::invalid_argument);
}

TEST_CASE("long headers are folded, encoded words never cut a character") {
  std::string header;
  for (int i = 0; i < 40; ++i) header += "Thessaloniki ";
  header += "end";
  const std::string folded = encode_header_text(header, 9);
  CHECK(longest_line(folded) <= 76);
  std::string unfolded = folded;
  for (auto at = unfolded.find("\r\n"); at != std::string::npos; at = unfolded.find("\r\n")) unfolded.erase(at, 2);
  CHECK(unfolded == header);

  std::string greek;
  for (int i = 0; i < 60; ++i) greek += "Αθήνα, ";
  const std::string encoded = encode_header_text(greek, 9);
  CHECK(longest_line(encoded) <= 76);
  CHECK(encoded.find("\r\n ") != std::string::npos);
  CHECK(longest_line(encode_header_text(std::string(300, 'x'), 9)) <= 76);
}

TEST_CASE("mailboxes in headers") {
  CHECK(encode_mailbox({"a@b", ""}, 4) == "a@b");
  CHECK(encode_mailbox({"a@b", "Ana Maria"}, 4) == "Ana Maria <a@b>");
  CHECK(encode_mailbox({"a@b", "Maria \"M\", Ana"}, 4) == "\"Maria \\\"M\\\", Ana\" <a@b>");
  CHECK(encode_mailbox({"a@b", "Zoë, Ana"}, 4) == "=?UTF-8?Q?Zo=C3=AB=2C_Ana?= <a@b>");
  CHECK_THROWS_AS(encode_mailbox({"a@b", "Ana\r\nBcc: x@y"}, 4), std::invalid_argument);
  CHECK_THROWS_AS(encode_mailbox({"a@b>\r\nBcc: x@y", ""}, 4), std::invalid_argument);
}

TEST_CASE("quoted-printable") {
  CHECK(encoded("Hello\n") == "Hello\r\n");
  CHECK(encoded("a = b\n") == "a =3D b\r\n");
  CHECK(encoded("6.7 °C\n") == "6.7 =C2=B0C\r\n");
  CHECK(encoded("blank \n\nend") == "blank=20\r\n\r\nend\r\n");
  CHECK(encoded(".\n..a\nFrom x\n") == "=2E\r\n=2E.a\r\n=46rom x\r\n");
  CHECK(encoded("a\r\n") == "a=0D\r\n");
  const std::string line(200, 'x');
  CHECK(encoded(line) ==
        std::string(75, 'x') + "=\r\n" + std::string(75, 'x') + "=\r\n" + std::string(50, 'x') + "\r\n");
  CHECK(encoded(std::string(76, 'x') + "\n") == std::string(76, 'x') + "\r\n");
  CHECK(encoded(std::string(75, 'x') + ".y") == std::string(75, 'x') + "=\r\n=2Ey\r\n");
}

TEST_CASE("a message of two texts, and with a picture") {
  Message message = a_message();
  const std::string plain = compose(message);
  CHECK(plain.starts_with(
      "Date: Fri, 01 Dec 2017 05:00:00 +0000\r\nFrom: Weir <weir@example.org>\r\nTo: Ana <ana@example.org>\r\n"
      "Message-ID: <one@example.org>\r\nSubject: Weather\r\nMIME-Version: 1.0\r\nContent-Type: "
      "multipart/alternative;\r\n"));
  CHECK(plain.find("text/plain") < plain.find("text/html"));
  CHECK(plain.find("multipart/related") == std::string::npos);
  CHECK(plain == compose(message));

  message.images.push_back({"c0@weir", "image/png", "athens.png", std::string(1000, '\xFE')});
  const std::string with_picture = compose(message);
  CHECK(with_picture.find("multipart/related") < with_picture.find("text/html"));
  CHECK(with_picture.find("Content-ID: <c0@weir>\r\n") != std::string::npos);
  CHECK(longest_line(with_picture) <= 78);
  // No line feed without a carriage return, and no boundary within a part.
  for (std::size_t at = with_picture.find('\n'); at != std::string::npos; at = with_picture.find('\n', at + 1))
    CHECK(with_picture[at - 1] == '\r');
}

TEST_CASE("no header of a message can be broken out of") {
  Message message = a_message();
  SECTION("subject") { message.subject = "x\r\nBcc: y@z"; }
  SECTION("name") { message.to.name = "x\nBcc: y@z"; }
  SECTION("address") { message.to.address = "a@b\r\nBcc: y@z"; }
  SECTION("id") { message.id = "x>\r\nBcc: y@z"; }
  SECTION("further header's value") { message.headers.emplace_back("List-Unsubscribe", "<https://x/>\r\nBcc: y@z"); }
  SECTION("further header's characters") { message.headers.emplace_back("List-Unsubscribe", "<https://x/Ω>"); }
  SECTION("further header's length") { message.headers.emplace_back("X", std::string(997, 'x')); }
  SECTION("further header's name") { message.headers.emplace_back("X: y\r\nBcc", "z"); }
  SECTION("picture's id") { message.images.push_back({"a>\r\nX: y", "image/png", "a.png", "x"}); }
  SECTION("picture's file name") { message.images.push_back({"a", "image/png", "a\".png", "x"}); }
  CHECK_THROWS_AS(compose(message), std::invalid_argument);
}

TEST_CASE("fingerprints tell parts apart") {
  CHECK(fingerprint({"ab", "c"}) == fingerprint({"ab", "c"}));
  CHECK(fingerprint({"ab", "c"}) != fingerprint({"a", "bc"}));
  CHECK(fingerprint({"a"}) != fingerprint({"a", ""}));
  CHECK(fingerprint({"a"}).size() == 32);
}

TEST_CASE("a client refuses an invalid address before anything is sent") {
  Client client({"127.0.0.1", 1, Security::none, "", "", ""});
  CHECK_THROWS_AS(client.send("a@b", "c@d>\r\nRCPT TO:<e@f", "x"), std::invalid_argument);
  CHECK(client.send("a@b", "c@d", "x").outcome == Outcome::unreachable);
}
