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
struct SchemaOptions {
  std::string file;
  std::string json_file;
  std::string subject;
  std::optional<std::uint64_t> id;
  bool infers = false;
  ExtraFields extra = ExtraFields::rejected;
  registry::Options registry;

  void define(cli::App& app) {
    app.group("Avro");
    app.option("--avro-schema", file, "Write Avro by the schema in this file; with --registry it is registered").file();
    registry.define(app);
    app.option("--subject", subject, "Subject of the registry, in which {topic} stands for the topic")
        .metavar("NAME")
        .default_text("{topic}-value");
    app.option("--schema-id", id, "Write by the registry's schema of this number").metavar("N").at_most(2147483647);
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
      static_cast<void>(subject_of(subject, ""));
    } catch (const std::invalid_argument& problem) {
      throw cli::UsageError(problem.what());
    }
    if (registry.url.empty()) {
      const char* const needs = !subject.empty()     ? "--subject"
                                : id                 ? "--schema-id"
                                : infers             ? "--infer"
                                : !json_file.empty() ? "--json-schema"
                                                     : nullptr;
      if (needs != nullptr) throw cli::UsageError(fmt::format("{} needs --registry", needs));
      if (extra == ExtraFields::ignored && file.empty())
        throw cli::UsageError("--ignore-extra needs --avro-schema or --registry");
    }
    if (static_cast<int>(!file.empty()) + static_cast<int>(!json_file.empty()) + static_cast<int>(id.has_value()) +
            static_cast<int>(infers) >
        1)
      throw cli::UsageError("--avro-schema, --json-schema, --schema-id and --infer exclude each other");
    if (id && !subject.empty()) throw cli::UsageError("--schema-id names a schema, and --subject then has no use");
  }

  /// The stage's settings. That there is a registry becomes part of what saved state depends on; its place may change.
  SchemaChoice choice(cli::Context& context, const std::optional<Duration>& retry_for) const {
    SchemaChoice made;
    made.schema = avro::schema_of_file(file);
    if (!json_file.empty()) made.json_schema = avro::read_schema_file("--json-schema", json_file);
    if (!subject.empty()) made.subject = subject;
    if (id) made.id = static_cast<std::int32_t>(*id);
    made.infers = infers;
    made.extra = extra;
    if (registry.url.empty()) return made;
    made.registry = registry.settings(context, retry_for);
    context.settings += "--registry\n";
    return made;
  }
};

}  // namespace weir::kafka_pub
