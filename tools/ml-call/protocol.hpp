// What a model server is sent, and what its answer means.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_set.hpp"
#include "record/parser.hpp"

namespace weir::ml_call {

enum class Protocol : std::uint8_t {
  json,  ///< the inputs as an object, or a list of such
  v2     ///< KServe's Open Inference Protocol, version 2: tensors
};

/// How requests and answers look.
struct ProtocolSettings {
  Protocol protocol = Protocol::json;
  std::string envelope;           ///< of JSON: a text with `{inputs}` in it; empty: the inputs alone
  bool list = false;              ///< of JSON: a list also for one row
  std::string tensor;             ///< of V2: one tensor of all inputs has this name; empty: each input is one
  std::string datatype = "FP64";  ///< of V2
  std::string answer;             ///< the path to the predictions, or V2's output; empty: the whole, or every output
};

/// The inputs of one prediction: a JSON token for each name.
using Row = std::vector<std::string>;

/// An answer that cannot be used.
class BadAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes requests and reads answers.
class ProtocolCodec {
 public:
  /// Throws std::invalid_argument on settings that do not go together.
  ProtocolCodec(const ProtocolSettings& settings, std::vector<std::string> names);

  /// The inputs of a row as a JSON object.
  std::string object_of(const Row& row) const;
  std::string request_of(std::span<const Row* const> rows) const;

  /// The prediction of each row, a JSON token. Throws BadAnswer.
  std::vector<std::string> read(std::string_view answer, std::size_t rows);

 private:
  std::vector<std::string> read_json(std::size_t rows, const Record& record);
  std::vector<std::string> read_v2(std::size_t rows, const Record& record);
  std::vector<std::string> elements_of(std::string_view list);
  std::vector<std::string> predictions_of(const Record& output, std::size_t rows);

  ProtocolSettings settings_;
  std::vector<std::string> names_;
  FieldSet fields_;
  FieldId whole_, answer_, outputs_;
  std::unique_ptr<RecordParser> parser_;
  FieldSet output_fields_;
  FieldId name_, shape_, data_;
  std::unique_ptr<RecordParser> output_parser_;
};

}  // namespace weir::ml_call
