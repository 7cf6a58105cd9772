// A hash table with open addressing, from keys to a stage's payloads.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "record/byte_blocks.hpp"
#include "record/key_digest.hpp"
#include "record/large_vector.hpp"
#include "state/archive.hpp"

namespace weir {

/// The number of a key; it stays the same while the key is in the table.
enum class KeyId : std::uint32_t {};

/// A table of at most `limit` keys. Keys of up to 16 bytes are in their entries and are compared as two integers; the
/// bytes of longer ones are in blocks. Payloads move when keys are added; ids do not change.
template <typename Payload>
class KeyTable {
 public:
  explicit KeyTable(std::size_t limit) : limit_(limit), slots_(first_capacity) {}

  /// The result of find_or_add() when the table has no room for a new key, and of find() without the key.
  static constexpr KeyId full{0xffffffff};
  /// Finds the key, or adds it with a new payload. Returns its id.
  KeyId find_or_add(std::string_view key) {
    const KeyDigest digest(key);
    std::size_t at = digest.tag & mask();
    for (; slots_[at].used; at = (at + 1) & mask()) {
      if (slots_[at].tag == digest.tag && is_equal(slots_[at].id, digest, key)) return KeyId{slots_[at].id};
    }
    return add(at, digest, key);
  }

  /// The key's id, or `full` when the table does not have it.
  [[gnu::always_inline]] KeyId find(std::string_view key) const {
    const KeyDigest digest(key);
    for (std::size_t at = digest.tag & mask(); slots_[at].used; at = (at + 1) & mask())
      if (slots_[at].tag == digest.tag && is_equal(slots_[at].id, digest, key)) return KeyId{slots_[at].id};
    return full;
  }

  Payload& operator[](KeyId id) { return entries_[index(id)].payload; }
  const Payload& operator[](KeyId id) const { return entries_[index(id)].payload; }

  /// The key's bytes, valid until keys are added or erased.
  std::string_view key(KeyId id) const { return entries_[index(id)].key(); }

  /// Asks the processor for what key() and operator[] will read.
  void prefetch(KeyId id) const {
    const Entry* const entry = &entries_[index(id)];
    __builtin_prefetch(entry);
    __builtin_prefetch(reinterpret_cast<const char*>(entry + 1) - 1);
  }

  std::size_t size() const { return live_; }
  std::size_t limit() const { return limit_; }

  /// The number of other keys that a look-up of this key passes; few with a good hash.
  std::size_t passed_by(std::string_view key) const {
    const KeyDigest digest(key);
    std::size_t passed = 0;
    for (std::size_t at = digest.tag & mask(); slots_[at].used; at = (at + 1) & mask(), ++passed)
      if (slots_[at].tag == digest.tag && is_equal(slots_[at].id, digest, key)) break;
    return passed;
  }

