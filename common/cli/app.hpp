// The shape of a tool: its options, declared once; help, man page and completions come from the same declaration.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/environment.hpp"
#include "cli/errors.hpp"
#include "cli/log.hpp"
#include "record/counted.hpp"
#include "time/duration.hpp"

namespace weir::cli {

enum class Arity : std::uint8_t { flag, one, many, positional };

/// One option, as declared. The chained calls refine it.
struct Option {
  Option& metavar(std::string word) {
    placeholder = std::move(word);
    return *this;
  }
  /// The environment variable that is read when the option is not given.
  Option& env(std::string name) {
    variable = std::move(name);
    return *this;
  }
  Option& required() {
    needed = true;
    return *this;
  }
  /// Limits of a number, both included.
  Option& at_least(double low) {
    lowest = low;
    return *this;
  }
  Option& at_most(double high) {
    highest = high;
    return *this;
  }
  /// What help shows as the default where the variable's own value does not tell.
  Option& default_text(std::string text) {
    shown_default = std::move(text);
    return *this;
  }
  /// The value is the path of a file, which a shell completes.
  Option& file(std::string word = "FILE") {
    completes_files = true;
    return metavar(std::move(word));
  }
  /// Values that a shell completes beside others.
  Option& completes(std::vector<std::string> words) {
    choices = std::move(words);
    return *this;
  }
  /// The value is a time zone, which a shell completes.
  Option& zone() {
    completes_zones = true;
    return metavar("ZONE");
  }
  /// Saved state does not depend on it: a run with another value can go on from that state.
  Option& may_change() {
    changeable = true;
    return *this;
  }

  std::vector<std::string> names;  ///< `-u`, `--unbuffered`; a positional's one word
  std::string help;
  std::string group;
  std::string placeholder;
  std::string variable;
  std::string shown_default;
  std::vector<std::string> choices;
  std::optional<double> lowest;
  std::optional<double> highest;
  Arity arity = Arity::one;
  bool needed = false;
  bool takes_list = false;  ///< values with commas between
  bool completes_files = false;
  bool completes_zones = false;
  bool changeable = false;
  /// Stores one value; throws std::invalid_argument with the reason when it will not do.
  std::function<void(const std::string&)> set;

  const std::string& long_name() const { return names.back(); }
};

/// The options of one tool. Declaring does nothing else: values are stored after all of argv has been read, from the
/// flag, else the environment, else the --config file.
class App {
 public:
  App(std::string name, std::string brief);

  /// A command that does something useful, and what it shows. Stands first in --help, in the man page, and is run by
  /// the tests.
  void example(std::string command, std::string shows);

  /// Options declared from here on stand under this heading.
  void group(std::string heading) { group_ = std::move(heading); }

  /// `names` is `--long` or `-s,--long`. The target keeps its value when the option is not given.
  Option& option(std::string_view names, std::string& target, std::string help);
  Option& option(std::string_view names, std::optional<std::string>& target, std::string help);
  Option& option(std::string_view names, int& target, std::string help);
  Option& option(std::string_view names, std::uint64_t& target, std::string help);
  Option& option(std::string_view names, std::optional<std::uint64_t>& target, std::string help);
  Option& option(std::string_view names, double& target, std::string help);
  Option& option(std::string_view names, std::optional<double>& target, std::string help);
  Option& option(std::string_view names, Duration& target, std::string help);
  Option& option(std::string_view names, std::optional<Duration>& target, std::string help);
  /// May be given again; one value each time. From the environment: comma-separated.
  Option& option(std::string_view names, std::vector<std::string>& target, std::string help);
  Option& flag(std::string_view names, bool& target, std::string help);
  /// A flag that stands for an enumerator.
  template <typename Enum>
  requires std::is_enum_v<Enum> Option& flag(std::string_view names, Enum& target, Enum given, std::string help) {
    Option& added = add(names, std::move(help), Arity::flag);
    added.set = [&target, given](const std::string&) { target = given; };
    return added;
  }
  /// The most that a stage holds of something, 1 to 1e9. State does not depend on it.
  Option& limit(std::string_view names, std::uint64_t& target, std::string help) {
    return option(names, target, std::move(help)).at_least(1).at_most(1e9).may_change();
  }
  /// Where late records go: a file, or `drop`, and what becomes of them then.
  Option& late(LateOption& target, std::string help, const std::string& drop = "leave them out") {
    return option("--late", target.value, help + "; `drop`: " + drop).file("FILE|drop").may_change();
  }
  /// Bytes: `1048576`, `64K`, `1M`, `2G` (powers of 1024).
  Option& size(std::string_view names, std::uint64_t& target, std::string help);
  /// The most bytes that a stage holds of something. State does not depend on it.
  Option& size_limit(std::string_view names, std::uint64_t& target, std::string help) {
    return size(names, target, std::move(help)).at_least(1).may_change();
  }
  /// A comma-separated list in one value, for example of fields.
  Option& list(std::string_view names, std::vector<std::string>& target, std::string help);
  /// A field of the records, and several of them.
  template <typename Target>
  Option& field(std::string_view names, Target& target, std::string help) {
    return option(names, target, std::move(help)).metavar("FIELD");
  }
  Option& fields(std::string_view names, std::vector<std::string>& target, std::string help) {
    return list(names, target, std::move(help)).metavar("FIELD,…");
  }
  Option& positional(const std::string& word, std::vector<std::string>& target, std::string help);
  Option& positional(const std::string& word, std::string& target, std::string help);

