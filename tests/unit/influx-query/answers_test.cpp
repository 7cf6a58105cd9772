#include <string>
#include <vector>

#include "catch.hpp"
#include "flux_reader.hpp"
#include "influxql_reader.hpp"
#include "json_lines_reader.hpp"

using namespace weir;
using namespace weir::influx_query;

namespace {

/// The rows of an answer, fed whole and byte by byte, and then the error.
template <typename Reader>
std::vector<std::string> rows_of(std::string_view answer) {
  std::vector<std::string> first;
  for (const std::size_t piece : {answer.size() + 1, std::size_t{1}}) {
    std::vector<std::string> rows;
    Reader reader([&](const Row& row) { rows.emplace_back(row.line); });
    try {
      for (std::size_t at = 0; at < answer.size(); at += piece) reader.feed(answer.substr(at, piece));
      reader.finish();
    } catch (const AnswerError& error) {
      rows.emplace_back(std::string("! ") + error.what());
    }
    if (piece == 1) CHECK(rows == first);
    first = rows;
  }
  return first;
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("InfluxQL: tags, columns and times of nanoseconds") {
  CHECK(
      rows_of<InfluxqlReader>(
          R"({"results":[{"statement_id":0,"series":[{"name":"w","tags":{"plant":"p\"1","none":""},"columns":["time","n","s","b","x"],)"
          R"("values":[[1782864000123456789,9007199254740993,"a \"b\"\n",true,null],[1782864000000000000,7,"","false",1e5]],"partial":true}],"partial":true}]})"
          "\n"
          R"({"results":[{"statement_id":0,"series":[{"name":"w","columns":["time","v"],"values":[["2026-07-01T00:00:01Z",1]]}]}]})"
          "\n") ==
      Rows{
          R"({"timestamp":"2026-07-01T00:00:00.123456789Z","measurement":"w","plant":"p\"1","n":9007199254740993,"s":"a \"b\"\n","b":true})",
          R"({"timestamp":"2026-07-01T00:00:00Z","measurement":"w","plant":"p\"1","n":7,"s":"","b":"false","x":1e5})",
          R"({"timestamp":"2026-07-01T00:00:01Z","measurement":"w","v":1})"});
  CHECK(rows_of<InfluxqlReader>(R"({"results":[{"series":[{"columns":["key","value"],"values":[["a",1]]}]}]})") ==
        Rows{R"({"key":"a","value":1})"});
  CHECK(rows_of<InfluxqlReader>(R"({"results":[{"statement_id":0}]})").empty());
}

TEST_CASE("a column whose name is taken gets another") {
  CHECK(
      rows_of<InfluxqlReader>(
          R"({"results":[{"series":[{"name":"w","columns":["time","timestamp","measurement","@ctl","v","v"],"values":[[0,1,2,3,4,5]]}]}]})") ==
      Rows{
          R"({"timestamp":"1970-01-01T00:00:00Z","measurement":"w","timestamp_1":1,"measurement_1":2,"@ctl_1":3,"v":4,"v_1":5})"});
  CHECK(rows_of<InfluxqlReader>(R"({"results":[{"series":[{"columns":["@ctl"],"values":[[1]]}]}]})") ==
        Rows{R"({"@ctl_1":1})"});
  CHECK(rows_of<JsonLinesReader>(R"({"@ctl":1,"timestamp":2})") == Rows{R"({"@ctl_1":1,"timestamp_1":2})"});
}

TEST_CASE("InfluxQL: errors are named, after the rows before them") {
  CHECK(
      rows_of<InfluxqlReader>(
          R"({"results":[{"series":[{"name":"w","columns":["time","v"],"values":[[0,1]]}]},{"error":"no such function"}]})") ==
      Rows{R"({"timestamp":"1970-01-01T00:00:00Z","measurement":"w","v":1})",
           "! the server reports: no such function"});
  CHECK(rows_of<InfluxqlReader>(R"({"error":"timeout"})") == Rows{"! the server reports: timeout"});
  CHECK(rows_of<InfluxqlReader>(R"({"results":[{"series":[],"partial":true}]})"
                                "\n") == Rows{"! the answer ends in the middle: its last chunk says that more follow"});
  for (const char* text : {"{\"results\":[{\"series\":[{\"columns\":[\"time\"],\"values\":[[0", "{", "<html>", "{} {}",
                           "{\"results\":[{\"series\":[{\"columns\":[\"time\",\"v\"],\"values\":[[0]]}]}]}",
                           "{\"results\":[{\"series\":[{\"columns\":[\"v\"],\"values\":[[[0]]]}]}]}",
                           "{\"results\":[{\"series\":[{\"columns\":[\"v\"],\"values\":[[\"\\x\"]]}]}]}"}) {
    const Rows rows = rows_of<InfluxqlReader>(text);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].find("! the answer is ") + rows[0].find("! a row of the answer has ") != 2 * std::string::npos);
  }
}

TEST_CASE("Flux: types, defaults, several tables") {
  const std::string answer =
      "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,boolean,long\r\n"
      "#group,false,false,true,true,false,false,true,true,false,false\r\n"
      "#default,_result,,,,,,,p0,,\r\n"
      ",result,table,_start,_stop,_time,value,_measurement,plant,ok,n\r\n"
      ",,0,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,2026-07-01T00:00:00.5Z,7,w,\"p \"\"1\"\"\",true,-3\r\n"
      ",,0,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,2026-07-01T00:00:01Z,NaN,w,,false,9007199254740993\r\n"
      "\r\n"
      "#datatype,string,long,dateTime:RFC3339,double,string,string\r\n"
      "#default,_result,,,,,\r\n"
      ",result,table,_time,_value,_field,_measurement\r\n"
      ",,1,2026-07-01T00:00:02Z,1.5,ph,w\r\n"
      ",,1,2026-07-01T00:00:02Z,2.5,timestamp,w\r\n";
  CHECK(
      rows_of<FluxReader>(answer) ==
      Rows{R"({"timestamp":"2026-07-01T00:00:00.500Z","measurement":"w","value":7,"plant":"p \"1\"","ok":true,"n":-3})",
           R"({"timestamp":"2026-07-01T00:00:01Z","measurement":"w","plant":"p0","ok":false,"n":9007199254740993})",
           R"({"timestamp":"2026-07-01T00:00:02Z","measurement":"w","ph":1.5})",
           R"({"timestamp":"2026-07-01T00:00:02Z","measurement":"w","timestamp_1":2.5})"});
  FluxReader reader([](const Row&) {});
  reader.feed(answer);
  CHECK(reader.not_finite() == 1);
}

