#include "dialects/aws/ssm_reference.h"

#include "dialects/aws/secret_parts.h"
#include "domain/secrets/stages.h"

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

Services services_of(const Ssm& ssm) {
  Services services;
  services.account = ssm.account;
  return services;
}

constexpr SecretRule kReading{.action = "secret.read",
                              .iam_action = "secretsmanager:GetSecretValue",
                              .capability = policy::Capability::read,
                              .place = "data/",
                              .kms_action = "kms:Decrypt"};

// What a selector is: a version's id or a stage.
struct Selected {
  std::string_view id;
  std::string_view stage;  // both empty: the current version
};

Result<Selected> selected(domain::ManagedSecrets& secrets,
                          const domain::SecretRow& secret,
                          std::string_view selector) {
  if (selector.starts_with(':')) selector.remove_prefix(1);
  if (selector.size() >= kShortestVersionId) {
    const auto version = secrets.locate(secret, selector, "");
    if (version) return Selected{selector, {}};
    if (version.error().code != Code::not_found) return std::unexpected(version.error());
  }
  return Selected{{}, selector};
}

Result<domain::VersionState> version_meant(domain::ManagedSecrets& secrets,
                                           const domain::SecretRow& secret,
                                           std::string_view selector) {
  COFFER_TRY(const Selected what, selected(secrets, secret, selector));
  return secrets.locate(secret, what.id, what.stage);
}

// What conditions may ask about the request is in the reference.
Result<> add_selector(domain::ManagedSecrets& secrets,
                      const domain::SecretRow& secret,
                      std::string_view selector,
                      policy::IamContext& context) {
  COFFER_TRY(const Selected what, selected(secrets, secret, selector));
  if (!what.id.empty()) context.set("secretsmanager:VersionId", {std::string(what.id)});
  if (!what.stage.empty()) context.set("secretsmanager:VersionStage", {std::string(what.stage)});
  return {};
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

}  // namespace

bool is_secret_reference(std::string_view name) {
  return name.starts_with(kPrefix);
}

Result<std::vector<policy::Access>> reference_accesses(Ssm& ssm, std::string_view name) {
  const Reference reference = taken_apart(name);
  const Services services = services_of(ssm);
  COFFER_TRY(SecretsEngine engine, secrets_engine(ssm.call, services));
  domain::SecretPtr secret;
  if (engine.mount) {
    auto found = engine.secrets.find(reference.name);
    if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
    if (found) secret = *std::move(found);
  }
  // The body is one of Parameter Store's: none of its members says what is asked of the secret.
  gate::Call asked(ssm.call);
  asked.body = {};
  COFFER_TRY(auto all, secret_accesses(asked, services, kReading, engine, reference.name, secret));
  if (secret) {
    COFFER_CHECK(
        add_selector(engine.secrets, secret->row, reference.selector, all.front().iam->context));
  }
  return all;
}

Result<SecretByReference> read_reference(Ssm& ssm, std::string_view name, bool decrypt) {
  if (!decrypt) {
    return aws::fail(Code::invalid_argument,
                     "ValidationException",
                     "WithDecryption flag must be True for retrieving a Secret Manager secret.");
  }
  const Reference reference = taken_apart(name);
  const Services services = services_of(ssm);  // the engine borrows from it
  COFFER_TRY(SecretsEngine engine, secrets_engine(ssm.call, services));
  if (!engine.mount) return no_such_secret(name);
  const auto found = engine.secrets.usable(reference.name);
  if (!found) {
    const bool gone =
        found.error().code == Code::not_found || found.error().code == Code::precondition_failed;
    return gone ? no_such_secret(name) : std::unexpected(found.error());
  }
  const rows::Loaded<domain::SecretRow>& secret = **found;
  const auto version = version_meant(engine.secrets, secret.row, reference.selector);
  if (!version) {
    return version.error().code == Code::not_found ? no_such_secret(name)
                                                   : std::unexpected(version.error());
  }
  SecretByReference out;
  COFFER_TRY(out.value, engine.secrets.open(secret, *version));
  out.name = reference.name;
  out.arn = engine.secrets.arn(secret.row);
  out.selector = reference.selector;
  out.source = source_of(engine.secrets, secret.row);
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
