// The models of all keys, as they are read from their files.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "record/group_key.hpp"
#include "record/parser.hpp"
#include "settings.hpp"
#include "trained_model.hpp"

namespace weir::anomaly_score {

class Models {
 public:
  /// Reads the model files of the settings, a model a line. Throws std::invalid_argument with file and line where one
  /// cannot be used, and where its method, its fields or its key are not those of the settings.
  explicit Models(const Settings& settings);
  /// The model of a key; nullptr when there is none.
  TrainedModel* find(std::string_view key);
  std::size_t size() const { return models_.size(); }

 private:
  struct Fields;
  void add(const Record& line, Fields& fields, const Settings& settings);
  std::map<std::string, std::unique_ptr<TrainedModel>, std::less<>> models_;
};

/// The version of files of models that is written, and read.
constexpr int model_version = 2;

/// The name of a method in files of models.
std::string_view method_name(Method method);

/// A JSON list of the names of fields, as a model has it.
std::string list_of(const std::vector<std::string>& names);

/// The text of a model, without its closing brace, with its checksum and its end.
std::string sealed(std::string text);

/// Paths of the parts of a model's key: key.0, key.1 and so on.
std::vector<std::string> key_paths(std::size_t count);

/// The names of fields by their paths.
std::vector<std::string> plain_names(const std::vector<std::string>& paths);

/// The name of a model's file: `{field}` in the pattern becomes the key's value, and bytes of it other than letters,
/// digits, `_`, `-` and a dot within become %XX. Throws std::invalid_argument where the pattern names no field of
/// --by, and where an empty key leaves no name.
std::string model_file(std::string_view pattern, const std::vector<std::string>& by,
                       const std::vector<std::string>& values);

}  // namespace weir::anomaly_score
