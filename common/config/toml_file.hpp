#pragma once

#include <toml++/toml.h>

#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "time/duration.hpp"

namespace weir {

/// A mistake in a file of rules or settings. what() begins with its place, `FILE:LINE: `.
class ConfigError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A file of rules or settings in TOML. Every function but place_of() throws ConfigError with the file and the line of
/// what is wrong.
class TomlFile {
 public:
  /// Parses the text; `path` is for messages.
  TomlFile(std::string path, std::string_view text);

  const toml::table& root() const { return root_; }
  const std::string& path() const { return path_; }

  /// `FILE:LINE`.
  std::string place_of(const toml::node& node) const;
  [[noreturn]] void fail(const toml::node& node, std::string_view reason) const;
  /// Refuses a table's first key that is not among those known; `where` is the table's name in the message.
  void expect_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                   std::string_view where) const;

  // What a node holds; `key` is its name in messages.
  const toml::table& table_of(const toml::node& node, std::string_view key) const;
  std::string string_of(const toml::node& node, std::string_view key) const;
  /// A string alone, or a list of strings.
  std::vector<std::string> strings_of(const toml::node& node, std::string_view key) const;
  bool bool_of(const toml::node& node, std::string_view key) const;
  Duration duration_of(const toml::node& node, std::string_view key) const;

  /// Calls `each` with every table under `[[name]]` of the file, in order.
  void each_table(std::string_view name, const std::function<void(const toml::table& table)>& each) const;
  /// Calls `each` with every `[name.KEY]` of the file, in the order of the keys.
  void each_entry(std::string_view name,
                  const std::function<void(const std::string& key, const toml::node& node)>& each) const;

  /// What `make` returns. The place is added to its std::invalid_argument, unless it is a ConfigError.
  template <typename Make>
  auto at(const toml::node& node, const Make& make) const {
    try {
      return make();
    } catch (const ConfigError&) {
      throw;
    } catch (const std::invalid_argument& error) {
      fail(node, error.what());
    }
  }

 private:
  std::string path_;
  toml::table root_;
};

}  // namespace weir
