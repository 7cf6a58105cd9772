#include "parquet/parquet_file.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "folder.hpp"

using weir::ParquetColumn;
using weir::ParquetFile;
using weir::ParquetType;
using weir::ParquetValues;

TEST_CASE("a file begins and ends with PAR1, and has the size that is reported") {
  const weir::test::Folder folder;
  const std::string path = folder.file("a.parquet");
  std::vector<ParquetValues> values(2);
  values[0].add(std::int64_t{7});
  values[0].add_null();
  values[1].add(std::string_view("text"));
  values[1].add(std::string_view());
  CHECK(values[0].nulls() == 1);
  CHECK(values[1].nulls() == 0);
  ParquetFile file(path, {{"n", ParquetType::int64}, {"t", ParquetType::text}}, 3);
  file.write(values);
  CHECK(values[0].rows() == 0);
  const auto size = file.finish();
  const std::string bytes = folder.content("a.parquet");
  CHECK(bytes.size() == size);
  CHECK(bytes.starts_with("PAR1"));
  CHECK(bytes.ends_with("PAR1"));
}

TEST_CASE("the same values give the same bytes") {
  const weir::test::Folder folder;
  for (const char* name : {"a", "b"}) {
    std::vector<ParquetValues> values(1);
    for (int i = 0; i < 10'000; ++i) values[0].add(i / 7.0);
    ParquetFile file(folder.file(name), {{"v", ParquetType::float64}}, 3);
    file.write(values);
    file.finish();
  }
  CHECK(folder.content("a") == folder.content("b"));
}

TEST_CASE("a folder that is not there is an error that names the file") {
  std::string problem;
  try {
    const ParquetFile file("/nowhere/a.parquet", {{"v", ParquetType::float64}}, 3);
  } catch (const std::runtime_error& error) {
    problem = error.what();
  }
  CHECK(problem.find("/nowhere/a.parquet") != std::string::npos);
}

TEST_CASE("a device that is full is an error") {
  std::vector<ParquetValues> values(1);
  for (int i = 0; i < 10'000; ++i) values[0].add(i / 7.0);
  ParquetFile file("/dev/full", {{"v", ParquetType::float64}}, 3);
  CHECK_THROWS_AS(file.write(values), std::runtime_error);
}
