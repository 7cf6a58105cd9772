#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>

#include "cli/app.hpp"
#include "cli/describe.hpp"
#include "cli/signals.hpp"
#include "cli/trusted_file.hpp"
#include "cli/unknown_argument.hpp"
#include "config/toml_file.hpp"

namespace weir::cli {
namespace {

/// The options that every tool has.
struct Common {
  LogFormat log_format = LogFormat::text;
  std::string config;
  std::string describe;
  bool help = false;
  bool version = false;
  bool quiet = false;
  bool progress = false;

  void define(App& app) {
    app.group("Common");
    app.flag("-h,--help", help, "Print this help and exit");
    app.flag("--version", version, "Print the version and exit");
    app.option("--config", config, "Read options by their long names from this TOML file").file();
    app.choice("--log-format", log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}},
               "Format of messages on standard error")
        .env("WEIR_LOG_FORMAT");
    app.flag("-q,--quiet", quiet, "Print errors only");
    app.flag("--progress", progress, "Show progress even when standard error is not a terminal");
  }
};

/// What was given, option by option, and what may be given again also in the order of the command line.
struct Given : std::map<const Option*, std::vector<std::string>> {
  std::vector<std::pair<const Option*, std::string>> in_order;
};

/// How many values stand after an option: as many as its placeholder has words.
int values_of(const Option& option) {
  return 1 + static_cast<int>(std::count(option.placeholder.begin(), option.placeholder.end(), ' '));
}

void give(const Option& option, const std::string& value, const std::string& where) {
  try {
    option.set(value);
  } catch (const std::invalid_argument& problem) {
    throw UsageError(fmt::format("{}: {}", where, problem.what()));
  }
}

/// Takes the arguments after `--` as they are: CLI11 would cut `[a,b]` into two.
void take_words(const App& app, char** first, char** last, Given& given) {
  if (first == last) return;
  for (const Option* option : app.options()) {
    if (option->arity != Arity::positional) continue;
    given[option].insert(given[option].end(), first, last);
    return;
  }
  throw UsageError(fmt::format("{} stands after --, and nothing is expected there", *first));
}

/// Reads argv, with CLI11 up to `--`: every option as the strings it was given, in order.
Given read_arguments(const App& app, int argc, char** argv) {
  char** const end = argv + argc;
  char** const dashes = std::find(argv, end, std::string_view("--"));
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_windows_style_options(false);
  parser.allow_extras();
  Given given;
  std::map<const Option*, CLI::Option*> parsed;
  std::map<const Option*, std::vector<std::string>> values;
  for (const Option* option : app.options()) {
    if (option->arity == Arity::flag) {
      parsed[option] = parser.add_flag(fmt::format("{}", fmt::join(option->names, ",")));
    } else {
      CLI::Option* added = parser.add_option(fmt::format("{}", fmt::join(option->names, ",")), values[option]);
      if (option->arity != Arity::positional) added->allow_extra_args(false);  // or a vector swallows FILE
      if (option->arity == Arity::positional) added->expected(0, -1);
      if (option->arity == Arity::many) added->type_size(values_of(*option));
      if (option->arity == Arity::one || option->arity == Arity::many)
        added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      parsed[option] = added;
    }
  }
  try {
    parser.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  if (std::vector<std::string> unknown = parser.remaining(); !unknown.empty())
    throw UsageError(unknown_arguments(app, {argv + 1, dashes}, std::move(unknown)));
  for (const Option* option : app.options()) {
    if (parsed[option]->count() == 0) continue;
    if (option->arity == Arity::flag) {
      given[option] = {""};
    } else {
      given[option] = values[option];
      if (option->arity == Arity::one && values[option].size() > 1)
        throw UsageError(
            fmt::format("{} was given {} times and takes one value", option->long_name(), values[option].size()));
    }
  }
  std::map<const CLI::Option*, std::size_t> taken;
  for (const CLI::Option* each : parser.parse_order())
    for (const Option* option : app.options())
      if (option->arity == Arity::many && parsed[option] == each)
        given.in_order.emplace_back(option, values[option].at(taken[each]++));
  if (dashes != end) take_words(app, dashes + 1, end, given);
  return given;
}

std::string toml_text(const toml::node& node, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  throw UsageError(fmt::format("{}: expected a string or a number", where));
}

void read_config(const App& app, const std::string& path, Given& set_already) {
  const TomlFile file = [&] {
    try {
      return TomlFile(path, read_trusted_file(path));
    } catch (const ConfigError& error) {
      throw UsageError(error.what());
    }
  }();
  for (const auto& [key, node] : file.root()) {
    const std::string name(key.str());
    const std::string where = fmt::format("{}: {}", path, name);
    const Option* found = nullptr;
    for (const Option* option : app.options())
      if (option->long_name() == "--" + name) found = option;
    if (found != nullptr && found->arity == Arity::many && values_of(*found) > 1)
      throw UsageError(fmt::format("{} belongs on the command line", where));
    if (found == nullptr || name == "config" || name == "help" || name == "version")
      throw UsageError(fmt::format("{} is not an option", where));
    if (set_already.contains(found)) continue;
    std::vector<std::string>& stored = set_already[found];
    if (found->arity == Arity::flag) {
      const auto* boolean = node.as_boolean();
      if (boolean == nullptr) throw UsageError(fmt::format("{}: expected true or false", where));
      if (boolean->get()) give(*found, stored.emplace_back(), where);
    } else if (const auto* array = node.as_array(); array != nullptr && found->arity == Arity::many) {
      for (const auto& each : *array) give(*found, stored.emplace_back(toml_text(each, where)), where);
    } else if (array != nullptr && found->takes_list) {
      std::string list;
      for (const auto& each : *array) list += (list.empty() ? "" : ",") + toml_text(each, where);
      give(*found, stored.emplace_back(std::move(list)), where);
    } else {
      give(*found, stored.emplace_back(toml_text(node, where)), where);
    }
  }
}

/// The flag, else the environment, else the file. Returns what was given anywhere.
Given store(const App& app, const Given& arguments, const Environment& environment, const std::string& config) {
  Given given = arguments;
  for (const Option* option : app.options()) {
    if (option->variable.empty() || given.contains(option)) continue;
    if (const auto value = environment.get(option->variable)) {
      if (option->arity == Arity::many) {
        std::vector<std::string> parts;
        std::size_t start = 0;
        for (;;) {
          const auto comma = value->find(',', start);
          std::string part = value->substr(start, comma == std::string::npos ? comma : comma - start);
          part.erase(0, part.find_first_not_of(' '));
          while (!part.empty() && part.back() == ' ') part.pop_back();
          if (!part.empty()) parts.push_back(part);
          if (comma == std::string::npos) break;
          start = comma + 1;
        }
        given[option] = parts;
      } else {
        given[option] = {*value};
      }
    }
  }
  for (const auto& [option, value] : arguments.in_order) give(*option, value, option->long_name());
  for (const auto& [option, values] : given) {
    const bool flagged = arguments.contains(option);
    if (flagged && option->arity == Arity::many) continue;  // in their order, above
    for (const std::string& value : values)
      give(*option, value, flagged ? option->long_name() : "environment " + option->variable);
  }
  if (!config.empty()) read_config(app, config, given);
  return given;
}

/// What was given to the options that saved state depends on: `--every=1h`, one a line, in the order of the options.
std::string settings_of(const App& app, const Given& given) {
  std::string text;
  for (const Option* option : app.options()) {
    const auto found = given.find(option);
    if (option->changeable || option->group == "Common" || found == given.end()) continue;
    for (std::string value : found->second) {
      std::replace(value.begin(), value.end(), '\n', ' ');
      text += option->long_name() + (option->arity == Arity::flag ? "" : "=" + value) + "\n";
    }
  }
  return text;
}

/// Opens the standard descriptors that are closed, so that no file of the tool's own gets their numbers. They are
/// opened the wrong way round: reading and writing them fails, as before.
void open_standard_descriptors() {
  for (const auto& [descriptor, mode] :
       {std::pair(STDIN_FILENO, O_WRONLY), std::pair(STDOUT_FILENO, O_RDONLY), std::pair(STDERR_FILENO, O_RDONLY)})
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", mode) < 0) ::_exit(static_cast<int>(Exit::failed));
}

/// A reader that has seen enough, such as head, is no error.
void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE) throw std::runtime_error("writing standard output failed");
}

}  // namespace

