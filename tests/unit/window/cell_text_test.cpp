#include "window/cell_text.hpp"

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "record/member_path.hpp"
#include "window/aggregate.hpp"

using namespace weir;

namespace {

/// A cell of a layout.
class Cell {
 public:
  explicit Cell(const CellLayout& layout) : layout_(layout), bytes_(layout.size()) { layout.create(bytes_.data()); }
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;
  ~Cell() { layout_.destroy(bytes_.data()); }
  std::byte* get() { return bytes_.data(); }
  std::string columns() {
    std::string out;
    layout_.append_columns(out, get());
    return out;
  }

 private:
  const CellLayout& layout_;
  std::vector<std::byte> bytes_;
};

/// Reads what append() has written, as another process would. Returns the problem, or nothing.
std::string read_back(CellText& text, const std::string& members, std::byte* cell) {
  FieldSet fields;
  std::vector<FieldId> ids;
  for (const std::string& name : text.names()) ids.push_back(fields.add(member_path(name)));
  RecordParser parser(fields);
  const Record* const record = parser.parse_copy("{\"a\":1" + members + "}", 1);
  REQUIRE(record != nullptr);
  std::vector<Value> values;
  for (const FieldId id : ids) values.push_back((*record)[id]);
  return text.read(values, cell);
}

/// Reads members into an empty cell, of which the same members are written.
void check_round_trip(CellText& text, const std::string& members, Cell& empty) {
  CHECK(read_back(text, members, empty.get()).empty());
  std::string again;
  text.append(again, empty.get());
  CHECK(again == members);
}

constexpr const char* everything =
    "count() as r,count(v) as n,sum(v) as s,avg(v) as a,min(v) as lo,max(v) as hi,first(v) as f,last(v) as l,stddev(v) "
    "as d,var_pop(v) as p,median(v) as m,p99(v) as q,distinct(v) as u,range(v) as g,delta(v) as e,rate(v) as t";

}  // namespace

TEST_CASE("cells that were written and merged give the columns of one cell") {
  const CellLayout layout(parse_aggregates(everything));
  CellText text(layout);
  std::mt19937 random(11);
  for (const int count : {0, 1, 2, 40, 1000, 5000}) {
    CAPTURE(count);
    Cell whole(layout);
    std::vector<std::unique_ptr<Cell>> shares;
    for (int i = 0; i < 4; ++i) shares.push_back(std::make_unique<Cell>(layout));
    for (int i = 0; i < count; ++i) {
      const std::string token =
          std::to_string(static_cast<int>(random() % 2000) - 1000) + "." + std::to_string(random() % 1000);
      const Value value{Kind::number, token, token};
      const std::array<Sample, 1> sample{Sample{&value, *value.number()}};
      const Time time(std::chrono::milliseconds(1'700'000'000'000 + static_cast<int>(random() % 1000)));
      layout.add(whole.get(), time, sample);
      layout.add(shares[random() % 3]->get(), time, sample);
    }
    Cell merged(layout);
    for (const auto& each : shares) {
      if (CellLayout::records(each->get()) == 0) continue;
      std::string members;
      text.append(members, each->get());
      Cell read(layout);
      check_round_trip(text, members, read);
      layout.merge(merged.get(), read.get());
    }
    CHECK(merged.columns() == whole.columns());
  }
}

TEST_CASE("a sum of squares beyond a double's range is null, and is read again") {
  const CellLayout layout(parse_aggregates("count(v) as n,sum(v) as s,stddev(v) as d,var_pop(v) as p"));
  CellText text(layout);
  Cell whole(layout);
  for (const std::string token : {"1e160", "2", "-1e160"}) {
    const Value value{Kind::number, token, token};
    const std::array<Sample, 1> sample{Sample{&value, *value.number()}};
    layout.add(whole.get(), Time{}, sample);
  }
  CHECK(whole.columns() == R"x(,"n":3,"s":2,"d":null,"p":null)x");
  std::string members;
  text.append(members, whole.get());
  CHECK(members.ends_with(R"x("moments(v)":[3,2,null])x"));
  Cell read(layout);
  check_round_trip(text, members, read);
  CHECK(read.columns() == whole.columns());
}

TEST_CASE("squares whose sum is beyond a double's range are read again, and their deviation is null") {
  const CellLayout layout(parse_aggregates("var(v) as d"));
  CellText text(layout);
  Cell whole(layout);
  const std::string token = "1e154";
  const Value value{Kind::number, token, token};
  const std::array<Sample, 1> sample{Sample{&value, *value.number()}};
  for (int i = 0; i < 3; ++i) layout.add(whole.get(), Time{}, sample);
  CHECK(whole.columns() == R"x(,"d":null)x");
  std::string members;
  text.append(members, whole.get());
  CHECK(members.find("[[8.98846567431158e+307,3],") != std::string::npos);
  Cell read(layout);
  check_round_trip(text, members, read);
  CHECK(read.columns() == whole.columns());
}

