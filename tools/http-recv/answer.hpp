// What a sender is told about its request.
#pragma once
#include <cstdint>
#include <string_view>

#include "net/http_server/message.hpp"
#include "requests/report.hpp"

namespace weir::http_recv {

/// What a request has sent.
enum class Sent : std::uint8_t { records, points };

/// 200 where all records were taken, else 400: the good ones were taken all the same. For points the good answer is
/// 204, as InfluxDB's clients expect.
web::Response response_of(const requests::Report& report, Sent sent);

/// An answer with one sentence: `{"error":"…"}`.
web::Response refusal(int status, std::string_view sentence);

/// As refusal(), for a sender that is to come again after so many seconds.
web::Response come_again(int status, std::string_view sentence, int seconds);

}  // namespace weir::http_recv
