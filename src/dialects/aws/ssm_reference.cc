#include "dialects/aws/ssm_reference.h"

#include "dialects/aws/access.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/ssm_cipher.h"
#include "domain/secrets/data_key_wrap.h"
#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/stages.h"
#include "formats/dotted_path.h"
#include "policy/evaluator.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kPrefix = "/aws/reference/secretsmanager/";
constexpr std::size_t kShortestVersionId = 32;

struct Reference {
  std::string name;
  std::string selector;  // with its ':'
};

Reference taken_apart(std::string_view text) {
  text.remove_prefix(kPrefix.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string(text), {}};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon))};
}

std::unexpected<Error> no_such_secret(std::string_view text) {
  return aws::fail(
      Code::not_found,
      "ParameterNotFound",
      "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret " +
          std::string(text) + " not found.");
}

// Secrets Manager's secrets; nullopt: nobody has made their home yet.
Result<std::optional<domain::ManagedSecrets>> secrets_of(const Ssm& ssm, MountPtr& home) {
  COFFER_TRY(home, find_home(*ssm.call.view, Home::secrets));
  if (!home) return std::nullopt;
  return std::optional<domain::ManagedSecrets>(
      std::in_place, *ssm.call.view, home->id, ssm.account, ssm.call.unsealed->secrets);
}

// The selector is a version's id or a stage.
Result<domain::VersionState> version_meant(domain::ManagedSecrets& secrets,
                                           const domain::SecretRow& secret,
                                           std::string_view selector) {
  if (selector.starts_with(':')) selector.remove_prefix(1);
  if (selector.size() >= kShortestVersionId) {
    auto version = secrets.locate(secret, selector, "");
    if (version || version.error().code != Code::not_found) return version;
  }
  return secrets.locate(secret, "", selector);
}

std::string source_of(const domain::ManagedSecrets& secrets, const domain::SecretRow& secret) {
  secure::SecureText out;
  formats::JsonWriter w(out);
  w.begin_object().key("ARN").string(secrets.arn(secret)).key("Name").string(*secret.path);
  w.key("VersionIdsToStages").begin_object();
  for (const domain::VersionState& version : *secret.versions) {
    const auto stages = domain::stages_of(secret, version.number);
    if (stages.empty()) continue;
    w.key(domain::version_id(secret, version.number)).strings(stages);
  }
  w.end_object().key("CreatedDate");
  write_time(w, *secret.created);
  w.key("LastChangedDate");
  write_time(w, *secret.updated);
  w.end_object();
  return std::string(out.text());
}

policy::Access read_access(std::string arn, const std::string& name) {
  policy::Access out = access("secret.read",
                              "secretsmanager:GetSecretValue",
                              std::move(arn),
                              "secret/data/" + name,
                              policy::Capability::read);
  if (auto segments = formats::parse_slashed(name)) out.secret_segments = *std::move(segments);
  return out;
}

}  // namespace

bool is_secret_reference(std::string_view name) {
  return name.starts_with(kPrefix);
}

Result<std::vector<policy::Access>> reference_accesses(Ssm& ssm, std::string_view name) {
  const Reference reference = taken_apart(name);
  MountPtr home;
  COFFER_TRY(auto secrets, secrets_of(ssm, home));
  const auto found =
      secrets ? secrets->find(reference.name) : Result<domain::SecretPtr>(no_such_secret(name));
  std::vector<policy::Access> all;
  if (!found) {
    if (found.error().code != Code::not_found) return std::unexpected(found.error());
    all.push_back(read_access(
        make_arn(
            "secretsmanager", ssm.call.routing.region, ssm.account, "secret:" + reference.name),
        reference.name));
    return all;
  }
  const domain::SecretRow& secret = (*found)->row;
  const std::string arn = secrets->arn(secret);
  all.push_back(read_access(arn, reference.name));
  COFFER_TRY(const auto policy, secrets->policy(secret));
  if (policy) {
    COFFER_TRY(all.front().iam->resource_policy.emplace(),
               policy::compile_iam_policy("resource policy of " + reference.name,
                                          (*secret.extra)->policy_revision,
                                          policy::IamKind::resource,
                                          *policy));
  }
  if (!*secret.extra || !(*secret.extra)->wrap) return all;
  COFFER_TRY(const domain::WrapUnder under,
             domain::wrapping_key(*ssm.call.view, ssm.call.unsealed->kms, *(*secret.extra)->wrap));
  COFFER_TRY(all.emplace_back(),
             key_use_access(ssm,
                            under.key->row,
                            {.iam = "Decrypt",
                             .service = "secretsmanager",
                             .context_key = "SecretARN",
                             .context_value = arn}));
  return all;
}

Result<SecretByReference> read_reference(Ssm& ssm, std::string_view name, bool decrypt) {
  if (!decrypt) {
    return aws::fail(Code::invalid_argument,
                     "ValidationException",
                     "WithDecryption flag must be True for retrieving a Secret Manager secret.");
  }
  const Reference reference = taken_apart(name);
  MountPtr home;
  COFFER_TRY(auto secrets, secrets_of(ssm, home));
  if (!secrets) return no_such_secret(name);
  const auto found = secrets->usable(reference.name);
  if (!found) {
    const bool gone =
        found.error().code == Code::not_found || found.error().code == Code::precondition_failed;
    return gone ? no_such_secret(name) : std::unexpected(found.error());
  }
  const rows::Loaded<domain::SecretRow>& secret = **found;
  const auto version = version_meant(*secrets, secret.row, reference.selector);
  if (!version) {
    return version.error().code == Code::not_found ? no_such_secret(name)
                                                   : std::unexpected(version.error());
  }
  SecretByReference out;
  COFFER_TRY(out.value, secrets->open(secret, *version));
  out.name = reference.name;
  out.arn = secrets->arn(secret.row);
  out.selector = reference.selector;
  out.source = source_of(*secrets, secret.row);
  out.created = version->created;
  return out;
}

void write_reference(formats::JsonWriter& w, const SecretByReference& secret) {
  w.begin_object().key("Name").string(secret.name).key("Type").string("SecureString");
  w.key("Value").string(secret.value.text()).key("Version").integer(0);
  if (!secret.selector.empty()) w.key("Selector").string(secret.selector);
  w.key("SourceResult").string(secret.source);
  w.key("LastModifiedDate");
  write_time(w, secret.created);
  w.key("ARN").string(secret.arn).key("DataType").string("text").end_object();
}

}  // namespace coffer::dialects::aws
