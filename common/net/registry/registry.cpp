#include "net/registry/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <random>

#include "net/http/retry.hpp"
#include "net/http/url.hpp"
#include "record/json_text.hpp"
#include "record/parser.hpp"
#include "record/value_checks.hpp"
#include "time/duration.hpp"

namespace weir::registry {
namespace {

constexpr std::size_t deepest_reference = 32;
constexpr std::size_t most_references = 500;
constexpr std::size_t longest_message = 300;        // bytes of the registry's own text
constexpr std::size_t longest_answer = 16U << 20U;  // bytes
constexpr Duration longest_pause = std::chrono::seconds(30);

std::optional<std::int64_t> whole_number(const Value& value) {
  std::int64_t number = 0;
  const char* const end = value.raw.data() + value.raw.size();
  if (value.kind != Kind::number) return std::nullopt;
  const auto done = std::from_chars(value.raw.data(), end, number);
  return done.ec == std::errc{} && done.ptr == end ? std::optional(number) : std::nullopt;
}

void append_reference(std::string& out, const Reference& reference) {
  out += out.back() == '[' ? "{\"name\":" : ",{\"name\":";
  append_json_string(out, reference.name);
  out += ",\"subject\":";
  append_json_string(out, reference.subject);
  out += fmt::format(",\"version\":{}}}", reference.version);
}

std::string body_of(const Question& question) {
  std::string body = "{\"schema\":";
  append_json_string(body, question.text);
  if (question.type != "AVRO") {  // the type that registries assume, and old ones know no other
    body += ",\"schemaType\":";
    append_json_string(body, question.type);
  }
  if (!question.references.empty()) {
    body += ",\"references\":[";
    for (const Reference& each : question.references) append_reference(body, each);
    body += ']';
  }
  body += '}';
  return body;
}

std::string version_path(const std::string& subject, std::int64_t version) {
  return fmt::format("/subjects/{}/versions/{}", http::encode(subject), version);
}

}  // namespace

/// The members of the registry's answers.
struct Registry::Answers {
  FieldSet set;
  FieldId id = set.add("id"), version = set.add("version"), type = set.add("schemaType"), schema = set.add("schema"),
          references = set.add("references"), message = set.add("message"), name = set.add("name"),
          subject = set.add("subject");
  RecordParser parser{set};
  RecordParser elements{set};
};

Registry::Registry(Settings settings, Log& log)
    : settings_(std::move(settings)),
      log_(log),
      client_({.max_connections = 1,
               .ca_file = settings_.ca_file,
               .cert_file = settings_.cert_file,
               .key_file = settings_.key_file}),
      answers_(std::make_unique<Answers>()),
      back_off_(settings_.retry_wait, longest_pause, std::random_device{}()) {
  while (settings_.url.ends_with('/')) settings_.url.pop_back();
}
Registry::~Registry() = default;

const RegisteredSchema* Registry::ask(const Question& question) {
  const std::string subject = http::encode(question.subject);
  const std::string* found = nullptr;
  switch (question.kind) {
    case Question::Kind::by_id:
      return by_id(question.id);
    case Question::Kind::latest:
      found = answer(fmt::format("/subjects/{}/versions/latest", subject));
      break;
    case Question::Kind::look_up:
      found = answer("/subjects/" + subject, body_of(question));
      break;
    case Question::Kind::add:
      found = answer(fmt::format("/subjects/{}/versions", subject), body_of(question));
      break;
  }
  if (found == nullptr) return nullptr;
  other_ = {};
  other_.type = question.type;
  other_.text = question.text;
  if (!read(*found, other_)) return nullptr;
  bodies_.clear();
  return &other_;
}

const RegisteredSchema* Registry::by_id(std::int32_t id) {
  if (const auto known = by_id_.find(id); known != by_id_.end()) return &known->second;
  const std::string* const found = answer(fmt::format("/schemas/ids/{}", id));
  if (found == nullptr) return nullptr;
  RegisteredSchema schema;
  schema.id = id;
  if (!read(*found, schema)) return nullptr;
  bodies_.clear();
  return &by_id_.emplace(id, std::move(schema)).first->second;
}

/// Ends the question; its answers so far are not kept.
void Registry::refuse(const std::string& text) {
  bodies_.clear();
  throw Refused(text);
}

/// Reads an answer, and asks for the schemas that it refers to. Returns false while one of these is under way.
bool Registry::read(std::string_view json, RegisteredSchema& schema) {
  const Record* const record = answers_->parser.parse_copy(json, 1);
  const auto not_ours = [this](std::string_view what) {
    refuse(fmt::format("the registry's answer {}; is --registry the address of a registry?", what));
  };
  if (record == nullptr) not_ours("is not JSON");
  const Record& answer = *record;
  if (const auto id = whole_number(answer[answers_->id]);
      id && *id >= 0 && *id <= std::numeric_limits<std::int32_t>::max())
    schema.id = static_cast<std::int32_t>(*id);
  else if (schema.id == 0)
    not_ours("has no id");
  schema.version = whole_number(answer[answers_->version]).value_or(0);
  if (answer[answers_->type].kind == Kind::string) schema.type = answer[answers_->type].text;
  if (answer[answers_->schema].kind == Kind::string) schema.text = answer[answers_->schema].text;
  if (schema.text.empty()) not_ours("has no schema");
  if (answer[answers_->references].kind != Kind::array) return true;
  const std::string list(answer[answers_->references].raw);
  std::vector<std::string> seen;
  return add_references(list, seen, schema, 1);
}

/// Adds the schemas of a list of references, each after its own. Returns false while one is under way.
bool Registry::add_references(std::string_view list, std::vector<std::string>& seen, RegisteredSchema& schema,
                              std::size_t depth) {
  if (depth > deepest_reference) refuse("the registry's schemas refer to each other without end");
  std::vector<std::string> paths;
  answers_->elements.each_element(list, [&](const Value& element) {
    const Record* const record = answers_->parser.parse_copy(element.raw, 1);
    if (record == nullptr) return true;
    const auto version = whole_number((*record)[answers_->version]);
    if (version) paths.push_back(version_path(std::string((*record)[answers_->subject].text), *version));
    return true;
  });
  for (const std::string& path : paths) {
    if (std::find(seen.begin(), seen.end(), path) != seen.end()) continue;
    if (seen.size() >= most_references) refuse(fmt::format("a schema refers to more than {} others", most_references));
    seen.push_back(path);
    const std::string* const found = answer(path);
    if (found == nullptr) return false;
    const Record* const record = answers_->parser.parse_copy(*found, 1);
    if (record == nullptr || (*record)[answers_->schema].kind != Kind::string)
      refuse("the registry's answer has no schema");
    const std::string text((*record)[answers_->schema].text);
    const std::string inner((*record)[answers_->references].raw);
    if (!inner.empty() && !add_references(inner, seen, schema, depth + 1)) return false;
    schema.references.push_back(text);
  }
  return true;
}

/// The body of a successful answer, or nullptr while it is under way.
const std::string* Registry::answer(const std::string& path, const std::optional<std::string>& body) {
  const std::string key = body ? path + '\n' + *body : path;
  if (const auto known = bodies_.find(key); known != bodies_.end()) return &known->second;
  if (in_flight_) {
    std::vector<http::Client::Finished> done;
    client_.perform(done);
    if (done.empty()) return nullptr;
    in_flight_ = false;
    take(done.front().response);
    if (const auto known = bodies_.find(key); known != bodies_.end()) return &known->second;
  }
  if (clock::now() >= retry_at_) start(key, path, body);
  return nullptr;
}

void Registry::start(const std::string& key, const std::string& path, const std::optional<std::string>& body) {
  under_way_ = key;
  path_ = path;
  in_flight_ = true;
  http::Request request{.url = settings_.url + path, .timeout = settings_.timeout, .max_body = longest_answer};
  request.body = body;
  request.login = settings_.login;
  request.headers = {"Accept: application/vnd.schemaregistry.v1+json, application/json"};
  if (body) request.headers.emplace_back("Content-Type: application/vnd.schemaregistry.v1+json");
  client_.start(0, std::move(request));
  std::vector<http::Client::Finished> done;
  client_.perform(done);  // puts it on its way
  if (done.empty()) return;
  in_flight_ = false;
  take(done.front().response);
}

/// Keeps a successful answer, notes when to ask again, or throws.
void Registry::take(const http::Response& response) {
  if (response.failure == http::Failure::tls || response.failure == http::Failure::not_allowed ||
      response.failure == http::Failure::too_large)
    refuse("the registry: " + response.error);
  const int status = response.status;
  if (response.failure != http::Failure::none || status >= 500 || status == 429 || status == 408)
    return retry_later(response);
  if (away_since_) log_.info("the registry answers again");
  away_since_.reset();
  back_off_.reset();
  if (status == 200) {
    bodies_.insert_or_assign(under_way_, response.body);
    return;
  }
  std::string text = fmt::format("the registry refuses {} with {}", path_, status);
  if (status == 404) text = fmt::format("the registry does not have {}", path_);
  if (status == 401 || status == 403)
    text = fmt::format("the registry refuses the login with {}{}", status, settings_.login ? "" : ": none was given");
  const Record* const record = answers_->parser.parse_copy(response.body, 1);
  if (record != nullptr && (*record)[answers_->message].kind == Kind::string)
    text += ": " + shortened((*record)[answers_->message].text, longest_message);
  if (status != 404) refuse(text);
  bodies_.clear();
  throw NotFound(text);
}

void Registry::retry_later(const http::Response& response) {
  const auto now = clock::now();
  const std::string reason =
      response.failure != http::Failure::none ? response.error : fmt::format("it answers with {}", response.status);
  if (!away_since_) {
    away_since_ = now;
    log_.warn(fmt::format("the registry is away, it will be asked again: {}", reason));
  }
  if (settings_.retry_for && now - *away_since_ >= *settings_.retry_for)
    throw Unreachable(fmt::format("the registry was away for {}: {}", format_duration(*settings_.retry_for), reason));
  Duration pause = back_off_.next();
  if (const auto header = response.header("retry-after"))
    if (const auto wanted = http::parse_retry_after(*header, std::chrono::system_clock::now()))
      pause = std::clamp(*wanted, pause, longest_pause);
  retry_at_ = now + std::chrono::duration_cast<clock::duration>(pause);
  if (settings_.retry_for)
    retry_at_ = std::min(retry_at_, *away_since_ + std::chrono::ceil<clock::duration>(*settings_.retry_for));
}

void Registry::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  if (!in_flight_) {
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(retry_at_ - clock::now());
    const auto least = std::max(pause, std::chrono::milliseconds(0));
    limit = limit.count() < 0 ? least : std::min(limit, least);
  }
  client_.wait(also, limit);
}

}  // namespace weir::registry
