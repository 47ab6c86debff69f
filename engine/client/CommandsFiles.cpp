// cp, export: files between a container and whoever types.

#include "engine/client/Invocation.h"
#include "engine/client/LocalTree.h"
#include "sim/core/Base64.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace drydock::client {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

using ByteSink = std::function<Result<void>(std::string_view)>;

constexpr std::uint32_t go_mode_directory = 1U << 31U;
constexpr std::uint32_t go_mode_symlink = 1U << 27U;

// What HEAD /containers/{}/archive says of a path.
struct PathStat {
    std::string name;
    std::uint32_t mode { 0 };
    std::string link_target;
    bool is_directory() const { return (mode & go_mode_directory) != 0; }
    bool is_symlink() const { return (mode & go_mode_symlink) != 0; }
};

// A container's path, or a local one ("-" is the terminal).
struct Side {
    std::string container; // empty: local
    std::string path;
};

Side parse_side(std::string const& text)
{
    auto const colon = text.find(':');
    bool const local = colon == std::string::npos || text.starts_with('.') || text.starts_with('/');
    return local ? Side { {}, text } : Side { text.substr(0, colon), text.substr(colon + 1) };
}

std::string archive_path(Side const& side, http::Query more = {})
{
    more.emplace_back("path", side.path.empty() ? "/" : side.path);
    return container_path(side.container, "/archive" + query(more));
}

Result<PathStat> stat_in_container(Invocation const& in, Side const& side)
{
    auto const response = TRY(in.api.open("HEAD", archive_path(side)));
    auto const header = TRY(base64_decode(response.headers.get("X-Docker-Container-Path-Stat").value_or("")));
    auto const stat = json::parse(header, nullptr, false);
    if (!stat.is_object())
        return fail(ErrorKind::Corrupt, "the daemon's answer says nothing about the path");
    return PathStat { .name = stat.value("name", ""),
        .mode = stat.value("mode", std::uint32_t { 0 }),
        .link_target = stat.value("linkTarget", "") };
}

bool names_directory(std::string const& path)
{
    return path.ends_with('/') || path.ends_with("/.") || path == "." || path == "..";
}

// ---- Out of a container ----

Result<void> receive(http::Response& response, ByteSink const& sink)
{
    std::array<char, 65536> buffer; // NOLINT: filled by read_some
    while (auto const size = TRY(response.body->read_some(buffer)))
        TRY(sink({ buffer.data(), size }));
    return {};
}

Result<void> copy_out(Invocation const& in, Side from, std::string const& to)
{
    auto found = stat_in_container(in, from);
    if (!found) {
        TRY(in.api.open("GET", archive_path(from))); // an answer to HEAD has no words; this one's has
        return fail(found.error());
    }
    auto stat = *found;
    if (in.arguments.is_set("follow-link") && stat.is_symlink() && !stat.link_target.empty()) {
        auto const name = stat.name; // the copy keeps the link's name
        from.path = stat.link_target;
        stat = TRY(stat_in_container(in, from));
        stat.name = name;
    }
    auto response = TRY(in.api.open("GET", archive_path(from)));
    if (to == "-")
        return receive(response, [&](std::string_view bytes) -> Result<void> {
            in.out(bytes);
            return {};
        });
    auto const target = TRY(in.files.place(to));
    auto const there = in.files.kind(target, Symlinks::Followed);
    if (there == LocalFiles::Kind::File && stat.is_directory())
        return fail(ErrorKind::InvalidInput, "cannot copy directory");
    if (there == LocalFiles::Kind::Absent && names_directory(to) && !stat.is_directory())
        return fail(ErrorKind::NotFound, "no such directory");
    auto const unpacker = in.files.unpack();
    TRY(receive(response, [&](std::string_view bytes) { return unpacker->write(bytes); }));
    if (there == LocalFiles::Kind::Directory)
        return unpacker->finish(target, stat.name == "." || stat.name == "/" ? "" : stat.name);
    if (stat.name == "." || stat.name == "/") {
        if (there == LocalFiles::Kind::Absent)
            TRY(in.files.make_directory(target));
        return unpacker->finish(target, "");
    }
    auto plain = target.lexically_normal();
    if (!plain.has_filename())
        plain = plain.parent_path();
    if (in.files.kind(plain.parent_path(), Symlinks::Followed) != LocalFiles::Kind::Directory)
        return fail(ErrorKind::NotFound,
            "invalid output path: directory \"" + plain.parent_path().string() + "\" does not exist");
    return unpacker->finish(plain.parent_path(), plain.filename().string());
}

