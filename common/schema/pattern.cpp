#include "schema/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <array>
#include <stdexcept>

namespace weir::schema {
namespace {

constexpr std::uint32_t most_steps = 100'000;
constexpr std::uint32_t most_memory_kib = 8192;

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};

}  // namespace

struct Pattern::Impl {
  std::unique_ptr<pcre2_code, Free> code;
  std::unique_ptr<pcre2_match_data, Free> data;
  std::unique_ptr<pcre2_match_context, Free> limits;
};

Pattern::Pattern(const std::string& text) : impl_(std::make_unique<Impl>()), text_(text) {
  const std::unique_ptr<pcre2_compile_context, Free> context(pcre2_compile_context_create(nullptr));
  pcre2_set_compile_extra_options(context.get(), PCRE2_EXTRA_ALT_BSUX);
  constexpr std::uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY |
                                    PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS;
  int error = 0;
  std::size_t offset = 0;
  impl_->code.reset(pcre2_compile(reinterpret_cast<const unsigned char*>(text.data()), text.size(), options, &error,
                                  &offset, context.get()));
  if (impl_->code == nullptr) {
    std::array<unsigned char, 256> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    throw std::invalid_argument(fmt::format("the pattern {} is not valid at {}: {}", text, offset,
                                            reinterpret_cast<const char*>(message.data())));
  }
  // The interpreter is used: its limits are exact, and the same on every machine.
  impl_->data.reset(pcre2_match_data_create_from_pattern(impl_->code.get(), nullptr));
  impl_->limits.reset(pcre2_match_context_create(nullptr));
  if (impl_->data == nullptr || impl_->limits == nullptr) throw std::bad_alloc();
  pcre2_set_match_limit(impl_->limits.get(), most_steps);
  pcre2_set_heap_limit(impl_->limits.get(), most_memory_kib);
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&& other) noexcept = default;
Pattern& Pattern::operator=(Pattern&& other) noexcept = default;

Match Pattern::find(std::string_view in) const {
  const int found = pcre2_match(impl_->code.get(), reinterpret_cast<const unsigned char*>(in.data()), in.size(), 0, 0,
                                impl_->data.get(), impl_->limits.get());
  if (found >= 0) return Match::yes;
  return found == PCRE2_ERROR_NOMATCH ? Match::no : Match::too_long;
}

}  // namespace weir::schema
