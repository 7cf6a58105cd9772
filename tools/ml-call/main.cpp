// ml-call: asks a model server for predictions.
#include <chrono>
#include <string>

#include "cli/net_options.hpp"
#include "cli/time_options.hpp"
#include "ml_call.hpp"
#include "net/http/url.hpp"
#include "pipeline/filter_main.hpp"

namespace {

using namespace weir;
using namespace weir::ml_call;

struct Options : Settings {
  cli::NetOptions net;
  std::string wire;
  std::string model_file;
};

void define_options(cli::App& app, Options& options) {
  app.example("ml-call --url \"$ML_URL/predict\" --input temperature_c:-20,humidity:-50 readings.ndjson",
              "Each reading with the answer to two of its values; a default stands for one that is not there");
  app.example(
      "ml-call --url \"$ML_URL/v2/models/comfort/infer\" --input temperature_c:-20,humidity:-50 --batch 64 "
      "--answer score --as comfort readings.ndjson",
      "A model behind KServe's protocol, 64 readings in a request");
  app.example(
      "ml-call --url \"$ML_URL/predict\" --every 1h --lateness 2h --by sensor --parameter parameter "
      "--input temperature_c:-20,humidity:-50 --model demo sensors.ndjson",
      "A prediction for each sensor and hour, from its latest values");
  app.group("Model");
  app.option("--url", options.caller.url, "Where predictions are asked for, by POST").metavar("URL");
  app.option("--model-file", options.model_file,
             "A model of XGBoost (.json or .ubj) that runs in this process, in place of --url")
      .file();
  app.option("--protocol", options.wire, "json, or v2, KServe's tensors; default: v2 where the URL ends with /infer")
      .completes({"json", "v2"})
      .metavar("json|v2");
  app.fields("--input", options.inputs,
             "What the model is given: FIELD, or NAME=FIELD, each perhaps with :-DEFAULT for a record without it")
      .required();
  app.fields("--require", options.require, "Fields that must be there, though they have a default");
  app.option("--envelope", options.protocol.envelope,
             "JSON around the inputs, which stand for {inputs} in it, such as {\"instances\":{inputs}}")
      .metavar("JSON");
  app.flag("--list", options.protocol.list, "Send a list of inputs and read a list of predictions, also for one");
  app.option("--tensor", options.protocol.tensor,
             "With v2: all inputs are one tensor of this name; default: each is one")
      .metavar("NAME");
  app.option("--datatype", options.protocol.datatype, "With v2: type of the tensors").metavar("TYPE");
  app.option("--answer", options.protocol.answer,
             "Path in the answer that leads to the predictions, or with v2 the output; default: all of it")
      .metavar("PATH");
  app.group("What comes out");
  app.option("--as", options.name, "Name of the member with the prediction").metavar("NAME");
  app.choice("--output", options.form, {{"merged", Form::merged}, {"prediction", Form::prediction}},
             "The record with its prediction, or a record of the prediction with its inputs (always with --every)");
  app.option("--model", options.model, "Name of the model in records of predictions").metavar("NAME");
  app.option("--fallback", options.fallback,
             "JSON that stands for a prediction when there is none, with the reason beside it; without it the record "
             "is rejected")
      .metavar("JSON");
  app.fields("--by", options.by, "Fields that make the key of a prediction's record");
  app.group("Gathering");
  app.option("--every", options.every,
             "Gather the latest values of each key over intervals of this length, and ask when one is over");
  app.field("--parameter", options.parameter,
            "Field of long records that names what is measured: the FIELD of --input");
  app.field("--value", options.value, "Field of long records with the value");
  app.option("--lateness", options.lateness, "How far records may be out of order before an interval is over");
  app.choice("--watermark", options.clock, {{"stream", Gather::Clock::stream}, {"key", Gather::Clock::key}},
             "Whose records end an interval: all of them, or those of its own key");
  app.limit("--max-keys", options.max_keys, "Most keys and intervals held; records of further ones are rejected");
  cli::define_event_time(app, options.time);
  app.group("Requests");
  app.option("--batch", options.batch, "Most rows in a request; less are sent when input pauses")
      .at_least(1)
      .at_most(10'000)
      .may_change();
  app.option("--in-flight", options.caller.in_flight, "Requests under way at a time")
      .at_least(1)
      .at_most(256)
      .may_change();
  options.net.define_retries(app, "request", "1m");
  options.net.define_ca_file(app, "server");
  options.net.define_certificate(app);
  options.net.define_login(app, "ML_");
  options.net.define_token_file(app, "ML_", "sent as a bearer token");
  options.net.define_insecure(app, "plain text to another machine");
}

/// A model that runs here: rows are few or many by themselves, as none travels.
void use_model(Options& options) {
  if (!(options.wire + options.protocol.answer + options.protocol.envelope).empty())
    throw cli::UsageError("--protocol, --answer and --envelope are of a server, not of --model-file");
  options.batch = options.batch == 1 ? 256 : options.batch;
  try {
    options.local = model::read(options.model_file);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(std::string("--model-file: ") + problem.what());
  }
}

void prepare(Options& options) {
  options.net.validate();
  std::string& url = options.caller.url;
  if (url.empty() == options.model_file.empty())
    throw cli::UsageError("give one of --url, where a server is asked, and --model-file, a model that runs here");
  if (url.empty()) return use_model(options);
  if (!http::is_base_url(url))
    throw cli::UsageError("--url '" + http::redact(url) + "': it takes http://HOST… or https://HOST…, without a user");
  if (http::is_plain_off_host(url) && !options.net.insecure)
    throw cli::UsageError("--url: inputs in plain text are not safe on the way: give https, or --insecure");
  if (options.wire.empty()) options.wire = url.ends_with("/infer") ? "v2" : "json";
  if (options.wire != "json" && options.wire != "v2")
    throw cli::UsageError("--protocol: '" + options.wire + "' is not json or v2");
  options.protocol.protocol = options.wire == "v2" ? Protocol::v2 : Protocol::json;
}

/// What the server is told of this program.
void complete(Options& options, cli::Context& context) {
  CallerSettings& caller = options.caller;
  caller.headers = {"Content-Type: application/json", "Accept: application/json", "Expect:"};
  if (const auto token = options.net.token(context, "ML_")) caller.headers.push_back("Authorization: Bearer " + *token);
  if (const auto password = options.net.password(context, "ML_"))
    caller.login = http::Login{options.net.user, *password};
  caller.ca_file = options.net.ca_file;
  caller.cert_file = options.net.cert;
  caller.key_file = options.net.key;
  caller.timeout = std::chrono::ceil<std::chrono::milliseconds>(options.net.timeout);
  caller.retries = options.net.retries;
  caller.retry_wait = options.net.retry_wait;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<MlCall>(argc, argv, "ml-call", "asks a model server for predictions", define_options,
                                   prepare, complete);
}
