// Mutations of a journal's segment whose sums mostly fit again.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/journal_bytes.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 8 != 0) sauda::journal::SetSums(reinterpret_cast<char*>(data), mutated);
  return mutated;
}
