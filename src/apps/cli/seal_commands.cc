// status, init, unseal, seal; and the same words behind "operator", where Vault has them.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

bool is_true(const Answer& answer, std::string_view name) {
  const auto value = answer.find(name);
  if (!value) return false;
  const auto truth = value->boolean();
  return truth && *truth;
}

// 0 unsealed, 1 error, 2 sealed: the codes of Vault's status.
Result<int> status(Session& session, const Arguments&) {
  auto answer = session.read("sys/seal-status");
  if (!answer) {
    session.terminal().err("Error: " + printable(answer.error().message) + "\n");
    return kExitError;
  }
  COFFER_CHECK(show(session, answer->root()));
  return is_true(*answer, "sealed") ? 2 : kExitOk;
}

void print_numbered(Session& session, const Answer& answer, std::string_view list) {
  const auto keys = answer.find(list);
  if (!keys) return;
  int number = 0;
  for (const formats::JsonView& key : keys->elements()) {
    secure::SecureText line("Unseal Key " + std::to_string(++number) + ": ");
    print_cell(key, line);
    line.append("\n");
    session.terminal().out(line.text());
  }
}

void print_named(Session& session,
                 const Answer& answer,
                 std::string_view name,
                 std::string_view label) {
  const auto value = answer.find(name);
  if (!value) return;
  secure::SecureText line(label);
  print_lines(*value, line);
  line.append("\n");
  session.terminal().out(line.text());
}

Result<int> init(Session& session, const Arguments& arguments) {
  if (arguments.flag("status")) {
    COFFER_TRY(const Answer answer, session.read("sys/init"));
    COFFER_CHECK(show(session, answer.root()));
    return is_true(answer, "initialized") ? kExitOk : 2;
  }
  COFFER_TRY(const std::int64_t shares, arguments.integer("shares", 5));
  COFFER_TRY(const std::int64_t threshold, arguments.integer("threshold", 3));
  Body body;
  body.integer("secret_shares", shares).integer("secret_threshold", threshold);
  COFFER_TRY(const Answer answer, session.write("sys/init", body.take()));
  if (session.format() != Format::table || !session.field().empty()) {
    return show(session, answer.root());
  }
  print_numbered(session, answer, "keys_base64");
  session.terminal().out("\n");
  print_named(session, answer, "root_token", "Initial Root Token: ");
  print_named(session, answer, "audit_public_key", "Audit Public Key:\n");
  print_named(session, answer, "audit_head", "Audit Head: ");
  session.terminal().err("Hand the keys to different people and keep no copy here: " +
                         std::to_string(threshold) + " of " + std::to_string(shares) +
                         " open the server after every restart, and nothing replaces them.\n");
  return kExitOk;
}

// The server forgets only the progress that is named, so that nobody forgets another's unawares.
Result<std::string> progress_nonce(Session& session, const Arguments& arguments) {
  if (arguments.has("nonce")) return arguments.text("nonce");
  COFFER_TRY(const Answer state, session.prepare("sys/seal-status"));
  const auto nonce = state.find("nonce");
  if (!nonce) return std::string();
  return nonce->string();
}

Result<int> unseal(Session& session, const Arguments& arguments) {
  Body body;
  if (arguments.flag("reset")) {
    COFFER_TRY(const std::string nonce, progress_nonce(session, arguments));
    body.boolean("reset", true).text("nonce", nonce);
  } else {
    COFFER_TRY(const auto share, ask_secret(session, "Unseal key (hidden): "));
    body.text("key", share.text());
  }
  COFFER_TRY(const Answer answer, session.write("sys/unseal", body.take()));
  return show(session, answer.root());
}

Result<int> seal(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.write("sys/seal", {}));
  return show_answer(session, answer, "Success! Coffer is sealed.");
}

void add_under(Menu& menu, const std::string& prefix) {
  menu.add({prefix + "init",
            "Initialise a new server and print its unseal keys once",
            {option("shares,key-shares,n", "how many unseal keys to make", "5"),
             option("threshold,key-threshold,t", "how many of them open the server", "3"),
             flag("status", "only say whether the server is initialised")},
            init});
  menu.add({prefix + "unseal",
            "Hand in one unseal key, from a hidden prompt or standard input",
            {flag("reset", "forget the keys handed in so far"),
             option("nonce", "nonce of the progress to forget; the one under way")},
            unseal});
  menu.add({prefix + "seal", "Wipe the root key from the server's memory", {}, seal});
}

}  // namespace

void add_seal_commands(Menu& menu) {
  menu.describe("operator", "Initialise, seal, unseal and rekey the server, as Vault spells it");
  menu.add({"status", "Seal status; exit code 0 unsealed, 2 sealed, 1 error", {}, status});
  add_under(menu, "");
  add_under(menu, "operator ");
}

}  // namespace coffer::cli
