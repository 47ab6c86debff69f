// A target with a fault on purpose: a harness that does not find it would find nothing else either.

#include "Fuzz.h"

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    VERIFY(drydock::fuzz::text_of(data, size).substr(0, 4) != "boom");
    return 0;
}
