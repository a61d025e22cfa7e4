#include "domain/audit/backup_writer.h"

#include "base/wire.h"
#include "keys/seal.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kFileKey = 32;  // octets

bool same(const store::Put& a, const store::Put& b) {
  return a.key == b.key && a.revision == b.revision && a.blob == b.blob;
}

Result<std::vector<store::Put>> read_seal_rows(const store::Store& store) {
  COFFER_TRY(std::vector<store::StoredRow> stored,
             store.scan(keys::kSealTable, store::kSystemRealm, {}, {}, kMaxSealRows));
  std::vector<store::Put> rows;
  for (store::StoredRow& row : stored) {
    rows.push_back({std::move(row.key), row.revision, std::move(row.blob), {}});
  }
  return rows;
}

}  // namespace

BackupWriter::BackupWriter(BackupSink sink,
                           std::vector<store::Put> seal_rows,
                           const keys::Keyring& keyring)
    : sink_(std::move(sink)), seal_rows_(std::move(seal_rows)), keyring_(keyring) {}

Result<BackupWriter> BackupWriter::begin(BackupSink sink,
                                         std::vector<store::Put> seal_rows,
                                         const keys::Keyring& keyring,
                                         Timestamp now,
                                         crypto::Random& random) {
  BackupWriter writer(std::move(sink), seal_rows, keyring);
  BackupHeader header{now, std::move(seal_rows), keyring.active_term(), {}};
  COFFER_CHECK(writer.start(std::move(header), random));
  return writer;
}

Result<> BackupWriter::start(BackupHeader header, crypto::Random& random) {
  const secure::SecureBytes file_key = random.bytes(kFileKey);
  COFFER_TRY(aead_, crypto::make_aead(crypto::AeadKind::xaes256_gcm, file_key.view(), random));
  COFFER_TRY(const auto wrapping_key, keyring_.derive(kBackupLabel, header.term));
  COFFER_TRY(const auto wrapping,
             crypto::make_aead(crypto::AeadKind::xaes256_gcm, wrapping_key.view(), random));
  wrapping->seal(encode_header_head(header), file_key.view(), header.wrapped_key);

  const Bytes encoded = encode_header(header);
  if (encoded.size() > kMaxBackupHeader) return fail(Code::too_large, "backup: too large a header");
  Bytes file = to_bytes(kBackupMagic);
  Writer(file).u32(static_cast<std::uint32_t>(encoded.size()));
  append(file, encoded);
  start_ = end_.chain = crypto::sha256(file);
  return sink_(file);
}

Result<> BackupWriter::record(store::LogId log, const store::LogRecord& record) {
  encode_item(log, record, items_);
  ++end_.records;
  return flush_if_full();
}

Result<> BackupWriter::row(const store::Put& row) {
  if (row.key.table == keys::kSealTable) {
    const bool known = std::ranges::any_of(
        seal_rows_, [&row](const store::Put& seal_row) { return same(seal_row, row); });
    if (!known) return fail(Code::conflict, "the keys were rotated meanwhile; run it again");
    ++seal_rows_met_;
    return {};
  }
  encode_item(row, items_);
  ++end_.rows;
  return flush_if_full();
}

Result<> BackupWriter::finish() {
  if (seal_rows_met_ != seal_rows_.size()) {
    return fail(Code::conflict, "the keys were rotated meanwhile; run it again");
  }
  COFFER_CHECK(flush());
  COFFER_CHECK(sign_end(end_, keyring_.audit_key()));
  return emit(BackupFrame::end, encode_end(end_));
}

Result<> BackupWriter::flush_if_full() {
  return items_.size() < kBackupFrameFill ? Result<>() : flush();
}

Result<> BackupWriter::flush() {
  if (items_.empty()) return {};
  Bytes frame;
  aead_->seal(frame_associated_data(start_, ++end_.frames), items_, frame);
  items_.clear();
  end_.chain = next_chain(end_.chain, frame_head(BackupFrame::content, frame.size()), frame);
  return emit(BackupFrame::content, frame);
}

Result<> BackupWriter::emit(BackupFrame kind, ByteView frame) {
  COFFER_CHECK(sink_(frame_head(kind, frame.size())));
  return sink_(frame);
}

Result<> write_backup(const store::Store& store,
                      const keys::Keyring& keyring,
                      Timestamp now,
                      crypto::Random& random,
                      const BackupSink& sink) {
  COFFER_TRY(std::vector<store::Put> seal_rows, read_seal_rows(store));
  COFFER_TRY(BackupWriter writer,
             BackupWriter::begin(sink, std::move(seal_rows), keyring, now, random));
  COFFER_CHECK(store.visit({[&writer](store::LogId log, const store::LogRecord& record) {
                              return writer.record(log, record);
                            },
                            [&writer](const store::Put& row) { return writer.row(row); }}));
  return writer.finish();
}

}  // namespace coffer::domain