TEST_CASE("a quantile is 0, and never -0, in any order") {
  const CellLayout layout(parse_aggregates("median(v) as m,p99(v) as q"));
  for (const int count : {1, 3, 3000}) {
    Cell cell(layout);
    for (int i = 0; i < count; ++i) {
      const std::string token = i % 2 == 0 ? "-0" : "0.0";
      const Value value{Kind::number, token, token};
      const std::array<Sample, 1> sample{Sample{&value, *value.number()}};
      layout.add(cell.get(), Time{}, sample);
    }
    CHECK(cell.columns() == R"x(,"m":0,"q":0)x");
  }
}

TEST_CASE("members of partial rows are named by what they hold") {
  const CellLayout layout(parse_aggregates("sum(a.b) as s, count(kw > 3) as n, max(t) if kw > 3 as m"));
  const CellText text(layout);
  CHECK(text.names() ==
        std::vector<std::string>{"count()", "sum(a.b)", "count(a.b)", "count() if kw > 3", "max(t) if kw > 3"});
}

TEST_CASE("what no partial row has is a problem, and named") {
  const CellLayout layout(parse_aggregates("sum(v), stddev(v), min(v), first(v), median(v), distinct(v)"));
  CellText text(layout);
  const auto problem = [&](const std::string& members) {
    Cell cell(layout);
    return read_back(text, members, cell.get());
  };
  const std::string good =
      R"x(,"count()":2,"sum(v)":[3,1e-20],"count(v)":2,"moments(v)":[2,3,5],"min(v)":1,"first(v)":["2026-01-01T00:00:00Z",1],)x"
      R"x("quantiles(v)":[1,2],"distinct(v)":["1f","2a"])x";
  CHECK(problem(good).empty());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string members = good;
    members.replace(members.find(from), from.size(), to);
    return problem(members);
  };
  CHECK(with(R"x("count()":2)x", R"x("count()":0)x") == "count() is not the number of its records");
  CHECK(with(R"x("count()":2)x", R"x("count()":1.5)x") == "count() is not the number of its records");
  CHECK(with(R"x("count(v)":2)x", R"x("count(v)":-2)x") == "count(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", R"x("3")x") == "sum(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", R"x([3,"x"])x") == "sum(v) is not what --partial writes");
  const std::string unit = "8.98846567431158e307";
  CHECK(with("[3,1e-20]", "[[" + unit + ",2],-7]").empty());
  CHECK(with("[3,1e-20]", "[[" + unit + ",2.5],-7]") == "sum(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", "[[" + unit + ",1e16],-7]") == "sum(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", "[[1e307,2],-7]") == "sum(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", "[[" + unit + "],-7]") == "sum(v) is not what --partial writes");
  CHECK(with("[3,1e-20]", "[-7,[" + unit + ",2]]") == "sum(v) is not what --partial writes");
  CHECK(with("[2,3,5]", "[2,3]") == "moments(v) is not what --partial writes");
  CHECK(with(R"x("min(v)":1)x", R"x("min(v)":"1")x") == "min(v) is not what --partial writes");
  CHECK(with(R"x(["2026-01-01T00:00:00Z",1])x", R"x(["soon",1])x") == "first(v) is not what --partial writes");
  CHECK(with("[1,2]", "[[2000,0,1,2],[5,1999],[]]") == "quantiles(v) is not what --partial writes");
  CHECK(with("[1,2]", "[[2000,0,1,2],[9e15,2000],[]]") == "quantiles(v) is not what --partial writes");
  CHECK(with("[1,2]", "[[2000,0,1,2],[5,2000],[]]") == "quantiles(v) has more values than there are records");
  CHECK(with(R"x(["1f","2a"])x", R"x("short")x") == "distinct(v) is not what --partial writes");
  CHECK(with(R"x(["1f","2a"])x", R"x(["0"])x") == "distinct(v) is not what --partial writes");
  const auto impossible = [&](const std::string& from, const std::string& to) {
    const std::string said = with(from, to);
    return said.ends_with(" cannot be that of any values") || said.ends_with(" has more values than there are records");
  };
  CHECK(impossible(R"x("count(v)":2)x", R"x("count(v)":0)x"));
  CHECK(impossible(R"x("count(v)":2)x", R"x("count(v)":3)x"));
  CHECK(impossible("[2,3,5]", "[3,3,5]"));
  CHECK(impossible("[2,3,5]", "[0,3,5]"));
  CHECK(impossible("[2,3,5]", "[0,0,5]"));
  CHECK(impossible("[2,3,5]", "[2,0,-5]"));
  CHECK(impossible("[2,3,5]", "[2,3,4.49]"));
  CHECK(with("[2,3,5]", "[2,3,4.5]").empty());
  CHECK(with("[2,3,5]", "[0,0,0]").empty());
  CHECK(impossible("[1,2]", "[1,2,3]"));
  CHECK(impossible(R"x(["1f","2a"])x", R"x(["1f","2a","3"])x"));
  CHECK(with(R"x("min(v)":1,)x", "") == "it has no min(v); --partial and --merge take the same --agg");
  CHECK_THROWS_AS(CellText(CellLayout(parse_aggregates("twa(v)"))), std::invalid_argument);
}
