// The shape that lines of a stream share: the names of their members, in order.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/byte_search.hpp"

namespace weir {

/// The member names of an object of scalars, with the blanks around them, as one line had them. The next line mostly
/// has the same shape, and comparing is faster than parsing.
class Shape {
 public:
  /// A member, from the brace or comma before it to its value.
  class Step {
   public:
    Step(std::string bytes, std::size_t its_name_at, std::size_t its_name_size, int its_field)
        : field(its_field),
          name_at(its_name_at),
          name_size(its_name_size),
          size_(static_cast<std::uint32_t>(bytes.size())),
          bytes_(std::move(bytes)) {
      const std::uint32_t begin = size_ < word ? size_ : word;
      std::array<char, word> head{};
      bytes_.copy(head.data(), begin);
      head_ = load(head.data());
      head_mask_ = begin < word ? (std::uint64_t{1} << (8 * begin)) - 1 : ~std::uint64_t{0};
      if (size_ > word) {
        tail_at_ = size_ - word;
        tail_ = load(bytes_.data() + tail_at_);
        tail_mask_ = ~std::uint64_t{0};
      }
    }

    /// Whether `text` begins with these bytes, the last of which may be after `end` where they are few. 32 bytes must
    /// be readable there.
    bool stands_at(const char* text, const char* end) const {
      if (size_ > 2 * word) return stands_long(text, end);
      return (((load(text) ^ head_) & head_mask_) | ((load(text + tail_at_) ^ tail_) & tail_mask_)) == 0;
    }
    std::uint32_t size() const { return size_; }
    bool operator==(const Step& other) const { return bytes_ == other.bytes_; }

    int field;              ///< the parser's field for the name
    std::size_t name_at;    ///< where the name's opening quote is
    std::size_t name_size;  ///< with its quotes

   private:
    static constexpr std::uint32_t word = 8;
    [[gnu::always_inline]] bool stands_long(const char* text, const char* end) const {
      constexpr std::uint32_t block = sizeof(Bytes);
      if (size_ > 2 * block) return end - text >= std::ptrdiff_t{size_} && bytes_.compare(0, size_, text, size_) == 0;
      const auto equal = [&](std::uint32_t at) -> Bytes {
        Bytes here, wanted;
        std::memcpy(&here, text + at, block);
        std::memcpy(&wanted, bytes_.data() + at, block);
        return here == wanted;
      };
      return bits_of(equal(0) & equal(size_ - block)) == 0xFFFF;
    }
    static std::uint64_t load(const char* text) {
      std::uint64_t bytes;
      std::memcpy(&bytes, text, sizeof bytes);
      return bytes;
    }
    std::uint64_t head_ = 0;  ///< the first eight bytes, or as many as there are
    std::uint64_t head_mask_ = 0;
    std::uint64_t tail_ = 0;  ///< the last eight, where there are more than eight
    std::uint64_t tail_mask_ = 0;
    std::uint32_t tail_at_ = 0;
    std::uint32_t size_;
    std::string bytes_;
  };

  /// Tokens of a member: the comma or brace before it, name, colon, value.
  static constexpr std::size_t tokens_per_step = 4;

  /// Makes the shape of a whole object. It is empty when the object has nested values or a name with an escape.
  /// `tokens` are the offsets of the tokens; `field_of` maps a name to Step::field.
  template <typename FieldOf>
  static Shape of(const char* base, const std::uint32_t* tokens, std::size_t count, FieldOf field_of) {
    Shape shape;
    if (count % tokens_per_step != 1) return shape;
    for (std::size_t i = 0; i + 1 < count; i += tokens_per_step) {
      const std::uint32_t* const member = tokens + i;
      const std::string_view bytes(base + member[0], member[3] - member[0]);
      const std::size_t name_at = member[1] - member[0];
      const std::size_t name_size = bytes.find('"', name_at + 1) + 1 - name_at;
      const char value = base[member[3]];
      if (base[member[2]] != ':' || value == '{' || value == '[' || bytes.find('\\') != std::string_view::npos)
        return {};
      shape.steps_.emplace_back(std::string(bytes), name_at, name_size,
                                field_of(bytes.substr(name_at + 1, name_size - 2)));
    }
    return shape;
  }

  const std::vector<Step>& steps() const { return steps_; }

  /// How many members at the beginning have the same bytes in both.
  std::size_t common(const Shape& other) const {
    const auto end = std::mismatch(steps_.begin(), steps_.end(), other.steps_.begin(), other.steps_.end()).first;
    return static_cast<std::size_t>(end - steps_.begin());
  }

  /// Sets absent(), of a parser with so many fields.
  void set_fields(std::size_t count) {
    absent_.clear();
    for (std::size_t field = 0; field < count; ++field)
      if (std::none_of(steps_.begin(), steps_.end(),
                       [field](const Step& step) { return step.field == static_cast<int>(field); }))
        absent_.push_back(field);
  }
  /// The fields that no member is.
  const std::vector<std::size_t>& absent() const { return absent_; }

 private:
  std::vector<Step> steps_;
  std::vector<std::size_t> absent_;
};

/// The shapes of earlier lines, a few.
class Shapes {
 public:
  static constexpr std::size_t most = 4;
  /// No index of a shape.
  static constexpr std::size_t none = most;

  bool empty() const { return shapes_.empty(); }
  std::size_t size() const { return shapes_.size(); }
  const Shape& operator[](std::size_t i) const { return shapes_[i]; }

  /// How many members two shapes share at their beginning.
  std::size_t common(std::size_t a, std::size_t b) const { return common_[a][b]; }

  /// Adds a shape, in place of the oldest one where there is no room. Returns its index.
  std::size_t add(Shape shape) {
    const std::size_t at = oldest_;
    oldest_ = (oldest_ + 1) % most;
    if (at == shapes_.size()) shapes_.emplace_back();
    shapes_[at] = std::move(shape);
    for (std::size_t i = 0; i < shapes_.size(); ++i) common_[at][i] = common_[i][at] = shapes_[at].common(shapes_[i]);
    return at;
  }

 private:
  std::vector<Shape> shapes_;
  std::array<std::array<std::size_t, most>, most> common_{};
  std::size_t oldest_ = 0;  ///< the shape to be replaced next
};

}  // namespace weir
