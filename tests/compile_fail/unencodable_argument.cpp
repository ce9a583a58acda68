// expect: NoEncodingFor<int ?\*>
// expect: memoscape: this type .* has no encoding for a cache key
// expect: make it an aggregate of encodable members
// expect: void encode\(memoscape::Encoder&, const T&\)
// expect: specialize memoscape::Encode<T>
// expect: memoscape::Ignored<T>
#include <string>

#include "memoscape/encode.hpp"

struct Query {
  std::string origin;
  int* minutes;
};

std::string key(const Query& query) { return memoscape::encoded(query); }
