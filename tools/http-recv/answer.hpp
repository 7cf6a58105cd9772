// What a sender is told about its request.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server/message.hpp"

namespace weir::http_recv {

/// Counts what became of a request's records, and makes the response.
class Report {
 public:
  void accept(std::uint64_t records = 1) { accepted_ += records; }
  /// A record of an earlier request with the same id, counted then.
  void repeat(std::uint64_t accepted, std::uint64_t rejected);
  /// `counted` is `line`, `element` or empty.
  void reject(std::string_view counted, std::uint64_t number, std::string_view reason);

  /// 200 where all records were taken, else 400: the good ones were taken all the same. For points the good answer is
  /// 204, as InfluxDB's clients expect.
  web::Response response(bool points) const;

 private:
  static constexpr std::uint64_t most_errors = 100;
  std::uint64_t accepted_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t listed_ = 0;
  std::string errors_;
};

/// An answer with one sentence: `{"error":"…"}`.
web::Response refusal(int status, std::string_view sentence);

/// As refusal(), for a sender that is to come again after so many seconds.
web::Response come_again(int status, std::string_view sentence, int seconds);

}  // namespace weir::http_recv
