// http-recv: receives records by HTTP.
#include <chrono>

#include "cli/time_options.hpp"
#include "http_receiver.hpp"
#include "net/http_server/options.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using namespace weir::http_recv;

struct Options : http_recv::Settings {
  web::ServerOptions server;
  std::string client_ca, signature_file;
  std::uint64_t max_body = 16 << 20;
  Duration answer_time = std::chrono::seconds(30);

  Options() {
    server.listen = "127.0.0.1:8090";
    server.max_requests = 100'000;
  }
};

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example(
      "http-recv --listen 127.0.0.1:8090 --count 1 & curl -s --retry 9 --retry-connrefused -d "
      "'{\"city\":\"Athens\",\"temperature_c\":21.5}' "
      "http://127.0.0.1:8090/ && wait",
      "What is posted becomes a record");
  app.example(
      "http-recv --listen 127.0.0.1:8090 --path '/v1/{plant}/readings' --stamp received --count 1 & curl -s --retry 9 "
      "--retry-connrefused -d "
      "'{\"pH\":7.2}' http://127.0.0.1:8090/v1/north/readings && wait",
      "Fields from the path and the clock");
  app.example(
      "http-recv --listen 127.0.0.1:8090 --count 1 & curl -s --retry 9 --retry-connrefused --data-binary "
      "'weather,city=Athens "
      "temperature_c=21.5' http://127.0.0.1:8090/api/v2/write && wait",
      "A point, as Telegraf sends it");
  app.group("Requests");
  options.server.define_address(app);
  app.option("--path", options.door.path, "The only path that is taken; {name} stands for a segment and makes a field");
  app.choice("--from", options.format,
             {{"auto", Format::unknown},
              {"json", Format::json},
              {"ndjson", Format::ndjson},
              {"senml", Format::senml},
              {"influx", Format::influx}},
             "Format of bodies; auto: by the content type, the path and the first byte");
  app.size("--max-body", options.max_body, "Longest body, also once it is inflated").at_least(1024).may_change();
  app.choice("--ack", options.acknowledge, {{"spool", Acknowledge::spool}, {"commit", Acknowledge::commit}},
             "Answer when records are on the disk (without --state: written), or when the sink has committed them")
      .may_change();
  app.option("--answer-timeout", options.answer_time,
             "Longest time until an answer; then 503, or 202 for what is stored")
      .may_change();
  app.option("--remember", options.remember, "Ids of requests that are remembered, so that one sent again is known")
      .at_least(1)
      .at_most(10'000'000)
      .may_change();
  app.option("--count", options.spooled.count, "End after this many records; with --state, of all runs")
      .at_least(1)
      .may_change();
  app.group("Records");
  app.list("--header-field", options.door.headers, "Headers that become fields").metavar("HEADER=FIELD,…");
  app.option("--stamp", options.arrival.stamp, "Add the time of receipt as this field, unless the record has it")
      .metavar("FIELD");
  app.choice("--nan", options.nan, {{"reject", NanTokens::rejected}, {"null", NanTokens::null}},
             "NaN and infinity, which are not JSON: reject the record, or make them null");
  cli::define_source_time(app, options.arrival.time, "a record");
  app.group("Access");
  options.server.define_access(app);
  app.option("--client-ca", options.client_ca, "Authorities (PEM) that must have signed each client's certificate")
      .file()
      .may_change();
  app.option("--signature-key", options.signature_file,
             "File whose first line is the key of signatures (HMAC-SHA256 of the body); else HTTP_SIGNATURE_KEY")
      .file()
      .may_change();
  app.option("--signature-header", options.door.signature_header, "Header with the signature")
      .metavar("HEADER")
      .may_change();
  app.group("Limits");
  options.server.define_limits(app);
  app.size("--max-queue", options.door.max_queue,
           "Memory for requests that wait; beyond it senders are told to come again")
      .at_least(1 << 16)
      .may_change();
  source.define_with_rejects(app);
  app.size("--spool-limit", options.spooled.spool_limit,
           "With --state: bytes that may be stored and not committed by the sink; then nothing is received")
      .at_least(1 << 20)
      .may_change();
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context& context) {
  const auto given_key = context.secret("HTTP_SIGNATURE_KEY", options.signature_file);
  if (given_key && given_key->empty()) throw cli::UsageError("HTTP_SIGNATURE_KEY is empty");
  const std::string key = given_key.value_or("");
  options.server.validate(!key.empty() || !options.client_ca.empty());
  if (!options.client_ca.empty() && options.server.net.cert.empty())
    throw cli::UsageError("--client-ca needs TLS: --cert and --key");
  if (options.acknowledge == Acknowledge::commit && !source.state.on())
    throw cli::UsageError("--ack commit needs --state: without it nothing tells what the sink has committed");
  cli::check_source_time(options.arrival.time);
  http_recv::Settings settings = options;
  settings.max_line = source.rejects.max_line;
  settings.door.loopback = net::is_this_machine(web::address_and_port(options.server.listen).first);
  web::Settings server = options.server.settings();
  server.client_ca = options.client_ca;
  server.limits.body = options.max_body;
  server.limits.bodies = std::max<std::uint64_t>(options.max_body, options.door.max_queue);
  server.limits.request_time = std::chrono::minutes(1);
  server.limits.answer_time = std::chrono::duration_cast<std::chrono::milliseconds>(options.answer_time);
  const auto now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  auto receiver = std::make_unique<HttpReceiver>(settings, std::move(server), options.server.secrets(), key, now);
  return std::make_unique<SpooledSource>(std::move(receiver), settings.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "http-recv", "receives records by HTTP and writes them", define_options, make);
}
