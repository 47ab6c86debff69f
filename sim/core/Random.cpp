#include "sim/core/Random.h"

#include "sim/core/Verify.h"

#include <random>

namespace drydock {

std::uint64_t Random::seed_from_system()
{
    std::random_device device;
    return (std::uint64_t { device() } << 32) | device();
}

std::uint64_t Random::next()
{
    std::lock_guard lock(m_mutex);
    std::uint64_t z = (m_state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound)
{
    VERIFY(bound > 0);
    return next() % bound;
}

std::string Random::hex(std::size_t digits)
{
    std::string text;
    while (text.size() < digits) {
        auto word = next();
        for (int i = 0; i < 16 && text.size() < digits; ++i, word >>= 4)
            text += "0123456789abcdef"[word & 15];
    }
    return text;
}

}
