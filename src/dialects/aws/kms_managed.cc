#include "dialects/aws/kms_managed.h"

namespace coffer::dialects::aws {

Result<KmsKey> managed_key(Kms& kms, std::string_view service) {
  const std::string alias = "alias/aws/" + std::string(service);
  COFFER_TRY(kms.home, home_for_write(*kms.call.view, Home::keys));
  COFFER_TRY(const domain::AliasPtr there, kms.aliases().find(kms.region(), alias));
  if (there) {
    COFFER_TRY(KmsKey key, kms.by_uid(*there->row.uid));
    if (key.row) return key;
  }
  domain::KeySpec spec;
  spec.uid = domain::new_key_uid(kms.call.random);
  spec.name = domain::key_id_of(spec.uid, false);
  spec.purpose = domain::KeyPurpose::encrypt_decrypt;
  spec.region = kms.region();
  spec.manager = service;
  spec.description = "Default key that protects what " + std::string(service) + " keeps";
  spec.rotate_period = std::chrono::hours(365 * 24);
  const auto material = domain::generate_material(spec.type, 0, kms.call.random);
  COFFER_CHECK(kms.keys().create(spec, &material));
  COFFER_TRY(domain::KeyPtr row, kms.keys().find(spec.name));
  COFFER_CHECK(kms.aliases().put(kms.region(), alias, row->row));
  KmsKey key{std::move(row), "", ""};
  key.arn = kms.arn(*key);
  return key;
}

}  // namespace coffer::dialects::aws
