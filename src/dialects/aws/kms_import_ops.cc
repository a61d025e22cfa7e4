// KMS: imported key material.
//
// The import token carries the private half of a wrapping key made for it, sealed, so that nothing
// is kept. It is good for a day and for one key. Keys for wrapping are made, and material is
// opened, on a worker.
#include "base/encoding.h"
#include "base/wire.h"
#include "crypto/key_wrap.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "domain/kms/sealed_token.h"
#include "secure/bytes.h"

#include <algorithm>
#include <array>
#include <memory>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array<string_view, 6> kWrappings{"RSAES_PKCS1_V1_5",
                                                "RSAES_OAEP_SHA_1",
                                                "RSAES_OAEP_SHA_256",
                                                "RSA_AES_KEY_WRAP_SHA_1",
                                                "RSA_AES_KEY_WRAP_SHA_256",
                                                "SM2PKE"};
constexpr std::array<string_view, 4> kWrappingSpecs{"RSA_2048", "RSA_3072", "RSA_4096", "SM2"};
constexpr std::array kParameterMembers{
    key_id_member(),
    Member{.name = "WrappingAlgorithm", .required = true, .values = kWrappings},
    Member{.name = "WrappingKeySpec", .required = true, .values = kWrappingSpecs}};
constexpr Shape kParameters{kParameterMembers};

constexpr std::array<string_view, 2> kExpiration{"KEY_MATERIAL_EXPIRES",
                                                 "KEY_MATERIAL_DOES_NOT_EXPIRE"};
constexpr std::array<string_view, 2> kTypes{"NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"};

constexpr Member material_id_member() {
  return {.name = "KeyMaterialId",
          .min = 64,
          .max = 64,
          .pattern = "^[a-f0-9]+$",
          .alphabet = "a-f0-9"};
}

constexpr std::array kImportMembers{key_id_member(),
                                    blob_member("ImportToken", 6144),
                                    blob_member("EncryptedKeyMaterial", 6144),
                                    Member{.name = "ValidTo", .kind = Kind::timestamp},
                                    Member{.name = "ExpirationModel", .values = kExpiration},
                                    Member{.name = "ImportType", .values = kTypes},
                                    Member{.name = "KeyMaterialDescription",
                                           .max = 256,
                                           .pattern = "^[a-zA-Z0-9:/_\\s.-]+$",
                                           .alphabet = "a-zA-Z0-9:/_ \t.-"},
                                    material_id_member()};
constexpr Shape kImport{kImportMembers};
constexpr std::array kDeleteMembers{key_id_member(), material_id_member()};
constexpr Shape kDelete{kDeleteMembers};

constexpr Duration kTokenLife = std::chrono::hours(24);
constexpr Duration kLongestLife = std::chrono::hours(365 * 24);
constexpr std::size_t kEphemeral = 32;

Result<> check_external(const Kms& kms, const KmsKey& key) {
  if (!*key->imported) {
    return unsupported_operation(key.arn +
                                 " origin is AWS_KMS which is not valid for this operation.");
  }
  return check_not_pending(kms, key);
}

struct Wrapping {
  crypto::HashKind hash{};
  bool with_aes = false;
};

std::optional<Wrapping> wrapping_of(string_view algorithm) {
  using crypto::HashKind;
  if (algorithm == "RSAES_OAEP_SHA_1") return Wrapping{HashKind::sha1, false};
  if (algorithm == "RSAES_OAEP_SHA_256") return Wrapping{HashKind::sha256, false};
  if (algorithm == "RSA_AES_KEY_WRAP_SHA_1") return Wrapping{HashKind::sha1, true};
  if (algorithm == "RSA_AES_KEY_WRAP_SHA_256") return Wrapping{HashKind::sha256, true};
  return std::nullopt;
}

struct Token {
  Bytes uid;
  std::string algorithm;
  Timestamp until;
  secure::SecureBytes wrapping;  // PKCS#8 DER
};

Result<Bytes> seal_token(const Kms& kms, const Token& token) {
  Bytes body;
  body.reserve(token.wrapping.size() + 256);  // no growth: no copies left behind
  Writer w(body);
  w.bytes(token.uid);
  w.text(token.algorithm);
  w.u64(static_cast<std::uint64_t>(token.until.ns));
  w.bytes(token.wrapping.view());
  auto sealed =
      domain::seal_key_token(*kms.call.view->keyring(), kms.call.view->realm(), "import", body);
  secure::wipe(body.data(), body.size());
  return sealed;
}

