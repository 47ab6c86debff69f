// Applets that show and change single files and directories.

#include "sim/kernel/Applet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace drydock::kernel {

namespace {

int cat(System& system, Args const& args)
{
    Options const options(args, "n");
    int status = 0;
    int number = 0;
    auto files = options.operands();
    if (files.empty())
        files.emplace_back("-");
    for (auto const& file : files) {
        auto const fd = file == "-" ? Result<int>(0) : system.open(file, open_to_read);
        std::array<char, 16384> buffer {};
        auto count = fd ? system.read(*fd, buffer) : tl::unexpected(fd.error());
        for (; count && *count > 0; count = system.read(*fd, buffer)) {
            std::string_view const piece(buffer.data(), *count);
            if (!options.has('n')) {
                (void)system.write(1, piece); // at once, as what comes through a pipe should be seen
                continue;
            }
            for (auto const& line : lines_of(piece))
                system.print(fmt::format("{:6}\t{}\n", ++number, line));
        }
        if (!count)
            status = complain(system, args,
                fd ? fmt::format("read error: {}", reason_of(count.error()))
                   : fmt::format("can't open '{}': {}", file, reason_of(count.error())));
        if (fd && *fd != 0)
            system.close(*fd);
    }
    return status;
}

// "cannot be done to FILE" in BusyBox's words, for a call on each operand.
int for_each_operand(System& system, Args const& args, Args const& operands,
    std::function<Result<void>(std::string const&)> const& action,
    std::function<std::string(std::string const&)> const& failed)
{
    int status = 0;
    for (auto const& operand : operands) {
        if (auto const done = action(operand); !done)
            status = complain(system, args, failed(operand) + ": " + reason_of(done.error()));
    }
    return status;
}

Result<void> make_directories(System& system, std::string const& path, std::uint32_t mode)
{
    std::string made = path.starts_with('/') ? "/" : "";
    for (auto const& name : path_components(path)) {
        made = made.empty() ? name : join_path(made, name);
        auto const done = system.make_directory(made, mode);
        if (!done && !(done.error().errno_code() == EEXIST && system.stat(made)->type == FileType::Directory))
            return done;
    }
    return {};
}

int mkdir_program(System& system, Args const& args)
{
    Options const options(args, "pm:");
    if (options.operands().empty())
        return usage(system, args, "[-m MODE] [-p] DIRECTORY...");
    auto const mode
        = options.has('m') ? static_cast<std::uint32_t>(std::strtoul(options.value('m').c_str(), nullptr, 8)) : 0777U;
    return for_each_operand(
        system, args, options.operands(),
        [&](auto const& path) {
            return options.has('p') ? make_directories(system, path, mode) : system.make_directory(path, mode);
        },
        [](auto const& path) { return fmt::format("can't create directory '{}'", path); });
}

int rmdir_program(System& system, Args const& args)
{
    Options const options(args, "p");
    return for_each_operand(
        system, args, options.operands(), [&](auto const& path) { return system.remove_directory(path); },
        [](auto const& path) { return fmt::format("'{}'", path); });
}

int touch(System& system, Args const& args)
{
    Options const options(args, "cham");
    if (options.operands().empty())
        return usage(system, args, "[-cham] FILE...");
    return for_each_operand(
        system, args, options.operands(),
        [&](std::string const& path) -> Result<void> {
            if (system.stat(path))
                return system.set_mtime(path, system.now().nanoseconds);
            if (!options.has('c'))
                system.close(TRY(system.open(path, { .write = true, .create = true })));
            return {};
        },
        [](auto const& path) { return path; });
}

int ln(System& system, Args const& args)
{
    Options const options(args, "sfnv");
    auto const& operands = options.operands();
    if (operands.empty())
        return usage(system, args, "[-sfn] TARGET... LINK|DIR");
    auto link = operands.size() > 1 ? operands.back() : base_name(operands[0]);
    auto const at = system.stat(link, options.has('n') ? Follow::No : Follow::Yes);
    if (at && at->type == FileType::Directory)
        link = join_path(link, base_name(operands[0]));
    if (options.has('f'))
        (void)system.unlink(link);
    auto const made = options.has('s') ? system.make_symlink(link, operands[0]) : system.link(operands[0], link);
    return made ? 0 : complain(system, args, link + ": " + reason_of(made.error()));
}

// chmod(1): octal, or clauses such as u+x,go-w.
std::optional<std::uint32_t> new_mode(std::string const& text, Attributes const& old)
{
    if (text.find_first_not_of("01234567") == std::string::npos && !text.empty())
        return static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 8)) & 07777;
    auto mode = old.mode;
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint32_t who = 0;
        for (; at < text.size() && std::string_view("ugoa").find(text[at]) != std::string_view::npos; ++at)
            who |= text[at] == 'u' ? 0700U : text[at] == 'g' ? 0070U : text[at] == 'o' ? 0007U : 0777U;
        if (at == text.size() || std::string_view("+-=").find(text[at]) == std::string_view::npos)
            return std::nullopt;
        char const operation = text[at++];
        std::uint32_t bits = 0;
        for (; at < text.size() && text[at] != ','; ++at) {
            switch (text[at]) {
            case 'r': bits |= 0444; break;
            case 'w': bits |= 0222; break;
            case 'x': bits |= 0111; break;
            case 'X': bits |= old.type == FileType::Directory || (old.mode & 0111) != 0 ? 0111U : 0U; break;
            default: return std::nullopt;
            }
        }
        who = who == 0 ? 0777 : who;
        mode = operation == '+' ? mode | (bits & who)
            : operation == '-'  ? mode & ~(bits & who)
                                : (mode & ~who) | (bits & who);
        ++at;
    }
    return mode;
}

