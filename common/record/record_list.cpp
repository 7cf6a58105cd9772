#include "record/record_list.hpp"

#include <algorithm>

#include "record/senml.hpp"
#include "record/trimmed.hpp"

namespace weir {

RecordList::RecordList(std::uint64_t most) : most_(most), probe_(FieldSet()) {}

std::string_view RecordList::counted_name() const {
  switch (counted_) {
    case Counted::nothing:
      return {};
    case Counted::lines:
      return "line";
    case Counted::elements:
      return "element";
  }
  return {};
}

/// Whether the first line is whole, or another one begins with a brace as well.
bool RecordList::begins_lines(std::string_view text) {
  const std::string_view first = trimmed(text.substr(0, text.find('\n')));
  return first.size() < text.size() &&
         (probe_.parse_copy(first, 1) != nullptr || text.find("\n{") != std::string_view::npos);
}

bool RecordList::read(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[')) return read_array(text);
  if (begins_lines(text)) return read_lines(text);
  counted_ = Counted::nothing;
  parts_.assign(1, {1, text});
  return true;
}

bool RecordList::read_array(std::string_view array) {
  counted_ = Counted::elements;
  parts_.clear();
  kept_.clear();
  kept_.reserve(array.size());  // the elements are no longer than the array: the views stay
  std::uint64_t number = 0;
  const bool whole = probe_.each_element(array, [&](const Value& element) {
    if (++number > most_) return false;
    const std::size_t at = kept_.size();
    kept_ += element.raw;
    parts_.push_back({number, std::string_view(kept_).substr(at)});
    return true;
  });
  if (whole && number <= most_) return true;
  reason_ = whole ? too_many_records : probe_.reason();
  return false;
}

bool RecordList::read_lines(std::string_view text) {
  counted_ = Counted::lines;
  parts_.clear();
  std::uint64_t number = 1;
  for (; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, std::min(text.find('\n'), text.size()));
    const std::string_view line = trimmed(whole);
    if (!line.empty()) parts_.push_back({number, line});
    if (parts_.size() > most_) {
      reason_ = too_many_records;
      return false;
    }
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
  }
  return true;
}

}  // namespace weir
