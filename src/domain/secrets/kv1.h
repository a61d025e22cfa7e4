// Unversioned secrets: the KV version 1 engine over one mount. One row a secret, one value, no
// history.
//
// A value is the text of a JSON object that the caller has validated, kept octet for octet. It is
// sealed under a data key of its own, a new one with every write, so that an overwritten value
// cannot be read even by whoever kept both rows' places. Limits and errors as in kv2.h.
#pragma once

#include "domain/realms/mounts.h"
#include "domain/secrets/scan.h"
#include "domain/secrets/secret_key.h"
#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// Shares the table of secrets with SecretRow: a mount holds rows of one kind only.
struct PlainSecretRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecrets;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> path;
  rows::Clear<Timestamp> updated;
  rows::Clear<Bytes> ciphertext;
  rows::Sealed<secure::SecureBytes> data_key;
  static constexpr auto kMembers = std::tuple{&PlainSecretRow::mount,
                                              &PlainSecretRow::path,
                                              &PlainSecretRow::updated,
                                              &PlainSecretRow::ciphertext,
                                              &PlainSecretRow::data_key};

  [[nodiscard]] Bytes key() const { return secret_key(*mount, *path); }
};

class Kv1 {
 public:
  Kv1(work::View& view, const Mount& mount) : view_(view), mount_(mount) {}

  Result<bool> exists(std::string_view path);
  // not_found when absent.
  Result<secure::SecureText> read(std::string_view path);
  Result<> write(std::string_view path, std::string_view data);
  // Absent: no error.
  Result<> erase(std::string_view path);
  Result<std::vector<std::string>> list(std::string_view folder,
                                        std::string_view after,
                                        std::size_t limit);
  Result<std::vector<std::string>> scan(std::string_view folder,
                                        const ScanPage& page,
                                        const MayEnter& may_enter);

 private:
  Result<rows::RowPtr<PlainSecretRow>> find(std::string_view path);

  work::View& view_;
  const Mount& mount_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::PlainSecretRow>;