  /// Erases every key whose payload satisfies the predicate; one pass over the table.
  template <typename Predicate>
  std::size_t erase_if(Predicate predicate) {
    std::size_t erased = 0;
    LargeVector<Slot> kept(slots_.size());
    for (const Slot& slot : slots_) {
      if (!slot.used) continue;
      if (predicate(std::as_const(entries_[slot.id].payload))) {
        if (entries_[slot.id].is_long()) long_keys_.forget(entries_[slot.id].length);
        entries_[slot.id] = Entry{};
        free_.push_back(slot.id);
        ++erased;
      } else {
        place(kept, slot);
      }
    }
    slots_ = std::move(kept);
    live_ -= erased;
    if (long_keys_.is_wasteful()) move_long_keys();
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
        const KeyDigest digest(name);
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
  static constexpr std::size_t half_full_up_to = 131072;

  struct Slot {
    std::uint32_t tag = 0;  ///< 32 bits of the hash: the place, and the first comparison
    std::uint32_t id : 31 = 0;
    std::uint32_t used : 1 = 0;
  };
  /// A key and its payload, as a successful look-up uses both.
  struct Entry {
    std::array<char, small> bytes{};  ///< of a long key: KeyDigest::first, and the address of its bytes
    std::uint32_t length = 0;
    Payload payload{};

    bool is_long() const { return length > small; }
    std::string_view key() const { return {is_long() ? address() : bytes.data(), length}; }
    const char* address() const {
      const char* address;
      std::memcpy(&address, bytes.data() + sizeof(std::uint64_t), sizeof address);
      return address;
    }
    void set_address(const char* address) {
      std::memcpy(bytes.data() + sizeof(std::uint64_t), &address, sizeof address);
    }
  };

  static SnapshotError impossible() { return SnapshotError("a table of keys that cannot exist"); }

  /// Prepares an empty table for the keys of a snapshot.
  void make_room(std::uint64_t capacity) {
    const std::uint64_t count = live_ + free_.size();
    if (capacity < live_ || !std::has_single_bit(capacity) || count < live_) throw impossible();
    slots_.assign(capacity, {});
    entries_.resize(count);
  }

  static std::size_t index(KeyId id) { return static_cast<std::size_t>(id); }
  std::size_t mask() const { return slots_.size() - 1; }

  bool is_equal(std::uint32_t id, const KeyDigest& digest, std::string_view key) const {
    const Entry& entry = entries_[id];
    if (entry.length != key.size()) return false;
    if (!entry.is_long()) return KeyWords(entry.bytes.data(), key.size()) == digest;
    return KeyWords::load8(entry.bytes.data()) == digest.first && entry.key() == key;
  }

  /// A small table is sparse, so that a look-up passes fewer keys; each of those may be mispredicted. A large one costs
  /// memory, and the eight slots of a line of the cache are passed at the price of one.
  bool is_crowded() const {
    const std::size_t slots = slots_.size();
    if (slots <= sparse_up_to) return live_ * 4 > slots;
    return slots <= half_full_up_to ? live_ * 2 > slots : live_ * 8 > slots * 7;
  }

  static void place(LargeVector<Slot>& slots, const Slot& slot) {
    std::size_t at = slot.tag & (slots.size() - 1);
    while (slots[at].used) at = (at + 1) & (slots.size() - 1);
    slots[at] = slot;
  }

  void fill(std::uint32_t id, const KeyDigest& digest, std::string_view key) {
    Entry& entry = entries_[id];
    entry.length = static_cast<std::uint32_t>(key.size());
    if (entry.is_long()) {
      std::memcpy(entry.bytes.data(), &digest.first, sizeof digest.first);
      entry.set_address(long_keys_.keep(key));
    } else if (!key.empty()) {
      std::memcpy(entry.bytes.data(), key.data(), key.size());
    }
  }

  void move_long_keys() {
    ByteBlocks kept;
    for (Entry& entry : entries_)
      if (entry.is_long()) entry.set_address(kept.keep(entry.key()));
    long_keys_ = std::move(kept);
  }

  static Slot slot_of(std::uint32_t id, const KeyDigest& digest) {
    Slot slot;
    slot.tag = digest.tag;
    slot.id = id & 0x7fffffffU;
    slot.used = 1;
    return slot;
  }

  [[gnu::noinline]] KeyId add(std::size_t at, KeyDigest digest, std::string_view key) {
    if (live_ >= limit_) return full;
    std::uint32_t id = 0;
    if (free_.empty()) {
      id = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    fill(id, digest, key);
    slots_[at] = slot_of(id, digest);
    ++live_;
    if (is_crowded()) {
      LargeVector<Slot> larger(slots_.size() * 2);
      for (const Slot& each : slots_)
        if (each.used) place(larger, each);
      slots_ = std::move(larger);
    }
    return KeyId{id};
  }

  std::size_t limit_;
  std::size_t live_ = 0;
  LargeVector<Slot> slots_;
  LargeVector<Entry> entries_;
  ByteBlocks long_keys_;
  std::vector<std::uint32_t> free_;
};

}  // namespace weir
