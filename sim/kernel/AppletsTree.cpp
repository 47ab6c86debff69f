// Applets that walk trees of files: ls, cp, mv, rm, find, du.

#include "sim/kernel/Applet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace drydock::kernel {

namespace {

struct Listed {
    std::string name;
    std::string path;
    Attributes attributes;
};

void print_listed(System& system, Listed const& file, bool longer)
{
    if (!longer) {
        system.print(file.name + "\n");
        return;
    }
    auto const& a = file.attributes;
    auto const size = a.type == FileType::CharDevice ? fmt::format("{:4}, {:3}", a.device_major, a.device_minor)
                                                     : fmt::format("{:9}", a.size);
    // Half a year back the year is told instead of the hour; POSIX, ls, "date and time".
    bool const recent = system.now().nanoseconds - a.mtime < 15'778'476'000'000'000;
    system.print(fmt::format("{} {:4} {:<8} {:<8} {} {} {}{}\n", mode_text(a), a.links, user_name(system, a.uid),
        group_name(system, a.gid), size, time_text(a.mtime, recent ? "%b %e %H:%M" : "%b %e  %Y"), file.name,
        a.type == FileType::Symlink ? " -> " + system.read_link(file.path).value_or("") : ""));
}

struct Ls {
    System& system;
    Args const& args;
    Options options;
    int status { 0 };

    void directory(std::string const& path)
    {
        auto const entries = system.list(path);
        if (!entries) {
            status = complain(system, args, fmt::format("can't open '{}': {}", path, reason_of(entries.error())));
            return;
        }
        std::vector<Listed> files;
        if (options.has('a')) {
            for (std::string const name : { ".", ".." })
                files.push_back(
                    { name, join_path(path, name), system.stat(join_path(path, name)).value_or(Attributes {}) });
        }
        for (auto const& entry : *entries) {
            if (!entry.name.starts_with('.') || options.has('a') || options.has('A'))
                files.push_back({ entry.name, join_path(path, entry.name), entry.attributes });
        }
        if (options.has('l')) {
            std::uint64_t blocks = 0;
            for (auto const& file : files)
                blocks += (file.attributes.size + 4095) / 4096 * 4;
            system.print(fmt::format("total {}\n", blocks));
        }
        for (auto const& file : files)
            print_listed(system, file, options.has('l'));
        for (auto const& file : files) {
            if (options.has('R') && file.attributes.type == FileType::Directory && file.name != "."
                && file.name != "..") {
                system.print("\n" + file.path + ":\n");
                directory(file.path);
            }
        }
    }

    int run()
    {
        auto operands = options.operands();
        if (operands.empty())
            operands.emplace_back(".");
        std::sort(operands.begin(), operands.end());
        std::vector<std::string> directories;
        bool printed = false;
        for (auto const& path : operands) {
            auto a = system.stat(path, options.has('l') || options.has('d') ? Follow::No : Follow::Yes);
            if (!a)
                a = system.stat(path, Follow::No);
            if (!a)
                status = complain(system, args, path + ": " + reason_of(a.error()));
            else if (a->type == FileType::Directory && !options.has('d'))
                directories.push_back(path);
            else
                print_listed(system, { path, path, *a }, options.has('l')), printed = true;
        }
        for (auto const& path : directories) {
            if (operands.size() > 1 || options.has('R'))
                system.print((std::exchange(printed, true) ? "\n" : "") + path + ":\n");
            directory(path);
        }
        return status;
    }
};

int ls(System& system, Args const& args)
{
    Options const options(args, "laAd1RhtrSnFiC");
    if (options.unknown())
        return usage(system, args, "[-1AadlR] [FILE]...");
    return Ls { system, args, options }.run();
}

Result<void> copy_file(System& system, std::string const& from, std::string const& to, Attributes const& attributes)
{
    auto const source = TRY(system.open(from, open_to_read));
    auto const target = system.open(to, open_to_write, attributes.mode);
    Result<void> done;
    std::array<char, 65536> buffer {};
    for (auto count = system.read(source, buffer); target && done; count = system.read(source, buffer)) {
        if (!count)
            done = tl::unexpected(count.error());
        else if (*count == 0)
            break;
        else
            done = system.write(*target, { buffer.data(), *count });
    }
    system.close(source);
    system.close(TRY(Result<int>(target)));
    return done;
}

struct Cp {
    System& system;
    Args const& args;
    bool recursive { false };
    bool keeps { false }; // -a, -p
    int status { 0 };

