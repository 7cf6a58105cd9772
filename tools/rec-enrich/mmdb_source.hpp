// A database of addresses as the source of a lookup.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mmdb/database.hpp"
#include "record/field_as.hpp"
#include "source.hpp"

namespace weir::rec_enrich {

/// Finds an address. What an entry gives is made once, as many addresses share it.
class MmdbSource : public Source {
 public:
  /// Throws mmdb::DatabaseError.
  MmdbSource(std::string path, const std::vector<FieldAs>& take);

  const std::string& name() const override { return path_; }
  const std::vector<std::string>& names() const override { return names_; }
  std::size_t opening(std::size_t member) const override { return openings_[member].size(); }
  Outcome find(const Question& question, Found& found) override;
  std::optional<std::string> look() override;
  tables::Content content() const override { return content_; }

 private:
  struct Made {
    std::string members;
    std::vector<std::uint32_t> ends;
  };
  /// Entries whose members are kept.
  static constexpr std::size_t most_made = 100'000;

  Made make(std::uint32_t entry) const;
  void open();

  std::string path_;
  std::vector<std::vector<std::string>> paths_;
  std::vector<std::string> names_, openings_;
  std::unique_ptr<const mmdb::Database> database_;
  tables::Content content_;
  tables::FileMark mark_;
  std::unordered_map<std::uint32_t, Made> made_;
};

}  // namespace weir::rec_enrich
