// audit list, tail, search, export: the audit log of a running server. audit verify, which works
// without one, is in audit_verify.cc.
#include "apps/cli/audit_verify.h"
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"
#include "apps/client/files.h"

#include <array>
#include <iterator>
#include <unistd.h>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Query;
using formats::JsonView;

constexpr std::string_view kEvents = "/api/v1/audit/events";
constexpr std::chrono::milliseconds kPoll{1000};
constexpr std::array<std::string_view, 10> kFilters{"type",
                                                    "outcome",
                                                    "actor_id",
                                                    "actor_name",
                                                    "path",
                                                    "path_prefix",
                                                    "from",
                                                    "to",
                                                    "request_id",
                                                    "source_ip"};

std::string option_name(std::string_view filter) {
  std::string name(filter);
  for (char& c : name) {
    if (c == '_') c = '-';
  }
  return name;
}

Query filters_of(const Arguments& arguments) {
  Query query;
  for (const std::string_view filter : kFilters) {
    const std::string name = option_name(filter);
    if (arguments.has(name)) query.emplace_back(filter, arguments.text(name));
  }
  return query;
}

std::string text(const JsonView& object, std::string_view name) {
  const auto value = object.find_value(name);
  if (!value) return "-";
  secure::SecureText out;
  print_cell(*value, out);
  return std::string(out.text());
}

// Who it was, through which API, and what for.
std::string who_and_how(const JsonView& event) {
  const auto actor = event.find_value("actor");
  return (actor ? text(*actor, "name") : "-") + "  " + text(event, "source_ip") + "  " +
         text(event, "dialect");
}

// " by app, own": the policies that decided; nothing when there are none.
std::string decided_by(const JsonView& event) {
  std::string out;
  const auto policies = event.find_value("policies");
  if (!policies) return out;
  for (const JsonView& policy : policies->elements()) {
    out += (out.empty() ? "  by " : ", ") + text(policy, "name");
  }
  return out;
}

// "12 2026-11-21T22:27:12Z secret.accessed allowed alice 10.0.0.1 vault secret/data/a by app"
void print_event(Session& session, const JsonView& event) {
  if (session.format() == Format::json)
    return session.terminal().out(std::string(event.raw()) + "\n");
  if (session.format() == Format::yaml) {
    secure::SecureText text("---\n");
    print_yaml(event, text);
    return session.terminal().out(text.text());
  }
  std::string line = text(event, "sequence") + "  " + text(event, "time") + "  " +
                     text(event, "type") + "  " + text(event, "outcome") + "  " +
                     who_and_how(event);
  if (const auto accesses = event.find_value("accesses")) {
    for (const JsonView& access : accesses->elements()) line += "  " + text(access, "resource");
  }
  session.terminal().out(line + decided_by(event) + "\n");
}

struct Page {
  std::int64_t events = 0;
  bool more = false;  // the log goes on behind it
};

// Prints one page and moves `after` on.
Result<Page> print_page(Session& session, Query query, std::int64_t limit, std::string& after) {
  query.emplace_back("after", after);
  query.emplace_back("limit", std::to_string(limit));
  COFFER_TRY(const Answer answer, session.read(kEvents, query));
  const auto data = answer.data();
  const JsonView& page = data ? *data : answer.root();
  const auto events = page.find_value("events");
  if (!events) return fail(Code::unavailable, "the answer holds no events");
  const auto list = events->elements();
  for (const JsonView& event : list) print_event(session, event);
  if (const auto next = page.find_value("next")) after = std::string(next->raw());
  const auto more = page.find_value("more");
  return Page{.events = std::ssize(list), .more = more && more->boolean().value_or(false)};
}

Result<int> search(Session& session, const Arguments& arguments) {
  COFFER_TRY(std::int64_t left, arguments.integer("limit", 100));
  constexpr std::int64_t kPage = 500;
  std::string after = arguments.has("after") ? arguments.text("after") : "0";
  while (left > 0) {
    const std::int64_t asked = std::min(left, kPage);
    COFFER_TRY(const Page page, print_page(session, filters_of(arguments), asked, after));
    left -= page.events;
    // Behind the end of the log stands what tells of this search.
    if (!page.more) break;
    COFFER_CHECK(check_output(session.terminal()));
  }
  return kExitOk;
}

