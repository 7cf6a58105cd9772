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

/// A page of a list of uploads in parts that are neither complete nor aborted.
struct UploadPage {
  struct Upload {
    std::string key;
    std::string id;
  };
  std::vector<Upload> uploads;
  std::optional<Upload> next;  ///< after which the next page begins; nothing after the last
};

/// Reads a ListMultipartUploadsResult whose keys are percent-encoded (encoding-type=url); nothing where it is none.
std::optional<UploadPage> read_uploads(std::string_view xml);

/// The id in an InitiateMultipartUploadResult; nothing where there is none.
std::optional<std::string> upload_id(std::string_view xml);

/// The body that completes an upload, from the entity tags of its parts in order.
std::string completion_of(const std::vector<std::string>& entity_tags);

/// `Code: Message` of an error's answer, without control characters and cut where it is long; empty where it is none.
std::string error_text(std::string_view xml);

/// The code alone, such as NoSuchKey; empty where there is none.
std::string error_code(std::string_view xml);

}  // namespace weir::s3
