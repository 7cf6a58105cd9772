#include "record/object_writer.hpp"

#include <algorithm>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "time/timestamp.hpp"

namespace weir {

void ObjectWriter::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  append_json_string(out_, name);
  out_ += ':';
}

ObjectWriter& ObjectWriter::string(std::string_view name, std::string_view text) {
  key(name);
  append_json_string(out_, text);
  return *this;
}

ObjectWriter& ObjectWriter::number(std::string_view name, double value) {
  key(name);
  append_number(out_, value);
  return *this;
}

ObjectWriter& ObjectWriter::integer(std::string_view name, std::int64_t value) {
  key(name);
  append_number(out_, value);
  return *this;
}

ObjectWriter& ObjectWriter::boolean(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }

ObjectWriter& ObjectWriter::null(std::string_view name) { return raw(name, "null"); }

ObjectWriter& ObjectWriter::time(std::string_view name, Time value) {
  key(name);
  out_ += '"';
  append_time(out_, value);
  out_ += '"';
  return *this;
}

ObjectWriter& ObjectWriter::raw(std::string_view name, std::string_view token) {
  key(name);
  out_ += token;
  return *this;
}

ObjectWriter& ObjectWriter::member(const Member& member) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += member.raw_key;
  out_ += ':';
  out_ += member.value.raw;
  return *this;
}

ObjectWriter& ObjectWriter::begin_object(std::string_view name) {
  key(name);
  out_ += '{';
  first_ = true;
  return *this;
}

ObjectWriter& ObjectWriter::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}

void Splicer::begin(std::string_view line) {
  line_ = line;
  edits_.clear();
  tokens_.clear();
  added_.clear();
}

void Splicer::set(const Value& existing, std::string_view name, std::string_view token) {
  if (existing.kind == Kind::missing) {
    added_ += ',';
    append_json_string(added_, name);
    added_ += ':';
    added_ += token;
    return;
  }
  const auto offset = static_cast<std::size_t>(existing.raw.data() - line_.data());
  edits_.push_back({offset, existing.raw.size(), tokens_.size(), token.size()});
  tokens_ += token;
}

void Splicer::write(std::string& out) {
  std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
  const std::size_t close = line_.rfind('}');
  std::size_t done = 0;
  for (const Edit& edit : edits_) {
    out.append(line_, done, edit.offset - done);
    out.append(tokens_, edit.token, edit.token_length);
    done = edit.offset + edit.length;
  }
  out.append(line_, done, close - done);
  if (!added_.empty()) {
    // The first added member needs no comma in an object that was empty.
    const std::size_t last = line_.find_last_not_of(" \t\r", close - 1);
    out.append(added_, line_[last] == '{' ? 1 : 0);
  }
  out.append(line_, close);
  out += '\n';
}

}  // namespace weir
