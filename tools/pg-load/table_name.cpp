#include "table_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "time/digits.hpp"

namespace weir::pg_load {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Reads a part in quotes from `text`, whose first byte is the quote; `""` is a quote.
std::string quoted_part(std::string_view& text) {
  std::string part;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      part += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      part += text[++i];
    } else {
      text.remove_prefix(i + 1);
      return part;
    }
  }
  throw std::invalid_argument("a quote is not closed");
}

}  // namespace

bool is_plain_identifier(std::string_view name) {
  return !name.empty() && name.size() <= max_identifier && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

TableTemplate TableTemplate::parse(std::string_view text) {
  TableTemplate made;
  std::vector<Pieces> parts;
  for (;;) {
    Pieces& part = parts.emplace_back();
    if (!text.empty() && text.front() == '"') {
      part.push_back({quoted_part(text), -1});
      if (!text.empty() && text.front() != '.') throw std::invalid_argument("something follows a closing quote");
    } else {
      std::string literal;
      while (!text.empty() && text.front() != '.') {
        if (text.front() != '{') {
          literal += text.front();
          text.remove_prefix(1);
          continue;
        }
        const auto close = text.find('}');
        if (close == std::string_view::npos) throw std::invalid_argument("a brace is not closed");
        if (!literal.empty()) part.push_back({std::exchange(literal, {}), -1});
        part.push_back({"", static_cast<std::ptrdiff_t>(made.paths_.size())});
        made.paths_.emplace_back(text.substr(1, close - 1));
        FieldSet().add(made.paths_.back());
        text.remove_prefix(close + 1);
      }
      if (!literal.empty()) part.push_back({literal, -1});
    }
    std::size_t length = 0;
    bool has_field = false;
    for (const Piece& piece : part) {
      length += piece.text.size();
      has_field = has_field || piece.path >= 0;
      if (piece.text.find('\0') != std::string::npos) throw std::invalid_argument("a name holds NUL");
    }
    if (length == 0 && !has_field) throw std::invalid_argument("an empty name");
    if (length > max_identifier)
      throw std::invalid_argument(fmt::format("a name is longer than {} bytes", max_identifier));
    if (text.empty()) break;
    text.remove_prefix(1);
  }
  if (parts.size() > 2) throw std::invalid_argument("more than schema.table (quote a name that holds a dot)");
  made.relation_ = std::move(parts.back());
  if (parts.size() == 2) made.schema_ = std::move(parts.front());
  return made;
}

void TableTemplate::add_fields(FieldSet& fields) {
  ids_.clear();
  for (const std::string& path : paths_) ids_.push_back(fields.add(path));
}

TableName TableTemplate::fixed() const { return {schema_.empty() ? "" : schema_.front().text, relation_.front().text}; }

Verdict TableTemplate::fill(const Record& record, const Pieces& pieces, std::string& out) const {
  out.clear();
  bool from_data = false;
  for (const Piece& piece : pieces) {
    if (piece.path < 0) {
      out += piece.text;
      continue;
    }
    from_data = true;
    const auto index = static_cast<std::size_t>(piece.path);
    const Value& value = record[ids_[index]];
    if (!value.present()) return Verdict::reject(fmt::format("{} is missing, and --table needs it", paths_[index]));
    out += value.text;
  }
  if (from_data && !is_plain_identifier(out))
    return Verdict::reject(
        "the name that --table gives is no plain identifier (letters, digits and _, not a digit first, 63 at most)");
  return Verdict::ok();
}

Verdict TableTemplate::resolve(const Record& record, TableName& name) const {
  if (Verdict verdict = fill(record, schema_, name.schema); verdict.rejected()) return verdict;
  return fill(record, relation_, name.relation);
}

}  // namespace weir::pg_load