    void fail(std::string const& words, Error const& error)
    {
        status = complain(system, args, words + ": " + reason_of(error));
    }

    void copy(std::string const& from, std::string const& to)
    {
        auto const a = system.stat(from, recursive ? Follow::No : Follow::Yes);
        if (!a)
            return fail(fmt::format("can't stat '{}'", from), a.error());
        if (a->type == FileType::Directory)
            copy_directory(from, to, *a);
        else if (a->type == FileType::Symlink) {
            if (auto const made = system.make_symlink(to, system.read_link(from).value_or("")); !made)
                fail(fmt::format("can't create symlink '{}'", to), made.error());
        } else if (auto const copied = copy_file(system, from, to, *a); !copied)
            fail(fmt::format("can't create '{}'", to), copied.error());
        if (keeps && a->type != FileType::Symlink) {
            (void)system.change_owner(to, { a->uid, a->gid }, Follow::No);
            (void)system.change_mode(to, a->mode);
            (void)system.set_mtime(to, a->mtime);
        }
    }
    void copy_directory(std::string const& from, std::string const& to, Attributes const& attributes)
    {
        if (!recursive) {
            status = complain(system, args, fmt::format("omitting directory '{}'", from));
            return;
        }
        auto const made = system.make_directory(to, attributes.mode);
        if (!made && made.error().errno_code() != EEXIST)
            return fail(fmt::format("can't create directory '{}'", to), made.error());
        if (auto const entries = system.list(from)) {
            for (auto const& entry : *entries)
                copy(join_path(from, entry.name), join_path(to, entry.name));
        }
    }
};

// Calls `action` with each source and where it goes: into the last operand where that is a directory.
template <class Action> int for_each_target(System& system, Args const& operands, Action action)
{
    auto const& last = operands.back();
    auto const a = system.stat(last);
    bool const into = a && a->type == FileType::Directory;
    for (std::size_t i = 0; i + 1 < operands.size(); ++i)
        action(operands[i], into ? join_path(last, base_name(operands[i])) : last);
    return 0;
}

int cp(System& system, Args const& args)
{
    Options const options(args, "arRpPfdLHinu");
    if (options.operands().size() < 2)
        return usage(system, args, "[-arRpPf] SOURCE... DEST");
    Cp copier { system, args, options.has('r') || options.has('R') || options.has('a'),
        options.has('a') || options.has('p') };
    for_each_target(system, options.operands(), [&](auto const& from, auto const& to) { copier.copy(from, to); });
    return copier.status;
}

struct Rm {
    System& system;
    Args const& args;
    bool recursive { false };
    bool force { false };
    int status { 0 };

    void remove(std::string const& path)
    {
        auto const a = system.stat(path, Follow::No);
        if (!a) {
            if (!force || a.error().errno_code() != ENOENT)
                fail(path, a.error());
            return;
        }
        bool const is_directory = a->type == FileType::Directory;
        if (is_directory && !recursive) {
            status = complain(system, args, fmt::format("'{}' is a directory", path));
            return;
        }
        if (auto const entries = is_directory ? system.list(path) : std::vector<DirectoryEntry> {}) {
            for (auto const& entry : *entries)
                remove(join_path(path, entry.name));
        }
        if (auto const done = is_directory ? system.remove_directory(path) : system.unlink(path); !done)
            fail(path, done.error());
    }
    void fail(std::string const& path, Error const& error)
    {
        status = complain(system, args, fmt::format("can't remove '{}': {}", path, reason_of(error)));
    }
};

int rm(System& system, Args const& args)
{
    Options const options(args, "rRfi");
    if (options.operands().empty() && !options.has('f'))
        return usage(system, args, "[-irf] FILE...");
    Rm remover { system, args, options.has('r') || options.has('R'), options.has('f') };
    for (auto const& path : options.operands())
        remover.remove(path);
    return remover.status;
}

int mv(System& system, Args const& args)
{
    Options const options(args, "fin");
    if (options.operands().size() < 2)
        return usage(system, args, "[-fin] SOURCE... DEST");
    int status = 0;
    for_each_target(system, options.operands(), [&](std::string const& from, std::string const& to) {
        auto const moved = system.rename(from, to);
        if (moved)
            return;
        // Across filesystems, and for a directory of a lower layer, mv copies and removes.
        if (moved.error().errno_code() != EXDEV) {
            status = complain(system, args, fmt::format("can't rename '{}': {}", from, reason_of(moved.error())));
            return;
        }
        Cp copier { system, args, true, true };
        copier.copy(from, to);
        Rm remover { system, args, true, true };
        if (copier.status == 0)
            remover.remove(from);
        status = copier.status | remover.status;
    });
    return status;
}

struct Find {
    System& system;
    Args const& args;
    std::vector<std::string> names {};
    std::string type {};
    std::int64_t depth { 1000 };
    int status { 0 };

