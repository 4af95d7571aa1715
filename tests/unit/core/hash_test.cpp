#include "core/hash.hpp"

#include <catch2/catch.hpp>
#include <string>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;

TEST_CASE("SHA-256 gives the vectors of FIPS 180-4", "[hash]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 of pieces is that of the whole", "[hash]") {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  CHECK(hash.hex() == sha256_hex("abc"));
  CHECK_THROWS_AS(hash.update("d"), InvariantError);
  CHECK_THROWS_AS(hash.hex(), InvariantError);
}

TEST_CASE("the 64-bit hashes", "[hash]") {
  // Published: XXH64 of the empty input; SplitMix64 of seed 0 begins with mix64(2^64 / phi).
  CHECK(hash_bytes("") == 0xEF46DB3751D8E999ULL);
  CHECK(hash_bytes("abc") == 0x44BC2CF5AD770999ULL);
  CHECK(hash_bytes("abc", 1) != hash_bytes("abc"));
  CHECK(mix64(0x9E3779B97F4A7C15ULL) == 0xE220A8397B1DCDAFULL);
  CHECK(hash_combine(hash_combine(0, 1), 2) != hash_combine(hash_combine(0, 2), 1));
  CHECK(hash_combine(0, 0) != 0);
}
