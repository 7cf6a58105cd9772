#include "avro_writer.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "avro/framing.hpp"
#include "avro/infer.hpp"
#include "cli/errors.hpp"

namespace weir::kafka_pub {

std::string subject_of(std::string_view text, std::string_view topic) {
  constexpr std::string_view place = "{topic}";
  std::string subject;
  for (auto at = text.find(place); at != std::string_view::npos; at = text.find(place)) {
    subject.append(text.substr(0, at)).append(topic);
    text.remove_prefix(at + place.size());
  }
  if (text.find_first_of("{}") != std::string_view::npos || subject.find_first_of("{}") != std::string::npos)
    throw std::invalid_argument("--subject: {topic} is the only field that it takes");
  return subject.append(text);
}

std::string record_name(std::string_view subject) {
  std::string name(subject);
  for (char& each : name)
    if (!avro::is_avro_name(std::string{'_', each})) each = '_';
  return avro::is_avro_name(name) ? name : '_' + name;
}

AvroWriter::AvroWriter(SchemaChoice choice, Log& log) : choice_(std::move(choice)) {
  if (choice_.registry) registry_ = std::make_unique<registry::Registry>(*choice_.registry, log);
}

AvroWriter::Written AvroWriter::write(const std::string& topic, std::string_view line) {
  Form* form = nullptr;
  try {
    form = form_of(topic, line);
  } catch (const std::invalid_argument& problem) {
    reason_ = fmt::format("no schema can be inferred from it: {}", problem.what());
    return Written::rejected;
  }
  if (form == nullptr) return Written::later;
  payload_.clear();
  if (form->id) avro::append_frame(payload_, *form->id);
  if (!form->encoder) {
    payload_ += line;
    return Written::yes;
  }
  if (!form->encoder->encode(line, payload_)) {
    reason_ = form->encoder->reason();
    return Written::rejected;
  }
  extra_ += form->encoder->unknown_fields();
  return Written::yes;
}

/// What the registry is asked. Throws std::invalid_argument where no schema can be inferred from the line.
registry::Question AvroWriter::question_of(const std::string& subject, std::string_view line) const {
  using Kind = registry::Question::Kind;
  if (choice_.id) return {.kind = Kind::by_id, .id = *choice_.id};
  if (choice_.schema) return {.kind = Kind::add, .subject = subject, .text = choice_.schema->text()};
  if (!choice_.json_schema.empty())
    return {.kind = Kind::add, .subject = subject, .text = choice_.json_schema, .type = "JSON"};
  if (subject != empty_subject_) return {.kind = Kind::latest, .subject = subject};
  avro::SchemaGuess guess;
  guess.add(line);
  return {.kind = Kind::add,
          .subject = subject,
          .text = guess.text(record_name(subject), avro::Nullable::always, avro::Numbers::doubles)};
}

/// The schema of a subject, nullptr while the registry has not answered.
const registry::RegisteredSchema* AvroWriter::find_schema(const std::string& subject, std::string_view line) {
  try {
    return registry_->ask(question_of(subject, line));
  } catch (const registry::NotFound& problem) {
    if (choice_.id) throw cli::UsageError(problem.what());
    if (!choice_.infers)
      throw cli::UsageError(fmt::format("{} (--avro-schema and --infer register one)", problem.what()));
    empty_subject_ = subject;
    return nullptr;
  } catch (const registry::Refused& problem) {
    throw cli::UsageError(problem.what());
  }
}

/// The form of a topic, nullptr while the registry has not answered. Throws as question_of().
AvroWriter::Form* AvroWriter::form_of(const std::string& topic, std::string_view line) {
  if (last_ != nullptr && topic == *last_topic_) return last_;
  auto known = forms_.find(topic);
  if (known == forms_.end()) {
    Form form;
    if (registry_) {
      const registry::RegisteredSchema* const found = find_schema(subject_of(choice_.subject, topic), line);
      if (found == nullptr) return nullptr;
      form = form_from(*found);
    } else {
      form.encoder = encoder_of(choice_.schema);
    }
    known = forms_.emplace(topic, std::move(form)).first;
  }
  last_topic_ = &known->first;
  last_ = &known->second;
  return last_;
}

AvroWriter::Form AvroWriter::form_from(const registry::RegisteredSchema& found) const {
  if (found.type == "JSON") return {found.id, nullptr};
  if (found.type != "AVRO")
    throw cli::UsageError(
        fmt::format("the registry's schema {} is of type {}, and not AVRO or JSON", found.id, found.type));
  try {
    return {found.id, encoder_of(avro::Schema::parse(found.text, found.references))};
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(fmt::format("the registry's schema {} cannot be used: {}", found.id, problem.what()));
  }
}

std::unique_ptr<avro::Encoder> AvroWriter::encoder_of(std::shared_ptr<const avro::Schema> schema) const {
  return std::make_unique<avro::Encoder>(std::move(schema), choice_.extra == ExtraFields::ignored
                                                                ? avro::UnknownFields::counted
                                                                : avro::UnknownFields::rejected);
}

void AvroWriter::add_to(CountReport& report) const {
  report.add(extra_, "field", "left out that the schema does not have");
}

}  // namespace weir::kafka_pub
