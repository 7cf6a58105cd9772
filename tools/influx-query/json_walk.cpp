#include "json_walk.hpp"

#include "record/parser.hpp"

namespace weir::influx_query {

void JsonWalk::fail(std::string_view reason) { throw AnswerError(std::string("the answer is ").append(reason)); }

void JsonWalk::begin(std::string_view text) {
  text_.assign(text).append(RecordParser::padding, ' ');
  if (const char* const reason = tokens_.scan(std::string_view(text_).substr(0, text.size()))) fail(reason);
  cursor_.base = text_.data();
  cursor_.at = tokens_.offsets();
  cursor_.limit = text.size();
  cursor_.resolved.clear();
  depth_ = 0;
}

void JsonWalk::end() const {
  if (!cursor_.at_end()) fail();
}

void JsonWalk::take(char c) {
  if (cursor_.at_end() || cursor_.peek() != c) fail();
  ++cursor_.at;
}

Value JsonWalk::scalar() {
  if (cursor_.at_end() || std::string_view("{}[],:").find(cursor_.peek()) != std::string_view::npos) fail();
  Value value;
  if (const char* const reason = cursor_.scalar(value)) fail(reason);
  return value;
}

void JsonWalk::skip() {
  if (cursor_.at_end()) fail();
  if (const char* const reason = cursor_.skip(depth_)) fail(reason);
}

}  // namespace weir::influx_query
