#include "requests.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "net/http/url.hpp"
#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir::influx_query {
namespace {

using influx::Version;

/// Rows in a chunk of InfluxQL's answer; a chunk is in memory as a whole.
constexpr std::string_view chunk_size = "500";

}  // namespace

Language language_of(Version version) {
  switch (version) {
    case Version::v1:
      return Language::influxql;
    case Version::v2:
      return Language::flux;
    case Version::v3:
      break;
  }
  return Language::sql;
}

void check(const Question& question, bool again_and_again) {
  const Version version = question.server.version.value();
  if (question.text.empty()) {
    check(question.selection, question.language);
    if (again_and_again && (question.selection.last || question.selection.mean))
      throw std::invalid_argument("--every asks for new rows: it excludes --last and --mean");
    return;
  }
  if (!is_utf8(question.text)) throw std::invalid_argument("the query is not UTF-8");
  if (question.language == Language::influxql && version == Version::v2)
    throw std::invalid_argument("--influxql is for versions 1 and 3, with --db");
  if (question.language == Language::sql && version != Version::v3)
    throw std::invalid_argument("--sql is for version 3: --api v3");
  if (again_and_again && question.text.find("{since}") == std::string::npos)
    throw std::invalid_argument("--every needs {since} in the query: there stands the time from which rows are new");
}

Answers answers_of(const Question& question) {
  switch (question.server.version.value()) {
    case Version::v1:
      return Answers::influxql_chunks;
    case Version::v2:
      return Answers::annotated_csv;
    case Version::v3:
      break;
  }
  return Answers::json_lines;
}

http::Request request_for(const Question& question, const Span& span) {
  const influx::ServerOptions& server = question.server;
  const std::string text = question.text.empty() ? query_text(question.selection, span, question.language)
                                                 : filled_in(question.text, span, question.language);
  http::Request request;
  std::string body;
  switch (server.version.value()) {
    case Version::v1:
      request.url = server.call("/query");
      server.add_database(request.url);
      http::add_query(request.url, "epoch", "ns");
      http::add_query(request.url, "chunked", "true");
      http::add_query(request.url, "chunk_size", chunk_size);
      http::add_query(request.url, "q", text);
      return request;
    case Version::v2:
      request.url = server.call("/api/v2/query");
      http::add_query(request.url, "org", server.org);
      ObjectWriter(body)
          .string("query", text)
          .string("type", "flux")
          .raw("dialect", R"({"annotations":["datatype","group","default"],"header":true,"delimiter":","})")
          .end();
      request.headers.emplace_back("Accept: application/csv");
      break;
    case Version::v3:
      request.url = server.call(question.language == Language::sql ? "/api/v3/query_sql" : "/api/v3/query_influxql");
      ObjectWriter(body).string("db", server.database).string("q", text).string("format", "jsonl").end();
      break;
  }
  request.headers.emplace_back("Content-Type: application/json");
  request.body = std::move(body);
  return request;
}

}  // namespace weir::influx_query
