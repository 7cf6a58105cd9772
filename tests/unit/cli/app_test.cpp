#include "cli/app.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "catch.hpp"
#include "cli/describe.hpp"
#include "cli/unknown_argument.hpp"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("options take their values and refuse others") {
  cli::App app("tool", "does things");
  int number = 1;
  Duration length = 1s;
  std::uint64_t size = 1024;
  std::vector<std::string> list;
  enum class Color { red, green } color = Color::red;
  cli::Option& n = app.option("-n,--number", number, "a number").at_least(1).at_most(9);
  cli::Option& d = app.option("--length", length, "a length");
  cli::Option& s = app.size("--size", size, "a size");
  cli::Option& l = app.list("--list", list, "a list");
  cli::Option& c = app.choice("--color", color, {{"red", Color::red}, {"green", Color::green}}, "a color");
  n.set("9");
  CHECK(number == 9);
  for (const char* bad : {"0", "10", "x", "1x", "", "1.5"}) CHECK_THROWS_AS(n.set(bad), std::invalid_argument);
  d.set("5m");
  CHECK(length == 5min);
  CHECK_THROWS_AS(d.set("5"), std::invalid_argument);
  s.set("64KiB");
  CHECK(size == 65536);
  for (const char* bad : {"64XiB", "iB", "KiB", "1iB"}) CHECK_THROWS_AS(s.set(bad), std::invalid_argument);
  s.set("2K");
  CHECK(size == 2048);
  CHECK_THROWS_AS(s.set("99999999999G"), std::invalid_argument);
  l.set(" a, b ,,c");
  CHECK(list == std::vector<std::string>{"a", "b", "c"});
  CHECK_THROWS_AS(l.set(","), std::invalid_argument);
  c.set("green");
  CHECK(color == Color::green);
  CHECK_THROWS_AS(c.set("blue"), std::invalid_argument);
}

TEST_CASE("limits hold for every kind of number") {
  cli::App app("tool", "does things");
  std::optional<std::uint64_t> count;
  std::optional<double> rate;
  double share = 0;
  std::uint64_t size = 1024;
  cli::Option& c = app.option("--count", count, "a count").at_least(1).at_most(9);
  cli::Option& r = app.option("--rate", rate, "a rate").at_least(0.5);
  cli::Option& f = app.option("--share", share, "a share").at_least(0).at_most(1);
  cli::Option& s = app.size("--size", size, "a size").at_least(2);
  for (const char* bad : {"0", "10", "-1", "x", ""}) CHECK_THROWS_AS(c.set(bad), std::invalid_argument);
  CHECK_FALSE(count);
  c.set("1");
  CHECK(count == 1U);
  CHECK_THROWS_AS(r.set("0.4"), std::invalid_argument);
  r.set("0.5");
  CHECK(rate == 0.5);
  for (const char* bad : {"nan", "inf", "-inf", "1.1", "-0.1"}) CHECK_THROWS_AS(f.set(bad), std::invalid_argument);
  CHECK_THROWS_AS(r.set("inf"), std::invalid_argument);
  CHECK_THROWS_AS(s.set("1"), std::invalid_argument);
  s.set("2");
  CHECK(size == 2);
}

TEST_CASE("help, man page and completions tell the same options") {
  cli::App app("tool", "does things");
  bool flag = false;
  std::string text = "x_y";
  app.example("tool --name a", "Shows it");
  app.flag("-f,--flag", flag, "a flag");
  app.option("--name", text, "a name [odd] 'text'").env("NAME");
  for (const std::string& script :
       {cli::help_text(app), cli::description(app, "man-options"), cli::description(app, "bash"),
        cli::description(app, "zsh"), cli::description(app, "options")}) {
    CHECK(script.find("--flag") != std::string::npos);
    CHECK(script.find("--name") != std::string::npos);
  }
  CHECK(cli::help_text(app).find("environment NAME") != std::string::npos);
  CHECK(cli::help_text(app).find("Examples:") < cli::help_text(app).find("Usage:"));
  CHECK(cli::description(app, "fish").find("-s f -l flag") != std::string::npos);
  CHECK_THROWS_AS(cli::description(app, "nonsense"), cli::UsageError);
}

TEST_CASE("completions know values that are not the only ones, and time zones") {
  cli::App app("tool", "does things");
  std::string every;
  std::string zone;
  app.option("--every", every, "a length").completes({"day", "week"});
  app.option("--tz", zone, "a zone").zone();
  CHECK(cli::description(app, "bash").find("--every) COMPREPLY=($(compgen -W \"day week\"") != std::string::npos);
  CHECK(cli::description(app, "bash").find("zone.tab") != std::string::npos);
  CHECK(cli::description(app, "zsh").find("ZONE:_time_zone") != std::string::npos);
  CHECK(cli::description(app, "fish").find("-a 'day week'") != std::string::npos);
  CHECK(cli::description(app, "fish").find("zone.tab") != std::string::npos);
}

TEST_CASE("help counts characters, not bytes, and a required option has no default") {
  cli::App app("tool", "does things");
  std::vector<std::string> list;
  std::string plain;
  Duration length{};
  app.list("--list", list, "LISTHELP");
  app.option("--plain", plain, "PLAINHELP");
  app.option("--length", length, "a length").required();
  const std::string help = cli::help_text(app);
  const auto column_of = [&](const char* text) {
    const std::string line = help.substr(help.rfind('\n', help.find(text)) + 1);
    const std::string before = line.substr(0, line.find(text));
    return std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; });
  };
  CHECK(column_of("LISTHELP") == column_of("PLAINHELP"));
  CHECK(help.find("[required]") != std::string::npos);
}

TEST_CASE("an unknown argument gets a suggestion, in the order of the command line") {
  cli::App app("tool", "does things");
  std::string text;
  for (const char* name : {"--by", "--every", "--topic", "--listen", "--max-keys"}) app.option(name, text, "help");
  CHECK(cli::nearest_option(app, "--group-by") == "--by");
  CHECK(cli::nearest_option(app, "--window=1h") == "--every");
  CHECK(cli::nearest_option(app, "--topics") == "--topic");
  CHECK(cli::nearest_option(app, "--port") == "--listen");
  CHECK(cli::nearest_option(app, "--max-key") == "--max-keys");
  CHECK(cli::nearest_option(app, "--evry") == "--every");
  CHECK(cli::nearest_option(app, "--colour").empty());
  CHECK(cli::nearest_option(app, "-x").empty());
  std::array<std::string, 3> words{"--group-by", "-p", "1893"};
  const std::array<char*, 3> given{words[0].data(), words[1].data(), words[2].data()};
  CHECK(cli::unknown_arguments(app, given, {"1893", "-p", "--group-by"}) ==
        "there is no option --group-by (did you mean --by?); there is no option -p; '1893' is not expected");
  cli::App other("tool", "does things");
  for (const char* name : {"--state", "--host", "--port"}) other.option(name, text, "help");
  CHECK(cli::nearest_option(other, "--late").empty());
  CHECK(cli::nearest_option(other, "--stat") == "--state");
  CHECK(cli::nearest_option(other, "-p") == "--port");
  CHECK(cli::nearest_option(other, "-p1893") == "--port");
}
