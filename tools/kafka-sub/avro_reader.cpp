#include "avro_reader.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "avro/framing.hpp"
#include "cli/errors.hpp"

namespace weir::kafka_sub {

AvroReader::AvroReader(const SchemaSource& source, avro::NanValues nan, std::size_t longest, Log& log) : nan_(nan) {
  limits_.max_text = longest;
  if (source.registry) registry_ = std::make_unique<registry::Registry>(*source.registry, log);
  if (source.schema) only_.decoder = std::make_unique<avro::Decoder>(source.schema, nan_, limits_);
}

AvroReader::Read AvroReader::read(std::string_view payload) {
  awaits_schema_ = false;
  if (!registry_) return read_as(only_, payload);
  const auto framed = avro::read_frame(payload);
  if (!framed) return reject("the payload has no schema number in front: a zero byte and four more");
  Form* form = nullptr;
  try {
    form = form_of(framed->schema_id);
  } catch (const registry::NotFound& problem) {
    return reject(problem.what());
  } catch (const registry::Refused& problem) {
    throw cli::UsageError(problem.what());
  }
  if (form == nullptr) {
    awaits_schema_ = true;
    return Read::later;
  }
  return read_as(*form, framed->payload);
}

AvroReader::Read AvroReader::reject(std::string reason) {
  reason_ = std::move(reason);
  return Read::rejected;
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
    return {nullptr, fmt::format("its schema {} is of type {}, and not AVRO or JSON", found.id, found.type)};
  try {
    return {std::make_unique<avro::Decoder>(avro::Schema::parse(found.text, found.references), nan_, limits_), {}};
  } catch (const std::invalid_argument& problem) {
    return {nullptr, fmt::format("its schema {} cannot be used: {}", found.id, problem.what())};
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
