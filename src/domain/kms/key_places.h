// KeyPlaces: where the row of a key with a given uid was found last, so that asking by uid costs no
// look-up in an index. A hint: whoever uses it compares the uid of the row that it finds. At most
// kMaxPlaces; when there are more, all are forgotten. Thread-safe.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace coffer::domain {

class KeyPlaces {
 public:
  static constexpr std::size_t kMaxPlaces = 65'536;  // about 200 octets each

  // `uid` is the mount's id and the key's uid, as in the index.
  [[nodiscard]] std::optional<Bytes> find(ByteView uid) const;
  void keep(ByteView uid, Bytes place);

 private:
  mutable std::mutex mutex_;
  std::map<Bytes, Bytes> places_;
};

}  // namespace coffer::domain