void walk(System& system, std::string const& path, bool recursive, std::function<void(std::string const&)> const& visit)
{
    visit(path);
    auto const attributes = system.stat(path, Follow::No);
    if (!recursive || !attributes || attributes->type != FileType::Directory)
        return;
    if (auto const entries = system.list(path)) {
        for (auto const& entry : *entries)
            walk(system, join_path(path, entry.name), true, visit);
    }
}

int chmod_program(System& system, Args const& args)
{
    // A mode may begin with "-", as in "chmod -x f".
    auto words = args;
    bool const recursive = words.size() > 1 && words[1] == "-R";
    if (recursive)
        words.erase(words.begin() + 1);
    if (words.size() < 3)
        return usage(system, args, "[-R] MODE[,MODE]... FILE...");
    int status = 0;
    for (std::size_t i = 2; i < words.size(); ++i) {
        walk(system, words[i], recursive, [&](std::string const& path) {
            auto const old = system.stat(path);
            auto const mode = new_mode(words[1], old.value_or(Attributes {}));
            if (!mode) {
                status = complain(system, args, fmt::format("invalid mode '{}'", words[1]));
                return;
            }
            auto const done = old ? system.change_mode(path, *mode) : tl::unexpected(old.error());
            if (!done)
                status = complain(system, args, path + ": " + reason_of(done.error()));
        });
    }
    return status;
}

int chown_program(System& system, Args const& args)
{
    Options const options(args, "Rh");
    auto const& operands = options.operands();
    if (operands.size() < 2)
        return usage(system, args, "[-Rh] USER[:[GRP]] FILE...");
    auto const colon = operands[0].find(':');
    auto const user = operands[0].substr(0, colon);
    auto const owner = find_user(system, user.empty() ? "0" : user);
    if (!owner)
        return complain(system, args, "unknown user " + user);
    auto const group = colon == std::string::npos ? std::nullopt : parse_integer(operands[0].substr(colon + 1));
    int status = 0;
    for (std::size_t i = 1; i < operands.size(); ++i) {
        walk(system, operands[i], options.has('R'), [&](std::string const& path) {
            auto const old = system.stat(path, Follow::No).value_or(Attributes {});
            Owner const wanted { user.empty() ? old.uid : owner->uid,
                group ? static_cast<std::uint32_t>(*group) : old.gid };
            if (auto const done = system.change_owner(path, wanted, options.has('h') ? Follow::No : Follow::Yes); !done)
                status = complain(system, args, path + ": " + reason_of(done.error()));
        });
    }
    return status;
}

