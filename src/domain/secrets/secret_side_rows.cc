#include "domain/secrets/secret_side_rows.h"

template struct coffer::rows::RowCodec<coffer::domain::SecretPolicyRow>;
template struct coffer::rows::RowCodec<coffer::domain::RotationRow>;
