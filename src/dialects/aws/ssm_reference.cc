#include "dialects/aws/ssm_reference.h"

#include "dialects/aws/secret_parts.h"
#include "domain/secrets/stages.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kPrefix = "/aws/reference/secretsmanager/";
constexpr std::size_t kShortestVersionId = 32;

FoundReference taken_apart(std::string_view text) {
  FoundReference out{
      .text = std::string(text), .name = {}, .selector = {}, .secret = {}, .version = {}};
  text.remove_prefix(kPrefix.size());
  const std::size_t colon = std::min(text.find(':'), text.size());
  out.name = text.substr(0, colon);
  out.selector = text.substr(colon);
  return out;
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

// What conditions may ask about the request is in the reference.
void add_selector(const Selected& what, policy::IamContext& context) {
  if (!what.id.empty()) context.set("secretsmanager:VersionId", {std::string(what.id)});
  if (!what.stage.empty()) context.set("secretsmanager:VersionStage", {std::string(what.stage)});
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

Result<FoundReference> find_reference(Ssm& ssm,
                                      std::string_view text,
                                      std::vector<policy::Access>& all) {
  FoundReference out = taken_apart(text);
  out.version = no_such_secret(text);
  const Services services = services_of(ssm);  // the engine borrows from it
  COFFER_TRY(SecretsEngine engine, secrets_engine(ssm.call, services));
  if (engine.mount) {
    auto found = engine.secrets.find(out.name);
    if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
    if (found) out.secret = *std::move(found);
  }
  // The body is one of Parameter Store's: none of its members says what is asked of the secret.
  gate::Call asked(ssm.call);
  asked.body = {};
  COFFER_TRY(auto needed, secret_accesses(asked, services, kReading, engine, out.name, out.secret));
  if (out.secret) {
    const domain::SecretRow& row = out.secret->row;
    COFFER_TRY(const Selected what, selected(engine.secrets, row, out.selector));
    add_selector(what, needed.front().iam->context);
    const auto version = engine.secrets.locate(row, what.id, what.stage);
    if (version && !row.pending_deletion()) out.version = *version;
    if (!version && version.error().code != Code::not_found) out.version = version;
  }
  for (policy::Access& access : needed) all.push_back(std::move(access));
  return out;
}

Result<SecretByReference> read_reference(Ssm& ssm, const FoundReference& found, bool decrypt) {
  if (!decrypt) {
    return aws::fail(Code::invalid_argument,
                     "ValidationException",
                     "WithDecryption flag must be True for retrieving a Secret Manager secret.");
  }
  if (!found.version) return std::unexpected(found.version.error());
  const Services services = services_of(ssm);
  COFFER_TRY(SecretsEngine engine, secrets_engine(ssm.call, services));
  SecretByReference out;
  COFFER_TRY(out.value, engine.secrets.open(*found.secret, *found.version));
  out.name = found.name;
  out.arn = engine.secrets.arn(found.secret->row);
  out.selector = found.selector;
  out.source = source_of(engine.secrets, found.secret->row);
  out.created = found.version->created;
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
