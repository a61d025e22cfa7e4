#include "base/encoding.h"
#include "dialects/aws/kms_test.h"
#include "domain/kms/ciphertext_blob.h"
#include "domain/kms/key_id.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kRsa = R"({"KeySpec":"RSA_2048","KeyUsage":"ENCRYPT_DECRYPT"})";

TEST_F(KmsDialectTest, ACiphertextNamesItsKeyAndNothingElse) {
  const std::string id = make();
  const std::string blob = encrypt(id, R"(,"EncryptionContext":{"app":"payroll"})");
  const auto parsed = domain::read_blob(*base64_decode(blob));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(domain::key_id_of(parsed->uid, false), id);
  EXPECT_EQ(parsed->version, 1U);
  const Bytes octets = *base64_decode(blob);
  EXPECT_EQ(as_text(octets).find("payroll"), std::string_view::npos);
  EXPECT_EQ(decrypt(blob, R"(,"EncryptionContext":{"app":"payroll"})"), kHello);
  EXPECT_NE(blob, encrypt(id, R"(,"EncryptionContext":{"app":"payroll"})"));
}

TEST_F(KmsDialectTest, TheContextMustBeTheSameInAnyOrder) {
  const std::string id = make();
  const std::string blob = encrypt(id, R"(,"EncryptionContext":{"a":"1","b":"2"})");
  EXPECT_EQ(decrypt(blob, R"(,"EncryptionContext":{"b":"2","a":"1"})"), kHello);
  for (const std::string_view other : {"",
                                       R"(,"EncryptionContext":{"a":"1"})",
                                       R"(,"EncryptionContext":{"A":"1","b":"2"})",
                                       R"(,"EncryptionContext":{"a":"1","b":"3"})",
                                       R"(,"EncryptionContext":{"a":"1","b":"2","c":""})"}) {
    EXPECT_EQ(decrypt(blob, other), "InvalidCiphertextException") << other;
  }
}

TEST_F(KmsDialectTest, ForeignAndBentCiphertextsAreRefusedAlike) {
  const std::string id = make();
  const Bytes good = *base64_decode(encrypt(id));
  EXPECT_EQ(decrypt("aGVsbG8="), "InvalidCiphertextException");
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bent = good;
    bent[at] ^= 1U;
    EXPECT_EQ(decrypt(base64_encode(bent)), "InvalidCiphertextException") << at;
  }
}

TEST_F(KmsDialectTest, OldCiphertextsOpenAfterARotation) {
  const std::string id = make();
  const std::string before = encrypt(id);
  EXPECT_EQ(error("RotateKeyOnDemand", with_key(id)), "");
  const std::string after = encrypt(id);
  EXPECT_EQ(decrypt(before), kHello);
  EXPECT_EQ(decrypt(after), kHello);
  const auto material = [&](const std::string& blob) {
    return call("Decrypt", R"({"CiphertextBlob":")" + blob + "\"}").text("KeyMaterialId");
  };
  EXPECT_EQ(material(before).size(), 64U);
  EXPECT_NE(material(before), material(after));
  EXPECT_EQ(material(after),
            call("DescribeKey", with_key(id)).text("KeyMetadata", "CurrentKeyMaterialId"));
}

TEST_F(KmsDialectTest, AKeyThatIsNamedMustBeTheOneOfTheCiphertext) {
  const std::string id = make();
  const std::string other = make();
  const std::string blob = encrypt(id);
  EXPECT_EQ(decrypt(blob, R"(,"KeyId":")" + id + "\""), kHello);
  EXPECT_EQ(decrypt(blob, R"(,"KeyId":")" + arn(id) + "\""), kHello);
  EXPECT_EQ(decrypt(blob, R"(,"KeyId":")" + other + "\""),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.");
}

TEST_F(KmsDialectTest, ReEncryptMovesToAnotherKeyAndContext) {
  const std::string from = make();
  const std::string to = make();
  const std::string blob = encrypt(from, R"(,"EncryptionContext":{"a":"1"})");
  const TestAnswer moved =
      call("ReEncrypt",
           R"({"CiphertextBlob":")" + blob +
               R"(","SourceEncryptionContext":{"a":"1"},"DestinationKeyId":")" + to +
               R"(","DestinationEncryptionContext":{"b":"2"}})");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(moved.text("SourceKeyId"), arn(from));
  EXPECT_EQ(moved.text("KeyId"), arn(to));
  EXPECT_EQ(moved.text("SourceKeyMaterialId").size(), 64U);
  EXPECT_EQ(moved.text("DestinationKeyMaterialId").size(), 64U);
  EXPECT_EQ(decrypt(moved.text("CiphertextBlob"), R"(,"EncryptionContext":{"b":"2"})"), kHello);
  EXPECT_EQ(decrypt(moved.text("CiphertextBlob")), "InvalidCiphertextException");
}

TEST_F(KmsDialectTest, RsaCiphertextsAreBare) {
  const std::string id = make(kRsa);
  for (const std::string algorithm : {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}) {
    const std::string named = R"(,"EncryptionAlgorithm":")" + algorithm + "\"";
    const std::string blob = encrypt(id, named);
    EXPECT_EQ(base64_decode(blob)->size(), 256U);
    EXPECT_EQ(decrypt(blob, named + R"(,"KeyId":")" + id + "\""), kHello);
    EXPECT_EQ(decrypt(blob, named).substr(0, 19), "ValidationException");
  }
  EXPECT_EQ(error("Encrypt", with_key(id, R"(,"Plaintext":"aGVsbG8=")")),
            "InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec "
            "RSA_2048.");
  const std::string too_long = base64_encode(Bytes(191, 1));
  EXPECT_EQ(
      error("Encrypt",
            with_key(
                id,
                R"(,"EncryptionAlgorithm":"RSAES_OAEP_SHA_256","Plaintext":")" + too_long + "\"")),
      "ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt "
      "data larger than 190 bytes.");
}

