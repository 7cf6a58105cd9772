#include "record/tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>

namespace weir {

struct Tokens::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  std::uint32_t nothing[1] = {0};
  bool scanned = false;
};

Tokens::Tokens() : impl_(std::make_unique<Impl>()) {}
Tokens::~Tokens() = default;

const char* Tokens::scan(std::string_view text) {
  constexpr std::size_t least = 64 * 1024;
  auto& stage = impl_->stage;
  if (stage == nullptr || stage->capacity() < text.size()) {
    const std::size_t capacity = std::max(least, text.size() + text.size() / 4);
    const auto error = stage == nullptr
                           ? simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage)
                           : stage->set_capacity(capacity);
    if (error != simdjson::SUCCESS) throw std::runtime_error("a line is too long to be parsed in memory");
  }
  const auto error =
      stage->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular);
  impl_->scanned = error == simdjson::SUCCESS;
  switch (error) {
    case simdjson::SUCCESS:
      return nullptr;
    case simdjson::UTF8_ERROR:
      return "not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a control character in a string";
    case simdjson::EMPTY:
      return "no JSON";
    default:
      return "not valid JSON";
  }
}

const std::uint32_t* Tokens::offsets() const {
  return impl_->scanned ? impl_->stage->structural_indexes.get() : impl_->nothing;
}

std::size_t Tokens::size() const { return impl_->scanned ? impl_->stage->n_structural_indexes : 0; }

struct Unescaper::Impl {
  simdjson::dom::parser parser;
};

Unescaper::Unescaper() : impl_(std::make_unique<Impl>()) {}
Unescaper::~Unescaper() = default;

bool Unescaper::append(std::string_view string, std::string& out) {
  std::string_view text;
  if (impl_->parser.parse(string.data(), string.size()).get_string().get(text) != simdjson::SUCCESS) return false;
  out += text;
  return true;
}

}  // namespace weir
