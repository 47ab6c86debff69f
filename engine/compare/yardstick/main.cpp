// drydock-yardstick: what runs in every box that `drydock compare` measures.
//
//   line    prints one line and ends: how long until a program in this box answers?
//   idle    prints one line and waits: what does a box cost that does nothing?
//   calls   measures what crossing into its kernel costs, and prints nanoseconds for each kind of call

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <ctime>

namespace {

double now()
{
    timespec time {};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// What disturbs only ever adds, so the best of three rounds counts. Each is long enough even for a guest whose clock
// goes by ticks of 4 ms.
constexpr double round_least = 40e6;
constexpr int rounds = 3;

template <class Call> void measure(char const* name, Call call)
{
    long repeats = 1;
    double best = 0;
    for (int round = 0; round < rounds;) {
        double const begin = now();
        for (long i = 0; i < repeats; ++i)
            call();
        double const took = now() - begin;
        if (took < round_least && repeats < 1L << 28) {
            repeats *= 2;
            continue;
        }
        double const each = took / static_cast<double>(repeats);
        if (round++ == 0 || each < best)
            best = each;
    }
    std::printf("%s %.1f\n", name, best);
    std::fflush(stdout);
}

void measure_calls()
{
    // Straight into the kernel: the library must not answer from memory.
    measure("getppid", [] { syscall(SYS_getppid); });
    measure("open+close", [] { close(open("/", O_RDONLY)); });
    measure("mmap+touch+munmap", [] {
        auto* const page = static_cast<volatile char*>(
            mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        *page = 1;
        munmap(const_cast<char*>(page), 4096);
    });
    measure("loop", [] {
        for (int i = 0; i < 1000; ++i)
            asm volatile("");
    });
    std::puts("done");
}

}

int main(int argc, char** argv)
{
    char const* const what = argc > 1 ? argv[1] : "";
    if (std::strcmp(what, "line") == 0 || std::strcmp(what, "idle") == 0) {
        std::puts("drydock-yardstick: ahoy");
        std::fflush(stdout);
        if (*what == 'i')
            pause();
        return 0;
    }
    if (std::strcmp(what, "calls") == 0) {
        measure_calls();
        return 0;
    }
    std::fputs("Usage: drydock-yardstick line|idle|calls\n", stderr);
    return 2;
}
