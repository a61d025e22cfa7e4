// rekey, generate-root, rotate, key-status; and the same words behind "operator".
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"
#include "base/encoding.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

// rekey and generate-root are alike: a procedure is begun, shares are handed in, a nonce names it.
struct Procedure {
  std::string begin;   // PUT begins, GET tells, DELETE gives up
  std::string update;  // PUT takes a share
};

Result<int> tell(Session& session, const Procedure& procedure) {
  COFFER_TRY(const Answer answer, session.read(procedure.begin));
  return show(session, answer.root());
}

Result<int> give_up(Session& session, const Procedure& procedure) {
  COFFER_TRY(const Answer answer, session.remove(procedure.begin));
  return show_answer(session, answer, "Success! Given up (if it had begun).");
}

Result<int> hand_in(Session& session, const Procedure& procedure, const Arguments& arguments) {
  std::string nonce = arguments.text("nonce");
  if (nonce.empty()) {
    COFFER_TRY(const Answer state, session.prepare(procedure.begin));
    const auto value = state.find("nonce");
    if (value) {
      COFFER_TRY(nonce, value->string());
    }
  }
  COFFER_TRY(const auto share, ask_secret(session, "Unseal key (hidden): "));
  Body body;
  body.text("key", share.text()).text("nonce", nonce);
  COFFER_TRY(const Answer answer, session.write(procedure.update, body.take()));
  return show(session, answer.root());
}

Result<int> rekey(Session& session, const Arguments& arguments) {
  const Procedure procedure{"sys/rekey/init", "sys/rekey/update"};
  if (arguments.flag("status")) return tell(session, procedure);
  if (arguments.flag("cancel")) return give_up(session, procedure);
  if (!arguments.flag("init")) return hand_in(session, procedure, arguments);
  COFFER_TRY(const std::int64_t shares, arguments.integer("shares", 5));
  COFFER_TRY(const std::int64_t threshold, arguments.integer("threshold", 3));
  Body body;
  body.integer("secret_shares", shares).integer("secret_threshold", threshold);
  COFFER_TRY(const Answer answer, session.write(procedure.begin, body.take()));
  return show(session, answer.root());
}

// The encoded token is XORed with the one-time password and base64 without padding.
Result<int> decode(Session& session, const Arguments& arguments) {
  COFFER_TRY(const auto otp, ask_secret(session, "One-time password (hidden): "));
  const std::string encoded = arguments.text("decode");
  secure::SecureBytes token(encoded.size());
  COFFER_TRY(const std::size_t size,
             base64_decode_to(encoded, Base64::standard_raw, token.mutable_view().data()));
  if (size != otp.size()) {
    return fail(Code::invalid_argument, "the password and the encoded token differ in length");
  }
  token.resize(size);
  for (std::size_t i = 0; i < size; ++i) token.mutable_view()[i] ^= otp.view()[i];
  session.terminal().out(as_text(token.view()));
  session.terminal().out("\n");
  return kExitOk;
}

Result<int> generate_root(Session& session, const Arguments& arguments) {
  const Procedure procedure{"sys/generate-root/attempt", "sys/generate-root/update"};
  if (arguments.has("decode")) return decode(session, arguments);
  if (arguments.flag("status")) return tell(session, procedure);
  if (arguments.flag("cancel")) return give_up(session, procedure);
  if (!arguments.flag("init")) return hand_in(session, procedure, arguments);
  COFFER_TRY(const Answer answer, session.write(procedure.begin, {}));
  return show(session, answer.root());
}

Result<int> rotate(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.write("sys/rotate", {}));
  return show_answer(session, answer, "Success! The keyring has a new term.");
}

Result<int> key_status(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.read("sys/key-status"));
  return show_answer(session, answer, "");
}

void add_under(Menu& menu, const std::string& prefix) {
  const std::vector<Parameter> steps{flag("init", "begin"),
                                     flag("status", "tell how far it is"),
                                     flag("cancel", "give it up"),
                                     option("nonce", "the procedure meant; the one under way")};
  std::vector<Parameter> rekey_steps = steps;
  rekey_steps.push_back(option("shares,key-shares", "how many new unseal keys", "5"));
  rekey_steps.push_back(option("threshold,key-threshold", "how many of them are needed", "3"));
  menu.add({prefix + "rekey",
            "Make new unseal keys: --init, then one key a call",
            std::move(rekey_steps),
            rekey});
  std::vector<Parameter> root_steps = steps;
  root_steps.push_back(option("decode", "an encoded token; the one-time password is asked for"));
  menu.add({prefix + "generate-root",
            "Make a root token with unseal keys: --init, then one key a call",
            std::move(root_steps),
            generate_root});
  menu.add({prefix + "rotate", "Begin a new term of the keyring", {}, rotate});
  menu.add({prefix + "key-status", "The current term of the keyring", {}, key_status});
}

}  // namespace

void add_operator_commands(Menu& menu) {
  add_under(menu, "");
  add_under(menu, "operator ");
}

}  // namespace coffer::cli
