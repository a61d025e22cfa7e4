#include "dialects/aws/secret_parts.h"

#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_keys.h"
#include "domain/identity/aws_names.h"
#include "domain/secrets/stages.h"
#include "formats/dotted_path.h"
#include "policy/evaluator.h"

#include <algorithm>
#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::size_t kSuffix = 6;
constexpr std::string_view kHomePath = "secret/";

bool is_suffix(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

std::unexpected<Error> no_such_secret() {
  return coffer::fail(Code::not_found, "Secrets Manager can't find the specified secret.");
}

domain::ManagedSecrets managed(const gate::Call& call, const Services& services, ByteView mount) {
  return {*call.view,
          mount,
          services.account,
          call.unsealed->secrets,
          call.principal == nullptr ? std::string_view() : call.principal->display_name};
}

// What a policy may ask about the secret itself.
void add_secret_context(policy::IamContext& context,
                        const std::string& arn,
                        const domain::SecretRow& secret) {
  context.set("secretsmanager:SecretId", {arn});
  if (const auto parts = parse_arn(arn)) {
    context.set("secretsmanager:SecretPrimaryRegion", {parts->region});
  }
  if (!*secret.extra) return;
  const domain::SecretExtra& extra = **secret.extra;
  for (const domain::SecretTag& tag : extra.tags) {
    context.add("secretsmanager:ResourceTag/" + tag.key, tag.value);
    context.add("aws:ResourceTag/" + tag.key, tag.value);
  }
}

}  // namespace

Result<SecretName> parse_secret_id(std::string_view id, std::string_view account) {
  if (!id.starts_with("arn:")) return SecretName{.name = std::string(id)};
  const auto arn = parse_arn(id);
  constexpr std::string_view kKind = "secret:";
  if (!arn || arn->service != "secretsmanager" || arn->account != account ||
      !arn->resource.starts_with(kKind)) {
    return no_such_secret();
  }
  const std::string_view name = std::string_view(arn->resource).substr(kKind.size());
  const std::size_t end = name.size() - std::min(name.size(), kSuffix + 1);
  const std::string_view tail = name.substr(end);
  if (tail.size() == kSuffix + 1 && tail.front() == '-' && is_suffix(tail.substr(1)) && end > 0) {
    return SecretName{std::string(name.substr(0, end)), std::string(tail.substr(1))};
  }
  return SecretName{.name = std::string(name)};
}

Result<SecretsEngine> secrets_engine(const gate::Call& call, const Services& services) {
  COFFER_TRY(MountPtr mount, find_home(*call.view, Home::secrets));
  const ByteView id = mount ? ByteView(mount->id) : ByteView();
  return SecretsEngine{std::move(mount), managed(call, services, id)};
}

Result<SecretsEngine> secrets_engine_for_write(const gate::Call& call, const Services& services) {
  COFFER_TRY(MountPtr mount, home_for_write(*call.view, Home::secrets));
  const ByteView id = mount->id;
  return SecretsEngine{std::move(mount), managed(call, services, id)};
}

Result<FoundSecret> find_secret(gate::Call& call, const Services& services, Wanted wanted) {
  COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
  COFFER_TRY(const std::string id, text_or_empty(call.body, "SecretId"));
  COFFER_TRY(const SecretName name, parse_secret_id(id, services.account));
  if (!engine.mount) return no_such_secret();
  COFFER_TRY(domain::SecretPtr secret,
             wanted == Wanted::usable ? engine.secrets.usable(name.name, name.suffix)
                                      : engine.secrets.find(name.name, name.suffix));
  call.note("secret", *secret->row.path);
  return FoundSecret{std::move(engine), std::move(secret)};
}