Result<Token> open_token(const Kms& kms, const KmsKey& key, ByteView sealed) {
  const auto refused = aws::fail(Code::invalid_argument, "InvalidImportTokenException", "");
  const auto body =
      domain::open_key_token(*kms.call.view->keyring(), kms.call.view->realm(), "import", sealed);
  if (!body) return refused;
  Reader r(body->view());
  Token token;
  COFFER_TRY(const ByteView uid, r.bytes());
  token.uid = to_bytes(uid);
  COFFER_TRY(token.algorithm, r.text());
  COFFER_TRY(const std::uint64_t until, r.u64());
  token.until = Timestamp{static_cast<std::int64_t>(until)};
  COFFER_TRY(const ByteView wrapping, r.bytes());
  token.wrapping = secure::SecureBytes(wrapping);
  if (token.uid != *key->uid) return refused;
  if (token.until <= kms.call.now) {
    return aws::fail(Code::invalid_argument, "ExpiredImportTokenException", "");
  }
  return token;
}

Result<Reply> get_parameters(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_external(kms, key));
  COFFER_TRY(const std::string algorithm, text_or_empty(kms.call.body, "WrappingAlgorithm"));
  COFFER_TRY(const std::string name, text_or_empty(kms.call.body, "WrappingKeySpec"));
  const KmsSpec* spec = find_spec(name);
  if (!wrapping_of(algorithm) || spec == nullptr) {
    return unsupported_operation("This wrapping of key material is not supported.");
  }
  crypto::Random* const random = &kms.call.random;
  COFFER_TRY(const domain::KeyMaterial* made,
             kms.call.effects.get<domain::KeyMaterial>(
                 "wrapping key", [type = spec->type, random]() -> Result<domain::KeyMaterial> {
                   return domain::generate_material(type, 0, *random);
                 }));
  const Timestamp until = kms.call.now + kTokenLife;
  COFFER_TRY(const Bytes token,
             seal_token(kms, {*key->uid, algorithm, until, made->secret.clone()}));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    w.key("ImportToken").string(secure::base64_text(token).text());
    w.key("PublicKey").string(secure::base64_text(made->public_key).text());
    w.key("ParametersValidTo");
    write_time(w, until);
  });
}

Result<secure::SecureBytes> unwrapped(ByteView private_key, const Wrapping& how, ByteView octets) {
  const auto refused = invalid_ciphertext();
  COFFER_TRY(const auto key, crypto::PrivateKey::from_der(private_key));
  if (!how.with_aes) {
    auto plain = key.decrypt_oaep(octets, how.hash);
    if (!plain) return refused;
    return plain;
  }
  const std::size_t head = key.kind() == crypto::KeyKind::rsa2048   ? 256
                           : key.kind() == crypto::KeyKind::rsa3072 ? 384
                                                                    : 512;
  if (octets.size() <= head) return refused;
  const auto ephemeral = key.decrypt_oaep(octets.first(head), how.hash);
  if (!ephemeral || ephemeral->size() != kEphemeral) return refused;
  auto plain = crypto::unwrap_padded_key(ephemeral->view(), octets.subspan(head));
  if (!plain) return refused;
  return plain;
}

Result<domain::KeyMaterial> material_of(Kms& kms, const KmsKey& key) {
  COFFER_TRY(const auto sealed, aws::blob(kms.call.body, "ImportToken"));
  COFFER_TRY(Token token, open_token(kms, key, sealed->view()));
  const auto how = wrapping_of(token.algorithm);
  if (!how) return fail(Code::corrupt, "an import token of an unknown wrapping");
  COFFER_TRY(const auto octets, aws::blob(kms.call.body, "EncryptedKeyMaterial"));
  const auto shared = std::make_shared<const Token>(std::move(token));
  COFFER_TRY(const secure::SecureBytes* plain,
             kms.call.effects.get<secure::SecureBytes>(
                 "unwrap material", [shared, how = *how, wrapped = to_bytes(octets->view())] {
                   return unwrapped(shared->wrapping.view(), how, wrapped);
                 }));
  const KmsSpec& spec = spec_of(*key);
  const auto wrong = aws::fail(
      Code::invalid_argument,
      "IncorrectKeyMaterialException",
      "The key material is not what a key of key spec " + std::string(spec.name) + " has.");
  if (spec.size != 0 && plain->size() != spec.size) return wrong;
  auto material = domain::material_of_secret(*key->type, plain->clone(), kms.call.random);
  if (!material) return wrong;
  return material;
}

