#include "state/epoch_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "state/atomic_file.hpp"
#include "state/checksum.hpp"

namespace weir::state {
namespace {

constexpr std::string_view magic = "weir-e\r\n";  // a transfer as text would break it
constexpr std::uint32_t format = 2;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// The lines of `one` that are not in `other`.
std::string only_in(std::string_view one, std::string_view other) {
  const auto others = lines_of(other);
  std::string found;
  for (const std::string_view line : lines_of(one))
    if (std::find(others.begin(), others.end(), line) == others.end())
      found += (found.empty() ? "" : " ") + std::string(line);
  return found.empty() ? "nothing" : found;
}

}  // namespace

void encode_epoch(const Origin& origin, std::uint64_t epoch, std::string_view position, const Fill& fill,
                  const std::function<void(std::string_view)>& take) {
  Crc32c checksum;
  const auto drain = [&](std::string& bytes) {
    checksum.add(bytes);
    take(bytes);
    bytes.clear();
  };
  std::string bytes(magic);
  SnapshotWriter writer(bytes, drain);
  writer.number(format);
  writer.text(origin.tool);
  writer.number(origin.schema);
  writer.text(origin.settings);
  writer.number(epoch);
  writer.text(position);
  fill(writer);
  drain(bytes);
  writer.number(checksum.value());
  take(bytes);
}

void write_epoch(const std::string& path, const Origin& origin, std::uint64_t epoch, std::string_view position,
                 const Fill& fill) {
  AtomicFile file(path);
  encode_epoch(origin, epoch, position, fill, [&](std::string_view bytes) { file.append(bytes); });
  file.finish();
}

std::string_view EpochFile::payload() const {
  return std::string_view(bytes).substr(at, bytes.size() - sizeof(std::uint32_t) - at);
}

EpochFile decode_epoch(std::string bytes, const std::string& name) {
  if (!bytes.starts_with(magic)) throw Unusable(name + " is not a snapshot");
  if (bytes.size() < magic.size() + 2 * sizeof(std::uint32_t)) throw Unusable(name + " is cut off");
  const std::string_view covered = std::string_view(bytes).substr(0, bytes.size() - sizeof(std::uint32_t));
  SnapshotReader reader(covered.substr(magic.size()));
  if (const auto found = reader.number<std::uint32_t>(); found != format)
    throw Unusable(
        fmt::format("{} was written by {} weir (format {})", name, found > format ? "a newer" : "an older", found));
  if (SnapshotReader(std::string_view(bytes).substr(covered.size())).number<std::uint32_t>() != crc32c({covered}))
    throw Unusable(name + " is damaged: its checksum does not match");
  EpochFile found;
  try {
    found.origin.tool = reader.text();
    found.origin.schema = reader.number<std::uint32_t>();
    found.origin.settings = reader.text();
    found.epoch = reader.number<std::uint64_t>();
    found.position = reader.text();
  } catch (const SnapshotError& error) {
    throw Unusable(name + ": " + error.what());
  }
  found.at = covered.size() - reader.left();
  found.bytes = std::move(bytes);
  return found;
}

void check_epoch(const EpochFile& found, const Origin& wanted, std::uint64_t epoch, const std::string& name) {
  if (found.origin.tool != wanted.tool)
    throw Unusable(fmt::format("{} is the state of {}, not of {}: two stages need different --id", name,
                               found.origin.tool, wanted.tool));
  if (found.origin.schema > wanted.schema)
    throw Unusable(fmt::format("{} was written by a newer {} (schema {}, this one reads {})", name, wanted.tool,
                               found.origin.schema, wanted.schema));
  if (found.origin.schema < wanted.schema)
    throw Unusable(fmt::format("{} was written by an older {} (schema {}, this one reads {})", name, wanted.tool,
                               found.origin.schema, wanted.schema));
  if (found.origin.settings != wanted.settings)
    throw Unusable(fmt::format(
        "{} was made with other options: then {}, now {}; start with the same options, or start over by "
        "pipe-run --reset (weir-recipes(7))",
        name, only_in(found.origin.settings, wanted.settings), only_in(wanted.settings, found.origin.settings)));
  if (found.epoch != epoch) throw Unusable(fmt::format("{} holds epoch {}", name, found.epoch));
}

}  // namespace weir::state
