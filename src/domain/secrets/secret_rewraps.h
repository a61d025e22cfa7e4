// SecretRewraps: the secrets of key/value engines whose data keys lie under a master key, for
// KeyRewrap (domain/kms/key_rewrap.h). Rows of mounts that are gone are nobody's: a job erases
// them.
#pragma once

#include "domain/kms/rewrap_source.h"

namespace coffer::domain {

class SecretRewraps final : public RewrapSource {
 public:
  [[nodiscard]] std::string_view name() const override { return "secrets"; }

  Result<std::vector<Bytes>> below(work::View& view,
                                   ByteView key_uid,
                                   std::uint32_t version,
                                   std::size_t limit) override;
  void rely_on_none(work::View& view, ByteView key_uid) override;
  Result<bool> rewrap(work::View& view, KmsState& kms, const Bytes& named) override;
  Result<Page> look(work::View& view,
                    ByteView key_uid,
                    std::uint32_t version,
                    const Bytes& after) override;
};

}  // namespace coffer::domain
