#include "base/time_text.h"
#include "dialects/native/dialect.h"
#include "domain/auth/tokens.h"
#include "domain/identity/aws_names.h"
#include "domain/identity/aws_policies.h"
#include "domain/identity/identity.h"
#include "domain/identity/policies.h"
#include "formats/cidr.h"
#include "formats/dotted_path.h"
#include "formats/vault_fields.h"
#include "policy/evaluator.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::native {
namespace {

using domain::Policies;
using formats::JsonView;
using policy::Language;

Policies policies_of(gate::Call& call) {
  return {*call.view, call.unsealed->policies};
}

Result<gate::Reply> list_documents(gate::Call& call) {
  COFFER_TRY(const std::vector<std::string> names, policies_of(call).list(Language::document));
  return json_reply([&](formats::JsonWriter& w) { w.key("keys").strings(names); });
}

Result<gate::Reply> read_document(gate::Call& call) {
  COFFER_TRY(const auto row, policies_of(call).read(call.routing.captures.at(0)));
  if (!row || *row->row.language != static_cast<std::uint8_t>(Language::document)) {
    return fail(Code::not_found, "no such policy document");
  }
  return json_reply([&](formats::JsonWriter& w) {
    w.key("name").string(*row->row.name);
    w.key("version").integer(static_cast<std::int64_t>(*row->row.version));
    w.key("document").raw(*row->row.text);
  });
}

Result<gate::Reply> write_document(gate::Call& call) {
  const auto document = call.body.find_value("document");
  if (!document || document->kind() != formats::JsonKind::object) {
    return fail(Code::invalid_argument, "document must be an object");
  }
  const std::string& name = call.routing.captures.at(0);
  COFFER_TRY(const auto present, policies_of(call).read(name));
  if (present && *present->row.language != static_cast<std::uint8_t>(Language::document)) {
    return fail(Code::already_exists, "a policy of another language has that name");
  }
  COFFER_TRY(const bool fresh, policies_of(call).write(name, Language::document, document->raw()));
  if (fresh) call.event.type = proof::EventType::policy_created;
  return json_reply([&](formats::JsonWriter& w) { w.key("name").string(name); });
}

Result<gate::Reply> remove_document(gate::Call& call) {
  COFFER_CHECK(policies_of(call).remove(call.routing.captures.at(0), Language::document));
  return gate::Reply{.status = 204};
}

using Segments = std::vector<std::string>;

// What documents see of a path below a mount; nullopt: it is no secret's.
Result<std::optional<Segments>> segments_below(domain::Engine engine, std::string_view rest) {
  if (engine == domain::Engine::kv_v2) {
    const std::string_view kind = rest.substr(0, rest.find('/'));
    constexpr std::array<std::string_view, 6> kKinds{
        "data", "metadata", "delete", "undelete", "destroy", "subkeys"};
    if (std::ranges::find(kKinds, kind) == kKinds.end()) return std::nullopt;
    rest.remove_prefix(std::min(kind.size() + 1, rest.size()));
  } else if (engine != domain::Engine::kv_v1) {
    return std::nullopt;
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) return Segments();
  COFFER_TRY(Segments segments, formats::parse_slashed(rest));
  return segments;
}

// The same of a whole path. Where nothing is mounted it is taken as one of a KV version 2 mount of
// one segment: policies can be tried before there are mounts.
Result<std::optional<Segments>> segments_of(work::View& view, std::string_view path) {
  COFFER_TRY(const auto found, domain::Mounts(view).resolve(domain::MountKind::secret, path));
  if (found.mount != nullptr) {
    const std::size_t above = std::min(found.mount->path.size(), path.size());
    return segments_below(found.mount->engine, path.substr(above));
  }
  const std::size_t slash = std::min(path.find('/'), path.size() - 1);
  return segments_below(domain::Engine::kv_v2, path.substr(slash + 1));
}

// The path of a secret that is named without its mount: it lies in secret/.
Result<std::string> path_in_secret(work::View& view, const Segments& segments) {
  COFFER_TRY(const auto found, domain::Mounts(view).resolve(domain::MountKind::secret, "secret/"));
  const bool plain = found.mount != nullptr && found.mount->engine == domain::Engine::kv_v1;
  return (plain ? "secret/" : "secret/data/") + formats::to_slashed(segments);
}

// An action on an ARN, in IAM's words; it is in no other language's.
Result<policy::Access> iam_access_of(std::string action, std::string resource) {
  if (action.find(':') == std::string::npos) {
    return fail(Code::invalid_argument, "action must be one of IAM, such as kms:Decrypt");
  }
  policy::Access access;
  access.path = resource;
  access.iam.emplace();
  access.iam->action = std::move(action);
  access.iam->resource = std::move(resource);
  return access;
}

// What "read secret prod.db" means in Vault's words.
Result<policy::Access> access_of(gate::Call& call) {
  const JsonView& body = call.body;
  COFFER_TRY(auto action, formats::text_field(body, "action"));
  if (action) {
    COFFER_TRY(auto resource, formats::text_field(body, "resource"));
    return iam_access_of(*std::move(action), std::move(resource).value_or("*"));
  }
  policy::Access access;
  COFFER_TRY(const auto path, formats::text_field(body, "path"));
  if (!path || path->empty()) return fail(Code::invalid_argument, "path is missing");
  COFFER_TRY(const auto operation, formats::text_field(body, "operation"));
  COFFER_TRY(const auto capability, formats::text_field(body, "capability"));
  const std::string word = operation.value_or("read");
  access.action = "secret." + word;
  const bool dotted = path->find('/') == std::string::npos && path->find('.') != std::string::npos;
  if (dotted) {
    COFFER_TRY(access.secret_segments.emplace(), formats::parse_dotted(*path));
    COFFER_TRY(access.path, path_in_secret(*call.view, *access.secret_segments));
  } else {
    access.path = *path;
    COFFER_TRY(access.secret_segments, segments_of(*call.view, *path));
  }
  access.issues_nothing = true;  // unless a TTL is among the facts
  const std::string wanted = capability.value_or(word == "write" ? "update" : word);
  const auto parsed = policy::parse_capability(wanted);
  if (!parsed) return fail(Code::invalid_argument, "capability is not known");
  access.capability = *parsed;
  return access;
}

// Facts with a colon in their name are condition keys of the request.
Result<> add_facts(const JsonView& body, policy::Access& access, policy::Facts& facts) {
  COFFER_TRY(const auto object, formats::object_field(body, "facts"));
  if (!object) return {};
  for (const auto& [name, value] : object->members()) {
    COFFER_TRY(const std::string text, value.string());
    if (name == "source_ip") {
      COFFER_CHECK(formats::parse_ip(text));
      facts.source_ip = text;
    } else if (name == "requested_ttl") {
      COFFER_TRY(facts.requested_ttl, parse_duration(text));
    } else if (name == "now") {
      COFFER_TRY(facts.now, parse_rfc3339(text));
    } else if (name == "region") {
      facts.region = text;
    } else if (access.iam && name.find(':') != std::string::npos) {
      access.iam->context.add(name, text);
    } else {
      return fail(Code::invalid_argument, "a fact is not known");
    }
  }
  return {};
}

struct Subject {
  std::vector<std::string> policies;  // names
  policy::Facts facts;
  std::vector<policy::PolicyPtr> compiled = {};  // of IAM principals, beside those with names
};

void add_policies(Subject& subject, const std::vector<std::string>& more) {
  subject.policies.insert(subject.policies.end(), more.begin(), more.end());
}

Result<Subject> subject_of_token(gate::Call& call, domain::TokenPtr token) {
  if (!token) return fail(Code::not_found, "no such token");
  Subject subject;
  add_policies(subject, *token->row.policies);
  if (token->row.entity_id->empty()) return subject;
  COFFER_TRY(domain::Identity identity,
             domain::Entities(*call.view).identity_of(*token->row.entity_id));
  add_policies(subject, identity.policies);
  subject.facts = std::move(identity.facts);
  return subject;
}

Result<Subject> subject_with(gate::Call& call,
                             policy::IamPrincipal who,
                             const domain::AwsGrants& grants,
                             std::string_view id,
                             std::string_view shown) {
  Subject subject;
  who.account = call.unsealed->aws_account;
  who.tags = grants.tags;
  subject.facts.iam = std::move(who);
  COFFER_TRY(subject.compiled,
             domain::load_aws_policies(*call.view, call.unsealed->policies, grants, id, shown));
  for (const policy::PolicyPtr& policy : subject.compiled) {
    subject.policies.emplace_back(policy ? policy::policy_name(*policy) : "?");
  }
  return subject;
}

// A user, or a session of a role, with its policies.
Result<Subject> subject_of_principal(gate::Call& call, const std::string& arn) {
  const auto parsed = domain::parse_iam_arn(arn);
  if (!parsed || parsed->account != call.unsealed->aws_account) {
    return fail(Code::not_found, "no such principal");
  }
  const std::string key = domain::aws_name_key(parsed->name);
  policy::IamPrincipal who;
  if (parsed->kind == "user") {
    COFFER_TRY(const auto user, call.view->find<domain::AwsUserRow>(key));
    if (!user) return fail(Code::not_found, "no such principal");
    who.arn = arn;
    who.userid = *user->row.id;
    who.username = *user->row.name;
    return subject_with(call, std::move(who), *user->row.grants, *user->row.id, "user/" + key);
  }
  COFFER_TRY(const auto role, call.view->find<domain::AwsRoleRow>(key));
  if (!role || parsed->kind != "role") return fail(Code::not_found, "no such principal");
  who.type = policy::IamPrincipal::Type::assumed_role;
  who.role_arn = arn;
  who.arn = domain::sts_arn(parsed->account, "assumed-role", *role->row.name + "/explained");
  who.userid = *role->row.id + ":explained";
  return subject_with(call, std::move(who), *role->row.grants, *role->row.id, "role/" + key);
}

// Whose policies are asked about: named ones, an IAM principal's, a token's, an accessor's, or the
// caller's own.
Result<Subject> subject_of(gate::Call& call) {
  COFFER_TRY(const auto names, formats::list_field(call.body, "policies"));
  if (names) return Subject{.policies = *names, .facts = {}};
  COFFER_TRY(const auto principal, formats::text_field(call.body, "principal"));
  if (principal) return subject_of_principal(call, *principal);
  COFFER_TRY(const auto token, formats::secret_field(call.body, "token"));
  COFFER_TRY(const auto accessor, formats::text_field(call.body, "accessor"));
  if (token || accessor) {
    domain::Tokens tokens(*call.view);
    COFFER_TRY(domain::TokenPtr found,
               token ? tokens.by_token(token->text()) : tokens.by_accessor(*accessor));
    return subject_of_token(call, std::move(found));
  }
  Subject subject;
  add_policies(subject, call.principal->token_policies);
  add_policies(subject, call.principal->identity_policies);
  subject.facts = *call.facts;
  return subject;
}

void write_reason(formats::JsonWriter& w, const policy::Reason& reason) {
  w.begin_object();
  w.key("policy").string(reason.policy);
  w.key("revision").integer(static_cast<std::int64_t>(reason.revision));
  w.key("rule").string(reason.rule);
  w.key("text").string(reason.text);
  w.end_object();
}

Result<std::vector<policy::PolicyPtr>> compiled_of(gate::Call& call, const Subject& subject) {
  if (subject.facts.iam) return subject.compiled;
  return policies_of(call).load(subject.policies);
}

// The same decide() that guards requests.
Result<gate::Reply> explain(gate::Call& call) {
  COFFER_TRY(policy::Access access, access_of(call));
  COFFER_TRY(Subject subject, subject_of(call));
  subject.facts.now = call.now;
  COFFER_CHECK(add_facts(call.body, access, subject.facts));
  COFFER_TRY(const auto compiled, compiled_of(call, subject));
  const policy::Decision decision = policy::decide(access, subject.facts, compiled);
  call.note("asked", access.path);
  return json_reply([&](formats::JsonWriter& w) {
    w.key("path").string(access.path);
    w.key("capability")
        .string(access.iam ? access.iam->action : std::string(policy::to_text(access.capability)));
    w.key("allowed").boolean(decision.allowed);
    w.key("root").boolean(decision.root);
    w.key("policies").strings(subject.policies);
    w.key("reasons").begin_array();
    for (const policy::Reason& reason : decision.reasons) write_reason(w, reason);
    w.end_array();
  });
}

}  // namespace

RouteTable policy_routes() {
  using policy::Capability;
  using proof::EventType;
  RouteTable table;
  table.push_back(guarded("GET",
                          "policies/documents",
                          EventType::policy_read,
                          {.action = "policy.list", .capability = Capability::list},
                          list_documents));
  table.push_back(guarded("GET",
                          "policies/documents/{policy}",
                          EventType::policy_read,
                          {.action = "policy.read"},
                          read_document));
  table.push_back(guarded("PUT",
                          "policies/documents/{policy}",
                          EventType::policy_updated,
                          {.action = "policy.write", .capability = Capability::update},
                          write_document));
  table.push_back(guarded("DELETE",
                          "policies/documents/{policy}",
                          EventType::policy_deleted,
                          {.action = "policy.delete", .capability = Capability::del},
                          remove_document));
  table.push_back(guarded("PUT",
                          "policy/explain",
                          EventType::policy_read,
                          {.action = "policy.explain", .capability = Capability::update},
                          explain));
  return table;
}

}  // namespace coffer::dialects::native
