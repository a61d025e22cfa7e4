#include "apps/cli/versions.h"

#include "apps/cli/output.h"
#include "apps/cli/secret_value.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

// "1,2" as the JSON list [1,2].
Result<std::string> version_list(const Arguments& arguments) {
  const std::string text = arguments.text("versions");
  if (text.empty()) return fail(Code::invalid_argument, "say which: --versions=1,2");
  const bool plain =
      std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == ','; });
  if (!plain || text.starts_with(',') || text.ends_with(',') ||
      text.find(",,") != std::string::npos || text.size() > 1000) {
    return fail(Code::invalid_argument, "--versions takes numbers separated by commas");
  }
  std::string out = "[";
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, number);
    if (error != std::errc()) return fail(Code::invalid_argument, "a version number is too large");
    out += (begin == 0 ? "" : ",") + std::to_string(number);
    begin = end + 1;
  }
  return out + "]";
}

Result<std::int64_t> current_version(Session& session, const client::KvMount& kv) {
  COFFER_TRY(const Answer answer, session.prepare(kv.at("metadata")));
  const auto data = answer.data();
  const auto current = data ? data->find_value("current_version") : std::nullopt;
  if (!current) return fail(Code::not_found, "nothing found there");
  return current->integer();
}

}  // namespace

Result<int> delete_versions(Session& session,
                            const client::KvMount& kv,
                            const Arguments& arguments) {
  if (arguments.has("versions")) return change_versions(session, kv, "delete", arguments);
  COFFER_TRY(const Answer answer, session.remove(kv.at("data")));
  return show_answer(session, answer, "Success! Deleted (if it existed).");
}

Result<int> change_versions(Session& session,
                            const client::KvMount& kv,
                            const std::string& area,
                            const Arguments& arguments) {
  COFFER_TRY(const std::string versions, version_list(arguments));
  Body body;
  body.raw("versions", versions);
  COFFER_TRY(const Answer answer, session.write(kv.at(area), body.take()));
  return show_answer(session, answer, "Success! Versions " + versions + ": " + area + ".");
}

Result<int> roll_back(Session& session, const client::KvMount& kv, const Arguments& arguments) {
  if (!arguments.has("version")) {
    return fail(Code::invalid_argument, "say which: --version=N");
  }
  COFFER_TRY(const std::int64_t current, current_version(session, kv));
  COFFER_TRY(const Answer old,
             session.prepare(kv.at("data"), {{"version", arguments.text("version")}}));
  const auto data = old.data();
  const auto secret = data ? data->find_value("data") : std::nullopt;
  if (!secret) return fail(Code::not_found, "that version is deleted or destroyed");
  COFFER_TRY(const Answer answer,
             session.post(kv.at("data"), write_body(secure::SecureText(secret->raw()), current)));
  return show_answer(session, answer, "Success! Rolled back.");
}

}  // namespace coffer::cli
