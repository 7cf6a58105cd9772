// The options of the list of subscribers; for main.cpp and files of options alone, as the room itself knows no options.
#pragma once
#include <string>

#include "cli/app.hpp"

namespace weir {

/// `--subscribers`; `what` describes the file.
inline void define_subscribers(cli::App& app, std::string& file, const std::string& what) {
  app.option("--subscribers", file, what).file().may_change();
}

/// `--unsubscribe-secret`; `what` completes "File with the secret of …".
inline void define_unsubscribe_secret(cli::App& app, std::string& file, const std::string& what) {
  app.option("--unsubscribe-secret", file, "File with the secret of " + what + "; else WEIR_UNSUBSCRIBE_SECRET").file();
}

/// The secret of the links, from the file or else the variable; empty where there is none.
inline std::string unsubscribe_secret(const cli::Context& context, const std::string& file) {
  return context.secret("WEIR_UNSUBSCRIBE_SECRET", file).value_or("");
}

}  // namespace weir
