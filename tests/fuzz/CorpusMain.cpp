// Runs a fuzz target over every file of its corpus: what was once found stays found.

#include "Fuzz.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

int main(int argc, char** argv)
{
    std::vector<std::filesystem::path> files;
    for (auto const* argument : std::vector<char const*>(argv + 1, argv + argc)) {
        for (auto const& entry : std::filesystem::directory_iterator(argument))
            files.push_back(entry.path());
    }
    if (files.empty()) {
        std::fputs("no corpus: give its directory\n", stderr);
        return 1;
    }
    std::sort(files.begin(), files.end());
    for (auto const& path : files) {
        std::fprintf(stderr, "%s\n", path.filename().c_str()); // the last one named is the one that crashed
        std::ifstream file(path, std::ios::binary);
        std::string const bytes { std::istreambuf_iterator<char>(file), {} };
        std::vector<std::uint8_t> const copy(bytes.begin(), bytes.end()); // of just this size, for AddressSanitizer
        LLVMFuzzerTestOneInput(copy.data(), copy.size());
    }
    return 0;
}
