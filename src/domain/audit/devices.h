// Audit devices: the names under which Vault's clients enable and list audit logs, and which scope
// the keys of audit-hash.
//
// They do not write anything: every request is in the audit log already, and further sinks come
// from the server's configuration alone. A path that a caller chose is never opened (it would be a
// way to write files); it is only kept for listings. One row holds all devices. Limits: 100
// devices, 32 options of 4 KiB each.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>

namespace coffer::domain {

struct AuditDevice {
  std::string path;  // "file/"
  std::string type;
  std::string description;
  bool local = false;
  std::map<std::string, std::string> options;
  static constexpr auto kMembers = std::tuple{&AuditDevice::path,
                                              &AuditDevice::type,
                                              &AuditDevice::description,
                                              &AuditDevice::local,
                                              &AuditDevice::options};
};

struct AuditDevicesRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::map<std::string, AuditDevice>> devices;  // by path
  static constexpr auto kMembers = std::tuple{&AuditDevicesRow::name, &AuditDevicesRow::devices};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

class AuditDevices {
 public:
  explicit AuditDevices(work::View& view) : view_(view) {}

  Result<std::map<std::string, AuditDevice>> list();
  // Errors: already_exists "path already in use", invalid_argument, too_large.
  Result<> enable(AuditDevice device);
  Result<> disable(std::string_view path);  // absent: no error
  // "hmac-sha256:…" of `input` under a key of this device. The key changes with the keyring's term.
  // invalid_argument "unknown audit backend" when there is no such device.
  Result<std::string> hash(std::string_view path, std::string_view input);

 private:
  Result<AuditDevicesRow> copy();

  work::View& view_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::AuditDevicesRow>;
