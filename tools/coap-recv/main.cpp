// coap-recv: receives records by CoAP.
#include <chrono>

#include "coap_receiver.hpp"
#include "net/coap/options.hpp"
#include "pipeline/request_options.hpp"
#include "pipeline/source_main.hpp"

namespace {

using namespace weir;
using namespace weir::coap_recv;

struct Options : RequestOptions {
  coap::ServerOptions server;
  DoorSettings door;
  std::vector<std::string> observe;
  std::string observe_identity;

  Options() { max_body = 1 << 20; }
};

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example(
      "coap-recv --listen 127.0.0.1:5683 --count 1 & coap-client-openssl -m put -t 50 -e "
      "'{\"city\":\"Athens\",\"temperature_c\":21.5}' coap://127.0.0.1:5683/ && wait",
      "What is put becomes a record");
  app.example(
      "coap-recv --listen 127.0.0.1:5683 --path '/v1/{plant}/ph' --stamp received --count 1 & coap-client-openssl -m "
      "post -e 7.2 coap://127.0.0.1:5683/v1/north/ph && wait",
      "A bare number, with fields from the path and the clock");
  app.example(
      "coap-recv --listen 127.0.0.1:5683 --count 2 & coap-client-openssl -m post -t 110 -e "
      "'[{\"bn\":\"urn:dev:ow:10e2:\",\"n\":\"temp\",\"u\":\"Cel\",\"v\":21.5},{\"n\":\"battery\",\"u\":\"V\",\"v\":3."
      "1}]' "
      "coap://127.0.0.1:5683/ && wait",
      "A SenML pack of two records");
  app.group("Requests");
  options.server.define_address(app);
  app.option("--path", options.door.path, "The only path that is taken; {name} stands for a segment and makes a field");
  app.option("--observe", options.observe, "A resource of a device that is observed; may be given again")
      .metavar("URI")
      .may_change();
  app.choice("--from", options.door.payload,
             {{"auto", Payload::automatic},
              {"json", Payload::json},
              {"ndjson", Payload::ndjson},
              {"senml", Payload::senml},
              {"senml-cbor", Payload::senml_cbor},
              {"number", Payload::number}},
             "Format of payloads; auto: by the Content-Format, else by the first byte");
  options.define_requests(app, "Longest body, put together from its blocks", "5.03, or 5.04 for what may be stored",
                          "Messages that are remembered, for 247 seconds at most, so that one sent again is known");
  app.group("Records");
  options.define_records(app);
  app.field("--identity-field", options.door.identity_field, "Add the identity of a DTLS client as this field");
  app.field("--sender-field", options.door.sender_field,
            "Add the sender's address, or the URI that is observed, as this field");
  app.group("Access");
  options.server.define_access(app);
  app.option("--observe-identity", options.observe_identity,
             "The device of --psk-file as which coaps:// resources are observed")
      .metavar("IDENTITY")
      .may_change();
  app.group("Limits");
  options.server.define_limits(app);
  options.define_store(app, source);
}

std::vector<coap::Observation> observations(const Options& options, const std::vector<coap::PresharedKey>& keys) {
  std::vector<coap::Observation> made;
  for (const std::string& uri : options.observe) {
    coap::check_uri(uri);
    coap::Observation& each = made.emplace_back(coap::Observation{.uri = uri});
    if (!uri.starts_with("coaps:")) continue;
    for (const coap::PresharedKey& key : keys)
      if (key.identity == options.observe_identity) each.key = key;
    if (each.key.key.empty())
      throw cli::UsageError("--observe coaps://…: --observe-identity names no device of --psk-file");
  }
  return made;
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context&) {
  options.server.validate();
  options.validate(source);
  if (!options.door.identity_field.empty() && options.server.psk_file.empty())
    throw cli::UsageError("--identity-field needs --psk-file: without DTLS no client has an identity");
  coap_recv::Settings settings{.door = options.door, .requests = options.request_settings(source)};
  settings.door.max_queue = options.max_queue;
  coap::Settings server = options.server.settings();
  server.observations = observations(options, server.keys);
  server.blocks.body = options.max_body;
  server.blocks.bodies = std::max<std::uint64_t>(options.max_body, options.max_queue);
  server.remember = options.requests.remember;
  server.answer_time = options.answer_milliseconds();
  const auto now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  auto receiver = std::make_unique<CoapReceiver>(settings, std::move(server), now);
  return std::make_unique<SpooledSource>(std::move(receiver), options.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "coap-recv", "receives records by CoAP and writes them", define_options, make);
}