    void visit(std::string const& path, std::int64_t level)
    {
        auto const a = system.stat(path, Follow::No);
        if (!a) {
            status = complain(system, args, path + ": " + reason_of(a.error()));
            return;
        }
        auto const letter = a->type == FileType::Regular ? 'f' : mode_text(*a).front();
        bool const named = std::all_of(
            names.begin(), names.end(), [&](auto const& name) { return matches_pattern(name, base_name(path)); });
        if (named && (type.empty() || type.front() == letter))
            system.print(path + "\n");
        if (a->type != FileType::Directory || level >= depth)
            return;
        if (auto const entries = system.list(path)) {
            for (auto const& entry : *entries)
                visit(join_path(path, entry.name), level + 1);
        } else {
            status = complain(system, args, path + ": " + reason_of(entries.error()));
        }
    }
};

int find(System& system, Args const& args)
{
    Find search { system, args };
    std::vector<std::string> roots;
    std::size_t i = 1;
    for (; i < args.size() && !args[i].starts_with('-'); ++i)
        roots.push_back(args[i]);
    for (; i < args.size(); ++i) {
        if (args[i] == "-print")
            continue;
        bool const has_value = i + 1 < args.size();
        if (args[i] == "-name" && has_value)
            search.names.push_back(args[++i]);
        else if (args[i] == "-type" && has_value)
            search.type = args[++i];
        else if (args[i] == "-maxdepth" && has_value)
            search.depth = parse_integer(args[++i]).value_or(0);
        else
            return complain(system, args, "unrecognized: " + args[i]);
    }
    if (roots.empty())
        roots.emplace_back(".");
    for (auto const& root : roots)
        search.visit(root, 0);
    return search.status;
}

std::string human(std::uint64_t kibibytes)
{
    if (kibibytes < 1024)
        return kibibytes == 0 ? "0" : fmt::format("{}.0K", kibibytes);
    auto const scaled = static_cast<double>(kibibytes) / 1024;
    return scaled < 1024 ? fmt::format("{:.1f}M", scaled) : fmt::format("{:.1f}G", scaled / 1024);
}

// Counts files in blocks of 4 KiB, as most disks have them.
std::uint64_t du_visit(System& system, std::string const& path, Options const& options, bool is_root)
{
    auto const a = system.stat(path, Follow::No);
    if (!a)
        return 0;
    std::uint64_t total = (a->size + 4095) / 4096 * 4;
    bool const is_directory = a->type == FileType::Directory;
    if (auto const entries = is_directory ? system.list(path) : std::vector<DirectoryEntry> {}) {
        for (auto const& entry : *entries)
            total += du_visit(system, join_path(path, entry.name), options, false);
    }
    if (is_root || (!options.has('s') && (is_directory || options.has('a'))))
        system.print(fmt::format("{}\t{}\n", options.has('h') ? human(total) : std::to_string(total), path));
    return total;
}

int du(System& system, Args const& args)
{
    Options const options(args, "shak");
    auto roots = options.operands();
    if (roots.empty())
        roots.emplace_back(".");
    int status = 0;
    for (auto const& root : roots) {
        if (auto const a = system.stat(root, Follow::No); !a)
            status = complain(system, args, root + ": " + reason_of(a.error()));
        else
            du_visit(system, root, options, true);
    }
    return status;
}

}

void add_tree_applets(ProgramTable& table)
{
    table.insert({ { "ls", ls }, { "cp", cp }, { "rm", rm }, { "mv", mv }, { "find", find }, { "du", du } });
}

}
