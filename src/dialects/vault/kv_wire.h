// What the KV engines' routes have in common: reading their request fields, and the JSON of
// versions.
//
// Lenient as Vault is: numbers may be strings, lists may be "1,2". Errors: invalid_argument with
// Vault's texts where clients match them. Pure functions of their arguments.
#pragma once

#include "dialects/vault/envelope.h"
#include "domain/secrets/kv2.h"
#include "formats/json.h"
#include "gate/operation.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

// The whole body of a write as it is stored: raw, or invalid_argument "missing data fields" when it
// has none.
Result<std::string_view> whole_body(const gate::Call& call);
// The object in "data", raw; invalid_argument "no data provided" when absent.
Result<std::string_view> data_field(const gate::Call& call);
// options.cas.
Result<domain::Cas> cas_option(const gate::Call& call);
// "versions": [1,2], "1,2" or 1. Absent: empty.
Result<std::vector<std::int64_t>> versions_field(const gate::Call& call);
// An unsigned number in the query; 0 when absent or empty.
Result<std::uint64_t> query_number(const gate::Call& call, std::string_view name);

// What a listing is asked for: the names after `after`; `limit` is one more than `most` when the
// query does not ask for fewer, so that a listing which is cut off can be told.
struct Page {
  std::string_view after;
  std::size_t limit = 0;
};

Page page_of(const gate::Call& call, std::size_t most);

// Calls `list(after, limit)` with what the query asks for ("after" and "limit", both optional) and
// encodes the names. A listing of more than 100,000 names needs a limit.
using Lister =
    std::function<Result<std::vector<std::string>>(std::string_view after, std::size_t limit)>;
Result<gate::Reply> list_reply(const gate::Call& call, const Lister& list);

// {"created_time":…,"deletion_time":…,"destroyed":…,"version":…,"custom_metadata":…}
void write_version(formats::JsonWriter& w,
                   const domain::VersionState& version,
                   const domain::CustomMetadata& custom);
void write_custom_metadata(formats::JsonWriter& w, const domain::CustomMetadata& custom);
// What metadata/ shows of a secret: its settings and its versions, as members.
void write_secret(formats::JsonWriter& w, const domain::SecretRow& secret);
// RFC 3339; never is "".
std::string deletion_text(Timestamp deletion);

}  // namespace coffer::dialects::vault
