#include "engine/runtime/Devices.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

namespace drydock::runtime {

namespace {

init::DeviceOrder device_order(std::string source, std::string target, struct stat const& status)
{
    return { .path = std::move(target),
        .source = std::move(source),
        .mode = status.st_mode,
        .major = major(status.st_rdev),
        .minor = minor(status.st_rdev),
        .uid = status.st_uid,
        .gid = status.st_gid };
}

bool is_device(struct stat const& status)
{
    return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
}

// For --privileged: the nodes of the host's /dev, but for what a container has of its own.
std::vector<init::DeviceOrder> devices_of_host()
{
    std::vector<init::DeviceOrder> devices;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry("/dev", error), end; !error && entry != end;
         entry.increment(error)) {
        auto const path = entry->path().string();
        if (path == "/dev/pts" || path == "/dev/shm" || path == "/dev/mqueue" || path == "/dev/fd")
            entry.disable_recursion_pending();
        struct stat status { };
        if (path != "/dev/console" && path != "/dev/ptmx" && ::lstat(path.c_str(), &status) == 0 && is_device(status))
            devices.push_back(device_order(path, path, status));
    }
    return devices;
}

}

Result<void> add_devices(init::Spec& order, LaunchSpec const& spec)
{
    for (auto const& grant : spec.devices) {
        struct stat status { };
        auto const what = "error gathering device information while adding custom device \"" + grant.source + "\": ";
        if (::stat(grant.source.c_str(), &status) != 0)
            return fail(ErrorKind::InvalidInput, what + "no such file or directory");
        if (!is_device(status))
            return fail(ErrorKind::InvalidInput, what + "not a device node");
        order.devices.push_back(device_order(grant.source, grant.target, status));
    }
    // An ordinary user may open what it may open, with a node or without.
    if (spec.privileged && !order.user_namespace) {
        auto all = devices_of_host();
        order.devices.insert(order.devices.end(), all.begin(), all.end());
    }
    return {};
}

std::vector<DeviceRule> device_rules(init::Spec const& order, LaunchSpec const& spec)
{
    auto rules = default_device_rules();
    // Its own launch opens /dev/fuse to be given its root; to mount by it takes CAP_SYS_ADMIN.
    if (order.root == init::RootKind::Fuse)
        rules.push_back({ .block = false, .major = 10, .minor = 229, .make = true, .read = true, .write = true });
    for (std::size_t i = 0; i < spec.devices.size(); ++i) {
        DeviceRule rule {
            .block = S_ISBLK(order.devices[i].mode), .major = order.devices[i].major, .minor = order.devices[i].minor
        };
        set_access(rule, spec.devices[i].access);
        rules.push_back(rule);
    }
    return rules;
}

}
