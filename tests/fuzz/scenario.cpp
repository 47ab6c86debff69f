// A scenario file: complaints name a place in it, and never more than there is.

#include "sim/scenario/Scenario.h"

#include "Fuzz.h"

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    static_cast<void>(drydock::scenario::load(drydock::fuzz::text_of(data, size)));
    return 0;
}
