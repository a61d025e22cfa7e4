// Transit: the items of a request and their answers.
#include "base/encoding.h"
#include "dialects/vault/dialect.h"
#include "dialects/vault/transit_parts.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

using formats::JsonKind;
using formats::JsonView;
using formats::JsonWriter;

// More items than this are worked on by a worker: a loop thread is not to be held for long.
constexpr std::size_t kMaxItemsInLoop = 512;

constexpr std::array kMembers{member::kPlaintext,
                              member::kCiphertext,
                              member::kContext,
                              member::kNonce,
                              member::kAssociatedData,
                              member::kKeyVersion,
                              member::kInput,
                              member::kSignature,
                              member::kHmac,
                              member::kReference};

Result<int> failure_status(const gate::Call& call, bool some_succeeded) {
  constexpr int kBadRequest = 400;
  COFFER_TRY(const auto asked, formats::integer_field(call.body, "partial_failure_response_code"));
  if (!asked || !some_succeeded) return kBadRequest;
  if (*asked < 200 || *asked > 599) {
    return fail(Code::invalid_argument, "partial_failure_response_code must be 200 to 599");
  }
  return static_cast<int>(*asked);
}

}  // namespace

Result<Batch> batch_of(const gate::Call& call) {
  Batch batch;
  const auto input = call.body.find_value("batch_input");
  if (!input) {
    batch.items.emplace_back(call.body);
    return batch;
  }
  if (input->kind() != JsonKind::array) {
    return fail(Code::invalid_argument, "failed to parse batch input: expected a list");
  }
  batch.many = true;
  const std::vector<JsonView> items = input->elements();
  if (items.empty()) return fail(Code::invalid_argument, "missing batch input to process");
  batch.items.reserve(items.size());
  for (const JsonView& item : items) {
    if (item.kind() != JsonKind::object) {
      return fail(Code::invalid_argument, "failed to parse batch input: expected a map");
    }
    batch.items.emplace_back(item);
  }
  return batch;
}

Result<std::shared_ptr<const Done>> do_all(gate::Call& call,
                                           std::vector<Result<Work>> items,
                                           bool slow) {
  const auto run = [](std::vector<Result<Work>>& all) {
    auto done = std::make_shared<Done>();
    done->reserve(all.size());
    for (Result<Work>& item : all) {
      if (item) {
        done->push_back((*item)());
      } else {
        done->push_back(std::unexpected(std::move(item.error())));
      }
    }
    return std::shared_ptr<const Done>(std::move(done));
  };
  if (!slow && items.size() <= kMaxItemsInLoop) return run(items);
  auto owned = std::make_shared<std::vector<Result<Work>>>(std::move(items));
  using Shared = std::shared_ptr<const Done>;
  COFFER_TRY(const Shared* done,
             call.effects.get<Shared>("transit",
                                      [owned, run]() -> Result<Shared> { return run(*owned); }));
  return *done;
}

Result<gate::Reply> batch_reply(gate::Call& call,
                                const Batch& batch,
                                const Done& done,
                                OnFailure on_failure,
                                const WriteItem& write) {
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  if (!batch.many) {
    if (!done.front()) return std::unexpected(done.front().error());
    write(w, *done.front());
    w.end_object();
    return answer(call, std::move(out));
  }
  std::size_t failed = 0;
  w.key("batch_results").begin_array();
  for (std::size_t i = 0; i < done.size(); ++i) {
    w.begin_object();
    if (done[i]) {
      write(w, *done[i]);
    } else {
      ++failed;
      w.key("error").string(done[i].error().message);
    }
    COFFER_TRY(const std::string reference, text_of(batch.items[i], member::kReference));
    w.key("reference").string(reference);
    w.end_object();
  }
  w.end_array().end_object();
  call.note("items", std::to_string(done.size()));
  if (failed > 0) {
    call.note("failed", std::to_string(failed));
    if (on_failure == OnFailure::bad_request) {
      COFFER_TRY(out.status, failure_status(call, failed < done.size()));
    }
  }
  return answer(call, std::move(out));
}

Result<bool> flag_of(const JsonView& body, std::string_view name, bool otherwise) {
  COFFER_TRY(const auto value, formats::bool_field(body, name));
  return value.value_or(otherwise);
}

Result<std::string> text_of(const JsonView& body, std::string_view name) {
  COFFER_TRY(auto value, formats::text_field(body, name));
  return std::move(value).value_or("");
}

Result<std::int64_t> number_of(const JsonView& body, std::string_view name) {
  COFFER_TRY(const auto value, formats::integer_field(body, name));
  return value.value_or(0);
}

Item::Item(const JsonView& view) : view_(view) {
  for (const auto& [name, value] : view.members()) {
    if (value.is_null()) continue;  // as good as absent
    const auto known = std::ranges::find(kMembers, name, &ItemMember::name);
    if (known != kMembers.end()) members_ |= known->bit;
  }
}

Result<std::string> text_of(const Item& item, const ItemMember& member) {
  if (!item.has(member)) return std::string();
  return text_of(item.view(), member.name);
}

Result<std::int64_t> number_of(const Item& item, const ItemMember& member) {
  if (!item.has(member)) return 0;
  return number_of(item.view(), member.name);
}

Result<Bytes> octets_of(const Item& item, const ItemMember& member) {
  if (!item.has(member)) return Bytes();
  COFFER_TRY(const std::string text, text_of(item.view(), member.name));
  auto octets = base64_decode(text);
  if (!octets) {
    return fail(Code::invalid_argument, "failed to base64-decode " + std::string(member.name));
  }
  return octets;
}

RouteTable transit_routes() {
  RouteTable routes;
  add_transit_key_routes(routes);
  add_transit_cipher_routes(routes);
  add_transit_sign_routes(routes);
  add_transit_copy_routes(routes);
  add_tool_routes(routes, "", "kms.random", "kms.hash");
  return routes;
}

}  // namespace coffer::dialects::vault
