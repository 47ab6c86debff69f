// Applets that ask for a piece of root's power: chgrp, chroot, mknod, mount, su, umount. What they may, the kernel
// says.

#include "sim/kernel/Applet.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>

namespace drydock::kernel {

namespace {

// In this process's place, as execvp(3).
int become_program(System& system, Args const& args, Args const& program)
{
    auto const path = system.find_program(program.front());
    auto const status = path ? system.execute(*path, program) : tl::unexpected(path.error());
    if (status)
        return *status;
    complain(system, args, fmt::format("can't execute '{}': {}", program.front(), reason_of(status.error())));
    return status.error().errno_code() == ENOENT ? 127 : 126;
}

int chgrp(System& system, Args const& args)
{
    Options const options(args, "Rh");
    auto const& operands = options.operands();
    if (options.unknown() || operands.size() < 2)
        return usage(system, args, "[-Rh] GROUP FILE...");
    auto changed = args;
    for (auto& word : changed) {
        if (word != operands[0])
            continue;
        word.insert(0, ":");
        break;
    }
    return programs().at("chown")(system, changed);
}

int chroot_program(System& system, Args const& args)
{
    if (args.size() < 2)
        return usage(system, args, "NEWROOT [PROG ARGS]");
    auto const changed = system.change_root(args[1]);
    if (!changed)
        return complain(
            system, args, fmt::format("can't change root directory to '{}': {}", args[1], reason_of(changed.error())));
    (void)system.change_directory("/");
    Args const program(args.begin() + 2, args.end());
    return become_program(system, args, program.empty() ? Args { "/bin/sh", "-i" } : program);
}

int mknod_program(System& system, Args const& args)
{
    Options const options(args, "m:");
    auto const& operands = options.operands();
    auto const type = operands.size() > 1 ? operands[1] : std::string();
    bool const is_fifo = type == "p";
    bool const is_device = type == "b" || type == "c" || type == "u";
    if (options.unknown() || !(is_fifo || is_device) || operands.size() != (is_fifo ? 2U : 4U))
        return usage(system, args, "[-m MODE] NAME TYPE [MAJOR MINOR]");
    Attributes node { .type = is_fifo ? FileType::Fifo
            : type == "b"             ? FileType::BlockDevice
                                      : FileType::CharDevice,
        .mode = static_cast<std::uint32_t>(std::strtoul(options.value('m', "666").c_str(), nullptr, 8)) };
    if (is_device) {
        auto const major = parse_integer(operands[2]);
        auto const minor = parse_integer(operands[3]);
        if (!major || !minor)
            return complain(system, args, fmt::format("invalid number '{}'", major ? operands[3] : operands[2]));
        node.device_major = static_cast<std::uint32_t>(*major);
        node.device_minor = static_cast<std::uint32_t>(*minor);
    }
    auto const made = system.make_node(operands[0], node);
    return made ? 0 : complain(system, args, operands[0] + ": " + reason_of(made.error()));
}

int mount_program(System& system, Args const& args)
{
    Options const options(args, "t:o:");
    auto const& operands = options.operands();
    if (operands.empty()) {
        for (auto const& each : system.process().namespaces.at(NamespaceKind::Mnt)->mounts)
            system.print(fmt::format("{} on {} type {} ({})\n", each.source, each.target, each.type, each.flags));
        return 0;
    }
    if (options.unknown() || operands.size() != 2)
        return usage(system, args, "[-t FSTYPE] [-o OPT] DEVICE NODE");
    auto const done = system.mount(operands[0], operands[1], options.value('t'), options.value('o', "rw"));
    if (done)
        return 0;
    if (done.error().errno_code() == EPERM)
        return complain(system, args, "permission denied (are you root?)");
    complain(
        system, args, fmt::format("mounting {} on {} failed: {}", operands[0], operands[1], reason_of(done.error())));
    return 255;
}

int umount_program(System& system, Args const& args)
{
    if (args.size() < 2)
        return usage(system, args, "FILESYSTEM|DIRECTORY");
    int status = 0;
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (auto const done = system.unmount(args[i]); !done)
            status = complain(system, args, fmt::format("can't unmount {}: {}", args[i], reason_of(done.error())));
    }
    return status;
}

// passwd(5)
std::string shell_of(System& system, std::string const& user)
{
    auto const text = system.read_file("/etc/passwd").value_or(std::string());
    for (auto const& line : lines_of(text)) {
        if (line.starts_with(user + ":"))
            return line.substr(line.rfind(':') + 1);
    }
    return {};
}

int su(System& system, Args const& args)
{
    Options const options(args, "lmps:c:");
    auto const user = options.operands().empty() ? "root" : options.operands().front();
    if (options.unknown())
        return usage(system, args, "[-lmp] [-s SH] [-c CMD] [USER]");
    if (system.process().owner.uid != 0)
        return complain(system, args, "must be suid to work properly");
    auto const owner = find_user(system, user);
    if (!owner || parse_integer(user))
        return complain(system, args, "unknown user " + user);
    // setgroups(2) comes first, and it takes the capability even where nothing changes.
    if (!system.process().can(Capability::SetGid))
        return complain(system, args, "can't set groups: " + reason_of(Error::from_errno("setgroups(2)", EPERM)));
    if (auto const done = system.become(*owner); !done)
        return complain(system, args, "setuid: " + reason_of(done.error()));
    auto shell = options.value('s', shell_of(system, user));
    if (shell.empty())
        shell = "/bin/sh";
    Args program { shell };
    if (options.has('c'))
        program.insert(program.end(), { "-c", options.value('c') });
    return become_program(system, args, program);
}

}

void add_privileged_applets(ProgramTable& table)
{
    table.insert({ { "chgrp", chgrp }, { "chroot", chroot_program }, { "mknod", mknod_program },
        { "mount", mount_program }, { "su", su }, { "umount", umount_program } });
}

}
