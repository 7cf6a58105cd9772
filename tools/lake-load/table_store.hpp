// Where the files of a table are.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::lake_load {

/// The files of a table by their paths within it. Whatever a call has put there is durable and whole when it returns.
/// Calls throw std::runtime_error or std::system_error.
class TableStore {
 public:
  TableStore() = default;
  TableStore(const TableStore&) = delete;
  TableStore& operator=(const TableStore&) = delete;
  virtual ~TableStore() = default;

  /// The bytes of a file, nothing where there is none.
  virtual std::optional<std::string> read(const std::string& path) = 0;
  /// Makes a file, or returns false where there is one.
  virtual bool put_if_absent(const std::string& path, std::string_view bytes) = 0;
  /// Makes or replaces a file.
  virtual void replace(const std::string& path, std::string_view bytes) = 0;
  /// The names of the files in a folder, without it.
  virtual std::vector<std::string> list(const std::string& folder) = 0;
  /// Makes a file of this machine a file of the table and removes it; false where there is neither of them. It is
  /// durable after settle().
  virtual bool take(const std::string& made, const std::string& path) = 0;
  virtual void settle() {}
  /// A file of this machine with the bytes of a file of the table, until the next call; nothing where there is none.
  virtual std::optional<std::string> fetch(const std::string& path) = 0;
};

/// A table in a folder of this machine.
class DiskStore final : public TableStore {
 public:
  /// Files are made in the folder `scratch` of the same file system.
  DiskStore(std::string table, std::string scratch);

  std::optional<std::string> read(const std::string& path) override;
  bool put_if_absent(const std::string& path, std::string_view bytes) override;
  void replace(const std::string& path, std::string_view bytes) override;
  std::vector<std::string> list(const std::string& folder) override;
  bool take(const std::string& made, const std::string& path) override;
  void settle() override;
  std::optional<std::string> fetch(const std::string& path) override;

 private:
  std::string full(const std::string& path) const { return table_ + '/' + path; }
  std::string make(std::string_view bytes) const;
  void make_folders(const std::string& path) const;

  std::string table_;
  std::string scratch_;
  std::set<std::string> changed_;  ///< folders to sync
};

}  // namespace weir::lake_load
