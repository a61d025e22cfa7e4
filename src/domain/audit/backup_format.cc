#include "domain/audit/backup_format.h"

#include "base/wire.h"

namespace coffer::domain {
namespace {

enum class Item : std::uint8_t { record = 1, row = 2 };  // stored on disk

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::corrupt, "backup: " + std::string(what));
}

void encode_put(Writer& w, const store::Put& row) {
  w.u16(row.key.table.value());
  w.u32(row.key.realm.value());
  w.bytes(row.key.key);
  w.u64(row.revision);
  w.bytes(row.blob);
  w.varint(row.index.size());
  for (const store::IndexEntry& entry : row.index) {
    w.u16(entry.index.value());
    w.bytes(entry.key);
  }
}

Result<store::Put> decode_put(Reader& r) {
  COFFER_TRY(const std::uint16_t table, r.u16());
  COFFER_TRY(const std::uint32_t realm, r.u32());
  COFFER_TRY(const ByteView key, r.bytes());
  store::Put row{{store::TableId(table), store::RealmId(realm), to_bytes(key)}, 0, {}, {}};
  COFFER_TRY(row.revision, r.u64());
  COFFER_TRY(const ByteView blob, r.bytes());
  row.blob = to_bytes(blob);
  COFFER_TRY(const std::size_t entries, r.count());
  if (entries > store::kMaxRowEntries) return damaged("a row with too many index entries");
  for (std::size_t i = 0; i < entries; ++i) {
    COFFER_TRY(const std::uint16_t index, r.u16());
    COFFER_TRY(const ByteView entry, r.bytes());
    row.index.push_back({store::IndexId(index), to_bytes(entry)});
  }
  return row;
}

Result<> replay_record(Reader& r, const store::Store::Visitor& to) {
  COFFER_TRY(const std::uint16_t log, r.u16());
  store::LogRecord record;
  COFFER_TRY(record.sequence, r.u64());
  COFFER_TRY(const ByteView content, r.bytes());
  record.record = to_bytes(content);
  return to.record(store::LogId(log), record);
}

Bytes signed_text(const BackupEnd& end) {
  Bytes text = to_bytes(kBackupLabel);
  append(text, as_bytes(" end"));
  Writer w(text);
  w.u64(end.frames);
  w.u64(end.records);
  w.u64(end.rows);
  append(text, end.chain);
  return text;
}

}  // namespace

Bytes encode_header_head(const BackupHeader& header) {
  Bytes out;
  Writer w(out);
  w.u64(static_cast<std::uint64_t>(header.created.ns));
  w.varint(header.seal_rows.size());
  for (const store::Put& row : header.seal_rows) encode_put(w, row);
  w.u32(header.term);
  return out;
}

Bytes encode_header(const BackupHeader& header) {
  Bytes out = encode_header_head(header);
  Writer(out).bytes(header.wrapped_key);
  return out;
}

Result<BackupHeader> decode_header(ByteView encoded) {
  Reader r(encoded);
  BackupHeader header;
  COFFER_TRY(const std::uint64_t created, r.u64());
  header.created.ns = static_cast<std::int64_t>(created);
  COFFER_TRY(const std::size_t rows, r.count());
  if (rows > kMaxSealRows) return damaged("too many seal rows");
  for (std::size_t i = 0; i < rows; ++i) {
    COFFER_TRY(store::Put row, decode_put(r));
    header.seal_rows.push_back(std::move(row));
  }
  COFFER_TRY(header.term, r.u32());
  COFFER_TRY(const ByteView wrapped, r.bytes());
  header.wrapped_key = to_bytes(wrapped);
  COFFER_CHECK(r.finish());
  return header;
}

Bytes encode_end(const BackupEnd& end) {
  Bytes out;
  Writer w(out);
  w.u64(end.frames);
  w.u64(end.records);
  w.u64(end.rows);
  append(out, end.chain);
  w.bytes(end.signature);
  return out;
}

Result<BackupEnd> decode_end(ByteView encoded) {
  Reader r(encoded);
  BackupEnd end;
  COFFER_TRY(end.frames, r.u64());
  COFFER_TRY(end.records, r.u64());
  COFFER_TRY(end.rows, r.u64());
  COFFER_TRY(const ByteView chain, r.take(end.chain.size()));
  std::ranges::copy(chain, end.chain.begin());
  COFFER_TRY(const ByteView signature, r.bytes());
  end.signature = to_bytes(signature);
  COFFER_CHECK(r.finish());
  return end;
}

Result<> sign_end(BackupEnd& end, const crypto::PrivateKey& key) {
  COFFER_TRY(end.signature, key.sign(signed_text(end)));
  return {};
}

bool verify_end(const BackupEnd& end, const crypto::PublicKey& key) {
  return key.verify(signed_text(end), end.signature);
}

Bytes frame_head(BackupFrame kind, std::size_t length) {
  Bytes head;
  Writer w(head);
  w.u8(static_cast<std::uint8_t>(kind));
  w.u32(static_cast<std::uint32_t>(length));
  return head;
}

crypto::Digest next_chain(const crypto::Digest& chain, ByteView head, ByteView frame) {
  return crypto::sha256({chain, head, frame});
}

Bytes frame_associated_data(const crypto::Digest& start, std::uint64_t number) {
  Bytes aad = to_bytes(kBackupLabel);
  append(aad, as_bytes(" frame"));
  append(aad, start);
  Writer(aad).u64(number);
  return aad;
}

void encode_item(store::LogId log, const store::LogRecord& record, Bytes& out) {
  Writer w(out);
  w.u8(static_cast<std::uint8_t>(Item::record));
  w.u16(log.value());
  w.u64(record.sequence);
  w.bytes(record.record);
}

void encode_item(const store::Put& row, Bytes& out) {
  Writer w(out);
  w.u8(static_cast<std::uint8_t>(Item::row));
  encode_put(w, row);
}

Result<> replay_items(ByteView items, const store::Store::Visitor& to) {
  Reader r(items);
  while (r.left() > 0) {
    COFFER_TRY(const std::uint8_t kind, r.u8());
    if (kind == static_cast<std::uint8_t>(Item::record)) {
      COFFER_CHECK(replay_record(r, to));
    } else if (kind == static_cast<std::uint8_t>(Item::row)) {
      COFFER_TRY(const store::Put row, decode_put(r));
      COFFER_CHECK(to.row(row));
    } else {
      return damaged("an item of unknown kind");
    }
  }
  return {};
}

}  // namespace coffer::domain
