#include "engine/vmm/Kernels.h"

#include "engine/vmm/KernelImage.h"
#include "engine/vmm/MappedFile.h"
#include "sim/oci/Digest.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;

namespace drydock::vmm {

namespace {

// vmlinuz-6.1.0-9 comes before vmlinuz-6.1.0-10: numbers count as numbers.
bool is_newer(fs::path const& a, fs::path const& b)
{
    return ::strverscmp(a.filename().c_str(), b.filename().c_str()) > 0;
}

std::vector<fs::path> kernels_in(fs::path const& directory)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(directory, error)) {
        if (entry.path().filename().string().starts_with("vmlinuz-"))
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end(), is_newer);
    return found;
}

}

fs::path kernel_cache()
{
    if (auto const* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
        return fs::path(cache) / "drydock/kernels";
    auto const* home = std::getenv("HOME");
    return fs::path(home != nullptr && *home == '/' ? home : "/tmp") / ".cache/drydock/kernels";
}

std::vector<fs::path> known_kernels(fs::path const& cache, fs::path const& boot)
{
    auto all = kernels_in(cache);
    auto const hosts = kernels_in(boot);
    all.insert(all.end(), hosts.begin(), hosts.end());
    return all;
}

Result<fs::path> find_kernel(fs::path const& cache)
{
    auto const all = known_kernels(cache);
    for (auto const& kernel : all) {
        if (::access(kernel.c_str(), R_OK) == 0)
            return kernel;
    }
    if (!all.empty())
        return fail(ErrorKind::Forbidden,
            all.front().string()
                + " may not be read: sudo chmod +r it, or fetch another with `drydock vm fetch-kernel`");
    return fail(ErrorKind::NotFound,
        "there is no Linux kernel for guests in /boot: `drydock vm fetch-kernel` fetches one, --kernel FILE names one");
}

Result<fs::path> unpacked(fs::path const& kernel, fs::path const& cache)
{
    auto const file = TRY(MappedFile::open(kernel));
    auto const image = TRY_WITH(kernel.string(), parse_kernel(file.bytes()));
    if (image.format == KernelFormat::Elf)
        return kernel;
    auto const target = cache / ("vmlinux-" + oci::Digest::of(file.bytes()).hex().substr(0, 16));
    std::error_code error;
    if (fs::exists(target, error))
        return target;
    auto const program = unpack_kernel(file.bytes(), image);
    if (!program || !parse_kernel(*program))
        return kernel;
    fs::create_directories(cache, error);
    // Written aside first: who dies in between leaves no half kernel under a good name.
    auto const aside = target.string() + "." + std::to_string(::getpid());
    std::ofstream out(aside, std::ios::binary);
    out << *program;
    out.close();
    if (!out || (fs::rename(aside, target, error), error)) {
        fs::remove(aside, error);
        return kernel; // a cache that cannot be written costs time only
    }
    return target;
}

}
