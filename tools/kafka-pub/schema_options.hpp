// The options that tell by which schemas payloads are written.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "avro/options.hpp"
#include "avro_writer.hpp"
#include "cli/app.hpp"
#include "message_maker.hpp"
#include "net/registry/options.hpp"

namespace weir::kafka_pub {

/// The options of group "Avro".
struct SchemaOptions : registry::SchemaOptions {
  std::string json_file;
  bool infers = false;
  ExtraFields extra = ExtraFields::rejected;

  void define(cli::App& app) {
    registry::SchemaOptions::define(app,
                                    {.file = "Write Avro by the schema in this file; with --registry it is registered",
                                     .subject = "Subject of the registry, in which {topic} stands for the topic",
                                     .id = "Write by the registry's schema of this number",
                                     .subject_default = "{topic}-value"});
    app.flag("--infer", infers, "Register a schema inferred from the first record where the subject has none");
    app.option("--json-schema", json_file, "Register the JSON Schema in this file; records stay JSON, after a frame")
        .file();
    app.flag("--ignore-extra", extra, ExtraFields::ignored,
             "Leave out fields that the schema does not have, instead of rejecting the record")
        .may_change();
  }

  /// Checks the options together; throws cli::UsageError.
  void validate(const Form& form, bool insecure) const {
    registry.validate(insecure);
    if (!form.payload.empty() && (!file.empty() || !registry.url.empty()))
      throw cli::UsageError("--payload: a schema describes the whole record, so leave one of them out");
    try {
      static_cast<void>(subject_of(name.subject, ""));
    } catch (const std::invalid_argument& problem) {
      throw cli::UsageError(problem.what());
    }
    if (registry.url.empty()) {
      const char* const needs = name.given()         ? name.given()
                                : infers             ? "--infer"
                                : !json_file.empty() ? "--json-schema"
                                                     : nullptr;
      if (needs != nullptr) throw cli::UsageError(fmt::format("{} needs --registry", needs));
      if (extra == ExtraFields::ignored && file.empty())
        throw cli::UsageError("--ignore-extra needs --avro-schema or --registry");
    }
    if (static_cast<int>(!file.empty()) + static_cast<int>(!json_file.empty()) + static_cast<int>(name.id.has_value()) +
            static_cast<int>(infers) >
        1)
      throw cli::UsageError("--avro-schema, --json-schema, --schema-id and --infer exclude each other");
    name.validate();
  }

  /// The stage's settings.
  SchemaChoice choice(cli::Context& context, const std::optional<Duration>& retry_for) const {
    SchemaChoice made;
    made.schema = avro::schema_of_file(file);
    if (!json_file.empty()) made.json_schema = avro::read_schema_file("--json-schema", json_file);
    if (!name.subject.empty()) made.subject = name.subject;
    if (name.id) made.id = static_cast<std::int32_t>(*name.id);
    made.infers = infers;
    made.extra = extra;
    made.registry = registry.settings(context, retry_for);
    return made;
  }
};

}  // namespace weir::kafka_pub
