#pragma once

// Randomness is passed in, so that a seed decides everything in the simulated world. The live world seeds from the
// operating system. Safe to share between threads.

#include <cstdint>
#include <mutex>
#include <string>

namespace drydock {

class Random {
public:
    explicit Random(std::uint64_t seed)
        : m_state(seed)
    {
    }
    // Seeded by getrandom(2).
    static std::uint64_t seed_from_system();

    std::uint64_t next();                     // SplitMix64 (Steele, Lea, Flood 2014)
    std::uint64_t below(std::uint64_t bound); // 0 … bound-1
    std::string hex(std::size_t digits);      // lower case

private:
    std::mutex m_mutex;
    std::uint64_t m_state;
};

}
