#include "avro_reader.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "avro/framing.hpp"
#include "cli/errors.hpp"

namespace weir::kafka_sub {
namespace {

/// Payloads that only look framed may name any number.
constexpr std::size_t most_missing = 10'000;

}  // namespace

AvroReader::AvroReader(const SchemaSource& source, avro::NanValues nan, std::size_t longest, Log& log)
    : nan_(nan), question_(source.only), ask_again_(source.ask_again) {
  limits_.max_text = longest;
  if (source.registry) registry_ = std::make_unique<registry::Registry>(*source.registry, log);
  if (source.schema) only_ = Form{std::make_unique<avro::Decoder>(source.schema, nan_, limits_), {}};
}

AvroReader::Read AvroReader::read(std::string_view payload) {
  awaits_schema_ = false;
  try {
    if (registry_ && !question_) return read_framed(payload);
    Form* const form = only_form();
    return form == nullptr ? later() : read_as(*form, payload);
  } catch (const registry::NotFound& problem) {
    throw cli::UsageError(problem.what());
  } catch (const registry::Refused& problem) {
    throw cli::UsageError(problem.what());
  }
}

AvroReader::Read AvroReader::read_framed(std::string_view payload) {
  const auto framed = avro::read_frame(payload);
  if (!framed) return reject("the payload has no schema number in front: a zero byte and four more");
  if (is_missing(framed->schema_id)) return Read::rejected;
  try {
    Form* const form = form_of(framed->schema_id);
    return form == nullptr ? later() : read_as(*form, framed->payload);
  } catch (const registry::NotFound& problem) {
    note_missing(framed->schema_id, problem.what());
    return reject(problem.what());
  }
}

AvroReader::Read AvroReader::reject(std::string reason) {
  reason_ = std::move(reason);
  return Read::rejected;
}

AvroReader::Read AvroReader::later() {
  awaits_schema_ = true;
  return Read::later;
}

/// Whether the registry did not have the schema a short while ago; reason() then tells that.
bool AvroReader::is_missing(std::int32_t id) {
  if (missing_.empty()) return false;
  const auto found = missing_.find(id);
  if (found == missing_.end()) return false;
  if (clock::now() < found->second.ask_again) {
    reason_ = found->second.problem;
    return true;
  }
  missing_.erase(found);
  return false;
}

void AvroReader::note_missing(std::int32_t id, std::string problem) {
  if (missing_.size() >= most_missing) missing_.clear();
  missing_.insert_or_assign(id, Missing{std::move(problem), clock::now() + ask_again_});
}

/// The form of all payloads, nullptr while the registry has not answered.
AvroReader::Form* AvroReader::only_form() {
  if (only_) return &*only_;
  const registry::RegisteredSchema* const found = registry_->ask(*question_);
  if (found == nullptr) return nullptr;
  only_ = form_from(*found);
  if (!only_->problem.empty()) throw cli::UsageError(only_->problem);
  return &*only_;
}

/// The form of a schema, nullptr while the registry has not answered.
AvroReader::Form* AvroReader::form_of(std::int32_t id) {
  if (last_ != nullptr && id == last_id_) return last_;
  auto known = forms_.find(id);
  if (known == forms_.end()) {
    const registry::RegisteredSchema* const found = registry_->ask({.id = id});
    if (found == nullptr) return nullptr;
    known = forms_.emplace(id, form_from(*found)).first;
  }
  last_id_ = id;
  last_ = &known->second;
  return last_;
}

AvroReader::Form AvroReader::form_from(const registry::RegisteredSchema& found) const {
  if (found.type == "JSON") return {};
  if (found.type != "AVRO")
    return {nullptr, fmt::format("the registry's schema {} is of type {}, and not AVRO or JSON", found.id, found.type)};
  try {
    return {std::make_unique<avro::Decoder>(avro::Schema::parse(found.text, found.references), nan_, limits_), {}};
  } catch (const std::invalid_argument& problem) {
    return {nullptr, fmt::format("the registry's schema {} cannot be used: {}", found.id, problem.what())};
  }
}

AvroReader::Read AvroReader::read_as(Form& form, std::string_view payload) {
  if (!form.problem.empty()) return reject(form.problem);
  json_ = payload;
  if (!form.decoder) return Read::yes;
  text_.clear();
  if (!form.decoder->decode(payload, text_)) return reject(form.decoder->reason());
  json_ = text_;
  return Read::yes;
}

}  // namespace weir::kafka_sub
