#include "dialects/aws/oidc_keys.h"

#include "formats/json.h"
#include "net/client.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kScheme = "https://";

std::unexpected<Error> unreachable() {
  return fail(Code::unavailable, "the identity provider's keys cannot be had");
}

Result<std::string> get(net::Client& client, std::string target) {
  std::string body;
  std::size_t pieces = 0;
  const auto sink = [&](std::string_view piece) -> Result<> {
    body += piece;
    if (body.size() > formats::kMaxJwkSet || ++pieces > OidcKeys::kMaxPieces) return unreachable();
    return {};
  };
  net::ClientRequest request;
  request.method = "GET";
  request.target = std::move(target);
  request.headers.push_back({"accept", secure::SecureText("application/json")});
  const auto response = client.send_streaming(request, sink);
  if (!response || response->status != 200) return unreachable();
  return body;
}

// The origin as it is spelt in URLs of the issuer: without a port that it did not name.
std::string_view spelt_origin(std::string_view issuer) {
  return issuer.substr(0, issuer.find('/', kScheme.size()));
}

}  // namespace

OidcKeys::Kept OidcKeys::find(const std::string& issuer, Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  const auto at = kept_.find(issuer);
  if (at == kept_.end() || now < at->second.fetched || now - at->second.fetched > kKept) return {};
  return at->second;
}

void OidcKeys::keep(const std::string& issuer, JwksPtr keys, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (kept_.size() >= kMaxIssuers) kept_.clear();
  kept_[issuer] = {std::move(keys), now};
  failures_.erase(issuer);
}

void OidcKeys::note_failure(const std::string& issuer, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (failures_.size() >= kMaxIssuers) failures_.clear();
  failures_[issuer] = now;
}

bool OidcKeys::failed_lately(const std::string& issuer, Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  const auto at = failures_.find(issuer);
  return at != failures_.end() && now >= at->second && now - at->second < kPause;
}

std::uint64_t OidcKeys::answers(const std::string& issuer) const {
  const std::scoped_lock lock(mutex_);
  const auto at = answers_.find(issuer);
  return at == answers_.end() ? 0 : at->second.count;
}

std::optional<JwksPtr> OidcKeys::answer_after(const std::string& issuer, std::uint64_t seen) const {
  const std::scoped_lock lock(mutex_);
  const auto at = answers_.find(issuer);
  if (at == answers_.end() || at->second.count <= seen) return std::nullopt;
  return at->second.last;
}

void OidcKeys::note_answer(const std::string& issuer, JwksPtr keys) {
  const std::scoped_lock lock(mutex_);
  if (answers_.size() >= kMaxIssuers && !answers_.contains(issuer)) answers_.clear();
  Answers& of = answers_[issuer];
  ++of.count;
  of.last = std::move(keys);
}

IssuerAddress address_of(std::string_view issuer) {
  IssuerAddress out;
  const std::string_view origin = spelt_origin(issuer);
  out.origin = origin;
  if (origin.find(':', kScheme.size()) == std::string_view::npos) out.origin += ":443";
  std::string_view path = issuer.substr(origin.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  out.path = path;
  return out;
}

Result<std::string> jwks_target(std::string_view issuer, std::string_view configuration) {
  const auto root = formats::JsonView::parse(configuration);
  if (!root || root->kind() != formats::JsonKind::object) return unreachable();
  const auto named = root->find_value("issuer");
  const auto place = root->find_value("jwks_uri");
  if (!named || !place) return unreachable();
  COFFER_TRY(const std::string name, named->string());
  COFFER_TRY(const std::string uri, place->string());
  const std::string prefix = std::string(spelt_origin(issuer)) + "/";
  if (name != issuer || !uri.starts_with(prefix)) return unreachable();
  for (const char c : uri) {
    if (c <= 0x20 || c >= 0x7f || c == '#') return unreachable();
  }
  return uri.substr(prefix.size() - 1);
}

Result<JwksPtr> shared_oidc_keys(OidcKeys& known,
                                 const std::string& issuer,
                                 const std::string& ca_file,
                                 std::uint64_t seen) {
  auto answer = known.answer_after(issuer, seen);
  if (!answer) {
    const auto fetched = fetch_oidc_keys(issuer, ca_file);
    answer = fetched ? *fetched : nullptr;
    known.note_answer(issuer, *answer);
  }
  if (*answer == nullptr) return unreachable();
  return *std::move(answer);
}

Result<JwksPtr> fetch_oidc_keys(const std::string& issuer, const std::string& ca_file) {
  const IssuerAddress address = address_of(issuer);
  auto client = net::Client::make(
      {.address = address.origin, .ca_file = ca_file, .timeout = OidcKeys::kStep});
  if (!client) return unreachable();
  COFFER_TRY(const std::string configuration,
             get(*client, address.path + "/.well-known/openid-configuration"));
  auto target = jwks_target(issuer, configuration);
  if (!target) return unreachable();
  COFFER_TRY(const std::string set, get(*client, *std::move(target)));
  auto keys = formats::parse_jwk_set(set);
  if (!keys) return unreachable();
  return std::make_shared<const std::vector<formats::Jwk>>(*std::move(keys));
}

}  // namespace coffer::dialects::aws
