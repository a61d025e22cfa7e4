#include "domain/secrets/kv_rows.h"

template struct coffer::rows::RowCodec<coffer::domain::SecretRow>;
template struct coffer::rows::RowCodec<coffer::domain::RevisionRow>;
template struct coffer::rows::RowCodec<coffer::domain::KvConfigRow>;
