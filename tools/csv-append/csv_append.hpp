// The pure stage of csv-append.
#pragma once
#include "pipeline/filter.hpp"

namespace weir {

/// Passes every record on, unchanged.
class CsvAppend : public Filter {
 public:
  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;

 private:
  FieldSet fields_;
};

}  // namespace weir
