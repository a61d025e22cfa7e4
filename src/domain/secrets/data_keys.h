// DataKeys: the data keys of secrets that were read lately, ready to open values with.
//
// A key belongs to a secret's uid in its mount, for as long as the secret exists; whoever asks has
// found the secret's row, which names both and is authentic. Bounded: kSlots keys, in sets of
// kWays; a uid chooses its set, and a newer key takes the place of one there in turn. A key is kept
// when it is offered for the second time: most of those that are offered once, where secrets are
// many, would only drive out others. A key is wiped when the last user of its Aead lets go;
// forget() and the end of the unsealed state take it from here. Thread-safe.
#pragma once

#include "base/bytes.h"
#include "crypto/aead.h"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace coffer::domain {

class DataKeys {
 public:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSlots = 8192;  // about 300 octets each, when all are in use

  using Opener = std::shared_ptr<const crypto::Aead>;

  DataKeys() : sets_(kSlots / kWays), slots_(kSlots) {}

  // Null when the key is not at hand.
  [[nodiscard]] Opener find(ByteView mount, ByteView uid) const;
  void offer(ByteView mount, ByteView uid, Opener key);
  // The secret is erased: its values are to be unreadable.
  void forget(ByteView mount, ByteView uid);
  // All secrets of the mount are.
  void forget_mount(ByteView mount);

 private:
  struct Slot {
    Bytes owner;  // mount, uid; empty: free
    Opener key;
  };

  // What tells most that are not there, in one cache line: parts of uids, 0: free.
  struct alignas(32) Set {
    std::array<std::uint32_t, kWays> kept{};     // of the slots of the set
    std::array<std::uint32_t, kWays> offered{};  // lately
  };

  [[nodiscard]] static std::uint64_t number_of(ByteView uid);
  [[nodiscard]] static std::size_t set_of(ByteView uid);
  [[nodiscard]] static std::uint32_t part_of(ByteView uid);
  [[nodiscard]] static bool owned_by(const Slot& slot, ByteView mount, ByteView uid);
  // Whether it was offered lately; from now on it was. Under the mutex.
  bool was_offered(ByteView uid);
  // The owner's slot; nullopt: there is none. Under the mutex.
  [[nodiscard]] std::optional<std::size_t> slot_of(ByteView mount, ByteView uid) const;

  mutable std::mutex mutex_;
  std::vector<Set> sets_;
  std::vector<Slot> slots_;  // kWays for each set
  std::size_t turn_ = 0;     // which of a set gives way next
  std::size_t offered_turn_ = 0;
};

}  // namespace coffer::domain
