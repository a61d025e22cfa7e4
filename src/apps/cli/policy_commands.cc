// policy write, read, list, delete, explain: Vault policies, and documents of path patterns with
// --document.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

constexpr std::string_view kDocuments = "/api/v1/policies/documents";

Result<std::string> place(const Arguments& arguments) {
  const std::string name = arguments.text("name");
  COFFER_CHECK(client::check_segment(name));
  return arguments.flag("document") ? std::string(kDocuments) + "/" + name
                                    : "sys/policies/acl/" + name;
}

Result<int> write(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  COFFER_TRY(const auto text, text_of(session, arguments.text("file")));
  Body body;
  if (arguments.flag("document")) {
    const auto document = formats::JsonView::parse(text.text());
    if (!document) return fail(Code::invalid_argument, document.error().message);
    body.raw("document", document->raw());
  } else {
    body.text("policy", text.text());
  }
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "Success! Wrote policy " + arguments.text("name") + ".");
}

Result<int> read(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  COFFER_TRY(const Answer answer, session.read(path));
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto data = answer.data();
  const formats::JsonView& object = data ? *data : answer.root();
  if (session.format() != Format::table || !session.field().empty()) return show(session, object);
  const auto policy = object.find_value(arguments.flag("document") ? "document" : "policy");
  const bool as_it_is = !policy || policy->kind() != formats::JsonKind::string ||
                        !session.terminal().output_is_terminal();
  if (as_it_is) return show(session, policy ? *policy : object);
  secure::SecureText text;
  print_text(*policy, text);
  session.terminal().out(text.text());
  return kExitOk;
}

Result<int> list(Session& session, const Arguments& arguments) {
  if (!arguments.flag("document")) {
    COFFER_TRY(const Answer answer, session.list("sys/policies/acl"));
    return show_keys(session, answer);
  }
  COFFER_TRY(const Answer answer, session.read(kDocuments));
  return answer.data() ? show_keys(session, answer) : show(session, answer.root());
}

Result<int> remove(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments));
  COFFER_TRY(const Answer answer, session.remove(path));
  return show_answer(
      session, answer, "Success! Deleted policy " + arguments.text("name") + " (if it existed).");
}

// "source_ip=10.0.0.1" words as an object of texts.
Result<secure::SecureText> facts_of(const Arguments& arguments) {
  Body facts;
  for (const std::string& word : arguments.all("fact")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::invalid_argument, "--fact takes name=value");
    }
    facts.text(word.substr(0, equals), word.substr(equals + 1));
  }
  return facts.take();
}

Result<secure::SecureText> question(Session& session, const Arguments& arguments) {
  Body body;
  if (arguments.has("action")) {
    body.text("action", arguments.text("action"));
    body.text("resource", arguments.text("path"));
  } else {
    body.text("path", arguments.text("path"));
  }
  body.text_if("capability", arguments.text("capability"));
  body.text_if("operation", arguments.text("operation"));
  body.text_if("principal", arguments.text("principal"));
  body.text_if("accessor", arguments.text("accessor"));
  if (arguments.flag("token")) {
    COFFER_TRY(const auto token, ask_secret(session, "Token (hidden): "));
    body.text("token", token.text());
  }
  if (arguments.has("policy")) body.strings("policies", arguments.all("policy"));
  COFFER_TRY(const auto facts, facts_of(arguments));
  body.raw("facts", facts.text());
  return body.take();
}

std::string text_of_member(const formats::JsonView& object, std::string_view name) {
  const auto value = object.find_value(name);
  if (!value) return "-";
  const auto text = value->string();
  return text ? *text : std::string(value->raw());
}

// Exit code 0: allowed. 4: denied, as for the request itself.
Result<int> explain(Session& session, const Arguments& arguments) {
  COFFER_TRY(auto body, question(session, arguments));
  COFFER_TRY(const Answer answer, session.post("/api/v1/policy/explain", std::move(body)));
  const auto data = answer.data();
  const formats::JsonView& verdict = data ? *data : answer.root();
  const bool allowed = text_of_member(verdict, "allowed") == "true";
  const int code = allowed ? kExitOk : kExitDenied;
  if (session.format() != Format::table || !session.field().empty()) {
    COFFER_CHECK(show(session, verdict));
    return code;
  }
  const bool root = text_of_member(verdict, "root") == "true";
  say(session, allowed ? (root ? "allowed: a root token may do everything" : "allowed") : "denied");
  std::vector<std::vector<std::string>> rows{{"Policy", "Revision", "Rule", "Reason"}};
  if (const auto reasons = verdict.find_value("reasons")) {
    for (const formats::JsonView& reason : reasons->elements()) {
      rows.push_back({text_of_member(reason, "policy"),
                      text_of_member(reason, "revision"),
                      text_of_member(reason, "rule"),
                      text_of_member(reason, "text")});
    }
  }
  if (rows.size() > 1) session.terminal().out(columns(rows));
  return code;
}

}  // namespace

void add_policy_commands(Menu& menu) {
  menu.describe("policy", "Policies, and why something is allowed or denied");
  const Parameter name = positional("name", "name of the policy");
  const Parameter document = flag("document", "a document of path patterns, not a Vault policy");
  menu.add({"policy write",
            "Create or replace a policy",
            {name, positional("file", "HCL or JSON file; - for standard input"), document},
            write});
  menu.add({"policy read", "Print a policy", {name, document}, read});
  menu.add({"policy list", "List policies", {document}, list});
  menu.add({"policy delete", "Delete a policy", {name, document}, remove});
  menu.add(
      {"policy explain",
       "Say whether a request would be allowed, and which rules decide",
       {positional("path", "API path, such as secret/data/a, or a dotted secret path; or an ARN"),
        option("action", "an action of IAM on that ARN, such as kms:Decrypt"),
        option("capability", "read, list, create, update, patch, delete, sudo"),
        option("operation", "the same for documents: read, write, rotate…"),
        option("principal", "for this IAM user or role: an ARN"),
        option("accessor", "for the holder of this token accessor"),
        flag("token", "for a token, which is asked for"),
        repeated("policy", "under this policy; may be given again"),
        repeated("fact", "name=value, such as source_ip=10.0.0.1; may be given again")},
       explain});
}

}  // namespace coffer::cli
