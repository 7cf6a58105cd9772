// A JSON array of objects, such as a value of a record has.
#pragma once
#include <string>
#include <string_view>

#include "record/parser.hpp"

namespace weir {

/// Reads the same fields of each object in an array.
class ObjectList {
 public:
  explicit ObjectList(const FieldSet& fields) : list_(fields), object_(fields) {}

  /// Calls `each(object)` for the elements in order, until it returns false; `object` is nullptr, with a reason(), for
  /// one that is not an object. Returns false when the bytes are not an array.
  template <typename Each>
  bool each(std::string_view array, Each each) {
    return list_.each_element(array, [&](const Value& element) { return each(object_.parse_copy(element.raw, 0)); });
  }
  /// Why the last element is not an object.
  const std::string& reason() const { return object_.reason(); }

 private:
  RecordParser list_, object_;
};

}  // namespace weir
