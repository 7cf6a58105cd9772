#include "answer.hpp"

#include <string>

#include "record/object_writer.hpp"

namespace weir::http_recv {
namespace {

constexpr const char* json_type = "application/json";

}  // namespace

web::Response response_of(const requests::Report& report, Sent sent) {
  web::Response made{.status = report.rejected() > 0 ? 400 : 200, .type = json_type};
  if (sent == Sent::points && report.rejected() == 0)
    made.status = 204;
  else
    made.body = report.json();
  return made;
}

web::Response refusal(int status, std::string_view sentence) {
  web::Response made{.status = status, .type = json_type, .reason = std::string(sentence)};
  ObjectWriter writer(made.body);
  writer.string("error", sentence);
  writer.end();
  return made;
}

web::Response come_again(int status, std::string_view sentence, int seconds) {
  web::Response made = refusal(status, sentence);
  made.headers.emplace_back("Retry-After", std::to_string(seconds));
  return made;
}

}  // namespace weir::http_recv