// ---- Into a container ----

// Where the copy goes: a directory of the container, and the name it gets there ("." for a tree's content).
struct Destination {
    Side directory;
    std::string name;
};

Result<Destination> destination(Invocation const& in, Side to, std::string const& source_name, bool source_is_directory)
{
    auto stat = stat_in_container(in, to);
    if (stat && stat->is_symlink() && !stat->link_target.empty()) {
        to.path = stat->link_target;
        stat = stat_in_container(in, to);
    }
    if (stat && stat->is_directory())
        return Destination { to, source_name };
    if (stat && source_is_directory)
        return fail(ErrorKind::InvalidInput, "cannot copy directory");
    if (!stat && names_directory(to.path) && !source_is_directory)
        return fail(ErrorKind::NotFound, "no such directory");
    auto path = fs::path("/" + to.path).lexically_normal();
    if (!path.has_filename())
        path = path.parent_path();
    return Destination { { to.container, path.parent_path().string() }, path.filename().string() };
}

Result<void> upload(Invocation const& in, Side const& directory, std::function<Result<std::string>()> produce)
{
    http::Query parameters { { "noOverwriteDirNonDir", "true" } };
    if (in.arguments.is_set("archive"))
        parameters.emplace_back("copyUIDGID", "true");
    TRY(in.api.send_archive("PUT", archive_path(directory, parameters), std::move(produce)));
    return {};
}

Result<void> copy_in(Invocation const& in, std::string const& from, Side const& to)
{
    if (from == "-") {
        auto const stat = TRY(stat_in_container(in, to));
        if (!stat.is_directory())
            return fail(
                ErrorKind::InvalidInput, "destination \"" + to.container + ":" + to.path + "\" must be a directory");
        return upload(
            in, to, [&]() -> Result<std::string> { return in.terminal.read ? in.terminal.read() : std::string(); });
    }
    auto const source = TRY(in.files.place(from));
    bool const follow = in.arguments.is_set("follow-link") || names_directory(from);
    auto const symlinks = follow ? Symlinks::Followed : Symlinks::Kept;
    auto const kind = in.files.kind(source, symlinks);
    if (kind == LocalFiles::Kind::Absent)
        return fail(ErrorKind::NotFound, "lstat " + source.string() + ": no such file or directory");
    auto plain = source.lexically_normal();
    if (!plain.has_filename())
        plain = plain.parent_path();
    auto const own_name = from.ends_with("/.") || from == "." ? "." : plain.filename().string();
    auto const goal = TRY(destination(in, to, own_name, kind == LocalFiles::Kind::Directory));
    return upload(in, goal.directory, TRY(in.files.pack(source, goal.name, symlinks)));
}

int cp(Invocation const& in)
{
    auto const from = parse_side(in.words()[0]);
    auto const to = parse_side(in.words()[1]);
    Result<void> done = fail(ErrorKind::InvalidInput, "must specify at least one container source");
    if (!from.container.empty() && !to.container.empty())
        done = fail(ErrorKind::InvalidInput, "copying between containers is not supported");
    else if (!from.container.empty())
        done = copy_out(in, from, to.path);
    else if (!to.container.empty())
        done = copy_in(in, from.path, to);
    return done ? 0 : in.failed(done.error());
}

Result<void> export_tree(Invocation const& in)
{
    auto response = TRY(in.api.open("GET", container_path(in.words().front(), "/export")));
    if (!in.arguments.has("output"))
        return receive(response, [&](std::string_view bytes) -> Result<void> {
            in.out(bytes);
            return {};
        });
    auto const file = TRY(in.files.create(in.arguments.text("output")));
    TRY(receive(response, [&](std::string_view bytes) { return file->write(bytes); }));
    return file->finish();
}

int export_container(Invocation const& in)
{
    auto const done = export_tree(in);
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> file_commands()
{
    return {
        { "cp", "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|- or SRC_PATH|- CONTAINER:DEST_PATH",
            "Copy files/folders between a container and the local filesystem",
            { { "archive", 'a', FlagKind::Switch, "Archive mode (copy all uid/gid information)" },
                { "follow-link", 'L', FlagKind::Switch, "Always follow symbol link in SRC_PATH" },
                { "quiet", 'q', FlagKind::Switch, "Suppress progress output during copy" } },
            2, 2, cp },
        { "export", "[OPTIONS] CONTAINER", "Export a container's filesystem as a tar archive",
            { { "output", 'o', FlagKind::Text, "Write to a file, instead of STDOUT" } }, 1, 1, export_container },
    };
}

}
