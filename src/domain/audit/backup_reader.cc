#include "domain/audit/backup_reader.h"

#include "base/wire.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kFrameHead = 5;
constexpr std::size_t kMaxEnd = 1024;
constexpr std::size_t kReadStep = 64 * 1024;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(Code::corrupt, "backup: " + std::string(what));
}

}  // namespace

Result<BackupReader> BackupReader::open(BackupSource source) {
  BackupReader reader(std::move(source));
  COFFER_CHECK(reader.read_header());
  return reader;
}

// As much as there is, up to the size of `out`.
Result<std::size_t> BackupReader::fill(MutableBytes out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    COFFER_TRY(const std::size_t got, source_(out.subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

// Grows with what arrives, not with what a length claims.
Result<Bytes> BackupReader::take(std::size_t size) {
  Bytes out;
  while (out.size() < size) {
    const std::size_t at = out.size();
    const std::size_t step = std::min(kReadStep, size - at);
    out.resize(at + step);
    COFFER_TRY(const std::size_t filled, fill(MutableBytes(out).subspan(at)));
    if (filled < step) return damaged("cut short");
  }
  return out;
}

Result<> BackupReader::read_header() {
  COFFER_TRY(Bytes file, take(kBackupMagic.size()));
  if (as_text(file) != kBackupMagic) return damaged("not a backup file of version 1");
  COFFER_TRY(const Bytes prefix, take(kLengthSize));
  COFFER_TRY(const std::uint32_t length, Reader(prefix).u32());
  if (length > kMaxBackupHeader) return damaged("impossible length of the header");
  COFFER_TRY(const Bytes encoded, take(length));
  COFFER_TRY(header_, decode_header(encoded));
  append(file, prefix);
  append(file, encoded);
  start_ = chain_ = crypto::sha256(file);
  return {};
}

Result<std::optional<Bytes>> BackupReader::next() {
  COFFER_TRY(const Bytes head, take(kFrameHead));
  Reader r(head);
  COFFER_TRY(const std::uint8_t kind, r.u8());
  COFFER_TRY(const std::uint32_t length, r.u32());
  if (kind == static_cast<std::uint8_t>(BackupFrame::end)) {
    COFFER_CHECK(read_end(length));
    return std::nullopt;
  }
  if (kind != static_cast<std::uint8_t>(BackupFrame::content)) {
    return damaged("a frame of unknown kind");
  }
  if (length > kMaxBackupFrame) return damaged("impossible length of a frame");
  COFFER_TRY(Bytes frame, take(length));
  ++frames_;
  chain_ = next_chain(chain_, head, frame);
  return std::optional(std::move(frame));
}

Result<> BackupReader::read_end(std::size_t length) {
  if (length > kMaxEnd) return damaged("impossible length of the end");
  COFFER_TRY(const Bytes encoded, take(length));
  COFFER_TRY(end_, decode_end(encoded));
  if (end_.frames != frames_ || end_.chain != chain_) {
    return damaged("the end does not belong to what stands before it");
  }
  std::array<std::uint8_t, 1> octet{};
  COFFER_TRY(const std::size_t more, fill(octet));
  if (more != 0) return damaged("octets behind the end");
  return {};
}

Result<BackupOpener> BackupOpener::make(const BackupReader& reader,
                                        const keys::Keyring& keyring,
                                        crypto::Random& random) {
  const BackupHeader& header = reader.header();
  COFFER_TRY(const auto wrapping_key, keyring.derive(kBackupLabel, header.term));
  COFFER_TRY(const auto wrapping,
             crypto::make_aead(crypto::AeadKind::xaes256_gcm, wrapping_key.view(), random));
  const auto file_key = wrapping->open(encode_header_head(header), header.wrapped_key);
  if (!file_key) return damaged("its key does not open: the header was changed");
  COFFER_TRY(auto aead, crypto::make_aead(crypto::AeadKind::xaes256_gcm, file_key->view(), random));
  return BackupOpener(std::move(aead), reader.start());
}

Result<> BackupOpener::replay(std::uint64_t number,
                              ByteView frame,
                              const store::Store::Visitor& to) const {
  const auto items = aead_->open(frame_associated_data(start_, number), frame);
  if (!items) return damaged("frame " + std::to_string(number) + " failed authentication");
  return replay_items(items->view(), to);
}

}  // namespace coffer::domain
