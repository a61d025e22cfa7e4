// kv put, get, patch, list, enable-versioning: as Vault users type them, for both versions.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/kv_place.h"
#include "apps/cli/output.h"
#include "apps/cli/secret_value.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<std::optional<std::int64_t>> cas_of(const Arguments& arguments) {
  if (!arguments.has("cas")) return std::nullopt;
  COFFER_TRY(const std::int64_t cas, arguments.integer("cas", 0));
  if (cas < 0) return std::nullopt;  // Vault's spelling of "no check"
  return cas;
}

Result<int> put(Session& session, const Arguments& arguments) {
  COFFER_TRY(const auto cas, cas_of(arguments));
  COFFER_TRY(auto object, object_from_words(session, arguments.all("data")));
  COFFER_TRY(const client::KvMount kv, kv_place(session, arguments));
  COFFER_TRY(
      const Answer answer,
      session.write(kv.at("data"), kv.version == 2 ? write_body(object, cas) : std::move(object)));
  return show_answer(session, answer, "Success! Data written.");
}

// Vault's two tables: metadata, then data.
Result<int> show_versioned(Session& session, const Answer& answer) {
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto data = answer.data();
  if (!data) return fail(Code::not_found, "no value found there");
  const auto secret = data->find_value("data");
  if (!session.field().empty()) {
    return secret ? show(session, *secret)
                  : fail(Code::not_found, "this version is deleted or destroyed");
  }
  if (session.format() != Format::table) {
    COFFER_CHECK(show(session, answer.root()));
    return secret ? kExitOk : kExitNotFound;
  }
  if (const auto metadata = data->find_value("metadata")) {
    session.terminal().out("======= Metadata =======\n");
    COFFER_CHECK(show(session, *metadata));
  }
  if (!secret) return kExitNotFound;
  session.terminal().out("\n======= Data =======\n");
  return show(session, *secret);
}

Result<int> get(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, kv_place(session, arguments));
  client::Query query;
  if (arguments.has("version")) query.emplace_back("version", arguments.text("version"));
  COFFER_TRY(const Answer answer, session.read(kv.at("data"), query));
  return kv.version == 2 ? show_versioned(session, answer) : show_answer(session, answer, "");
}

// Reads, merges, and writes only if nobody wrote meanwhile: for who may read and write, not patch.
Result<Answer> read_then_write(Session& session,
                               const client::KvMount& kv,
                               const secure::SecureText& changes,
                               std::optional<std::int64_t> cas) {
  COFFER_TRY(const Answer current, session.prepare(kv.at("data")));
  const auto data = current.data();
  const auto secret = data ? data->find_value("data") : std::nullopt;
  const auto metadata = data ? data->find_value("metadata") : std::nullopt;
  const auto version = metadata ? metadata->find_value("version") : std::nullopt;
  if (!secret || !version) return fail(Code::not_found, "no value found there");
  COFFER_TRY(const std::int64_t number, version->integer());
  COFFER_TRY(const auto parsed, formats::JsonView::parse(changes.text()));
  COFFER_TRY(const auto merged, formats::merge_patch(*secret, parsed));
  return session.write(kv.at("data"), write_body(merged, cas.value_or(number)));
}

// As Vault's: merged by the server; where it does not let, here, unless a method is asked for.
Result<int> patch(Session& session, const Arguments& arguments) {
  const std::string method = arguments.text("method");
  if (!method.empty() && method != "patch" && method != "rw") {
    return fail(Code::invalid_argument, "--method is patch or rw");
  }
  COFFER_TRY(const auto cas, cas_of(arguments));
  COFFER_TRY(const auto object, object_from_words(session, arguments.all("data")));
  COFFER_TRY(const client::KvMount kv, kv_place(session, arguments));
  if (kv.version != 2) return fail(Code::unsupported, "kv patch needs a mount of version 2");
  COFFER_TRY(client::Api * api, session.api());
  const auto ask = [&]() -> Result<Answer> {
    if (method == "rw") return read_then_write(session, kv, object, cas);
    auto answer = api->patch(kv.at("data"), write_body(object, cas));
    const bool refused = !answer && (answer.error().code == Code::permission_denied ||
                                     answer.error().code == Code::unsupported);
    return refused && method.empty() ? read_then_write(session, kv, object, cas)
                                     : std::move(answer);
  };
  COFFER_TRY(const Answer answer, ask());
  return show_answer(session, answer, "Success! Data patched.");
}

Result<int> list(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, kv_place(session, arguments));
  COFFER_TRY(const Answer answer, session.list(kv.at("metadata")));
  return show_keys(session, answer);
}

Result<int> enable_versioning(Session& session, const Arguments& arguments) {
  Body options;
  options.text("version", "2");
  Body body;
  body.raw("options", options.take().text());
  COFFER_TRY(const Answer answer,
             session.post("sys/mounts/" + arguments.text("path") + "/tune", body.take()));
  return show_answer(session, answer, "Success! Versioning is on.");
}

}  // namespace

void add_kv_commands(Menu& menu) {
  menu.describe("kv", "Key/value secrets, as Vault users type them");
  const Parameter mount = option("mount", "the mount, when the path does not begin with it");
  const Parameter cas = option("cas", "write only if the current version is this one");
  const Parameter path = positional("path", "path of the secret");
  const Parameter data = rest("data", "key=value, key=@file, key=-, @file or -");
  menu.add({"kv put", "Write a secret", {path, data, mount, cas}, put});
  menu.add({"kv get",
            "Read a secret",
            {path, mount, option("version", "this version, not the latest")},
            get});
  menu.add({"kv patch",
            "Change some fields of a secret",
            {path,
             data,
             mount,
             cas,
             option("method", "patch: by the server only; rw: read, merge and write")},
            patch});
  menu.add({"kv list", "List the names below a path", {optional("path", "path"), mount}, list});
  menu.add({"kv enable-versioning",
            "For scripts: a mount keeps its version, so this holds of version 2 only",
            {positional("path", "the mount")},
            enable_versioning});
}

}  // namespace coffer::cli
