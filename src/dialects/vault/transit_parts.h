// The parts of the transit route table, each in its own file, and what they share.
//
// A request has one item or, in "batch_input", many. Each item becomes work that owns all it
// touches, or an error of its own. Work is done on the loop thread when it is short, and by an
// effect on a worker when it is slow or there is much of it.
#pragma once

#include "dialects/vault/envelope.h"
#include "dialects/vault/route.h"
#include "domain/kms/master_keys.h"
#include "formats/vault_fields.h"
#include "gate/operation.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

// keys/, config/keys.
void add_transit_key_routes(RouteTable& routes);
// encrypt/, decrypt/, rewrap/, datakey/.
void add_transit_cipher_routes(RouteTable& routes);
// sign/, verify/, hmac/.
void add_transit_sign_routes(RouteTable& routes);
// export/, backup/, restore/, import, wrapping_key.
void add_transit_copy_routes(RouteTable& routes);
// random/, hash/: those of sys/tools (sys_tool_routes.cc). The actions are literals.
void add_tool_routes(RouteTable& routes,
                     std::string_view path_prefix,
                     std::string_view random_action,
                     std::string_view hash_action);

inline domain::MasterKeys transit_keys(const gate::Call& call) {
  return {*call.view, call.mount->id, call.unsealed->kms};
}

// A key that has a policy of its own is used by nobody to whom that does not consent
// (policy::IamAccess::consent_policy). Grants name principals of AWS, of whom none is here.
Result<> consent_of_key(gate::Call& call, policy::Access& access);

// Sets a route up: what is done, and what is written about it.
inline void add_transit(RouteTable& routes,
                        Verb verb,
                        std::string_view pattern,
                        std::string_view action,
                        proof::EventType event,
                        gate::Handler handler) {
  routes.push_back(guarded(
      verb, pattern, event, Rule{.action = action, .refine = consent_of_key}, std::move(handler)));
}

// Material for a new version; RSA is made on a worker.
Result<domain::KeyMaterial> new_material(gate::Call& call, domain::KeyType type, std::size_t size);

// invalid_argument while data keys of secrets here lie under the key: it may not go.
Result<> check_unneeded(gate::Call& call, const domain::MasterKeyRow& key);

// A boolean, text or number of a body; `otherwise` when it is absent.
Result<bool> flag_of(const formats::JsonView& body, std::string_view name, bool otherwise = false);
Result<std::string> text_of(const formats::JsonView& body, std::string_view name);
Result<std::int64_t> number_of(const formats::JsonView& body, std::string_view name);

// {"data": …} about a key, as keys/:name shows it. `context`: for the public halves of derived
// keys.
Result<gate::Reply> key_reply(gate::Call& call,
                              const domain::MasterKeyRow& key,
                              ByteView context = {},
                              std::vector<std::string> warnings = {});

// A member that items may have.
struct ItemMember {
  std::string_view name;
  std::uint16_t bit;
};

namespace member {
inline constexpr ItemMember kPlaintext{"plaintext", 1U << 0U};
inline constexpr ItemMember kCiphertext{"ciphertext", 1U << 1U};
inline constexpr ItemMember kContext{"context", 1U << 2U};
inline constexpr ItemMember kNonce{"nonce", 1U << 3U};
inline constexpr ItemMember kAssociatedData{"associated_data", 1U << 4U};
inline constexpr ItemMember kKeyVersion{"key_version", 1U << 5U};
inline constexpr ItemMember kInput{"input", 1U << 6U};
inline constexpr ItemMember kSignature{"signature", 1U << 7U};
inline constexpr ItemMember kHmac{"hmac", 1U << 8U};
inline constexpr ItemMember kReference{"reference", 1U << 9U};
}  // namespace member

// An item of a request. Which members it has is found in one pass: most have one of them, and what
// is absent is not searched for again and again.
class Item {
 public:
  explicit Item(const formats::JsonView& view);

  [[nodiscard]] const formats::JsonView& view() const { return view_; }

  [[nodiscard]] bool has(const ItemMember& member) const { return (members_ & member.bit) != 0; }

 private:
  formats::JsonView view_;
  unsigned members_ = 0;
};

// Of an item as of a body. octets_of() decodes base64; invalid_argument names the member.
Result<std::string> text_of(const Item& item, const ItemMember& member);
Result<std::int64_t> number_of(const Item& item, const ItemMember& member);
Result<Bytes> octets_of(const Item& item, const ItemMember& member);

// The items of a request.
struct Batch {
  bool many = false;  // "batch_input" was there
  std::vector<Item> items;
};

// Errors: invalid_argument when "batch_input" is no list of objects, or empty.
Result<Batch> batch_of(const gate::Call& call);

// What one item gave; which members are set depends on what was asked.
struct Produced {
  secure::SecureText text;
  std::uint32_t version = 0;
  Bytes public_key;
  bool valid = false;
};

using Work = std::move_only_function<Result<Produced>()>;
using Done = std::vector<Result<Produced>>;

// Does each item's work, or gives its error. `slow`: on a worker.
Result<std::shared_ptr<const Done>> do_all(gate::Call& call,
                                           std::vector<Result<Work>> items,
                                           bool slow);

// How a batch is answered when items failed: with Vault's 400 (or what the request says), or 200.
enum class OnFailure : std::uint8_t { bad_request, fine };

using WriteItem = std::function<void(formats::JsonWriter&, const Produced&)>;

// The members of the one item, or "batch_results"; the error of a single item is the request's.
Result<gate::Reply> batch_reply(gate::Call& call,
                                const Batch& batch,
                                const Done& done,
                                OnFailure on_failure,
                                const WriteItem& write);

}  // namespace coffer::dialects::vault
