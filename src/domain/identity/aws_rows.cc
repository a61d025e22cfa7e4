#include "domain/identity/aws_rows.h"

namespace coffer::domain {

std::string aws_name_key(std::string_view name) {
  std::string key(name);
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return key;
}

Bytes AwsUserRow::key() const {
  return to_bytes(aws_name_key(*name));
}

Bytes AwsRoleRow::key() const {
  return to_bytes(aws_name_key(*name));
}

std::vector<store::IndexEntry> AwsAccessKeyRow::index() const {
  return {{kAwsKeysOfUser, to_bytes(*user_id)}};
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::AwsUserRow>;
template struct coffer::rows::RowCodec<coffer::domain::AwsRoleRow>;
template struct coffer::rows::RowCodec<coffer::domain::AwsAccessKeyRow>;
template struct coffer::rows::RowCodec<coffer::domain::AwsKeyUseRow>;
