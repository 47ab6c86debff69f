// Measures what an input costs, in the processor's time. libFuzzer's own -timeout goes by the wall's clock, and takes
// a fuzzer that got no processor on a busy machine for one that hangs; it is left for what never comes back
// (tests/fuzz/run).

#include "Fuzz.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

constexpr double most_seconds = 1; // of a processor, for one input, with sanitizers

double processor_seconds()
{
    timespec now {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}

// The linker calls the target's function by the first of these names, and this one in its place (--wrap).
extern "C" int __real_LLVMFuzzerTestOneInput(
    std::uint8_t const* data, std::size_t size); // NOLINT(*-reserved-identifier)
extern "C" int __wrap_LLVMFuzzerTestOneInput(
    std::uint8_t const* data, std::size_t size) // NOLINT(*-reserved-identifier)
{
    auto const before = processor_seconds();
    auto const result = __real_LLVMFuzzerTestOneInput(data, size);
    auto const took = processor_seconds() - before;
    if (took > most_seconds) {
        std::fprintf(stderr, "this input takes %.1f s of the processor\n", took);
        std::abort(); // libFuzzer keeps the input
    }
    return result;
}
