#include "engine/vmm/GuestRoot.h"

#include "engine/os/Fd.h"
#include "engine/vmm/Cpio.h"
#include "engine/vmm/MappedFile.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

namespace drydock::vmm {

namespace {

constexpr std::size_t command_most = 128 << 10; // as drydock-guest-init reads

Result<std::string> command_file(GuestCommand const& command)
{
    auto text = std::string(command.afterwards == Afterwards::Stay ? "stay" : "reset") + '\0' + command.directory + '\0'
        + std::to_string(command.arguments.size()) + '\0';
    for (auto const* list : { &command.arguments, &command.environment }) {
        for (auto const& word : *list)
            text += word.substr(0, word.find('\0')) + '\0';
    }
    if (command.arguments.empty() || text.size() > command_most)
        return fail(ErrorKind::InvalidInput, "a guest runs one command of at most 128 KiB");
    return text;
}

Result<void> write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed("write(2)", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}

GuestCommand command_of(oci::ImageConfig const& config, std::vector<std::string> const& words)
{
    GuestCommand command { .arguments = config.entrypoint,
        .environment = config.env,
        .directory = config.working_dir.empty() ? "/" : config.working_dir };
    auto const& rest = words.empty() ? config.cmd : words;
    command.arguments.insert(command.arguments.end(), rest.begin(), rest.end());
    return command;
}

Result<std::uint64_t> write_initramfs(std::filesystem::path const& target, unionfs::UnionMount const& root,
    std::filesystem::path const& init, GuestCommand const& command)
{
    auto const text = TRY(command_file(command));
    auto const program = TRY(MappedFile::open(init));
    os::Fd const file(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file)
        return fail(Error::from_errno("open(2)", errno).with_context(target.string()));
    std::string waiting; // many small pieces make one write
    auto const flush = [&]() -> Result<void> {
        TRY_WITH(target.string(), write_all(file.get(), waiting));
        waiting.clear();
        return {};
    };
    CpioWriter archive([&](std::string_view bytes) -> Result<void> {
        waiting += bytes;
        return waiting.size() < (std::size_t { 1 } << 20) ? Result<void> {} : flush();
    });
    // The kernel opens it for the first process before anything is mounted.
    TRY(archive.add({ .path = "dev", .type = layer::FileType::Directory, .mode = 0755 }));
    TRY(archive.add({ .path = "dev/console",
        .type = layer::FileType::CharDevice,
        .mode = 0600,
        .device_major = 5,
        .device_minor = 1 }));
    TRY(pack_tree(root, archive));
    TRY(archive.add({ .path = std::string(guest_init).substr(1), .mode = 0755 }, program.bytes()));
    TRY(archive.add({ .path = ".drydock-command", .mode = 0600 }, text));
    TRY(archive.finish());
    TRY(flush());
    return archive.size();
}

std::string kernel_command_line(FirstWords first)
{
    // The order counts: the early console is there, and the banner on it, before the kernel reads that it shall be
    // quiet. It goes when the real console comes.
    auto const early = first == FirstWords::SecondSerialPort ? "earlyprintk=serial,ttyS1,115200 " : "";
    // lpj and tsc: without a timer that it trusts the kernel would measure for a while, and wrongly under load.
    return fmt::format(
        "{}console=ttyS0 quiet loglevel=1 reboot=t panic=-1 pci=off acpi=off i8042.noaux i8042.nokbd lpj=4000000 "
        "tsc=reliable random.trust_cpu=on rdinit={}",
        early, guest_init);
}

}
