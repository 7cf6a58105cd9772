// A hash table with open addressing, from keys to a stage's payloads.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/archive.hpp"

namespace weir {

/// The number of a key; it stays the same while the key is in the table.
enum class KeyId : std::uint32_t {};

/// A table of at most `limit` keys. Keys of up to 16 bytes are held and compared as two integers, longer ones as
/// strings. Payloads move when keys are added; ids do not change.
template <typename Payload>
class KeyTable {
 public:
  explicit KeyTable(std::size_t limit) : limit_(limit), slots_(first_capacity) {}

  /// The result of find_or_add() when the table has no room for a new key.
  static constexpr KeyId full{0xffffffff};
  /// Finds the key, or adds it with a new payload. Returns its id.
  KeyId find_or_add(std::string_view key) {
    const Digest digest(key);
    std::size_t at = digest.tag & mask();
    for (; slots_[at].used; at = (at + 1) & mask()) {
      if (slots_[at].tag == digest.tag && is_equal(slots_[at].id, digest, key)) return KeyId{slots_[at].id};
    }
    return add(at, digest, key);
  }

  Payload& operator[](KeyId id) { return entries_[index(id)].payload; }
  const Payload& operator[](KeyId id) const { return entries_[index(id)].payload; }

  /// The key's bytes, valid until keys are added or erased.
  std::string_view key(KeyId id) const {
    const Name& name = names_[index(id)];
    const std::size_t length = entries_[index(id)].length;
    return length <= small ? std::string_view(name.bytes.data(), length) : std::string_view(name.large);
  }

  std::size_t size() const { return live_; }

  /// The number of other keys that a look-up of this key passes; few with a good hash.
  std::size_t passed_by(std::string_view key) const {
    const Digest digest(key);
    std::size_t passed = 0;
    for (std::size_t at = digest.tag & mask(); slots_[at].used; at = (at + 1) & mask(), ++passed)
      if (slots_[at].tag == digest.tag && is_equal(slots_[at].id, digest, key)) break;
    return passed;
  }

  /// Erases every key whose payload satisfies the predicate; one pass over the table.
  template <typename Predicate>
  std::size_t erase_if(Predicate predicate) {
    std::size_t erased = 0;
    std::vector<Slot> kept(slots_.size());
    for (const Slot& slot : slots_) {
      if (!slot.used) continue;
      if (predicate(std::as_const(entries_[slot.id].payload))) {
        entries_[slot.id] = Entry{};
        names_[slot.id] = Name{};
        free_.push_back(slot.id);
        ++erased;
      } else {
        place(kept, slot);
      }
    }
    slots_ = std::move(kept);
    live_ -= erased;
    return erased;
  }

  /// Saves all keys with their ids and places, so that a loaded table returns its keys in the same order.
  /// `each(payload)` describes one payload.
  template <typename Each>
  void state(StateArchive& archive, Each each) {
    const std::uint64_t capacity = archive.size(slots_.size());
    archive.values(free_, live_);
    if (archive.loading()) make_room(capacity);
    std::size_t at = 0;
    for (std::size_t left = live_; left > 0; --left, ++at) {
      while (archive.saving() && !slots_[at].used) ++at;
      at = archive.size(at);
      if (at >= capacity) throw impossible();
      std::uint32_t id = slots_[at].id;
      archive.value(id);
      if (id >= entries_.size()) throw impossible();
      const std::string_view name = archive.text(archive.saving() ? key(KeyId{id}) : std::string_view());
      if (archive.loading()) {
        const Digest digest(name);
        fill(id, digest, name);
        slots_[at] = slot_of(id, digest);
      }
      each(entries_[id].payload);
    }
  }

  void state(StateArchive& archive) {
    state(archive, [&archive](Payload& payload) { archive.value(payload); });
  }

  /// Calls function(id) for every key, in no particular order.
  template <typename Function>
  void for_each(Function function) const {
    for (const Slot& slot : slots_)
      if (slot.used) function(KeyId{slot.id});
  }

 private:
  static constexpr std::size_t small = 16;
  static constexpr std::size_t first_capacity = 8;  // a power of two, always
  static constexpr std::size_t sparse_up_to = 8192;

  struct Slot {
    std::uint32_t tag = 0;  ///< 32 bits of the hash: the place, and the first comparison
    std::uint32_t id : 31 = 0;
    std::uint32_t used : 1 = 0;
  };
  struct Entry {
    std::array<std::uint64_t, 2> digest{};
    std::uint32_t length = 0;
    Payload payload{};  // beside the digest, as a successful look-up uses both
  };
  /// The bytes of keys. They are apart from the entries, because a look-up of a small key does not need them and more
  /// entries fit the cache.
  struct Name {
    std::array<char, small> bytes{};
    std::string large;
  };

