// Databases of MaxMind's format (.mmdb), which find addresses; the door to libmaxminddb.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::mmdb {

/// A file that is no such database, or a damaged one.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An open database. The file must not be written over while it is open; another one may take its name.
class Database {
 public:
  /// Throws DatabaseError, with the path.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The entry of an address, IPv4 or IPv6 as text: a number that other addresses with the same data share. Nothing for
  /// other text, and for an address that the database does not have.
  std::optional<std::uint32_t> find(std::string_view address) const;

  /// Appends a value of an entry as JSON. A path's parts are names, or numbers for elements of a list; none of them is
  /// the whole. Returns false, appending nothing, where it has no such value. Throws DatabaseError.
  bool append(std::string& out, std::uint32_t entry, const std::vector<std::string>& path) const;

  /// What the database says it is, such as `GeoLite2-City`.
  std::string type() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::mmdb