TEST_CASE("Flux: a line feed of a text, which the server writes as the end of a line") {
  CHECK(rows_of<FluxReader>("#datatype,string,long,string\r\n#default,_result,,\r\n,result,table,t\r\n"
                            ",,0,\"a\r\n\r\nb\"\r\n") == Rows{R"({"t":"a\n\nb"})"});
}

TEST_CASE("a time that cannot be held makes its row a reject, and the rows after it come") {
  const auto rejects_of = [](auto reader_of, std::string_view answer) {
    Rows rows;
    auto reader =
        reader_of([&](const Row& row) { rows.emplace_back(std::string(row.wrong) + " | " + std::string(row.line)); });
    reader.feed(answer);
    reader.finish();
    return rows;
  };
  const std::string end = ", which is none of the years 1678 to 2261 | ";
  CHECK(
      rejects_of(
          [](const OnRow& on_row) { return InfluxqlReader(on_row); },
          R"({"results":[{"series":[{"name":"w","columns":["time","v"],"values":[[-9223372036854775806,1],["x\ty",2],[0,3]]}]}]})") ==
      Rows{R"(the row has the time "-9223372036854775806")" + end + R"({"measurement":"w","v":1})",
           R"(the row has the time "x\ty")" + end + R"({"measurement":"w","v":2})",
           R"( | {"timestamp":"1970-01-01T00:00:00Z","measurement":"w","v":3})"});
  CHECK(rejects_of([](const OnRow& on_row) { return FluxReader(on_row); },
                   "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,long\r\n#default,_result,,,,\r\n"
                   ",result,table,_time,made,v\r\n,,0,9999-12-31T00:00:00Z,,1\r\n"
                   ",,0,2026-07-01T00:00:00Z,1600-01-01T00:00:00Z,2\r\n") ==
        Rows{R"(the row has the time "9999-12-31T00:00:00Z")" + end + R"({"v":1})",
             R"(the row has the time "1600-01-01T00:00:00Z")" + end + R"({"timestamp":"2026-07-01T00:00:00Z","v":2})"});
  CHECK(rejects_of([](const OnRow& on_row) { return JsonLinesReader(on_row); },
                   "{\"time\":\"noon\",\"v\":1}\n{\"v\":2}") ==
        Rows{R"(the row has the time "noon")" + end + R"({"v":1})", R"( | {"v":2})"});
}

TEST_CASE("InfluxQL: an answer without results is not one of no rows") {
  for (const char* text : {"\n\n", "{}", "{\"foo\":1}", "{\"results\":null}", "\n"}) {
    const Rows rows = rows_of<InfluxqlReader>(text);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].starts_with("! the answer is "));
  }
}

TEST_CASE("Flux: errors") {
  const std::string table = "#datatype,string,long,long\r\n#default,_result,,\r\n,result,table,v\r\n,,0,1\r\n";
  CHECK(rows_of<FluxReader>(table + "\r\n#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,"
                                    "reference\r\n,query terminated: \"x\",897\r\n") ==
        Rows{R"({"v":1})", "! line 10 of the answer: a quote where RFC 4180 has none"});
  CHECK(rows_of<FluxReader>(table + "\r\n#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,"
                                    "reference\r\n,memory limit,897\r\n") ==
        Rows{R"({"v":1})", "! the server reports: memory limit"});
  CHECK(rows_of<FluxReader>(table + "\r\nerror,reference\r\nmemory limit,897\r\n") ==
        Rows{R"({"v":1})", "! the server reports: memory limit"});
  CHECK(rows_of<FluxReader>(table + ",,0\r\n") ==
        Rows{R"({"v":1})", "! line 5 of the answer: there are 3 cells, and the table has 4 columns"});
  CHECK(rows_of<FluxReader>(table + ",,0,seven\r\n").back() == "! line 5 of the answer: 'seven' is not a number");
  CHECK(rows_of<FluxReader>("<html>\r\n") == Rows{"! line 1 of the answer: not annotated CSV: <html>"});
}

TEST_CASE("SQL: a line an object") {
  CHECK(rows_of<JsonLinesReader>(
            R"({"time":"2026-07-01T00:00:00.123456","plant":"p1","value":7.0,"list":[1,{"a":2}]})"
            "\n\n"
            R"({"iox::measurement":"w","time":"2026-07-01T00:00:01Z","n":18446744073709551615,"x":null})") ==
        Rows{R"({"timestamp":"2026-07-01T00:00:00.123456Z","plant":"p1","value":7.0,"list":[1,{"a":2}]})",
             R"({"timestamp":"2026-07-01T00:00:01Z","measurement":"w","n":18446744073709551615})"});
  CHECK(rows_of<JsonLinesReader>(R"({"error":"table not found"})") == Rows{"! the server reports: table not found"});
  CHECK(rows_of<JsonLinesReader>("{\"v\":1}\nError while reading").back() ==
        "! line 2 of the answer is not a JSON object: Error while reading");
}
