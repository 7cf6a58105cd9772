// The answers of InfluxQL: JSON in chunks.
#pragma once
#include <string>
#include <vector>

#include "answer_lines.hpp"
#include "json_walk.hpp"
#include "row_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {

/// Reads chunks, a JSON object a line:
/// `{"results":[{"series":[{"name":…,"tags":{…},"columns":[…],"values":[[…]…]}]}]}`. Times are numbers of nanoseconds,
/// or RFC 3339.
class InfluxqlReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;
  void feed(std::string_view bytes) override;
  void finish() override;

 private:
  struct Column {
    bool is_time = false;
    std::string key;
  };
  void read_chunk(std::string_view text);
  void read_result();
  void read_series();
  void read_row();
  void read_time(const Value& value);
  [[noreturn]] void report();

  JsonWalk walk_;
  TimeParser numbers_{{}, EpochUnit::ns};
  AnswerLines chunks_{"chunk"};
  bool partial_ = false;  ///< more chunks must follow
  bool has_results_ = false;
  std::string name_;                                       ///< of the series, as a JSON string
  std::vector<std::pair<std::string, std::string>> tags_;  ///< keys of members, and values
  std::vector<Column> columns_;
};

}  // namespace weir::influx_query
