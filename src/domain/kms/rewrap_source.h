// RewrapSource: what elsewhere depends on versions of a master key, and moves to a newer one.
//
// Whatever keeps data keys under a master key implements it, on a floor above. An index finds what
// is to be done; the rows themselves say when nothing is left, because an index can be made to hide
// some. Borrowed by who works through it (key_rewrap.h); called from that thread only.
#pragma once

#include "domain/kms/master_keys.h"
#include "work/view.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace coffer::domain {

class RewrapSource {
 public:
  RewrapSource() = default;
  RewrapSource(const RewrapSource&) = delete;
  RewrapSource& operator=(const RewrapSource&) = delete;
  virtual ~RewrapSource() = default;

  // For the audit log: "secrets".
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Names of at most `limit` that lie under versions of the key below `version`; committed ones.
  virtual Result<std::vector<Bytes>> below(work::View& view,
                                           ByteView key_uid,
                                           std::uint32_t version,
                                           std::size_t limit) = 0;
  // The unit holds only if nothing lies under the key at its commit.
  virtual void rely_on_none(work::View& view, ByteView key_uid) = 0;

  // Stages one of them under the latest version. False: it is already, or is gone.
  virtual Result<bool> rewrap(work::View& view, KmsState& kms, const Bytes& named) = 0;

  // A page of all rows that may depend on any key, read as rows.
  struct Page {
    std::uint64_t rows = 0;
    std::uint64_t below = 0;  // of them, those that depend on the key below the version
    Bytes last;               // where the next page begins; empty: that was the last
  };

  virtual Result<Page> look(work::View& view,
                            ByteView key_uid,
                            std::uint32_t version,
                            const Bytes& after) = 0;
};

// Above every version that a key can have.
inline constexpr std::uint32_t kEveryVersion = std::numeric_limits<std::uint32_t>::max();
// No further is counted what depends on a key.
inline constexpr std::size_t kMostDependents = 100;

// How many rows of all sources lie under the key, at most kMostDependents; committed ones.
Result<std::size_t> dependents(work::View& view,
                               std::span<RewrapSource* const> sources,
                               ByteView key_uid);
// precondition_failed with their number while there are any: the key may not go. The unit relies on
// it: what comes under the key meanwhile makes it a conflict.
Result<> check_no_dependents(work::View& view,
                             std::span<RewrapSource* const> sources,
                             ByteView key_uid);

}  // namespace coffer::domain
