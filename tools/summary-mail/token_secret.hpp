// The secret of unsubscribe links.
#pragma once
#include <fmt/format.h>

#include <string>

#include "cli/app.hpp"
#include "editor.hpp"
#include "subscribers/link_token.hpp"
#include "subscribers/options.hpp"

namespace weir::summary_mail {

/// The secret, when the link has a place for a token: from the file, else from WEIR_UNSUBSCRIBE_SECRET. Throws
/// cli::UsageError when it is missing or too short.
inline std::string token_secret(const std::string& link, const std::string& file, cli::Context& context) {
  if (!needs_token(link)) return {};
  std::string secret = unsubscribe_secret(context, file);
  if (secret.size() < least_unsubscribe_secret)
    throw cli::UsageError(
        fmt::format("--unsubscribe: {{token}} needs a secret of {} characters or more: "
                    "--unsubscribe-secret or WEIR_UNSUBSCRIBE_SECRET",
                    least_unsubscribe_secret));
  return secret;
}

}  // namespace weir::summary_mail