Result<std::vector<policy::Access>> secret_accesses(gate::Call& call,
                                                    const Services& services,
                                                    const SecretRule& rule,
                                                    SecretsEngine& engine,
                                                    std::string_view name,
                                                    const domain::SecretPtr& secret) {
  const std::string arn =
      secret
          ? engine.secrets.arn(secret->row)
          : domain::regional_arn(
                "secretsmanager", region_of(call), services.account, "secret:" + std::string(name));
  std::vector<policy::Access> accesses;
  accesses.push_back(access(rule.action,
                            rule.iam_action,
                            arn,
                            std::string(kHomePath) + std::string(rule.place) + std::string(name),
                            rule.capability));
  policy::Access& main = accesses.back();
  if (auto segments = formats::parse_slashed(name)) main.secret_segments = std::move(*segments);
  if (!secret) return accesses;
  add_secret_context(main.iam->context, arn, secret->row);
  if (*secret->row.extra && (*secret->row.extra)->policy_revision != 0) {
    COFFER_TRY(const auto policy, engine.secrets.policy(secret->row));
    COFFER_TRY(main.iam->resource_policy.emplace(),
               call.unsealed->resource_policies.compiled(
                   *secret->row.path, (*secret->row.extra)->policy_revision, *policy));
  }
  const domain::DataKeyWrap* const wrap = domain::wrap_of(secret->row);
  if (wrap == nullptr) return accesses;
  for (const std::string_view action : {rule.kms_action, rule.second_kms_action}) {
    if (action.empty()) continue;
    COFFER_TRY(policy::Access key, key_access(call, services, action, *wrap, arn));
    accesses.push_back(std::move(key));
  }
  return accesses;
}

gate::Resolve on_secret(const Services& services, const SecretRule& rule) {
  return [services, rule](gate::Call& call) -> Result<std::vector<policy::Access>> {
    COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
    COFFER_TRY(const std::string id, text_or_empty(call.body, "SecretId"));
    const auto parsed = parse_secret_id(id, services.account);
    const SecretName name = parsed ? *parsed : SecretName{.name = id};
    domain::SecretPtr secret;
    if (engine.mount && parsed) {
      auto found = engine.secrets.find(name.name, name.suffix);
      if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
      if (found) secret = *std::move(found);
    }
    return secret_accesses(call, services, rule, engine, name.name, secret);
  };
}

gate::Resolve on_secrets(std::string_view action,
                         std::string_view iam_action,
                         policy::Capability capability) {
  return [action, iam_action, capability](gate::Call&) -> Result<std::vector<policy::Access>> {
    std::vector<policy::Access> accesses;
    accesses.push_back(
        access(action, iam_action, "*", std::string(kHomePath) + "metadata/", capability));
    accesses.back().secret_segments.emplace();
    return accesses;
  };
}

std::string region_of(const gate::Call& call) {
  return call.routing.region.empty() ? std::string(kDefaultRegion) : call.routing.region;
}

gate::Reply secret_answer(const SecretsEngine& engine,
                          const domain::SecretRow& secret,
                          const std::function<void(formats::JsonWriter&)>& more) {
  return json_answer([&](formats::JsonWriter& w) {
    w.key("ARN").string(engine.secrets.arn(secret));
    w.key("Name").string(*secret.path);
    if (more) more(w);
  });
}

Result<std::vector<domain::SecretTag>> secret_tags(const formats::JsonView& body,
                                                   std::string_view name) {
  std::vector<domain::SecretTag> tags;
  for (const formats::JsonView& item : items(body, name)) {
    domain::SecretTag tag;
    COFFER_TRY(tag.key, text_or_empty(item, "Key"));
    COFFER_TRY(tag.value, text_or_empty(item, "Value"));
    if (tag.key.starts_with("aws:")) {
      return coffer::fail(Code::invalid_argument, "Tag keys that begin with aws: are reserved.");
    }
    const auto same = std::ranges::find(tags, tag.key, &domain::SecretTag::key);
    if (same != tags.end()) {
      return coffer::fail(Code::invalid_argument, "A tag key is given more than once.");
    }
    tags.push_back(std::move(tag));
  }
  if (tags.size() > domain::kMaxTags) {
    return coffer::fail(Code::invalid_argument, "A secret can have at most 50 tags.");
  }
  return tags;
}

}  // namespace coffer::dialects::aws
