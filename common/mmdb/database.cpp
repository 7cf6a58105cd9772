#include "mmdb/database.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::mmdb {
namespace {

std::string_view text_of(const MMDB_entry_data_s& data) { return {data.utf8_string, data.data_size}; }

/// Appends a value that is not a map or a list.
void append_scalar(std::string& out, const MMDB_entry_data_s& data) {
  switch (data.type) {
    case MMDB_DATA_TYPE_UTF8_STRING:
      if (!is_utf8(text_of(data))) throw DatabaseError("a text that is not UTF-8");
      return append_json_string(out, text_of(data));
    case MMDB_DATA_TYPE_DOUBLE:
      return append_number(out, data.double_value);
    case MMDB_DATA_TYPE_FLOAT:
      out += fmt::format("{}", data.float_value);
      if (out.ends_with("nan") || out.ends_with("inf")) throw DatabaseError("a number that is not finite");
      return;
    case MMDB_DATA_TYPE_BYTES: {
      out += '"';
      append_base64(out, {reinterpret_cast<const char*>(data.bytes), data.data_size});
      out += '"';
      return;
    }
    case MMDB_DATA_TYPE_UINT16:
      return append_number(out, std::uint64_t{data.uint16});
    case MMDB_DATA_TYPE_UINT32:
      return append_number(out, std::uint64_t{data.uint32});
    case MMDB_DATA_TYPE_INT32:
      return append_number(out, std::int64_t{data.int32});
    case MMDB_DATA_TYPE_UINT64:
      return append_number(out, data.uint64);
    case MMDB_DATA_TYPE_BOOLEAN:
      out += data.boolean ? "true" : "false";
      return;
    default:
      throw DatabaseError(fmt::format("a value of type {}", data.type));
  }
}

/// Appends a value and moves on to what follows it.
const MMDB_entry_data_list_s* append_value(std::string& out, const MMDB_entry_data_list_s* at, int depth) {
  constexpr int most = 32;
  if (at == nullptr || depth > most) throw DatabaseError("a value without its end");
  const MMDB_entry_data_s& data = at->entry_data;
  std::uint32_t left = data.data_size;
  if (data.type == MMDB_DATA_TYPE_MAP) {
    out += '{';
    for (at = at->next; left > 0; --left) {
      if (at == nullptr || at->entry_data.type != MMDB_DATA_TYPE_UTF8_STRING)
        throw DatabaseError("a map without a key");
      append_scalar(out, at->entry_data);
      out += ':';
      at = append_value(out, at->next, depth + 1);
      if (left > 1) out += ',';
    }
    out += '}';
    return at;
  }
  if (data.type == MMDB_DATA_TYPE_ARRAY) {
    out += '[';
    for (at = at->next; left > 0; --left) {
      at = append_value(out, at, depth + 1);
      if (left > 1) out += ',';
    }
    out += ']';
    return at;
  }
  append_scalar(out, data);
  return at->next;
}

/// MMDB_open() that leaks unseen: before 1.12 it loses some 5 kB when the description of a damaged file cannot be read,
/// which ends the tool.
int open_database(const char* path, MMDB_s& handle) {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler unseen;
#endif
  return MMDB_open(path, MMDB_MODE_MMAP, &handle);
}

}  // namespace

struct Database::Impl {
  MMDB_s handle{};
  std::string path;

  [[noreturn]] void fail(int code) const {
    const char* const reason = code == MMDB_IO_ERROR ? std::strerror(errno) : MMDB_strerror(code);
    throw DatabaseError(fmt::format("{}: {}", path, reason));
  }
};

Database::Database(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  if (const int code = open_database(path.c_str(), impl_->handle); code != MMDB_SUCCESS) {
    if (code == MMDB_FILE_OPEN_ERROR) throw DatabaseError(fmt::format("{}: {}", path, std::strerror(errno)));
    impl_->fail(code);
  }
}

Database::~Database() { MMDB_close(&impl_->handle); }

std::optional<std::uint32_t> Database::find(std::string_view address) const {
  char text[INET6_ADDRSTRLEN];
  if (address.size() >= sizeof text) return std::nullopt;
  address.copy(text, address.size());
  text[address.size()] = '\0';
  if (std::strlen(text) != address.size()) return std::nullopt;
  sockaddr_in four{};
  sockaddr_in6 six{};
  const sockaddr* place = nullptr;
  if (::inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    place = reinterpret_cast<const sockaddr*>(&four);
  } else if (::inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
    if (impl_->handle.metadata.ip_version == 4) return std::nullopt;
    six.sin6_family = AF_INET6;
    place = reinterpret_cast<const sockaddr*>(&six);
  } else {
    return std::nullopt;
  }
  int code = MMDB_SUCCESS;
  const MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&impl_->handle, place, &code);
  if (code != MMDB_SUCCESS || !result.found_entry) return std::nullopt;  // damaged there, or without data
  return result.entry.offset;
}

bool Database::append(std::string& out, std::uint32_t entry, const std::vector<std::string>& path) const {
  std::vector<const char*> parts;
  for (const std::string& part : path) parts.push_back(part.c_str());
  parts.push_back(nullptr);
  MMDB_entry_s from{&impl_->handle, entry};
  MMDB_entry_data_s data{};
  const int code = MMDB_aget_value(&from, &data, parts.data());
  if (code == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR || code == MMDB_INVALID_LOOKUP_PATH_ERROR) return false;
  if (code != MMDB_SUCCESS) impl_->fail(code);
  if (!data.has_data) return false;
  const std::size_t begin = out.size();
  try {
    if (data.type != MMDB_DATA_TYPE_MAP && data.type != MMDB_DATA_TYPE_ARRAY) {
      append_scalar(out, data);
      return true;
    }
    MMDB_entry_s nested{&impl_->handle, data.offset};
    MMDB_entry_data_list_s* list = nullptr;
    if (const int read = MMDB_get_entry_data_list(&nested, &list); read != MMDB_SUCCESS) {
      MMDB_free_entry_data_list(list);
      impl_->fail(read);
    }
    const std::unique_ptr<MMDB_entry_data_list_s, decltype(&MMDB_free_entry_data_list)> owned(
        list, &MMDB_free_entry_data_list);
    append_value(out, list, 0);
    return true;
  } catch (...) {
    out.resize(begin);
    throw;
  }
}

std::string Database::type() const { return impl_->handle.metadata.database_type; }

}  // namespace weir::mmdb
