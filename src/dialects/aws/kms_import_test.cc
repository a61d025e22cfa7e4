#include "base/encoding.h"
#include "crypto/key_wrap.h"
#include "dialects/aws/kms_test.h"

namespace coffer::dialects::aws {
namespace {

class KmsImportTest : public KmsDialectTest {
 protected:
  struct Parameters {
    std::string token;
    crypto::PublicKey key;
  };

  Parameters parameters(std::string_view id, std::string_view algorithm) {
    const TestAnswer got = call("GetParametersForImport",
                                with_key(id,
                                         R"(,"WrappingKeySpec":"RSA_2048","WrappingAlgorithm":")" +
                                             std::string(algorithm) + "\""));
    EXPECT_EQ(got.status, 200) << got.body;
    return {got.text("ImportToken"),
            *crypto::PublicKey::from_der(*base64_decode(got.text("PublicKey")))};
  }

  TestAnswer import(
      std::string_view id,
      std::string_view token,
      ByteView wrapped,
      std::string_view more = R"(,"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE")") {
    return call(
        "ImportKeyMaterial",
        with_key(id,
                 R"(,"ImportToken":")" + std::string(token) + R"(","EncryptedKeyMaterial":")" +
                     base64_encode(wrapped) + "\"" + std::string(more)));
  }

  // Imports 32 times this octet.
  TestAnswer import_octet(
      std::string_view id,
      std::uint8_t octet,
      std::string_view more = R"(,"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE")") {
    const Parameters with = parameters(id, "RSAES_OAEP_SHA_256");
    return import(
        id, with.token, *with.key.encrypt_oaep(Bytes(32, octet), crypto::HashKind::sha256), more);
  }

  std::string make_external() { return make(R"({"Origin":"EXTERNAL"})"); }
};

TEST_F(KmsImportTest, EveryWrapping) {
  for (const auto& [name, hash] : {std::pair{"RSAES_OAEP_SHA_1", crypto::HashKind::sha1},
                                   std::pair{"RSAES_OAEP_SHA_256", crypto::HashKind::sha256}}) {
    const std::string id = make_external();
    EXPECT_EQ(state(id), "PendingImport");
    const Parameters with = parameters(id, name);
    const TestAnswer done = import(id, with.token, *with.key.encrypt_oaep(Bytes(32, 7), hash));
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.text("KeyMaterialId").size(), 64U);
    EXPECT_EQ(state(id), "Enabled");
    EXPECT_EQ(decrypt(encrypt(id)), kHello);
  }
  const std::string id = make_external();
  const Parameters with = parameters(id, "RSA_AES_KEY_WRAP_SHA_256");
  const Bytes ephemeral(32, 9);
  Bytes wrapped = *with.key.encrypt_oaep(ephemeral, crypto::HashKind::sha256);
  append(wrapped, *crypto::wrap_padded_key(ephemeral, Bytes(32, 7)));
  EXPECT_EQ(import(id, with.token, wrapped).status, 200);
}

TEST_F(KmsImportTest, RefusesWhatDoesNotFit) {
  const std::string id = make_external();
  const std::string other = make_external();
  const Parameters with = parameters(id, "RSAES_OAEP_SHA_256");
  const Bytes good = *with.key.encrypt_oaep(Bytes(32, 7), crypto::HashKind::sha256);
  EXPECT_EQ(error_of(import(other, with.token, good)), "InvalidImportTokenException");
  EXPECT_EQ(error_of(import(id, "aGVsbG8=", good)), "InvalidImportTokenException");
  EXPECT_EQ(error_of(import(id, with.token, Bytes(256, 1))), "InvalidCiphertextException");
  const Bytes small = *with.key.encrypt_oaep(Bytes(31, 7), crypto::HashKind::sha256);
  EXPECT_EQ(import(id, with.token, small).text("__type"), "IncorrectKeyMaterialException");
  EXPECT_EQ(error_of(import(id, with.token, good, "")),
            "ValidationException: A validTo date must be set if the ExpirationModel is "
            "KEY_MATERIAL_EXPIRES");
  gate_.clock.advance(std::chrono::hours(25));
  EXPECT_EQ(error_of(import(id, with.token, good)), "ExpiredImportTokenException");
}

TEST_F(KmsImportTest, TheSameMaterialComesBack) {
  const std::string id = make_external();
  const TestAnswer first = import_octet(id, 7);
  const std::string blob = encrypt(id);
  ASSERT_EQ(error("DeleteImportedKeyMaterial", with_key(id)), "");
  EXPECT_EQ(state(id), "PendingImport");
  EXPECT_EQ(decrypt(blob), "KMSInvalidStateException: " + arn(id) + " is pending import.");
  EXPECT_EQ(error_of(import_octet(id, 8)), "IncorrectKeyMaterialException");
  EXPECT_EQ(import_octet(id, 7).text("KeyMaterialId"), first.text("KeyMaterialId"));
  EXPECT_EQ(decrypt(blob), kHello);
}

TEST_F(KmsImportTest, NewMaterialWaitsForItsRotation) {
  const std::string id = make_external();
  ASSERT_EQ(import_octet(id, 7).status, 200);
  EXPECT_EQ(error("RotateKeyOnDemand", with_key(id)),
            "KMSInvalidStateException: No available key material pending rotation for the key: " +
                arn(id) + ".");
  constexpr std::string_view kNew =
      R"(,"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","ImportType":"NEW_KEY_MATERIAL")";
  const std::string waiting = import_octet(id, 8, kNew).text("KeyMaterialId");
  const std::string refused = error_of(import_octet(id, 9, kNew));
  EXPECT_TRUE(refused.starts_with("KMSInvalidStateException: New key material (id: ")) << refused;
  EXPECT_TRUE(refused.ends_with(") cannot be imported into KMS key " + id +
                                ", because another key material (id: " + waiting +
                                ") is pending rotation."))
      << refused;
  const std::string all =
      call("ListKeyRotations", with_key(id, R"(,"IncludeKeyMaterial":"ALL_KEY_MATERIAL")"))
          .text("Rotations");
  EXPECT_NE(all.find(R"("KeyMaterialState":"PENDING_ROTATION")"), std::string::npos) << all;
  ASSERT_EQ(error("RotateKeyOnDemand", with_key(id)), "");
  EXPECT_EQ(call("DescribeKey", with_key(id)).text("KeyMetadata", "CurrentKeyMaterialId"), waiting);
}

TEST_F(KmsImportTest, MaterialExpires) {
  const std::string id = make_external();
  const std::int64_t until = gate_.clock.now().ns / 1'000'000'000 + 3600;
  ASSERT_EQ(import_octet(id, 7, R"(,"ValidTo":)" + std::to_string(until)).status, 200);
  const TestAnswer shown = call("DescribeKey", with_key(id));
  EXPECT_EQ(shown.text("KeyMetadata", "ExpirationModel"), "KEY_MATERIAL_EXPIRES");
  EXPECT_EQ(shown.text("KeyMetadata", "ValidTo"), std::to_string(until));
  const std::string blob = encrypt(id);
  gate_.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(decrypt(blob), "KMSInvalidStateException: " + arn(id) + " is pending import.");
  EXPECT_EQ(state(id), "PendingImport");
}

}  // namespace
}  // namespace coffer::dialects::aws
