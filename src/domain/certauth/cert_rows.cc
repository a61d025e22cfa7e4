#include "domain/certauth/cert_rows.h"

namespace coffer::domain {

Bytes cert_key(ByteView mount, std::string_view name) {
  Bytes key = to_bytes(mount);
  append(key, as_bytes(name));
  return key;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::CertRoleRow>;
template struct coffer::rows::RowCodec<coffer::domain::CertConfigRow>;
template struct coffer::rows::RowCodec<coffer::domain::CertListRow>;
