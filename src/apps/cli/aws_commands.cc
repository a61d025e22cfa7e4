// aws user, role, policy, access-key: who may use the AWS APIs. The server's first administrator is
// made here, with a token: `coffer aws user create`, then `coffer aws access-key create`.
#include "apps/cli/commands.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

constexpr std::string_view kBase = "/api/v1/aws/";

// Which of the families a command is about: "users", "roles", "policies".
struct Family {
  std::string_view folder;
  std::string_view noun;
};

constexpr Family kUsers{"users", "user"};
constexpr Family kRoles{"roles", "role"};
constexpr Family kPolicies{"policies", "policy"};

Result<std::string> place(const Family& family,
                          const Arguments& arguments,
                          std::string_view parameter = "name") {
  const std::string name = arguments.text(parameter);
  COFFER_CHECK(client::check_segment(name));
  return std::string(kBase) + std::string(family.folder) + "/" + name;
}

// The JSON of a file as a member; nothing when the option was not given.
Result<> add_document(Session& session,
                      const Arguments& arguments,
                      std::string_view option,
                      std::string_view member,
                      Body& body) {
  if (!arguments.has(option)) return {};
  COFFER_TRY(const auto text, text_of(session, arguments.text(option)));
  const auto document = formats::JsonView::parse(text.text());
  if (!document) return fail(Code::invalid_argument, document.error().message);
  body.raw(member, document->raw());
  return {};
}

Result<int> create_user(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kUsers, arguments));
  Body body;
  body.text("name", arguments.text("name")).text_if("path", arguments.text("path"));
  if (arguments.has("policy")) body.strings("policy_arns", arguments.all("policy"));
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "");
}

Result<int> create_role(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kRoles, arguments));
  if (!arguments.has("trust")) return fail(Code::invalid_argument, "give --trust FILE");
  Body body;
  body.text("name", arguments.text("name")).text_if("path", arguments.text("path"));
  body.text_if("description", arguments.text("description"));
  COFFER_CHECK(add_document(session, arguments, "trust", "trust_policy", body));
  if (arguments.has("max-session")) {
    COFFER_TRY(const std::int64_t longest, arguments.integer("max-session", 0));
    body.integer("max_session_seconds", longest);
  }
  if (arguments.has("policy")) body.strings("policy_arns", arguments.all("policy"));
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "");
}

Result<int> change_trust(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kRoles, arguments));
  Body body;
  COFFER_CHECK(add_document(session, arguments, "file", "trust_policy", body));
  COFFER_TRY(const Answer answer, session.write(path + "/trust", body.take()));
  return show_answer(session, answer, "Success! Wrote the trust policy.");
}

Result<int> write_policy(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kPolicies, arguments));
  Body body;
  body.text("name", arguments.text("name")).text_if("path", arguments.text("path"));
  body.text_if("description", arguments.text("description"));
  COFFER_CHECK(add_document(session, arguments, "file", "document", body));
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "");
}

auto lister(const Family& family) {
  return [family](Session& session, const Arguments&) -> Result<int> {
    COFFER_TRY(const Answer answer, session.read(std::string(kBase) + std::string(family.folder)));
    return show_answer(session, answer, "");
  };
}

auto reader(const Family& family) {
  return [family](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, place(family, arguments));
    COFFER_TRY(const Answer answer, session.read(path));
    return show_answer(session, answer, "");
  };
}

auto remover(const Family& family) {
  return [family](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, place(family, arguments));
    COFFER_TRY(const Answer answer, session.remove(path));
    return show_answer(session, answer, "Success! Deleted " + std::string(family.noun) + ".");
  };
}

// attach or detach.
auto attacher(const Family& family, std::string_view verb) {
  return [family, verb](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, place(family, arguments));
    Body body;
    body.text("policy_arn", arguments.text("policy"));
    COFFER_TRY(const Answer answer, session.write(path + "/" + std::string(verb), body.take()));
    return show_answer(session, answer, "Success! Done.");
  };
}

auto embedder(const Family& family) {
  return [family](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, place(family, arguments));
    const std::string policy = arguments.text("policy");
    COFFER_CHECK(client::check_segment(policy));
    Body body;
    COFFER_CHECK(add_document(session, arguments, "file", "document", body));
    COFFER_TRY(const Answer answer, session.write(path + "/embedded/" + policy, body.take()));
    return show_answer(session, answer, "Success! Wrote policy " + policy + ".");
  };
}

auto unembedder(const Family& family) {
  return [family](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, place(family, arguments));
    const std::string policy = arguments.text("policy");
    COFFER_CHECK(client::check_segment(policy));
    COFFER_TRY(const Answer answer, session.remove(path + "/embedded/" + policy));
    return show_answer(session, answer, "Success! Deleted policy " + policy + ".");
  };
}

