// The records that a fuzz target gives to a stage.
#pragma once
#include <span>

#include "record/parser.hpp"

/// Calls `take` with each line that is a record, read with the fields of the stage.
template <typename Stage, typename Take>
void for_each_record(const Stage& stage, std::span<const char* const> lines, Take take) {
  weir::RecordParser parser(stage.fields());
  for (const char* line : lines)
    if (const weir::Record* record = parser.parse_copy(line, 1)) take(*record);
}
