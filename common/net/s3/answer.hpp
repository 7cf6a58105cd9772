// The XML answers of S3 servers.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::s3 {

/// A page of a list of objects.
struct ListPage {
  std::vector<std::string> keys;
  std::optional<std::string> next;  ///< the token of the next page; nothing after the last
};

/// Reads a ListBucketResult whose keys are percent-encoded (encoding-type=url); nothing where it is none.
std::optional<ListPage> read_list(std::string_view xml);

/// `Code: Message` of an error's answer, without control characters and cut where it is long; empty where it is none.
std::string error_text(std::string_view xml);

/// The code alone, such as NoSuchKey; empty where there is none.
std::string error_code(std::string_view xml);

}  // namespace weir::s3
