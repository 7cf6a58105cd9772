// The options that tell by which schemas payloads are read.
#pragma once
#include <string>

#include "avro/options.hpp"
#include "avro_reader.hpp"
#include "cli/app.hpp"
#include "net/registry/options.hpp"

namespace weir::kafka_sub {

/// The options of group "Avro".
struct SchemaOptions {
  std::string file;
  registry::Options registry;

  void define(cli::App& app) {
    app.group("Avro");
    app.option("--avro-schema", file, "Payloads are Avro by the schema in this file, without a frame").file();
    registry.define(app);
  }

  /// Checks the options together; throws cli::UsageError.
  void validate(bool insecure) const {
    registry.validate(insecure);
    if (!file.empty() && !registry.url.empty())
      throw cli::UsageError("--avro-schema and --registry exclude each other: a framed message names its schema");
  }

  /// Where schemas come from. That there is a registry becomes part of what saved state depends on; its place may
  /// change.
  SchemaSource source(cli::Context& context, const std::optional<Duration>& retry_for) const {
    SchemaSource made;
    made.schema = avro::schema_of_file(file);
    if (registry.url.empty()) return made;
    made.registry = registry.settings(context, retry_for);
    context.settings += "--registry\n";
    return made;
  }
};

}  // namespace weir::kafka_sub