int run_tool(int argc, char** argv, std::string name, std::string brief, const std::function<void(App&)>& define,
             const std::function<void()>& validate, const std::function<Exit(Context&)>& run) {
  Log log(name);
  Exit exit = Exit::failed;
  const bool is_stage = std::getenv(run_variable) != nullptr;  // before pipe-run itself sets it
  try {
    open_standard_descriptors();
    install_signal_handlers();
    App app(std::move(name), std::move(brief));
    define(app);
    Common common;
    common.define(app);
    // For the build and the tests, so not among the options that a person is shown.
    if (argc == 3 && std::string_view(argv[1]) == "--describe") {
      print(description(app, argv[2]));
      return static_cast<int>(Exit::done);
    }
    const Given arguments = read_arguments(app, argc, argv);
    const auto is_given = [&](std::string_view long_name) {
      for (const auto& [option, values] : arguments)
        if (option->long_name() == long_name) return true;
      return false;
    };
    if (is_given("--help")) {
      print(help_text(app));
      return static_cast<int>(Exit::done);
    }
    if (is_given("--version")) {
      print(fmt::format("{} (weir) {}\n", app.name(), WEIR_VERSION));
      return static_cast<int>(Exit::done);
    }
    const Environment environment = Environment::load();
    std::string config;
    for (const auto& [option, values] : arguments)
      if (option->long_name() == "--config") config = values.front();
    const Given given = store(app, arguments, environment, config);
    log.set_format(common.log_format);
    log.set_quiet(common.quiet);
    for (const Option* option : app.options())
      if (option->needed && !given.contains(option))
        throw UsageError(fmt::format("{} is required", option->long_name()));
    validate();
    Context context{log, environment, !common.quiet && (common.progress || ::isatty(STDERR_FILENO) == 1),
                    settings_of(app, given)};
    exit = run(context);
    if (exit == Exit::left_out && !is_stage) exit = Exit::failed;
  } catch (const UsageError& error) {
    const std::string_view message = error.what();
    const std::size_t first = std::min(message.find('\n'), message.size());
    log.error(fmt::format("{} (see {} --help){}", message.substr(0, first), log.tool(), message.substr(first)));
    exit = Exit::usage;
  } catch (const StateError& error) {
    log.error(error.what());
    exit = Exit::state;
  } catch (const OutputClosed&) {
    exit = Exit::done;
  } catch (const std::bad_alloc&) {
    log.error("out of memory: the limit of this process (ulimit -v, MemoryMax=) or of the machine is reached");
    exit = Exit::failed;
  } catch (const std::exception& error) {
    log.error(error.what());
    exit = Exit::failed;
  }
  return static_cast<int>(exit);
}

}  // namespace weir::cli
