// approle create, read, list, delete, role-id, secret-id: roles that machines log in with.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<std::string> place(const Arguments& arguments, std::string_view below = "") {
  const std::string role = arguments.text("role");
  COFFER_CHECK(client::check_segment(role));
  return "auth/" + arguments.text("mount") + "/role/" + role + std::string(below);
}

std::string json_name(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

constexpr std::array<std::string_view, 7> kRoleSettings{"token-ttl",
                                                        "token-max-ttl",
                                                        "token-period",
                                                        "token-num-uses",
                                                        "secret-id-ttl",
                                                        "secret-id-num-uses",
                                                        "token-type"};

Result<int> create(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  Body body;
  if (arguments.has("policy")) body.strings("token_policies", arguments.all("policy"));
  if (arguments.has("bound-cidr")) {
    body.strings("secret_id_bound_cidrs", arguments.all("bound-cidr"));
  }
  for (const std::string_view name : kRoleSettings) {
    body.text_if(json_name(std::string(name)), arguments.text(name));
  }
  COFFER_TRY(const Answer answer, session.post(path, body.take()));
  return show_answer(session, answer, "Success! Wrote role " + arguments.text("role") + ".");
}

Result<int> read(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  COFFER_TRY(const Answer answer, session.read(path));
  return show_answer(session, answer, "");
}

Result<int> list(Session& session, const Arguments& arguments) {
  COFFER_TRY(const Answer answer, session.list("auth/" + arguments.text("mount") + "/role"));
  return show_keys(session, answer);
}

Result<int> remove(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  COFFER_TRY(const Answer answer, session.remove(path));
  return show_answer(session, answer, "Success! Deleted role (if it existed).");
}

Result<int> role_id(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments, "/role-id"));
  COFFER_TRY(const Answer answer, session.read(path));
  return show_answer(session, answer, "");
}

Result<int> secret_id(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments, "/secret-id"));
  Body body;
  body.text_if("ttl", arguments.text("ttl"));
  if (arguments.has("num-uses")) {
    COFFER_TRY(const std::int64_t uses, arguments.integer("num-uses", 0));
    body.integer("num_uses", uses);
  }
  if (arguments.has("bound-cidr")) body.strings("cidr_list", arguments.all("bound-cidr"));
  body.text_if("metadata", arguments.text("metadata"));
  COFFER_TRY(const Answer answer, session.post(path, body.take()));
  return show_answer(session, answer, "");
}

}  // namespace

void add_approle_commands(Menu& menu) {
  menu.describe("approle", "Roles that machines log in with: RoleID and SecretID");
  const Parameter role = positional("role", "name of the role");
  const Parameter mount = option("mount", "where the method is mounted", "approle");
  const Parameter cidr =
      repeated("bound-cidr", "network that may use the SecretID; may be repeated");
  std::vector<Parameter> settings{
      role, mount, cidr, repeated("policy", "policy of its tokens; may be given again")};
  for (const std::string_view name : kRoleSettings) {
    settings.push_back(option(std::string(name), "the role's " + json_name(std::string(name))));
  }
  menu.add({"approle create", "Create or change a role", std::move(settings), create});
  menu.add({"approle read", "Describe a role", {role, mount}, read});
  menu.add({"approle list", "List roles", {mount}, list});
  menu.add({"approle delete", "Delete a role", {role, mount}, remove});
  menu.add({"approle role-id", "Print the RoleID", {role, mount}, role_id});
  menu.add({"approle secret-id",
            "Make a new SecretID; add --wrap-ttl to hand it over safely",
            {role,
             mount,
             cidr,
             option("ttl", "life, such as 10m"),
             option("num-uses", "how many logins"),
             option("metadata", "JSON object as text, kept with its tokens")},
            secret_id});
}

}  // namespace coffer::cli
