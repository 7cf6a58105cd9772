#include "editor.hpp"

#include <cstring>

#include "catch.hpp"
#include "day_chart.hpp"
#include "net/html.hpp"
#include "sample.hpp"

using namespace weir;
using namespace weir::summary_mail;

namespace {

const Time now = at("2017-06-01T21:00:00Z");

Editor::Settings settings() {
  Editor::Settings made;
  made.from = {"weir@example.org", "Weir"};
  return made;
}

Readings two_cities() {
  Readings readings({}, std::nullopt);
  REQUIRE(add(readings, "Athens", "2017-06-01T07:00:00Z", 20, "sky is clear", 3, 50, 1012));
  REQUIRE(add(readings, "Athens", "2017-06-01T08:00:00Z", 22.06, "light rain", 5, 60, 1013));
  REQUIRE(add(readings, "Athens", "2017-06-01T20:00:00Z", -0.04, "few clouds", 1, 70, 1014));
  REQUIRE(add(readings, "Haifa", "2017-06-01T20:00:00Z", 31, "<b>haze</b>"));
  return readings;
}

Subscriber subscriber(std::vector<std::string> cities) {
  return {"ana@example.org", "Ana & Zoë", std::move(cities), Zone()};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("the day's mail of one city") {
  const Readings readings = two_cities();
  Editor editor(settings(), readings);
  const auto mail = editor.write(subscriber({"athens"}), now);
  REQUIRE(mail);
  CHECK(mail->subject == "Weather in Athens on Thursday, 1 June 2017: 0.0 °C, few clouds");
  CHECK(mail->to.address == "ana@example.org");
  CHECK(mail->to.name == "Ana & Zoë");
  CHECK(mail->date == now);
  CHECK(mail->id.starts_with("2017-06-01.daily."));
  CHECK(mail->id.ends_with("@example.org"));
  CHECK(
      mail->text.starts_with("Hello Ana & Zoë,\n\nthis is the weather on Thursday, 1 June 2017.\n\n"
                             "Athens\n------\n"
                             "  Morning (06–12)\n"
                             "    Temperature  21.0 °C (20.0 to 22.1)\n"
                             "    Humidity     55 %\n"
                             "    Pressure     1012 hPa\n"
                             "    Wind         4.0 m/s (up to 5.0)\n"
                             "    Weather      sky is clear\n"
                             "    Advice       Take an umbrella.\n"
                             "  Evening (18–24)\n"
                             "    Temperature  0.0 °C\n"));
  CHECK(contains(mail->html, "Hello Ana &amp; Zoë,"));
  CHECK(contains(mail->html, "21.0 °C<br>"));
  REQUIRE(mail->images.size() == 1);
  CHECK(contains(mail->html, "src=\"cid:" + mail->images[0].id + "\""));
  CHECK(contains(
      mail->html,
      "alt=\"Chart of the temperature in Athens over the day: lowest 0.0 °C at 20:00, highest 22.1 °C at 08:00\""));
  // The same readings give the same mail.
  CHECK(smtp::compose(*mail) == smtp::compose(*Editor(settings(), readings).write(subscriber({"athens"}), now)));
}

TEST_CASE("the day's mail of several cities, in the subscriber's order") {
  const Readings readings = two_cities();
  Editor editor(settings(), readings);
  const auto mail = editor.write(subscriber({"Haifa", "Atlantis", "Athens"}), now);
  REQUIRE(mail);
  CHECK(mail->subject == "Weather on Thursday, 1 June 2017: Haifa and Athens");
  CHECK(mail->text.find("\nHaifa\n-----\n") < mail->text.find("\nAthens\n------\n"));
  CHECK(contains(mail->text, "  Morning (06–12): no readings\n"));
  CHECK(contains(mail->text, "    Humidity     not known\n"));
  CHECK(contains(mail->text, "There are no readings of Atlantis.\n"));
  CHECK(contains(mail->html, "&lt;b&gt;haze&lt;/b&gt;"));
  CHECK_FALSE(contains(mail->html, "<b>haze"));
  CHECK(editor.write(subscriber({}), now)->subject == "Weather on Thursday, 1 June 2017: Athens and Haifa");
  CHECK_FALSE(editor.write(subscriber({"Atlantis"}), now));
}

TEST_CASE("each zone has its own day") {
  const Readings readings = two_cities();
  Editor editor(settings(), readings);
  Subscriber east = subscriber({"Athens"});
  east.zone = *Zone::find("Pacific/Auckland");  // it is 09:00 of the next day there, and the day is yesterday
  const auto mail = editor.write(east, now);
  REQUIRE(mail);
  CHECK(contains(mail->subject, "Thursday, 1 June 2017"));
  CHECK(contains(mail->text, "  Current (at 20:00)\n"));
  CHECK(contains(mail->text, "Times are those of Pacific/Auckland."));
  const auto mail_of = [&](const char* day) {
    auto dated = settings();
    dated.day = *parse_which_day(day);
    return Editor(dated, readings).write(east, now).value();
  };
  const auto next = mail_of("today");
  CHECK(contains(next.subject, "Friday, 2 June 2017"));
  CHECK(contains(next.text, "  Current (at 08:00)\n"));
  const auto day_before = mail_of("2017-06-01");
  CHECK(contains(day_before.text, "  Current (at 20:00)\n"));  // 08:00Z
}

TEST_CASE("without charts, with a link to leave") {
  const Readings readings = two_cities();
  auto plain = settings();
  plain.charts = Charts::leave_out;
  plain.unsubscribe = "https://example.org/leave?a=1&who={email}";
  const auto mail = Editor(plain, readings).write(subscriber({"Athens"}), now);
  REQUIRE(mail);
  CHECK(mail->images.empty());
  CHECK_FALSE(contains(mail->html, "<img"));
  CHECK(contains(mail->html, "href=\"https://example.org/leave?a=1&amp;who=ana%40example.org\""));
  CHECK(contains(mail->text, "Unsubscribe: https://example.org/leave?a=1&who=ana%40example.org\n"));
  CHECK(contains(smtp::compose(*mail), "List-Unsubscribe: <https://example.org/leave?a=1&who=ana%40example.org>\r\n"));
}

TEST_CASE("a link with a token, which a mail program may use by itself") {
  const Readings readings = two_cities();
  auto plain = settings();
  plain.charts = Charts::leave_out;
  plain.unsubscribe = "https://example.org/unsubscribe?email={email}&token={token}";
  plain.unsubscribe_secret = "a secret for tests";
  const auto mail = Editor(plain, readings).write(subscriber({"Athens"}), now);
  REQUIRE(mail);
  // printf 'unsubscribe\0ana@example.org' | openssl dgst -sha256 -hmac 'a secret for tests' -binary | base64
  const std::string link =
      "https://example.org/unsubscribe?email=ana%40example.org&token=PJFvgCgw9B4TUh6o4zOsAqil93BB5zrW52F-Lswism8";
  CHECK(contains(mail->text, "Unsubscribe: " + link + "\n"));
  const std::string message = smtp::compose(*mail);
  CHECK(contains(message, "\r\nList-Unsubscribe:\r\n <" + link + ">\r\n"));  // no encoded words (RFC 2369)
  CHECK(contains(message, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

TEST_CASE("the greeting has current conditions, and comes without any too") {
  const Readings readings = two_cities();
  auto greeting = settings();
  greeting.kind = MailKind::welcome;
  const auto mail = Editor(greeting, readings).write(subscriber({"Athens"}), now);
  REQUIRE(mail);
  CHECK(mail->subject == "Welcome to the daily weather of Athens");
  CHECK(contains(mail->text, "  Current (at 20:00)\n    Temperature  0.0 °C\n"));
  CHECK_FALSE(contains(mail->text, "Morning (06"));
  CHECK(mail->id.starts_with("2017-06-01.welcome."));
  const Readings none({}, std::nullopt);
  const auto early = Editor(greeting, none).write(subscriber({}), now);
  REQUIRE(early);
  CHECK(contains(early->text, "There are no readings yet."));
}

TEST_CASE("figures never show a minus before zero") {
  CHECK(format_figure(-0.04, 1) == "0.0");
  CHECK(format_figure(-0.06, 1) == "-0.1");
  CHECK(format_figure(-0.0, 0) == "0");
  CHECK(format_figure(1013.5, 0) == "1014");
}

TEST_CASE("links that are taken") {
  CHECK(is_link("https://example.org/?a={email}"));
  CHECK(is_link("mailto:leave@example.org?subject=leave"));
  for (const char* bad : {"", "http://example.org", "javascript:alert(1)", "https://x y", "https://x\r\nBcc: y",
                          "https://x>", "https://x\""})
    CHECK_FALSE(is_link(bad));
}

TEST_CASE("HTML is escaped for text and attributes") {
  CHECK(escape_html("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST_CASE("charts of every shape of day are PNG") {
  const auto chart = [](std::vector<std::pair<double, double>> points) {
    CityDay day;
    day.city = "A";
    for (const auto& [hour, temperature] : points) day.course.push_back({hour, temperature, {}});
    return draw_day_chart(day);
  };
  for (const auto& png :
       {chart({{12, 20}}), chart({{0, -40}, {23.99, 50}}), chart({{3, 5}, {4, 5}, {20, 5}, {21, 5}}),
        chart({{1.5, 10}, {1.0, 11}, {1.5, 12}}), chart({{0, 999}, {1, -999}}), chart({{5, 0.001}, {6, -0.001}})}) {
    REQUIRE(png.size() > 100);
    CHECK(std::memcmp(png.data(), "\x89PNG\r\n\x1a\n", 8) == 0);
    CHECK(png.find("IEND") != std::string::npos);
  }
  CHECK(chart({}).empty());
}
