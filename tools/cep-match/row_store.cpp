#include "row_store.hpp"

namespace weir::cep_match {

RowId RowStore::add(const Record& record, const std::vector<FieldId>& ids, const std::vector<expr::Result>& results) {
  RowId id = static_cast<RowId>(rows_.size());
  if (free_.empty()) {
    rows_.emplace_back();
    stored_.resize(rows_.size() * width_);
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Row& row = rows_[id];
  row.before = row.after = no_row;
  row.text.clear();
  if (lines_) row.text = record.line();
  row.line_length = static_cast<std::uint32_t>(row.text.size());
  const char* const begin = record.line().data();
  const auto keep = [&](std::string_view token) {
    // A token of a line that is kept stands in it already.
    if (lines_ && token.data() >= begin && token.data() + token.size() <= begin + record.line().size())
      return static_cast<std::uint32_t>(token.data() - begin);
    row.text += token;
    return static_cast<std::uint32_t>(row.text.size() - token.size());
  };
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Value& value = record[ids[i]];
    Stored& stored = stored_[id * width_ + i] = Stored{};
    stored.token_length = static_cast<std::uint32_t>(value.raw.size());
    if (stored.token_length > 0) stored.token = keep(value.raw);
    if (i >= results.size()) continue;
    const expr::Result& result = results[i];
    stored.type = result.type;
    stored.fault = result.fault;
    stored.truth = result.truth;
    stored.number = result.number;
    stored.text_length = static_cast<std::uint32_t>(result.text.size());
    if (stored.text_length == 0) continue;
    const bool inside = result.text.data() >= value.raw.data() &&
                        result.text.data() + result.text.size() <= value.raw.data() + value.raw.size();
    stored.text =
        inside ? stored.token + static_cast<std::uint32_t>(result.text.data() - value.raw.data()) : keep(result.text);
  }
  text_bytes_ += row.text.size();
  return id;
}

expr::Result RowStore::value(RowId id, std::size_t index) const {
  const Stored& stored = stored_[id * width_ + index];
  expr::Result result;
  result.type = stored.type;
  result.fault = stored.fault;
  result.truth = stored.truth;
  result.number = stored.number;
  result.text = std::string_view(rows_[id].text).substr(stored.text, stored.text_length);
  if (stored.type == expr::Type::error) result.found = expr::Type::number;
  return result;
}

std::string_view RowStore::token(RowId id, std::size_t index) const {
  const Stored& stored = stored_[id * width_ + index];
  return std::string_view(rows_[id].text).substr(stored.token, stored.token_length);
}

}  // namespace weir::cep_match
