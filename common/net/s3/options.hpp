// The options that name a place in S3; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "cli/net_options.hpp"
#include "net/http/url.hpp"
#include "net/s3/bucket.hpp"

namespace weir::s3 {

/// A place such as `s3://BUCKET/PREFIX`.
struct Place {
  std::string bucket;
  std::string prefix;  ///< without slashes at its ends; may be empty

  /// Throws cli::UsageError.
  static Place parse(std::string_view text) {
    const auto fail = [&](std::string_view why) { throw cli::UsageError(fmt::format("{}: {}", text, why)); };
    std::string_view rest = text.substr(std::string_view("s3://").size());
    const auto slash = std::min(rest.find('/'), rest.size());
    Place place;
    place.bucket = rest.substr(0, slash);
    const auto fits = [](char c) {
      return std::islower(static_cast<unsigned char>(c)) != 0 || std::isdigit(static_cast<unsigned char>(c)) != 0 ||
             c == '-' || c == '.';
    };
    if (place.bucket.size() < 3 || place.bucket.size() > 63 ||
        !std::all_of(place.bucket.begin(), place.bucket.end(), fits) || place.bucket.front() == '.' ||
        place.bucket.find("..") != std::string::npos)
      fail("a bucket has 3 to 63 lower-case letters, digits, '-' and '.'");
    rest.remove_prefix(slash);
    while (rest.starts_with('/')) rest.remove_prefix(1);
    while (rest.ends_with('/')) rest.remove_suffix(1);
    place.prefix = rest;
    for (std::string_view left = rest; !left.empty();) {
      const auto end = std::min(left.find('/'), left.size());
      const std::string_view part = left.substr(0, end);
      if (part.empty() || part == "." || part == "..") fail("the parts of a prefix are not empty, '.' or '..'");
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }))
      fail("a prefix has no control characters");
    return place;
  }
};

/// The options of group "S3".
struct Options {
  enum class Style : std::uint8_t { by_endpoint, path, host };
  std::string endpoint;
  std::string region;
  Style style = Style::by_endpoint;
  std::string key_id;
  std::string secret_file;
  std::uint64_t part_bytes = Settings().part_bytes;

  void define(cli::App& app) {
    app.option("--s3-endpoint", endpoint, "Base URL of the server; without it, that of AWS in the region")
        .env("AWS_ENDPOINT_URL")
        .metavar("URL")
        .may_change();
    app.option("--s3-region", region, "Region; with --s3-endpoint us-east-1 where none is given")
        .env("AWS_REGION")
        .metavar("NAME")
        .may_change();
    app.choice("--s3-style", style, {{"auto", Style::by_endpoint}, {"path", Style::path}, {"host", Style::host}},
               "Where the bucket stands in URLs: in the path, or before the host's name; auto: path with --s3-endpoint")
        .may_change();
    app.option("--s3-key-id", key_id, "Access key ID").env("AWS_ACCESS_KEY_ID").metavar("ID").may_change();
    app.option("--s3-secret-file", secret_file,
               "File whose first line is the secret access key; without it, the variable AWS_SECRET_ACCESS_KEY")
        .file()
        .may_change();
    app.size("--s3-part-size", part_bytes,
             "Larger files are put in parts of so many bytes; of more where 10,000 do not do")
        .at_least(least_part_bytes)
        .at_most(most_part_bytes)
        .may_change();
  }

  /// Checks the options together; throws cli::UsageError.
  void validate(bool insecure) const {
    if (endpoint.empty() && region.empty())
      throw cli::UsageError("s3:// needs --s3-region (AWS_REGION), or --s3-endpoint (AWS_ENDPOINT_URL)");
    if (region.find_first_of(": /") != std::string::npos) throw cli::UsageError("--s3-region is a name");
    if (!endpoint.empty() && !http::is_base_url(endpoint))
      throw cli::UsageError(fmt::format("--s3-endpoint: '{}' is not a base URL", http::redact(endpoint)));
    if (http::is_plain_off_host(endpoint) && !insecure)
      throw cli::UsageError(
          "--s3-endpoint is another machine, and plain text is not safe on the way there: give https://, or --insecure "
          "to allow it");
    if (key_id.empty()) throw cli::UsageError("s3:// needs --s3-key-id, or the variable AWS_ACCESS_KEY_ID");
  }

  /// The room's settings, with the secrets.
  Settings settings(const std::string& bucket, const cli::Context& context) const {
    Settings made;
    made.bucket = bucket;
    made.region = region.empty() ? "us-east-1" : region;
    std::string base = endpoint.empty() ? fmt::format("https://s3.{}.amazonaws.com", made.region) : endpoint;
    while (base.ends_with('/')) base.pop_back();
    const bool dotted = bucket.find('.') != std::string::npos;  // no certificate is for such a host
    if (style == Style::host || (style == Style::by_endpoint && endpoint.empty() && !dotted))
      base.insert(base.find("://") + 3, bucket + '.');
    else
      base += '/' + bucket;
    made.url = base;
    const auto secret = context.secret("AWS_SECRET_ACCESS_KEY", secret_file);
    if (!secret) throw cli::UsageError("s3:// needs --s3-secret-file, or the variable AWS_SECRET_ACCESS_KEY");
    made.part_bytes = part_bytes;
    made.credentials = {key_id, *secret, context.secret("AWS_SESSION_TOKEN").value_or("")};
    return made;
  }
};

}  // namespace weir::s3
