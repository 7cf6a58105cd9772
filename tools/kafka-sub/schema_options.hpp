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
struct SchemaOptions : registry::SchemaOptions {
  void define(cli::App& app) {
    registry::SchemaOptions::define(
        app, {.file = "Payloads are Avro by the schema in this file, without a frame",
              .subject = "Payloads have no frame, and the schema of this subject's latest version",
              .id = "Payloads have no frame, and the registry's schema of this number"});
  }

  /// Checks the options together; throws cli::UsageError.
  void validate(bool insecure) const {
    registry.validate(insecure);
    if (!file.empty() && !registry.url.empty())
      throw cli::UsageError("--avro-schema and --registry exclude each other: a framed message names its schema");
    if (registry.url.empty() && name.given()) throw cli::UsageError(fmt::format("{} needs --registry", name.given()));
    name.validate();
  }

  /// Where schemas come from.
  SchemaSource source(cli::Context& context, const std::optional<Duration>& retry_for) const {
    SchemaSource made;
    made.schema = avro::schema_of_file(file);
    made.registry = registry.settings(context, retry_for);
    using Kind = registry::Question::Kind;
    if (name.id) made.only = {.kind = Kind::by_id, .id = static_cast<std::int32_t>(*name.id)};
    if (!name.subject.empty()) made.only = {.kind = Kind::latest, .subject = name.subject};
    return made;
  }
};

}  // namespace weir::kafka_sub
