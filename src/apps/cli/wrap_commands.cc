// wrap, unwrap: answers handed over in a token that opens once.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

// --wrap-ttl, an option of every command, gives the life of the wrapping token.
Result<int> wrap(Session& session, const Arguments& arguments) {
  if (!arguments.has("wrap-ttl")) {
    return fail(Code::invalid_argument, "say for how long: --wrap-ttl=5m");
  }
  COFFER_TRY(auto body, object_from_words(session, arguments.all("data")));
  COFFER_TRY(const Answer answer, session.post("sys/wrapping/wrap", std::move(body)));
  return show_answer(session, answer, "");
}

// The token travels in the body where the caller has one of its own, and is the caller otherwise.
Result<int> unwrap(Session& session, const Arguments& arguments) {
  COFFER_TRY(const auto token,
             secret_word(session, arguments.text("token"), "Wrapping token (hidden): "));
  COFFER_TRY(client::Api * api, session.api());
  Body body;
  if (api->has_token()) {
    body.text("token", token.text());
  } else {
    session.use_token(token.clone());
  }
  COFFER_TRY(const Answer answer, session.write("sys/wrapping/unwrap", body.take()));
  return show_answer(session, answer, "");
}

}  // namespace

void add_wrap_commands(Menu& menu) {
  menu.add({"wrap",
            "Put values into a one-time token: --wrap-ttl=5m",
            {rest("data", "key=@file, key=-, @file, - or key=value")},
            wrap});
  menu.add({"unwrap",
            "Open a wrapping token",
            {optional("token", "- or nothing: it is asked for")},
            unwrap});
}

}  // namespace coffer::cli
