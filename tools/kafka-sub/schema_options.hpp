// The options that tell by which schemas payloads are read.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

#include "avro/options.hpp"
#include "avro_reader.hpp"
#include "cli/app.hpp"
#include "net/registry/options.hpp"

namespace weir::kafka_sub {

/// The options of group "Avro".
struct SchemaOptions {
  std::string file;
  std::string subject;
  std::optional<std::uint64_t> id;
  registry::Options registry;

  void define(cli::App& app) {
    app.group("Avro");
    app.option("--avro-schema", file, "Payloads are Avro by the schema in this file, without a frame").file();
    registry.define(app);
    app.option("--subject", subject, "Payloads have no frame, and the schema of this subject's latest version")
        .metavar("NAME");
    app.option("--schema-id", id, "Payloads have no frame, and the registry's schema of this number")
        .metavar("N")
        .at_most(2147483647);
  }

  /// Checks the options together; throws cli::UsageError.
  void validate(bool insecure) const {
    registry.validate(insecure);
    if (!file.empty() && !registry.url.empty())
      throw cli::UsageError("--avro-schema and --registry exclude each other: a framed message names its schema");
    if (registry.url.empty() && (!subject.empty() || id))
      throw cli::UsageError(fmt::format("{} needs --registry", id ? "--schema-id" : "--subject"));
    if (id && !subject.empty()) throw cli::UsageError("--schema-id names a schema, and --subject then has no use");
  }

  /// Where schemas come from. That there is a registry becomes part of what saved state depends on; its place may
  /// change.
  SchemaSource source(cli::Context& context, const std::optional<Duration>& retry_for) const {
    SchemaSource made;
    made.schema = avro::schema_of_file(file);
    if (registry.url.empty()) return made;
    made.registry = registry.settings(context, retry_for);
    using Kind = registry::Question::Kind;
    if (id) made.only = {.kind = Kind::by_id, .id = static_cast<std::int32_t>(*id)};
    if (!subject.empty()) made.only = {.kind = Kind::latest, .subject = subject};
    context.settings += "--registry\n";
    return made;
  }
};

}  // namespace weir::kafka_sub
