// verify: the server checks every stored row against the audit log and says what it finds.
//
// The answer is lines of JSON: {"finding": …} for each defect, other objects for progress, and at
// the end one with "ok". An answer without that end proves nothing and counts as a failure.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

namespace coffer::cli {
namespace {

class Lines {
 public:
  explicit Lines(Session& session) : session_(session) {}

  Result<> take(std::string_view piece) {
    for (const char c : piece) {
      if (c != '\n') {
        line_.push_back(c);
        if (line_.size() > kMaxLine)
          return fail(Code::too_large, "a line of the answer is over 1 MiB");
        continue;
      }
      COFFER_CHECK(finish_line());
    }
    return {};
  }

  [[nodiscard]] Result<int> end() {
    COFFER_CHECK(finish_line());
    if (!ended_) return fail(Code::unavailable, "the answer broke off before the end");
    return ok_ && findings_ == 0 ? kExitOk : kExitTampered;
  }

 private:
  static constexpr std::size_t kMaxLine = 1U << 20U;

  Result<> finish_line() {
    if (line_.empty()) return {};
    const std::string line = std::exchange(line_, {});
    const auto value = formats::JsonView::parse(line);
    if (!value) return fail(Code::unavailable, "a line of the answer is not JSON");
    if (value->find_value("finding")) ++findings_;
    if (const auto ok = value->find_value("ok")) {
      ended_ = true;
      COFFER_TRY(ok_, ok->boolean());
    }
    session_.terminal().out(line + "\n");
    return check_output(session_.terminal());
  }

  Session& session_;
  std::string line_;
  std::size_t findings_ = 0;
  bool ended_ = false;
  bool ok_ = false;
};

Result<int> verify(Session& session, const Arguments&) {
  COFFER_TRY(client::Api * api, session.api());
  Lines lines(session);
  COFFER_CHECK(api->stream("POST", "/api/v1/verify", {}, [&lines](std::string_view piece) {
    return lines.take(piece);
  }));
  return lines.end();
}

}  // namespace

void add_verify_command(Menu& menu) {
  menu.add({"verify",
            "Let the server check every stored row; exit code 7 when something was tampered with",
            {},
            verify});
}

}  // namespace coffer::cli