// The newest events: "tail" asks the server for the end of the log.
Result<int> tail(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::int64_t count, arguments.integer("lines", 20));
  Query query = filters_of(arguments);
  query.emplace_back("tail", "true");
  std::string after = "0";
  COFFER_CHECK(print_page(session, query, count, after));
  constexpr std::int64_t kPage = 500;
  while (arguments.flag("follow")) {
    session.terminal().probe_output();  // nothing may match for long, with nobody there to wait
    COFFER_CHECK(check_output(session.terminal()));
    session.world().sleep(kPoll);
    COFFER_CHECK(print_page(session, filters_of(arguments), kPage, after));
  }
  return kExitOk;
}

// Under another name until it is whole: a failure leaves nothing in the way of the next attempt.
Result<> export_to(client::Api& api, const Query& query, const std::string& path) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // left behind by a run that was cut short
  const auto download = [&]() -> Result<> {
    COFFER_TRY(client::File file, client::File::create(fresh));
    COFFER_CHECK(api.stream("GET", "/api/v1/audit/export", query, [&file](std::string_view piece) {
      return file.write(piece);
    }));
    COFFER_CHECK(file.sync());
    return client::place_file(fresh, path);
  };
  auto done = download();
  if (!done) ::unlink(fresh.c_str());
  return done;
}

Result<int> export_log(Session& session, const Arguments& arguments) {
  if (!arguments.has("out") && session.terminal().output_is_terminal()) {
    return fail(Code::invalid_argument, "the export is binary: give --out FILE or a pipe");
  }
  Query query{{"from", arguments.text("from")}};
  COFFER_TRY(client::Api * api, session.api());
  if (!arguments.has("out")) {
    COFFER_CHECK(api->stream("GET", "/api/v1/audit/export", query, [&](std::string_view piece) {
      session.terminal().out(piece);
      return check_output(session.terminal());
    }));
    return kExitOk;
  }
  const std::string path = arguments.text("out");
  if (::access(path.c_str(), F_OK) == 0) {
    return fail(Code::already_exists, "cannot create " + path + ": it is there already");
  }
  COFFER_CHECK(export_to(*api, query, path));
  return say(session, "Success! Exported to " + path + ".");
}

// What to keep elsewhere: without a key and a head of one's own the log proves nothing.
Result<int> head(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.read("/api/v1/audit/head"));
  const auto data = answer.data();
  return show(session, data ? *data : answer.root());
}

// The months of the log, and what became of them.
Result<int> partitions(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.read("/api/v1/audit/partitions"));
  const auto data = answer.data();
  const JsonView& value = data ? *data : answer.root();
  const auto list = value.find_value("partitions");
  if (session.format() != Format::table || !session.field().empty() || !list) {
    return show(session, value);
  }
  std::vector<std::vector<std::string>> rows{{"Month", "First", "Last", "State", "Octets", "File"}};
  for (const JsonView& row : list->elements()) {
    rows.push_back({text(row, "month"),
                    text(row, "first"),
                    text(row, "last"),
                    text(row, "state"),
                    text(row, "octets"),
                    text(row, "file")});
  }
  session.terminal().out(columns(std::move(rows)));
  session.terminal().out("The log begins with event " + text(value, "begins") + ".\n");
  return kExitOk;
}

Result<int> list_devices(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.read("sys/audit"));
  const auto data = answer.data();
  return show(session, data ? *data : answer.root());
}

}  // namespace

void add_audit_commands(Menu& menu) {
  menu.describe("audit", "The audit log: watch, search, export, verify");
  std::vector<Parameter> filters;
  for (const std::string_view filter : kFilters) {
    filters.push_back(option(option_name(filter), "only events with this " + std::string(filter)));
  }
  menu.add({"audit list", "List audit devices", {}, list_devices});
  std::vector<Parameter> searching = filters;
  searching.push_back(option("after", "only events behind this sequence number"));
  searching.push_back(option("limit", "at most so many", "100"));
  menu.add({"audit search", "Find events, oldest first", std::move(searching), search});
  std::vector<Parameter> tailing = filters;
  tailing.push_back(option("lines,n", "how many to begin with", "20"));
  tailing.push_back(flag("follow,f", "wait for more"));
  menu.add({"audit tail", "The newest events", std::move(tailing), tail});
  menu.add({"audit export",
            "Save the log as it was signed, for audit verify",
            {option("from", "first sequence number", "1"), option("out", "new file, mode 0600")},
            export_log});
  menu.add({"audit head", "The log's signed head and public key, to be kept elsewhere", {}, head});
  menu.add(
      {"audit partitions", "The months of the log: closed, archived, dropped", {}, partitions});
  menu.add(audit_verify_command());
}

}  // namespace coffer::cli