  /// One of a few words, each standing for an enumerator.
  template <typename Enum>
  Option& choice(std::string_view names, Enum& target, std::initializer_list<std::pair<const char*, Enum>> words,
                 const std::string& help) {
    std::vector<std::pair<std::string, Enum>> table(words.begin(), words.end());
    std::vector<std::string> allowed;
    std::string current;
    for (const auto& [word, value] : table) {
      allowed.push_back(word);
      if (value == target) current = word;
    }
    return add_choice(names, std::move(allowed), std::move(current), help, [table, &target](const std::string& word) {
      for (const auto& [name, value] : table)
        if (name == word) target = value;
    });
  }

  const std::string& name() const { return name_; }
  const std::string& brief() const { return brief_; }
  const std::vector<Option*>& options() const { return order_; }
  const std::vector<std::pair<std::string, std::string>>& examples() const { return examples_; }

 private:
  Option& add(std::string_view names, std::string help, Arity arity);
  Option& add_choice(std::string_view names, std::vector<std::string> words, std::string current, std::string help,
                     std::function<void(const std::string&)> set);
  std::string name_;
  std::string brief_;
  std::string group_ = "Options";
  std::vector<std::unique_ptr<Option>> owned_;
  std::vector<Option*> order_;
  std::vector<std::pair<std::string, std::string>> examples_;
};

/// What a tool's run() is given beside its options.
struct Context {
  Log& log;
  const Environment& environment;
  bool show_progress = false;  ///< --progress, or standard error is a terminal and not --quiet
  std::string settings{};      ///< the options given that state depends on (Option::may_change), one a line

  /// The one reader of secrets: the first line of `file`, or without a file the variable (environment, then `.env`).
  /// No later message shows it. Throws UsageError when others can read the file.
  std::optional<std::string> secret(std::string_view variable, const std::string& file = {}) const;
};

/// Everything around a tool's own code: signals, parsing, --help, --version, --describe, --config, one catch. Returns
/// the exit status. `validate` looks at options together and throws UsageError; it does no I/O.
int run_tool(int argc, char** argv, std::string name, std::string brief, const std::function<void(App&)>& define,
             const std::function<void()>& validate, const std::function<Exit(Context&)>& run);

/// run_tool over a tool's `struct Options` and its three functions. `validate` may set some options by others.
template <typename Options, std::invocable<Options&> Validate>
int main_of(int argc, char** argv, std::string name, std::string brief, void (*define_options)(App&, Options&),
            Validate validate, Exit (*run)(const Options&, Context&)) {
  Options options;
  return run_tool(
      argc, argv, std::move(name), std::move(brief), [&](App& app) { define_options(app, options); },
      [&] { validate(options); }, [&](Context& context) { return run(options, context); });
}

}  // namespace weir::cli
