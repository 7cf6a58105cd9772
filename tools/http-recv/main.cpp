// http-recv: receives records by HTTP.
#include <chrono>

#include "http_receiver.hpp"
#include "net/http_server/options.hpp"
#include "pipeline/request_options.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using namespace weir::http_recv;

struct Options : RequestOptions {
  DoorSettings door;
  Format format = Format::unknown;
  web::ServerOptions server;
  std::string client_ca, signature_file;

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
  options.define_requests(app, "Longest body, also once it is inflated", "503, or 202 for what is stored",
                          "Ids of requests that are remembered, so that one sent again is known");
  app.group("Records");
  app.list("--header-field", options.door.headers, "Headers that become fields").metavar("HEADER=FIELD,…");
  options.define_records(app);
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
  options.define_store(app, source);
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context& context) {
  const auto given_key = context.secret("HTTP_SIGNATURE_KEY", options.signature_file);
  if (given_key && given_key->empty()) throw cli::UsageError("HTTP_SIGNATURE_KEY is empty");
  const std::string key = given_key.value_or("");
  options.server.validate(!key.empty() || !options.client_ca.empty());
  if (!options.client_ca.empty() && options.server.net.cert.empty())
    throw cli::UsageError("--client-ca needs TLS: --cert and --key");
  options.validate(source);
  http_recv::Settings settings{.door = options.door, .format = options.format};
  settings.requests = options.request_settings(source);
  settings.door.max_queue = options.max_queue;
  settings.door.loopback = options.server.is_local();
  web::Settings server = options.server.settings();
  server.client_ca = options.client_ca;
  server.limits.body = options.max_body;
  server.limits.bodies = std::max<std::uint64_t>(options.max_body, options.max_queue);
  server.limits.request_time = std::chrono::minutes(1);
  server.limits.answer_time = options.answer_milliseconds();
  const auto now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  auto receiver = std::make_unique<HttpReceiver>(settings, std::move(server), options.server.secrets(), key, now);
  return std::make_unique<SpooledSource>(std::move(receiver), options.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "http-recv", "receives records by HTTP and writes them", define_options, make);
}
