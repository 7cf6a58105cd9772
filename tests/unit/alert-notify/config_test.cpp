#include "config.hpp"

#include "catch.hpp"
#include "silences.hpp"

using namespace weir;
using namespace weir::alert_notify;

namespace {

std::string mistake(std::string_view text) {
  try {
    const Config config = read_config("r.toml", text);
    check_config(config);
  } catch (const ConfigError& problem) {
    return problem.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a file of channels, routes and texts") {
  Config config = read_config("r.toml", R"(
tz = "Europe/Athens"
[channel.team]
type = "mail"
to = ["a@example.org", "b@example.org"]
port = 2525
[channel.pager]
type = "pagerduty"
rate = 0.5
[[route]]
level = "critical"
days = ["mon", "sun"]
between = "22:00-06:00"
to = ["team", "pager"]
continue = true
resolved = false
escalate = [{after = "5m", to = "pager"}, {after = "15m", to = ["team"]}]
[[route]]
name = "rest"
match = "plant == 'north' and value > 3"
group = ["plant"]
wait = "30s"
remind = "4h"
cooldown = "10m"
to = "team"
[template.critical]
sms = "{what}!"
)");
  check_config(config);
  REQUIRE(config.channels.size() == 2);
  REQUIRE(config.routes.size() == 2);
  CHECK(config.routes[0].days == std::vector<unsigned>{1, 0});
  CHECK(config.routes[0].name == "route 1");
  CHECK(config.routes[0].escalate.size() == 2);
  CHECK(config.routes[1].wait == std::chrono::seconds(30));
  CHECK(config.texts.at("critical").brief == "{what}!");
  split_recipients(config);
  REQUIRE(config.channels.size() == 3);
  CHECK(config.routes[1].to == std::vector<std::string>{"team", "team/2"});
  CHECK(config.routes[0].escalate[1].to == std::vector<std::string>{"team", "team/2"});
  check_config(config);
}

TEST_CASE("a mistake in the file is told with its line") {
  CHECK_THAT(mistake("a = "), contains_text("r.toml:1: "));
  CHECK(mistake("\nrote = 1") ==
        "r.toml:2: unknown key `rote` in the file; there are tz, channel, route, inhibit, template");
  CHECK(mistake("tz = \"Mars/Olympus\"") == "r.toml:1: there is no time zone 'Mars/Olympus'");
  CHECK(mistake("[channel.a]\nto = 1") == "r.toml:1: channel a has no type");
  CHECK(mistake("[channel.a]\ntype = \"fax\"") ==
        "r.toml:2: no service is called `fax`; there are mail, sms, webhook, slack, pagerduty, alertmanager, mqtt, "
        "program");
  CHECK_THAT(mistake("[channel.a]\ntype = \"slack\"\nto = \"x\""),
             contains_text("r.toml:1: unknown key `to` of slack; there are url_file"));
  CHECK(mistake("[channel.a]\ntype = \"slack\"\nlevel = \"x\"") ==
        "r.toml:3: levels are a route's: [[route]] level = …");
  CHECK(mistake("[[route]]\nto = \"a\"") == "r.toml:1: no channel is called `a`; there are none");
  CHECK(mistake("\n[[route]]\nlevel = \"x\"") == "r.toml:2: the route tells nobody: name its channels, to = …");
  CHECK(mistake("[[route]]\nto = []") == "r.toml:2: to is empty: nobody would be told");
  CHECK(mistake("[[route]]\nto = \"a\"\nescalate = [{after = \"5m\", to = []}]") ==
        "r.toml:3: to is empty: nobody would be told");
  for (const char* hours : {"08:00-08:00", "24:00-00:00"})
    CHECK(mistake(std::string("[[route]]\nbetween = \"") + hours + "\"") ==
          "r.toml:2: no time lies between the two; a whole day is \"00:00-24:00\"");
  CHECK(mistake("[channel.a]\ntype = \"slack\"\n[[route]]\nbetween = \"00:00-24:00\"\nto = \"a\"") == "none");
  CHECK(mistake("[[route]]\n\nwait = 5") == "r.toml:3: wait must be a duration with its unit, such as \"5m\"");
  CHECK(mistake("[[route]]\ncooldown = \"0s\"") == "r.toml:2: cooldown must be longer than nothing");
  CHECK(mistake("[[route]]\ndays = \"monday\"") == "r.toml:2: a day is mon, tue, wed, thu, fri, sat or sun");
  CHECK(mistake("[[route]]\nbetween = \"22-6\"") == "r.toml:2: expected times of the day, such as \"22:00-06:00\"");
  CHECK(mistake("[[route]]\nescalate = [{after = \"5m\"}]") == "r.toml:2: a step of escalate has after and to");
  CHECK(mistake("[[route]]\nescalate = [{after = \"5m\", to = \"x\"}, {after = \"5m\", to = \"x\"}]") ==
        "r.toml:2: the steps of escalate come in the order of after");
  const std::string channel = "\n[channel.c]\ntype = \"slack\"";
  CHECK_THAT(mistake("[[route]]\nto = \"c\"\nmatch = \"a >\"" + channel), contains_text("r.toml:1: "));
  CHECK_THAT(mistake("[[route]]\nto = \"c\"\nname = \"a\"\n[[route]]\nto = \"c\"\nname = \"a\"" + channel),
             contains_text("r.toml:4: a second route `a`"));
  CHECK_THAT(mistake("[template.x]\ntext = \"{\""), contains_text("r.toml:2: a { is not closed"));
  CHECK(mistake("[channel]\na = 5") == "r.toml:2: channel must be a table");
  CHECK(mistake("route = 5") == "r.toml:1: a route is written [[route]]");
}

TEST_CASE("a channel of the command line") {
  const ChannelSpec mail = read_spec(Service::mail, "a@example.org,to=b@example.org,level=critical,insecure", 1);
  CHECK(mail.name == "mail");
  CHECK(mail.list("to") == std::vector<std::string>{"a@example.org", "b@example.org"});
  CHECK(mail.flag("insecure"));
  const ChannelSpec hook = read_spec(Service::webhook, "https://example.org/x?a=b,token-file=t,name=h", 2);
  CHECK(hook.name == "h");
  CHECK(hook.text("url") == "https://example.org/x?a=b");
  CHECK(hook.text("token_file") == "t");
  CHECK(read_spec(Service::program, "sh -c 'a=b, c'", 3).text("command") == "sh -c 'a=b, c'");
  CHECK(read_spec(Service::slack, "", 2).name == "slack-2");
  CHECK_THROWS_WITH(read_spec(Service::mail, "a@example.org,B", 1), "--mail: 'B' is not KEY=VALUE");
  CHECK_THROWS_WITH(mail.text("to"), "--mail: to is given more than once");
  CHECK_THROWS_WITH(read_spec(Service::mail, "port=x", 1).number("port"), "--mail: port is not a whole number");
  CHECK_THROWS_WITH(read_spec(Service::mail, "rate=-1", 1).decimal("rate"), contains_text("above 0"));
  CHECK_THROWS_WITH(read_spec(Service::mail, "timeout=5", 1).duration("timeout"), contains_text("with its unit"));
}

TEST_CASE("mistakes in silences are told with their line") {
  CHECK_THROWS_WITH(Silences::read("s.toml", "[[silence]]\nuntil = 5"),
                    "s.toml:2: until must be a time, such as 2026-07-01T06:00:00Z");
  CHECK_THROWS_WITH(Silences::read("s.toml", "[[silence]]\nmach = \"a\""),
                    "s.toml:2: unknown key `mach` in a silence; there are match, from, until, comment");
  CHECK_THROWS_WITH(Silences::read("s.toml", "[[silence]]\nuntil = 2026-07-01T00:00:00Z\nfrom = 2026-07-02T00:00:00Z"),
                    "s.toml:2: until must be after from");
  CHECK_THROWS_WITH(Silences::read("s.toml", "a = 1"), "s.toml:1: unknown key `a` in the file; there is silence");
  CHECK_THROWS_WITH(Silences::read("s.toml", "[[silence]]\nmatch = \"a >\""), contains_text("s.toml:2: "));
}