Result<std::string> key_place(const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kUsers, arguments, "user"));
  const std::string id = arguments.text("id");
  COFFER_CHECK(client::check_segment(id));
  return path + "/access-keys/" + id;
}

// The secret is in this answer and in no other.
Result<int> create_key(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kUsers, arguments, "user"));
  COFFER_TRY(const Answer answer, session.write(path + "/access-keys", Body().take()));
  return show_answer(session, answer, "");
}

Result<int> list_keys(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(kUsers, arguments, "user"));
  COFFER_TRY(const Answer answer, session.read(path + "/access-keys"));
  return show_answer(session, answer, "");
}

auto key_switch(bool active) {
  return [active](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const std::string path, key_place(arguments));
    COFFER_TRY(const Answer answer, session.write(path, Body().boolean("active", active).take()));
    return show_answer(session, answer, "Success! Done.");
  };
}

Result<int> delete_key(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, key_place(arguments));
  COFFER_TRY(const Answer answer, session.remove(path));
  return show_answer(session, answer, "Success! Deleted access key.");
}

void add_family(Menu& menu, const Family& family) {
  const std::string start = "aws " + std::string(family.noun) + " ";
  const std::string noun(family.noun);
  const Parameter name = positional("name", "name of the " + noun);
  menu.add({start + "list", "List: " + std::string(family.folder), {}, lister(family)});
  menu.add({start + "show", "Describe a " + noun, {name}, reader(family)});
  menu.add({start + "delete", "Delete a " + noun, {name}, remover(family)});
}

// What users and roles have alike.
void add_grants(Menu& menu, const Family& family) {
  const std::string start = "aws " + std::string(family.noun) + " ";
  const std::string noun(family.noun);
  const Parameter name = positional("name", "name of the " + noun);
  const Parameter arn = positional("policy", "ARN of a managed policy");
  const Parameter policy = positional("policy", "name of the policy in this " + noun);
  menu.add({start + "attach", "Attach a managed policy", {name, arn}, attacher(family, "attach")});
  menu.add({start + "detach", "Detach a managed policy", {name, arn}, attacher(family, "detach")});
  menu.add({start + "embed",
            "Write a policy that belongs to this " + noun + " alone",
            {name, policy, option("file", "JSON file, - for standard input", "-")},
            embedder(family)});
  menu.add({start + "unembed", "Delete such a policy", {name, policy}, unembedder(family)});
}

void add_keys(Menu& menu) {
  const Parameter user = positional("user", "name of the user");
  const Parameter id = positional("id", "id of the access key");
  menu.add({"aws access-key create", "Make a key; its secret is shown once", {user}, create_key});
  menu.add({"aws access-key list", "List a user's keys", {user}, list_keys});
  menu.add({"aws access-key disable", "Refuse a key", {user, id}, key_switch(false)});
  menu.add({"aws access-key enable", "Take a key again", {user, id}, key_switch(true)});
  menu.add({"aws access-key delete", "Delete a key", {user, id}, delete_key});
}

}  // namespace

void add_aws_commands(Menu& menu) {
  menu.describe("aws", "Who may use the AWS APIs: users, roles, policies, access keys");
  menu.describe("aws user", "Users, who have access keys");
  menu.describe("aws role", "Roles, which are assumed");
  menu.describe("aws policy", "Managed policies");
  menu.describe("aws access-key", "Access keys of users");
  const Parameter path = option("path", "IAM path, such as /team/");
  const Parameter policy = repeated("policy", "ARN of a managed policy; may be given again");
  menu.add({"aws user create",
            "Make a user",
            {positional("name", "name of the user"), path, policy},
            create_user});
  menu.add({"aws role create",
            "Make a role",
            {positional("name", "name of the role"),
             option("trust", "JSON file that says who may assume it; - for standard input"),
             path,
             option("description", "what it is for"),
             option("max-session", "longest session in seconds"),
             policy},
            create_role});
  menu.add({"aws role trust",
            "Say anew who may assume a role",
            {positional("name", "name of the role"),
             option("file", "JSON file, - for standard input", "-")},
            change_trust});
  menu.add({"aws policy write",
            "Make a managed policy, or give it a new text",
            {positional("name", "name of the policy"),
             option("file", "JSON file, - for standard input", "-"),
             path,
             option("description", "what it allows")},
            write_policy});
  for (const Family& family : {kUsers, kRoles, kPolicies}) add_family(menu, family);
  for (const Family& family : {kUsers, kRoles}) add_grants(menu, family);
  add_keys(menu);
}

}  // namespace coffer::cli
