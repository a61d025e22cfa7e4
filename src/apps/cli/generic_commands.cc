// read, write, list, delete, patch: any path of the API.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;

std::string path_of(const Arguments& arguments) {
  std::string path = arguments.text("path");
  while (path.starts_with('/')) path.erase(0, 1);
  return path;
}

Result<client::Query> query_of(const Arguments& arguments) {
  client::Query query;
  for (const std::string& word : arguments.all("query")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return fail(Code::invalid_argument, "query parameters are given as key=value");
    }
    query.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return query;
}

Result<secure::SecureText> body_of(Session& session, const Arguments& arguments) {
  const auto words = arguments.all("data");
  if (words.empty()) return secure::SecureText("{}");
  return object_from_words(session, words);
}

Result<int> read(Session& session, const Arguments& arguments) {
  COFFER_TRY(const auto query, query_of(arguments));
  COFFER_TRY(const Answer answer, session.read(path_of(arguments), query));
  return show_answer(session, answer, "");
}

Result<int> write(Session& session, const Arguments& arguments) {
  COFFER_TRY(auto body, body_of(session, arguments));
  COFFER_TRY(const Answer answer, session.write(path_of(arguments), std::move(body)));
  return show_answer(session, answer, "Success! Data written.");
}

Result<int> patch(Session& session, const Arguments& arguments) {
  COFFER_TRY(auto body, body_of(session, arguments));
  COFFER_TRY(client::Api * api, session.api());
  COFFER_TRY(const Answer answer, api->patch(path_of(arguments), std::move(body)));
  return show_answer(session, answer, "Success! Data patched.");
}

Result<int> list(Session& session, const Arguments& arguments) {
  COFFER_TRY(const Answer answer, session.list(path_of(arguments)));
  return show_keys(session, answer);
}

Result<int> remove(Session& session, const Arguments& arguments) {
  COFFER_TRY(const auto query, query_of(arguments));
  COFFER_TRY(const Answer answer, session.remove(path_of(arguments), query));
  return show_answer(session, answer, "Success! Deleted (if it existed).");
}

}  // namespace

void add_generic_commands(Menu& menu) {
  const Parameter path = positional("path", "path below /v1/");
  const Parameter query = rest("query", "query parameters, key=value");
  const Parameter data = rest("data", "key=value, key=@file, key=-, @file or -");
  const Parameter force = flag("force,f", "accepted for compatibility: write without data");
  menu.add({"read", "Read any path", {path, query}, read});
  menu.add({"write", "Write to any path", {path, data, force}, write});
  menu.add({"patch", "Merge-patch any path", {path, data}, patch});
  menu.add({"list", "List any path", {path}, list});
  menu.add({"delete", "Delete any path", {path, query}, remove});
}

}  // namespace coffer::cli
