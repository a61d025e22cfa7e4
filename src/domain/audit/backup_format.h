// The backup file: everything in a store, encrypted under a key of its own, signed as a whole.
//
//   "coffer-backup v1" LF | u32 length | header
//   any number of:  u8 1 | u32 length | content frame
//   at the end:     u8 2 | u32 length | end frame
//
//   header   u64 created | list of seal rows | u32 keyring term | bytes wrapped key
//   content  XAES-256-GCM(file key, items, associated data "coffer backup v1 frame" |
//            SHA-256 of all octets up to the first frame | u64 number from 1)
//   item     u8 1 | u16 log | u64 sequence | bytes record
//            u8 2 | u16 table | u32 realm | bytes key | u64 revision | bytes blob |
//            list of (u16 index | bytes entry)
//   end      u64 frames | u64 records | u64 rows | chain | bytes signature
//
// The seal rows lie in clear, as they do in the store: without shares they open nothing. The file
// key is wrapped under Keyring::derive("coffer backup v1") of the named term. The chain runs over
// every octet before the end frame; its signature, by the audit key, lets whoever has the public
// key see any change or cut without a secret. Grammar: docs/formats/backup.md.
//
// Pure functions over octets; decoders are strict (base/wire.h) and fail with Code::corrupt. Limits
// below.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/signature.h"
#include "store/store.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::string_view kBackupMagic = "coffer-backup v1\n";
inline constexpr std::string_view kBackupLabel = "coffer backup v1";
inline constexpr std::size_t kMaxBackupHeader = 1 << 20;
// A content frame is closed once it holds this much; the item that fills it may be a large one.
inline constexpr std::size_t kBackupFrameFill = 1 << 20;
inline constexpr std::size_t kMaxBackupFrame = 8 << 20;
inline constexpr std::size_t kMaxSealRows = 8;

enum class BackupFrame : std::uint8_t { content = 1, end = 2 };  // stored on disk

struct BackupHeader {
  Timestamp created;
  std::vector<store::Put> seal_rows;  // table 1, as stored
  std::uint32_t term = 0;             // of the keyring, for the wrapped key
  Bytes wrapped_key;
};

// What the wrapped key is bound to: the header before it.
Bytes encode_header_head(const BackupHeader& header);
Bytes encode_header(const BackupHeader& header);
Result<BackupHeader> decode_header(ByteView encoded);

struct BackupEnd {
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  std::uint64_t rows = 0;
  crypto::Digest chain{};
  Bytes signature;
};

Bytes encode_end(const BackupEnd& end);
Result<BackupEnd> decode_end(ByteView encoded);
Result<> sign_end(BackupEnd& end, const crypto::PrivateKey& key);
[[nodiscard]] bool verify_end(const BackupEnd& end, const crypto::PublicKey& key);

// "u8 kind | u32 length": what stands before a frame.
Bytes frame_head(BackupFrame kind, std::size_t length);

// chain(0) = SHA-256(all up to the first frame); chain(n) = SHA-256(chain(n-1) | head | frame n).
crypto::Digest next_chain(const crypto::Digest& chain, ByteView head, ByteView frame);

Bytes frame_associated_data(const crypto::Digest& start, std::uint64_t number);

void encode_item(store::LogId log, const store::LogRecord& record, Bytes& out);
void encode_item(const store::Put& row, Bytes& out);
// Hands every item to the visitor, in order; its errors stop it.
Result<> replay_items(ByteView items, const store::Store::Visitor& to);

}  // namespace coffer::domain