std::string_view type_words(Attributes const& attributes)
{
    switch (attributes.type) {
    case FileType::Regular: return attributes.size == 0 ? "regular empty file" : "regular file";
    case FileType::Directory: return "directory";
    case FileType::Symlink: return "symbolic link";
    case FileType::CharDevice: return "character special file";
    case FileType::BlockDevice: return "block special file";
    case FileType::Fifo: return "fifo";
    case FileType::Socket: return "socket";
    }
    return "";
}

std::string stat_field(System& system, char letter, std::string const& path, Attributes const& a)
{
    switch (letter) {
    case 'n': return path;
    case 's': return std::to_string(a.size);
    case 'a': return fmt::format("{:o}", a.mode);
    case 'A': return mode_text(a);
    case 'u': return std::to_string(a.uid);
    case 'g': return std::to_string(a.gid);
    case 'U': return user_name(system, a.uid);
    case 'G': return group_name(system, a.gid);
    case 'h': return std::to_string(a.links);
    case 'i': return std::to_string(a.inode);
    case 'F': return std::string(type_words(a));
    case 'Y': return std::to_string(a.mtime / 1'000'000'000);
    default: return std::string(1, letter);
    }
}

int stat_program(System& system, Args const& args)
{
    Options const options(args, "c:L");
    int status = 0;
    for (auto const& path : options.operands()) {
        auto const a = system.stat(path, options.has('L') ? Follow::Yes : Follow::No);
        if (!a) {
            status = complain(system, args, fmt::format("can't stat '{}': {}", path, reason_of(a.error())));
            continue;
        }
        if (options.has('c')) {
            auto const format = options.value('c');
            for (std::size_t i = 0; i < format.size(); ++i)
                system.print(format[i] == '%' && i + 1 < format.size() ? stat_field(system, format[++i], path, *a)
                                                                       : std::string(1, format[i]));
            system.print("\n");
            continue;
        }
        auto const time = time_text(a->mtime, "%Y-%m-%d %H:%M:%S") + fmt::format(".{:09}", a->mtime % 1'000'000'000);
        auto const shown = a->type == FileType::Symlink
            ? fmt::format("'{}' -> '{}'", path, system.read_link(path).value_or(""))
            : path;
        system.print(fmt::format("  File: {}\n  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {}\n", shown, a->size,
            (a->size + 4095) / 4096 * 8, type_words(*a)));
        system.print(fmt::format("Inode: {:<11} Links: {}\n", a->inode, a->links));
        system.print(fmt::format("Access: ({:04o}/{})  Uid: ({:5}/{:>8})   Gid: ({:5}/{:>8})\n", a->mode, mode_text(*a),
            a->uid, user_name(system, a->uid), a->gid, group_name(system, a->gid)));
        system.print(fmt::format("Modify: {} +0000\n", time));
    }
    return status;
}

int readlink_program(System& system, Args const& args)
{
    Options const options(args, "fn");
    if (options.operands().size() != 1)
        return usage(system, args, "[-fn] FILE");
    auto const& path = options.operands()[0];
    auto const target = options.has('f') ? system.real_path(path) : system.read_link(path);
    if (!target)
        return 1;
    system.print(*target + (options.has('n') ? "" : "\n"));
    return 0;
}

int basename_program(System& system, Args const& args)
{
    if (args.size() < 2)
        return usage(system, args, "FILE [SUFFIX]");
    auto name = base_name(args[1]);
    if (args.size() > 2 && name.size() > args[2].size() && name.ends_with(args[2]))
        name.erase(name.size() - args[2].size());
    system.print(name + "\n");
    return 0;
}

int dirname_program(System& system, Args const& args)
{
    if (args.size() != 2)
        return usage(system, args, "FILENAME");
    system.print(directory_name(args[1]) + "\n");
    return 0;
}

}

void add_file_applets(ProgramTable& table)
{
    table.insert({ { "cat", cat }, { "mkdir", mkdir_program }, { "rmdir", rmdir_program }, { "touch", touch },
        { "ln", ln }, { "chmod", chmod_program }, { "chown", chown_program }, { "stat", stat_program },
        { "readlink", readlink_program }, { "basename", basename_program }, { "dirname", dirname_program } });
}

}