// RSA does not bind a context, so that one that is given would be anybody's word.
TEST_F(KmsDialectTest, RsaCiphertextsHaveNoContext) {
  const std::string id = make(kRsa);
  const std::string rsa = R"(,"EncryptionAlgorithm":"RSAES_OAEP_SHA_256")";
  const std::string context = R"(,"EncryptionContext":{"app":"x"})";
  const std::string blob = encrypt(id, rsa);
  const auto refused = [](const std::string& error) {
    EXPECT_EQ(error.substr(0, 19), "ValidationException") << error;
  };
  refused(error("Encrypt", with_key(id, R"(,"Plaintext":"aGVsbG8=")" + rsa + context)));
  refused(decrypt(blob, rsa + R"(,"KeyId":")" + id + "\"" + context));
  const std::string from = R"({"CiphertextBlob":")" + blob + R"(","SourceKeyId":")" + id +
                           R"(","SourceEncryptionAlgorithm":"RSAES_OAEP_SHA_256")";
  const std::string to = R"(,"DestinationKeyId":")" + id +
                         R"(","DestinationEncryptionAlgorithm":"RSAES_OAEP_SHA_256")";
  refused(error("ReEncrypt", from + to + R"(,"SourceEncryptionContext":{"app":"x"}})"));
  refused(error("ReEncrypt", from + to + R"(,"DestinationEncryptionContext":{"app":"x"}})"));
  EXPECT_EQ(error("ReEncrypt", from + to + R"(,"SourceEncryptionContext":{}})"), "");
  // Before anybody's policy is asked: a condition about the context cannot be met this way.
  const auto bob = gate::make_aws_user(gate_, "bob");
  refused(error_as(
      bob,
      "Decrypt",
      R"({"CiphertextBlob":")" + blob + R"(","KeyId":")" + id + "\"" + rsa + context + "}"));
}

TEST_F(KmsDialectTest, DataKeysComeWrappedAndOpen) {
  const std::string id = make();
  for (const std::string_view what : {R"(,"KeySpec":"AES_256")", R"(,"NumberOfBytes":32)"}) {
    const TestAnswer made = call("GenerateDataKey", with_key(id, what));
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(base64_decode(made.text("Plaintext"))->size(), 32U);
    EXPECT_EQ(made.text("KeyId"), arn(id));
    EXPECT_EQ(decrypt(made.text("CiphertextBlob")), made.text("Plaintext"));
  }
  const TestAnswer hidden =
      call("GenerateDataKeyWithoutPlaintext", with_key(id, R"(,"KeySpec":"AES_128")"));
  EXPECT_EQ(hidden.text("Plaintext"), "");
  EXPECT_EQ(base64_decode(decrypt(hidden.text("CiphertextBlob")))->size(), 16U);
  for (const std::string_view what : {"", R"(,"KeySpec":"AES_256","NumberOfBytes":32)"}) {
    EXPECT_EQ(error("GenerateDataKey", with_key(id, what)),
              "ValidationException: Please specify either number of bytes or key spec.");
  }
}

TEST_F(KmsDialectTest, DataKeyPairsComeWithTheirPublicHalf) {
  const std::string id = make();
  for (const std::string spec : {"ECC_NIST_P256", "RSA_2048", "ECC_NIST_EDWARDS25519"}) {
    const std::string body = with_key(id, R"(,"KeyPairSpec":")" + spec + "\"");
    const TestAnswer made = call("GenerateDataKeyPair", body);
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(decrypt(made.text("PrivateKeyCiphertextBlob")), made.text("PrivateKeyPlaintext"));
    const auto key = crypto::PrivateKey::from_der(*base64_decode(made.text("PrivateKeyPlaintext")));
    ASSERT_TRUE(key);
    EXPECT_EQ(base64_encode(key->public_key().der()), made.text("PublicKey"));
    const TestAnswer hidden = call("GenerateDataKeyPairWithoutPlaintext", body);
    EXPECT_EQ(hidden.text("PrivateKeyPlaintext"), "");
    EXPECT_NE(hidden.text("PrivateKeyCiphertextBlob"), "");
  }
}

TEST_F(KmsDialectTest, TransitAndKmsHaveTheSameKeys) {
  // What transit does with the key, through the same floor below.
  const std::string id = make();
  const std::string blob = encrypt(id);
  const auto change = [&](bool enabled) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
    const auto home = domain::Mounts(view).resolve(domain::MountKind::secret, "transit/");
    domain::MasterKeys keys(view, home->mount->id, unsealed->kms);
    const auto key = keys.find(id);
    ASSERT_TRUE(key && *key);
    ASSERT_TRUE(keys.set_enabled((*key)->row, enabled));
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::key_state_changed;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  };
  change(false);
  EXPECT_EQ(decrypt(blob), "DisabledException: " + arn(id) + " is disabled.");
  EXPECT_EQ(state(id), "Disabled");
  change(true);
  EXPECT_EQ(decrypt(blob), kHello);
}

}  // namespace
}  // namespace coffer::dialects::aws
