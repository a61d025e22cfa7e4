#include "domain/audit/devices.h"

#include "base/encoding.h"
#include "crypto/hash.h"
#include "domain/realms/mounts.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::string_view kRowName = "audit devices";
constexpr std::size_t kMaxDevices = 100;
constexpr std::size_t kMaxOptions = 32;
constexpr std::size_t kMaxOptionSize = 4096;
constexpr std::array<std::string_view, 3> kTypes{"file", "socket", "syslog"};

Result<> check(const AuditDevice& device) {
  if (std::ranges::find(kTypes, device.type) == kTypes.end()) {
    return fail(Code::invalid_argument, "unknown backend type: file, socket and syslog exist");
  }
  const bool large = std::ranges::any_of(device.options, [](const auto& option) {
    return option.first.size() + option.second.size() > kMaxOptionSize;
  });
  if (large || device.options.size() > kMaxOptions || device.description.size() > kMaxOptionSize) {
    return fail(Code::too_large, "at most 32 options of 4096 octets");
  }
  return {};
}

}  // namespace

Result<AuditDevicesRow> AuditDevices::copy() {
  COFFER_TRY(const auto row, view_.find<AuditDevicesRow>(kRowName));
  if (row) return row->row;
  AuditDevicesRow empty;
  empty.name = std::string(kRowName);
  return empty;
}

Result<std::map<std::string, AuditDevice>> AuditDevices::list() {
  COFFER_TRY(AuditDevicesRow row, copy());
  return std::move(*row.devices);
}

Result<> AuditDevices::enable(AuditDevice device) {
  COFFER_TRY(device.path, canonical_mount_path(device.path));
  COFFER_CHECK(check(device));
  COFFER_TRY(AuditDevicesRow row, copy());
  if (row.devices->contains(device.path)) {
    return fail(Code::already_exists, "path already in use");
  }
  if (row.devices->size() >= kMaxDevices) {
    return fail(Code::too_large, "there are too many audit devices");
  }
  std::string path = device.path;
  row.devices->emplace(std::move(path), std::move(device));
  return view_.put(std::move(row));
}

Result<> AuditDevices::disable(std::string_view path) {
  COFFER_TRY(const std::string canonical, canonical_mount_path(path));
  COFFER_TRY(AuditDevicesRow row, copy());
  if (row.devices->erase(canonical) == 0) return {};
  return view_.put(std::move(row));
}

Result<std::string> AuditDevices::hash(std::string_view path, std::string_view input) {
  COFFER_TRY(const std::string canonical, canonical_mount_path(path));
  COFFER_TRY(const AuditDevicesRow row, copy());
  if (!row.devices->contains(canonical)) {
    return fail(Code::invalid_argument, "unknown audit backend: \"" + canonical + "\"");
  }
  const secure::SecureBytes key = view_.keyring()->derive("coffer audit hash v1 " + canonical);
  return "hmac-sha256:" + hex_encode(crypto::hmac_sha256(key.view(), as_bytes(input)));
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::AuditDevicesRow>;