  /// A key as two integers and their hash. With the length they determine a key of up to 16 bytes; of a longer key they
  /// are a hash.
  struct Digest {
    explicit Digest(std::string_view key) {
      const char* p = key.data();
      const std::size_t n = key.size();
      if (n >= 8) {
        first = load8(p);
        second = load8(p + n - 8);
        for (std::size_t i = 8; i + 8 < n; i += 8) first = mix(first, load8(p + i));
      } else if (n >= 4) {
        first = load4(p);
        second = load4(p + n - 4);
      } else if (n > 0) {
        first = static_cast<unsigned char>(p[0]) | static_cast<std::uint64_t>(static_cast<unsigned char>(p[n / 2]))
                                                       << 8;
        second = static_cast<unsigned char>(p[n - 1]);
      }
      const std::uint64_t hash = mix(first ^ (n * 0x9e3779b97f4a7c15U), second);
      tag = static_cast<std::uint32_t>(hash ^ (hash >> 32));
    }
    static std::uint64_t load8(const char* p) {
      std::uint64_t word;
      std::memcpy(&word, p, sizeof word);
      return word;
    }
    static std::uint64_t load4(const char* p) {
      std::uint32_t word;
      std::memcpy(&word, p, sizeof word);
      return word;
    }
    /// The 128-bit product folded to 64 bits: every bit of both numbers reaches every bit of the hash (as in wyhash).
    static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
      __extension__ using Product = unsigned __int128;
      const Product product = static_cast<Product>(a ^ 0xa0761d6478bd642fU) * (b ^ 0xe7037ed1a0b428dbU);
      return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint32_t tag = 0;
  };

  static SnapshotError impossible() { return SnapshotError("a table of keys that cannot exist"); }

  /// Prepares an empty table for the keys of a snapshot.
  void make_room(std::uint64_t capacity) {
    const std::uint64_t count = live_ + free_.size();
    if (capacity < live_ || !std::has_single_bit(capacity) || count < live_) throw impossible();
    slots_.assign(capacity, {});
    entries_.resize(count);
    names_.resize(count);
  }

  static std::size_t index(KeyId id) { return static_cast<std::size_t>(id); }
  std::size_t mask() const { return slots_.size() - 1; }

  bool is_equal(std::uint32_t id, const Digest& digest, std::string_view key) const {
    const Entry& entry = entries_[id];
    if (entry.length != key.size() || entry.digest[0] != digest.first || entry.digest[1] != digest.second) return false;
    return entry.length <= small || names_[id].large == key;
  }

  /// A small table is sparse, so that a look-up passes fewer keys; each of those may be mispredicted.
  bool is_crowded() const { return live_ * (slots_.size() <= sparse_up_to ? 4 : 2) > slots_.size(); }

  static void place(std::vector<Slot>& slots, const Slot& slot) {
    std::size_t at = slot.tag & (slots.size() - 1);
    while (slots[at].used) at = (at + 1) & (slots.size() - 1);
    slots[at] = slot;
  }

  void fill(std::uint32_t id, const Digest& digest, std::string_view key) {
    Entry& entry = entries_[id];
    entry.digest = {digest.first, digest.second};
    entry.length = static_cast<std::uint32_t>(key.size());
    if (key.size() <= small) {
      if (!key.empty()) std::memcpy(names_[id].bytes.data(), key.data(), key.size());
    } else {
      names_[id].large.assign(key);
    }
  }

  static Slot slot_of(std::uint32_t id, const Digest& digest) {
    Slot slot;
    slot.tag = digest.tag;
    slot.id = id & 0x7fffffffU;
    slot.used = 1;
    return slot;
  }

  KeyId add(std::size_t at, const Digest& digest, std::string_view key) {
    if (live_ >= limit_) return full;
    std::uint32_t id = 0;
    if (free_.empty()) {
      id = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
      names_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    fill(id, digest, key);
    slots_[at] = slot_of(id, digest);
    ++live_;
    if (is_crowded()) {
      std::vector<Slot> larger(slots_.size() * 2);
      for (const Slot& each : slots_)
        if (each.used) place(larger, each);
      slots_ = std::move(larger);
    }
    return KeyId{id};
  }

  std::size_t limit_;
  std::size_t live_ = 0;
  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::vector<Name> names_;  ///< number of entries
  std::vector<std::uint32_t> free_;
};

}  // namespace weir
