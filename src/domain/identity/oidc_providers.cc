#include "domain/identity/oidc_providers.h"

#include "domain/identity/aws_names.h"
#include "formats/jose.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kMaxUrl = 255;
constexpr std::size_t kMaxAudiences = 100;
constexpr std::size_t kMaxThumbprints = 5;
constexpr std::size_t kMaxKeySet = std::size_t{64} * 1024;

std::unexpected<Error> invalid(std::string message) {
  return aws_error(Code::invalid_argument, std::move(message), "InvalidInput");
}

// A host, perhaps a port, and a path: no user, query or fragment, nothing that is written in two
// ways.
bool is_issuer(std::string_view url) {
  if (url.size() > kMaxUrl || !url.starts_with(kScheme)) return false;
  const std::string_view rest = url.substr(kScheme.size());
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~:/").contains(c);
  };
  const std::string_view host = rest.substr(0, rest.find_first_of(":/"));
  return !host.empty() && std::ranges::all_of(rest, good) && !rest.contains("//") &&
         !rest.contains("/.");
}

bool is_thumbprint(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

Result<> check(const NewOidcProvider& wanted) {
  if (!is_issuer(wanted.url)) {
    return aws_error(
        Code::invalid_argument, "Invalid Open ID Connect Provider URL", "ValidationError");
  }
  if (wanted.audiences.size() > kMaxAudiences || wanted.thumbprints.size() > kMaxThumbprints) {
    return invalid("There are too many client IDs or thumbprints");
  }
  for (const std::string& audience : wanted.audiences) {
    if (audience.empty() || audience.size() > kMaxUrl) return invalid("A client ID is malformed");
  }
  if (!std::ranges::all_of(wanted.thumbprints, is_thumbprint)) {
    return invalid("A thumbprint is malformed");
  }
  if (!wanted.key_set.empty()) {
    const auto keys = formats::parse_jwk_set(wanted.key_set);
    if (!keys || keys->empty() || wanted.key_set.size() > kMaxKeySet) {
      return invalid("The key set has no key that can verify a token");
    }
  }
  return check_aws_tags(wanted.tags);
}

std::unexpected<Error> none(std::string_view arn) {
  return aws_error(Code::not_found,
                   "OpenIDConnect Provider not found for arn " + std::string(arn),
                   "NoSuchEntity");
}

}  // namespace

std::string OidcProviders::arn_of(const OidcProviderRow& row) const {
  return "arn:aws:iam::" + account_ + ":oidc-provider/" + *row.url;
}

Result<std::string> OidcProviders::create(const NewOidcProvider& wanted) {
  COFFER_CHECK(check(wanted));
  COFFER_TRY(const auto present, of_issuer(wanted.url));
  if (present) {
    return aws_error(Code::already_exists,
                     "Provider with url " + wanted.url + " already exists.",
                     "EntityAlreadyExists");
  }
  COFFER_TRY(const auto keys, view_.keys<OidcProviderRow>({}, {}, kMaxOidcProviders));
  if (keys.size() >= kMaxOidcProviders) {
    return aws_error(Code::too_large, "There are too many providers", "LimitExceeded");
  }
  OidcProviderRow row;
  row.url = wanted.url.substr(kScheme.size());
  row.audiences = wanted.audiences;
  row.thumbprints = wanted.thumbprints;
  row.key_set = wanted.key_set;
  row.created = view_.now();
  row.tags = wanted.tags;
  std::string arn = arn_of(row);
  COFFER_CHECK(view_.put(std::move(row)));
  return arn;
}

Result<OidcProviderPtr> OidcProviders::read(std::string_view arn) {
  const std::string prefix = "arn:aws:iam::" + account_ + ":oidc-provider/";
  if (!arn.starts_with(prefix)) return none(arn);
  COFFER_TRY(OidcProviderPtr row, view_.find<OidcProviderRow>(arn.substr(prefix.size())));
  if (!row) return none(arn);
  return row;
}

Result<OidcProviderPtr> OidcProviders::of_issuer(std::string_view issuer) {
  if (!is_issuer(issuer)) return OidcProviderPtr();
  return view_.find<OidcProviderRow>(issuer.substr(kScheme.size()));
}

Result<std::vector<std::string>> OidcProviders::list() {
  COFFER_TRY(const auto keys, view_.keys<OidcProviderRow>({}, {}, kMaxOidcProviders));
  std::vector<std::string> out;
  for (const Bytes& key : keys) {
    OidcProviderRow row;
    row.url = std::string(as_text(key));
    out.push_back(arn_of(row));
  }
  return out;
}

Result<> OidcProviders::remove(std::string_view arn) {
  COFFER_TRY(const OidcProviderPtr row, read(arn));
  return view_.erase<OidcProviderRow>(row->row.key());
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::OidcProviderRow>;
