// Objects that are put in parts (multipart uploads).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "net/http/url.hpp"
#include "net/s3/answer.hpp"
#include "net/s3/bucket.hpp"
#include "net/s3/parts.hpp"

namespace weir::s3 {
namespace {

using Method = http::Request::Method;

/// Someone may abort an upload under way: a rule of the bucket, another run that begins. So often it is begun again.
constexpr int most_uploads = 5;

bool is_gone(const http::Response& response) {
  return response.status == 404 || error_code(response.body) == "NoSuchUpload";
}

}  // namespace

std::uint64_t part_bytes(std::uint64_t object_bytes, std::uint64_t wanted) {
  constexpr std::uint64_t step = 1 << 20;
  const std::uint64_t least = (object_bytes + most_parts - 1) / most_parts;
  if (least <= wanted) return wanted;
  return (least + step - 1) / step * step;
}

http::Request Bucket::post(const std::string& key, const std::string& query, std::string body) const {
  http::Request made = request(Method::by_body, key, body, query);
  made.put_body = {};
  made.body = std::move(body);
  made.headers.emplace_back("Content-Type: application/octet-stream");
  return made;
}

/// One that is there already is found before its parts are sent.
Put Bucket::put_in_parts(const std::string& key, std::string_view bytes) {
  if (bytes.size() > most_object_bytes)
    throw std::runtime_error(fmt::format("writing {}: {} bytes are more than an object has; the limit is {}",
                                         name_of(key), bytes.size(), most_object_bytes));
  const auto there = [&]() -> std::optional<Put> {
    if (!has(key)) return std::nullopt;
    return is_same(key, bytes) ? Put::same_is_there : Put::other_is_there;
  };
  const std::string digest = sha256(bytes);
  for (int tries = 0; tries < most_uploads; ++tries) {
    if (const auto found = there()) return *found;
    const std::uint64_t retries = retries_;
    const std::string id = begin_upload(key, digest);
    const bool maybe_two = retries_ > retries;  // the answer that was lost had an id, too
    try {
      std::vector<std::string> tags;
      const auto put = put_parts(key, id, bytes, tags) ? complete(key, id, tags, bytes) : std::nullopt;
      if (maybe_two) abort_uploads(key, [&](const std::string& other) { return other == key; });
      if (put) return *put;
    } catch (...) {
      try_to_abort(key, id);
      throw;
    }
  }
  throw std::runtime_error(
      fmt::format("writing {}: its upload was aborted {} times by someone else", name_of(key), most_uploads));
}

std::string Bucket::begin_upload(const std::string& key, const std::string& digest) {
  http::Request asked = post(key, "uploads=", {});
  asked.headers.push_back(fmt::format("{}: {}", digest_header, digest));
  const http::Response response = ask(std::move(asked), "beginning the upload of " + name_of(key));
  auto id = response.status == 200 ? upload_id(response.body) : std::nullopt;
  if (!id) throw Refused(fmt::format("beginning the upload of {}: {}", name_of(key), problem_of(response)));
  return *std::move(id);
}

/// False where the upload is gone.
bool Bucket::put_parts(const std::string& key, const std::string& id, std::string_view bytes,
                       std::vector<std::string>& tags) {
  const std::uint64_t size = part_bytes(bytes.size(), settings_.part_bytes);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, size);
    bytes.remove_prefix(part.size());
    const std::string query = fmt::format("partNumber={}&uploadId={}", tags.size() + 1, http::encode(id));
    const std::string what = fmt::format("writing part {} of {}", tags.size() + 1, name_of(key));
    const http::Response response = ask(request(Method::put, key, part, query), what);
    if (is_gone(response)) return false;
    const auto tag = response.header("etag");
    if (response.status != 200 || !tag) throw Refused(fmt::format("{}: {}", what, problem_of(response)));
    tags.emplace_back(*tag);
  }
  return true;
}

/// Nothing where the upload is gone, and no object came of it.
std::optional<Put> Bucket::complete(const std::string& key, const std::string& id, const std::vector<std::string>& tags,
                                    std::string_view bytes) {
  http::Request asked = post(key, "uploadId=" + http::encode(id), completion_of(tags));
  asked.headers.emplace_back("If-None-Match: *");
  const std::string what = "completing " + name_of(key);
  const http::Response response = ask(std::move(asked), what);
  if (response.status == 412 || error_code(response.body) == "PreconditionFailed") {
    const bool same = is_same(key, bytes);
    abort(key, id);
    return same ? Put::same_is_there : Put::other_is_there;
  }
  if (is_gone(response)) return std::nullopt;  // complete already, where the answer of an earlier request was lost
  if (response.status != 200 || !error_code(response.body).empty())
    throw Refused(fmt::format("{}: {}", what, problem_of(response)));
  return Put::done;
}

void Bucket::abort(const std::string& key, const std::string& id) {
  const http::Response response =
      ask(request(Method::remove, key, {}, "uploadId=" + http::encode(id)), "aborting the upload of " + name_of(key));
  if (response.status / 100 != 2 && !is_gone(response))
    throw Refused(fmt::format("aborting the upload of {}: {}", name_of(key), problem_of(response)));
}

/// Asks once, for the run ends with another problem. What is left then is found by abort_uploads().
void Bucket::try_to_abort(const std::string& key, const std::string& id) {
  constexpr std::chrono::milliseconds longest{2'000};
  const Stop stop = std::exchange(stop_, {});
  try {
    client_.give_up();
    http::Request asked = request(Method::remove, key, {}, "uploadId=" + http::encode(id));
    asked.timeout = std::min(asked.timeout, longest);
    once(asked);
  } catch (const std::exception&) {  // the problem that ends the run is told
  }
  stop_ = stop;
}

std::size_t Bucket::abort_uploads(const std::string& prefix,
                                  const std::function<bool(const std::string& key)>& chosen) {
  std::vector<UploadPage::Upload> found;
  std::optional<UploadPage::Upload> after;
  do {
    std::string query = "encoding-type=url&";  // sorted by name, as it is signed
    if (after) query += "key-marker=" + http::encode(after->key) + '&';
    query += "prefix=" + http::encode(prefix);
    if (after && !after->id.empty()) query += "&upload-id-marker=" + http::encode(after->id);
    http::Request asked = request(Method::by_body, "", {}, query + "&uploads=");
    asked.url.insert(settings_.url.size(), "/");
    asked.max_body = most_answer;
    const std::string what = "listing the uploads of " + name_of(prefix);
    const http::Response response = ask(std::move(asked), what);
    const auto page = response.status == 200 ? read_uploads(response.body) : std::nullopt;
    if (!page) throw Refused(fmt::format("{}: {}", what, problem_of(response)));
    std::copy_if(page->uploads.begin(), page->uploads.end(), std::back_inserter(found),
                 [&](const UploadPage::Upload& each) { return chosen(each.key); });
    after = page->next;
  } while (after);
  for (const UploadPage::Upload& upload : found) abort(upload.key, upload.id);
  return found.size();
}

}  // namespace weir::s3
