// AssumeRoleWithWebIdentity: a role for who holds a token of an identity provider, without any
// other credential.
//
// In this order: the token is well formed; exactly the provider whose URL is its issuer; signed
// with one of that provider's keys, and without keys nobody is let in; not expired, not of the
// future; for an audience of the provider; and the role's trust policy names the provider and
// agrees to ISSUER:sub, :aud and :oaud. Where the token has an authorized party ("azp"), :aud is
// that, and it must be an audience of the provider too. Only then is anything given out.

#include "dialects/aws/answers.h"
#include "dialects/aws/oidc_keys.h"
#include "dialects/aws/params.h"
#include "dialects/aws/sts_families.h"
#include "dialects/aws/sts_session.h"
#include "dialects/aws/sts_shapes.h"
#include "domain/identity/oidc_providers.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

using domain::AwsSession;
using domain::OidcProviderPtr;
using formats::JwtClaims;
using gate::Call;
using gate::Reply;

constexpr Duration kSkew = std::chrono::minutes(5);
constexpr std::string_view kAction = "sts:AssumeRoleWithWebIdentity";

std::unexpected<Error> bad_token(std::string message) {
  return aws::fail(Code::invalid_argument, "InvalidIdentityToken", std::move(message));
}

std::unexpected<Error> refused() {
  return access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

std::unexpected<Error> unreachable() {
  return aws::fail(Code::invalid_argument,
                   "IDPCommunicationError",
                   "Couldn't retrieve verification key from your identity provider, please "
                   "reference AssumeRoleWithWebIdentity documentation for requirements");
}

struct WebIdentity {
  JwtClaims claims;
  OidcProviderPtr provider;
  std::vector<std::string> audiences;  // what :aud is worth
};

Result<JwksPtr> fetched_keys(Call& call,
                             const std::shared_ptr<OidcKeys>& cache,
                             const std::string& issuer,
                             const std::string& ca_file) {
  if (cache->failed_lately(issuer, call.now)) return unreachable();
  const auto fetched = call.effects.get<JwksPtr>(
      "keys of " + issuer, [issuer, ca_file, cache, seen = cache->answers(issuer)] {
        return shared_oidc_keys(*cache, issuer, ca_file, seen);
      });
  if (fetched) {
    cache->keep(issuer, **fetched, call.now);
    return **fetched;
  }
  if (call.effects.pending()) return std::unexpected(fetched.error());
  cache->note_failure(issuer, call.now);
  return unreachable();
}

// Whether a key of the provider signed the token. Keys are fetched when there are none, and again
// when none fits: the provider may have changed them.
Result<bool> is_signed(Call& call,
                       const formats::Jws& jws,
                       const WebIdentity& who,
                       const std::shared_ptr<OidcKeys>& cache,
                       const std::string& ca_file) {
  if (!who.provider->row.key_set->empty()) {
    COFFER_TRY(const auto keys, formats::parse_jwk_set(*who.provider->row.key_set));
    return formats::verify_jws(jws, keys);
  }
  const std::string& issuer = who.claims.issuer;
  const OidcKeys::Kept kept = cache->find(issuer, call.now);
  if (kept.keys && formats::verify_jws(jws, *kept.keys)) return true;
  if (kept.keys && call.now - kept.fetched < OidcKeys::kFresh) return false;
  COFFER_TRY(const JwksPtr keys, fetched_keys(call, cache, issuer, ca_file));
  return formats::verify_jws(jws, *keys);
}

Result<> check_times(const JwtClaims& claims, Timestamp now) {
  if (claims.expires <= now) {
    return aws::fail(Code::invalid_argument,
                     "ExpiredIdentityTokenException",
                     "Token expired: current date/time " + std::to_string(now.ns / 1'000'000'000) +
                         " must be before the expiration date/time " +
                         std::to_string(claims.expires.ns / 1'000'000'000));
  }
  if (claims.not_before.value_or(now) > now + kSkew || claims.issued.value_or(now) > now + kSkew) {
    return bad_token("The token is not valid yet");
  }
  return {};
}

// Fills in `audiences`.
Result<> check_audience(WebIdentity& who) {
  const std::vector<std::string>& ours = *who.provider->row.audiences;
  const auto is_ours = [&ours](const std::string& one) {
    return std::ranges::find(ours, one) != ours.end();
  };
  const std::string& party = who.claims.authorized_party;
  const bool good =
      std::ranges::any_of(who.claims.audience, is_ours) && (party.empty() || is_ours(party));
  if (!good) return bad_token("Incorrect token audience");
  who.audiences = party.empty() ? who.claims.audience : std::vector{party};
  return {};
}

Result<WebIdentity> identified(Call& call,
                               const std::shared_ptr<OidcKeys>& cache,
                               const std::string& ca_file) {
  COFFER_TRY(const auto token, secret_text(call.body, "WebIdentityToken"));
  const auto jws = formats::parse_jws(token->text());
  auto claims = jws ? formats::parse_jwt_claims(jws->payload)
                    : Result<JwtClaims>(std::unexpected(jws.error()));
  if (!claims) return bad_token("The ID Token provided is not a valid JWT.");
  WebIdentity who{.claims = *std::move(claims), .provider = nullptr, .audiences = {}};
  domain::OidcProviders providers(*call.view, call.unsealed->aws_account);
  COFFER_TRY(who.provider, providers.of_issuer(who.claims.issuer));
  if (!who.provider) {
    return bad_token("No OpenIDConnect provider found in your account for " + who.claims.issuer);
  }
  COFFER_TRY(const bool good, is_signed(call, *jws, who, cache, ca_file));
  if (!good) return bad_token("The token's signature is not one of its provider's");
  COFFER_CHECK(check_times(who.claims, call.now));
  COFFER_CHECK(check_audience(who));
  return who;
}

// From here on the audit event says who it was.
void name_actor(Call& call, const WebIdentity& who, const std::string& provider) {
  call.event.actor_type = "web_identity";
  call.event.actor_id = provider;
  call.event.actor_name = who.claims.subject;
}

Result<> check_trust(Call& call,
                     const WebIdentity& who,
                     const std::string& provider,
                     std::string_view role_arn) {
  COFFER_TRY(policy::Access access, access_to_role(call, kAction, role_arn));
  const std::string& url = *who.provider->row.url;
  access.iam->context.set(url + ":sub", {who.claims.subject});
  access.iam->context.set(url + ":aud", who.audiences);
  access.iam->context.set(url + ":oaud", who.claims.audience);
  policy::Facts facts;
  facts.now = call.now;
  facts.source_ip = call.request.peer.address;
  facts.secure_transport = call.request.peer.tls;
  facts.region = call.routing.region;
  facts.iam.emplace();
  facts.iam->type = policy::IamPrincipal::Type::federated;
  facts.iam->account = call.unsealed->aws_account;
  facts.iam->arn = provider;
  facts.iam->provider = provider;
  const policy::Decision decision = policy::decide(access, facts, {});
  for (const policy::Reason& reason : decision.reasons) {
    call.event.reason = reason.text;
    if (!reason.policy.empty()) call.event.policies.push_back({reason.policy, reason.revision});
  }
  if (!decision.allowed) return refused();
  return {};
}

Result<Reply> assume(Call& call,
                     const std::shared_ptr<OidcKeys>& cache,
                     const std::string& ca_file) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "RoleArn"));
  COFFER_TRY(const domain::AwsRolePtr role, role_named(call, arn));
  COFFER_TRY(const WebIdentity who, identified(call, cache, ca_file));
  const std::string provider =
      domain::OidcProviders(*call.view, call.unsealed->aws_account).arn_of(who.provider->row);
  name_actor(call, who, provider);
  COFFER_CHECK(check_trust(call, who, provider, arn));
  if (!role) return refused();
  call.note("role", *role->row.name);
  AwsSession session;
  session.kind = domain::AwsSessionKind::role;
  session.principal = *role->row.name;
  session.principal_id = *role->row.id;
  session.provider = who.claims.issuer;
  COFFER_TRY(session.name, text_or_empty(call.body, "RoleSessionName"));
  COFFER_TRY(const Duration duration, asked_duration(call.body, std::chrono::hours(1)));
  if (duration > *role->row.max_session) {
    return aws::fail(
        Code::invalid_argument,
        "ValidationException",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  session.issued = call.now;
  session.expires = call.now + duration;
  COFFER_CHECK(add_session_policies(call, session));
  const std::string name = session.name;
  COFFER_TRY(const auto issued, issue(call, std::move(session)));
  return xml_answer(call, Service::sts, "AssumeRoleWithWebIdentity", [&](formats::XmlWriter& x) {
    x.element("SubjectFromWebIdentityToken", who.claims.subject);
    x.element("Audience", who.audiences.front());
    write_assumed_role(x, call, role->row, name);
    write_credentials(x, issued);
    x.element("Provider", provider);
    x.element("PackedPolicySize", std::to_string(issued.packed_percent));
  });
}

}  // namespace

AwsOperation web_identity_operation(const Services& services) {
  return open_to_all(Service::sts,
                     "AssumeRoleWithWebIdentity",
                     kAssumeRoleWithWebIdentity,
                     proof::EventType::sts_web_identity_assumed,
                     "the token of the identity provider is the credential",
                     [cache = std::make_shared<OidcKeys>(), ca_file = services.oidc_ca_file](
                         Call& call) { return assume(call, cache, ca_file); });
}

}  // namespace coffer::dialects::aws
