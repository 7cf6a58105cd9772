#include <string>

#include "catch.hpp"
#include "followed.hpp"

using namespace weir;
using namespace weir::csv_tail;

TEST_CASE("truncated, and gone on with rows alone: the columns are kept, over a restart too") {
  Followed file("time,temp\n1,20.5\n");
  CHECK(file.read() == "{\"time\":1,\"temp\":20.5}\n");
  file.resize(0);
  file.write("3,20.7\n");
  CHECK(file.read() == "{\"time\":3,\"temp\":20.7}\n");
  CHECK(file.host.logged.find("line 1: the first row is not a header") != std::string::npos);
  file.resize(0);
  CHECK(file.read().empty());
  const std::string state = file.stop();
  file.write("4,20.8\n5,\n");
  file.go_on(state);
  CHECK(file.read() == "{\"time\":4,\"temp\":20.8}\n{\"time\":5,\"temp\":null}\n");
}

TEST_CASE("renamed away: a new file without a header, and one with another") {
  Followed file("time,temp\n1,20.5\n");
  file.rename("f.csv", "f.csv.1");
  file.write("2,20.6\n");
  CHECK(file.read() == "{\"time\":1,\"temp\":20.5}\n{\"time\":2,\"temp\":20.6}\n");
  file.rename("f.csv", "f.csv.2");
  file.write("time,hum\n3,60\n");
  CHECK(file.read() == "{\"time\":3,\"hum\":60}\n");
}

TEST_CASE("a row cut off where the file was truncated costs itself alone") {
  Followed file("time,temp,hum\n1,20.5,60\n");
  CHECK(file.read() == "{\"time\":1,\"temp\":20.5,\"hum\":60}\n");
  file.resize(0);
  file.write("7,62\n4,20.8,63\n");
  CHECK(file.read() == "{\"time\":4,\"temp\":20.8,\"hum\":63}\n");
  CHECK(file.host.rejected == std::vector<std::string>{"7,62"});
}

TEST_CASE("lines to skip are there at first, and gone after a truncation") {
  Followed file("; logger 7\n; \"alpha\ntime,temp\n1,2\n", StartAt::beginning, {.skip_lines = 2});
  CHECK(file.read() == "{\"time\":1,\"temp\":2}\n");
  file.resize(0);
  file.write("3,4\n5,6\n");
  CHECK(file.read() == "{\"time\":3,\"temp\":4}\n{\"time\":5,\"temp\":6}\n");
  file.resize(0);
  file.write("; logger 8\n; beta\ntime,hum\n7,8\n");
  CHECK(file.read() == "{\"time\":7,\"hum\":8}\n");
}

TEST_CASE("a quote left open is rejected after a while, and the rows after it come") {
  Followed file("a,b\n1,x\n2,\"open\n3,y\n", StartAt::beginning, {.quote_limit = Duration(1)});
  CHECK(file.read() == "{\"a\":1,\"b\":\"x\"}\n{\"a\":3,\"b\":\"y\"}\n");
  CHECK(file.host.rejected == std::vector<std::string>{"2,\"open"});
}

TEST_CASE("a quote may stay open for its time") {
  Followed file("a,b\n2,\"open\n", StartAt::beginning, {.quote_limit = std::chrono::hours(1)});
  CHECK(file.read().empty());
  file.write("y\"\n");
  CHECK(file.read() == "{\"a\":2,\"b\":\"open\\ny\"}\n");
  CHECK(file.host.rejected.empty());
}

TEST_CASE("another encoding: a growing file, a row in pieces, a restart") {
  Followed file("a,b\n1,M\xFC", StartAt::beginning, {.encoding = "LATIN1"});
  CHECK(file.read().empty());
  file.write("\xFC\n2,\xE4\n3");
  CHECK(file.read() == "{\"a\":1,\"b\":\"Müü\"}\n{\"a\":2,\"b\":\"ä\"}\n");
  const std::string state = file.stop();
  file.write(",\xDF\n");
  file.go_on(state);
  CHECK(file.read() == "{\"a\":3,\"b\":\"ß\"}\n");
  CHECK(file.host.logged.find("truncated") == std::string::npos);
}

TEST_CASE("times that come twice are told apart over a rotation and a restart") {
  Followed file("t\n2026-10-25 02:30\n2026-10-25 02:00\n", StartAt::beginning,
                {.time_columns = {"t"}, .time = {.zone = "Europe/Berlin"}});
  CHECK(file.read() == "{\"t\":\"2026-10-25T00:30:00Z\"}\n{\"t\":\"2026-10-25T01:00:00Z\"}\n");
  const std::string state = file.stop();
  file.rename("f.csv", "f.csv.1");
  file.write("t\n2026-10-25 02:30\n");
  file.go_on(state);
  CHECK(file.read() == "{\"t\":\"2026-10-25T01:30:00Z\"}\n");
}

TEST_CASE("times that come twice are told apart for each key over a restart") {
  const std::string night = "2026-10-25 02:00";
  Followed file("t,m\n" + night + ",a\n" + night + ",b\n", StartAt::beginning,
                {.time_columns = {"t"}, .time = {.zone = "Europe/Berlin"}, .by = {"m"}});
  CHECK(file.read() == "{\"t\":\"2026-10-25T00:00:00Z\",\"m\":\"a\"}\n{\"t\":\"2026-10-25T00:00:00Z\",\"m\":\"b\"}\n");
  const std::string state = file.stop();
  file.write(night + ",b\n" + night + ",a\n");
  file.go_on(state);
  CHECK(file.read() == "{\"t\":\"2026-10-25T01:00:00Z\",\"m\":\"b\"}\n{\"t\":\"2026-10-25T01:00:00Z\",\"m\":\"a\"}\n");
}
