#include "proof/stored_ledger.h"

#include "base/wire.h"

#include <algorithm>
#include <utility>

namespace coffer::proof {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kLabel = "coffer row ledger v1";
constexpr std::size_t kCountSize = 5;  // octets of the longest count
static_assert(kLedgerPartFill + 2 * kMaxEventChangeKey + kMaxHeadText + kCountSize <
              kMaxLedgerRecord);

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::corrupt, "row ledger: " + std::string(what));
}

Result<LedgerPart> decode_part(Reader& in) {
  COFFER_TRY(const std::uint8_t version, in.u8());
  if (version != kVersion) return damaged("unknown version");
  LedgerPart part;
  COFFER_TRY(part.part, in.u32());
  COFFER_TRY(part.rows, in.u64());
  COFFER_TRY(part.head, decode_head(in));
  if (part.part == 0) return damaged("parts are counted from 1");
  return part;
}

crypto::Digest next_digest(const crypto::Digest& digest, ByteView record) {
  return crypto::sha256({digest, record});
}

crypto::Digest first_digest() {
  return crypto::sha256(as_bytes(kLabel));
}

// Collects entries until a part is full.
class PartWriter {
 public:
  PartWriter(LedgerPart next, const LedgerSink& sink)
      : next_(std::move(next)), sink_(sink), digest_(first_digest()) {}

  Result<> add(const RowKey& row, std::uint64_t revision, const SealTag& seal) {
    Writer writer(entries_);
    writer.u16(row.table);
    writer.u32(row.realm);
    writer.bytes(row.key);
    writer.u64(revision);
    append(entries_, seal);
    ++count_;
    return entries_.size() < kLedgerPartFill ? Result<>() : flush();
  }

  // The last part; an empty ledger has one, too.
  Result<crypto::Digest> finish() {
    if (count_ > 0 || next_.part == 1) COFFER_CHECK(flush());
    return digest_;
  }

 private:
  Result<> flush() {
    Bytes record;
    Writer writer(record);
    writer.u8(kVersion);
    writer.u32(next_.part);
    writer.u64(next_.rows);
    encode_head(next_.head, record);
    writer.varint(std::exchange(count_, 0));
    append(record, entries_);
    entries_.clear();
    digest_ = next_digest(digest_, record);
    return sink_(next_.part++, record);
  }

  LedgerPart next_;
  const LedgerSink& sink_;
  crypto::Digest digest_;
  Bytes entries_;
  std::uint64_t count_ = 0;
};

}  // namespace

Result<LedgerPart> read_ledger_part(ByteView record) {
  if (record.size() > kMaxLedgerRecord) return damaged("a record of over 1 MiB");
  Reader in(record);
  return decode_part(in);
}

Result<crypto::Digest> write_ledger(const RowLedger& ledger,
                                    const SignedHead& head,
                                    const LedgerSink& sink) {
  PartWriter writer({.part = 1, .rows = ledger.size(), .head = head}, sink);
  COFFER_CHECK(
      ledger.visit([&writer](const RowKey& row, std::uint64_t revision, const SealTag& seal) {
        return writer.add(row, revision, seal);
      }));
  return writer.finish();
}

Result<StoredLedger> StoredLedger::begin(ByteView record, Keep keep) {
  COFFER_TRY(LedgerPart part, read_ledger_part(record));
  if (part.part != 1) return damaged("it does not begin with its first part");
  StoredLedger ledger(std::move(part), keep);
  ledger.digest_ = first_digest();
  COFFER_CHECK(ledger.feed(record));
  return ledger;
}

Result<> StoredLedger::feed(ByteView record) {
  if (record.size() > kMaxLedgerRecord) return damaged("a record of over 1 MiB");
  Reader in(record);
  COFFER_TRY(const LedgerPart part, decode_part(in));
  if (part.part != parts_ + 1 || (parts_ > 0 && is_whole())) return damaged("a part out of place");
  if (part.rows != first_.rows || part.head != first_.head) {
    return damaged("a part of another ledger");
  }
  COFFER_CHECK(take_entries(in));
  digest_ = next_digest(digest_, record);
  ++parts_;
  return {};
}

Result<> StoredLedger::take_entries(Reader& in) {
  COFFER_TRY(const std::size_t count, in.count());
  if (count > first_.rows - read_) return damaged("more rows than it says");
  if (count == 0 && first_.rows > 0) return damaged("a part without rows");
  for (std::size_t i = 0; i < count; ++i) COFFER_CHECK(take_entry(in));
  COFFER_CHECK(in.finish());
  read_ += count;
  return {};
}

Result<> StoredLedger::take_entry(Reader& in) {
  RowKey row;
  COFFER_TRY(row.table, in.u16());
  COFFER_TRY(row.realm, in.u32());
  COFFER_TRY(const ByteView key, in.bytes());
  COFFER_TRY(const std::uint64_t revision, in.u64());
  SealTag seal{};
  COFFER_TRY(const ByteView tag, in.take(seal.size()));
  std::ranges::copy(tag, seal.begin());
  if (key.empty() || key.size() > kMaxEventChangeKey) return damaged("a key out of its limits");
  if (revision == 0) return damaged("a row that was erased");
  row.key = to_bytes(key);
  if (last_ && *last_ >= row) return damaged("rows out of order");
  if (keep_ == Keep::rows) ledger_.put(row, revision, seal);
  last_ = std::move(row);
  return {};
}

}  // namespace coffer::proof