Result<std::optional<Timestamp>> expiry_of(const Kms& kms) {
  COFFER_TRY(const std::string model, text_or_empty(kms.call.body, "ExpirationModel"));
  COFFER_TRY(const auto until, timestamp(kms.call.body, "ValidTo"));
  if (model == "KEY_MATERIAL_DOES_NOT_EXPIRE") {
    if (until) {
      return validation(
          "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE");
    }
    return std::optional<Timestamp>();
  }
  if (!until) {
    return validation("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
  }
  if (*until <= kms.call.now || *until > kms.call.now + kLongestLife) {
    return validation("The validTo date must be in the future and within 365 days.");
  }
  return std::optional(*until);
}

Result<> check_new(const KmsKey& key, const Bytes& id, string_view type) {
  const bool known =
      std::ranges::find(*key->facts, id, &domain::MaterialFact::id) != key->facts->end();
  if (known) return {};
  const bool first = key->versions->empty();
  const bool asks_new = type == "NEW_KEY_MATERIAL" || (type.empty() && first);
  if (!asks_new || (!first && !domain::aead_of(*key->type))) {
    return aws::fail(Code::invalid_argument, "IncorrectKeyMaterialException", "");
  }
  if (*key->next) {
    return invalid_state("New key material (id: " + hex_encode(id) +
                         ") cannot be imported into KMS key " + domain::key_id(*key) +
                         ", because another key material (id: " +
                         domain::material_id(*key, **key->next) + ") is pending rotation.");
  }
  return {};
}

Result<Reply> import_material(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  COFFER_CHECK(check_external(kms, key));
  domain::ExternalMaterial about;
  COFFER_TRY(about.expires, expiry_of(kms));
  COFFER_TRY(about.description, text_or_empty(kms.call.body, "KeyMaterialDescription"));
  COFFER_TRY(const domain::KeyMaterial material, material_of(kms, key));
  about.id = domain::imported_material_id(*kms.call.view->keyring(), *key, material.secret.view());
  COFFER_TRY(const auto named, text(kms.call.body, "KeyMaterialId"));
  if (named && *named != hex_encode(about.id)) {
    return aws::fail(Code::invalid_argument, "IncorrectKeyMaterialException", "");
  }
  COFFER_TRY(const std::string type, text_or_empty(kms.call.body, "ImportType"));
  COFFER_CHECK(check_new(key, about.id, type));
  COFFER_CHECK(kms.keys().import_external(*key, material, about));
  kms.call.note("material", hex_encode(about.id));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    w.key("KeyMaterialId").string(hex_encode(about.id));
  });
}

Result<Reply> delete_material(Kms& kms) {
  COFFER_TRY(const KmsKey key, kms.named());
  if (!*key->imported) {
    return unsupported_operation(key.arn +
                                 " origin is AWS_KMS which is not valid for this operation.");
  }
  COFFER_TRY(const auto named, text(kms.call.body, "KeyMaterialId"));
  std::string id;
  std::uint32_t number = 0;
  const auto consider = [&](const domain::KeyVersion& version) {
    const std::string its = domain::material_id(*key, version);
    if (named ? its == *named : version.number == key->latest()) {
      id = its;
      number = version.number;
    }
  };
  for (const domain::KeyVersion& version : *key->versions) consider(version);
  if (*key->next) consider(**key->next);
  if (named && number == 0) {
    return aws::fail(Code::not_found, "NotFoundException", "No such key material exists");
  }
  if (number != 0) COFFER_CHECK(kms.keys().forget_material(*key, number));
  kms.call.note("material", id);
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    if (!id.empty()) w.key("KeyMaterialId").string(id);
  });
}

}  // namespace

void add_kms_import_operations(OperationTable& table, const Services& services) {
  table.push_back(kms_operation(
      services,
      kParameters,
      EventType::key_read,
      {.action = "kms.import", .iam = "GetParametersForImport", .path = "keys/{}/import"},
      get_parameters));
  table.push_back(
      kms_operation(services,
                    kImport,
                    EventType::key_imported,
                    {.action = "kms.import", .iam = "ImportKeyMaterial", .path = "keys/{}/import"},
                    import_material));
  table.push_back(kms_operation(services,
                                kDelete,
                                EventType::key_trimmed,
                                {.action = "kms.material.delete",
                                 .iam = "DeleteImportedKeyMaterial",
                                 .path = "keys/{}/import",
                                 .capability = policy::Capability::del},
                                delete_material));
}

}  // namespace coffer::dialects::aws
