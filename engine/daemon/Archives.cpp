// /containers/{}/archive and export: files out of a container and into one, as tars (`docker cp`, `docker export`).

#include "engine/daemon/Places.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "engine/daemon/Spool.h"
#include "engine/unionfs/Archive.h"

#include <cerrno>

namespace drydock::daemon {

namespace {

using unionfs::FileType;

// Go's os.FileMode, which docker's clients read: the kind of file in the upper bits.
std::uint32_t go_file_mode(unionfs::Attributes const& attributes)
{
    std::uint32_t mode = attributes.mode & 0777U;
    mode |= (attributes.mode & 04000U) != 0 ? 1U << 23U : 0;
    mode |= (attributes.mode & 02000U) != 0 ? 1U << 22U : 0;
    mode |= (attributes.mode & 01000U) != 0 ? 1U << 20U : 0;
    switch (attributes.type) {
    case FileType::Directory: return mode | 1U << 31U;
    case FileType::Symlink: return mode | 1U << 27U;
    case FileType::BlockDevice: return mode | 1U << 26U;
    case FileType::CharDevice: return mode | 1U << 26U | 1U << 21U;
    case FileType::Fifo: return mode | 1U << 25U;
    case FileType::Socket: return mode | 1U << 24U;
    case FileType::Regular:
    case FileType::HardLink: return mode;
    }
    return mode;
}

std::string base64(std::string_view bytes)
{
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto const byte = [&](std::size_t n) {
            return n < bytes.size() ? std::uint32_t { static_cast<unsigned char>(bytes[n]) } : 0U;
        };
        auto const group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
        for (auto const shift : { 18U, 12U, 6U, 0U })
            text += digits[group >> shift & 63U];
    }
    for (std::size_t i = 0; i < (3 - bytes.size() % 3) % 3; ++i)
        text[text.size() - 1 - i] = '=';
    return text;
}

// One object in a container, as the client named it.
struct Wanted {
    std::shared_ptr<Container> container;
    FilePlace place;
    std::string name; // its last component: "hosts"; "/" for the root
    unionfs::Attributes attributes {};
};

bool asks_for_directory(std::string const& path)
{
    return path.ends_with('/') || path.ends_with("/.");
}

Error not_found(Call const& call, std::string const& path)
{
    return Error(ErrorKind::NotFound, "Could not find the file " + path + " in container " + call.name);
}

bool is_absence(Error const& error)
{
    return error.errno_code() == ENOENT || error.errno_code() == ENOTDIR;
}

Result<Wanted> find_wanted(Call const& call)
{
    auto const path = call.parameter("path");
    if (path.empty())
        return fail(ErrorKind::InvalidInput, "the query parameter \"path\" is missing");
    auto container = TRY(call.engine.containers.find(call.name));
    auto place = TRY(find_place(call.engine, *container, path, Purpose::Reading));
    auto const plain = plain_path(path);
    Wanted wanted { .container = std::move(container),
        .place = std::move(place),
        .name = plain == "/" ? "/" : plain.substr(plain.rfind('/') + 1) };
    if (asks_for_directory(path)) {
        auto const resolved = wanted.place.tree->resolve(wanted.place.path);
        if (!resolved)
            return fail(is_absence(resolved.error()) ? not_found(call, path) : resolved.error());
        wanted.place.path = *resolved;
    }
    auto const attributes = wanted.place.tree->stat(wanted.place.path);
    if (!attributes)
        return fail(is_absence(attributes.error()) ? not_found(call, path) : attributes.error());
    wanted.attributes = *attributes;
    if (asks_for_directory(path) && attributes->type != FileType::Directory)
        return fail(ErrorKind::InvalidInput, plain + " is not a directory");
    if (path.ends_with("/."))
        wanted.name = "."; // its content, not itself
    return wanted;
}

std::string stat_header(Wanted const& wanted)
{
    std::string target;
    if (wanted.attributes.type == FileType::Symlink)
        target = wanted.place.tree->resolve(wanted.place.path).value_or(std::string());
    return base64(to_text(
        { { "name", wanted.name }, { "size", wanted.attributes.size }, { "mode", go_file_mode(wanted.attributes) },
            { "mtime", rfc3339({ wanted.attributes.mtime }) }, { "linkTarget", target } }));
}

Result<void> stat_path(Call& call)
{
    auto const wanted = TRY(find_wanted(call));
    return call.exchange.respond(200, { { "X-Docker-Container-Path-Stat", stat_header(wanted) } }, "");
}

// Streams `path` of `tree`. Once it has begun, a failure can only cut the answer off.
Result<unionfs::ArchiveCount> send_archive(Call& call, http::Headers headers, unionfs::UnionMount const& tree,
    std::string const& path, std::string const& name)
{
    auto const body = TRY(call.exchange.respond_streaming(200, std::move(headers)));
    return unionfs::write_archive(tree, path, name, [&](std::string_view bytes) { return body->write(bytes); });
}

Result<void> get_archive(Call& call)
{
    auto const wanted = TRY(find_wanted(call));
    auto const sent = TRY(send_archive(call,
        { { "Content-Type", "application/x-tar" }, { "X-Docker-Container-Path-Stat", stat_header(wanted) } },
        *wanted.place.tree, wanted.place.path, wanted.name));
    call.engine.seams.publisher.publish(trace::FilesCopied { .container = wanted.container->id(),
        .into = false,
        .path = plain_path(call.parameter("path")),
        .entries = sent.entries,
        .bytes = sent.bytes });
    call.engine.containers.publish_event(*wanted.container, "archive-path");
    return {};
}

// The directory to extract into, symlinks followed.
Result<std::string> extraction_point(Call const& call, FilePlace const& place, std::string const& path)
{
    if (place.read_only)
        return fail(ErrorKind::InvalidInput,
            place.mounted ? "mounted volume is marked read-only" : "container rootfs is marked read-only");
    auto const resolved = place.tree->resolve(place.path);
    if (!resolved)
        return fail(is_absence(resolved.error()) ? not_found(call, path) : resolved.error());
    if (TRY(place.tree->stat(*resolved)).type != FileType::Directory)
        return fail(ErrorKind::InvalidInput, "extraction point is not a directory");
    return *resolved;
}

Result<void> put_archive(Call& call)
{
    auto const path = call.parameter("path");
    if (path.empty())
        return fail(ErrorKind::InvalidInput, "the query parameter \"path\" is missing");
    auto const container = TRY(call.engine.containers.find(call.name));
    // All of it first, whatever becomes of it: a client that is cut off while it sends does not hear why.
    auto const spool = TRY(Spool::make(call.engine.seams.storage, call.engine.seams.random));
    TRY(spool->write_all(call.exchange.body()));
    auto const place = TRY(find_place(call.engine, *container, path, Purpose::Writing));
    auto const directory = TRY(extraction_point(call, place, path));
    auto const entries = TRY(spool->finish());
    for (auto const& entry : entries) {
        // The kernel does not let dockerd put another file below a mount either.
        auto const target = plain_path(directory + "/" + entry.path);
        if (!place.mounted && container->state().started.nanoseconds != 0 && is_engine_file(target))
            return fail(ErrorKind::Conflict,
                "Error processing tar file(exit status 1): unlinkat " + target + ": device or resource busy");
    }
    auto const overwrite
        = call.flag("noOverwriteDirNonDir") ? unionfs::Overwrite::SameKind : unionfs::Overwrite::Anything;
    auto const made = TRY(unionfs::apply_archive(*place.tree, directory, entries, spool->tar(), overwrite));
    call.engine.seams.publisher.publish(trace::FilesCopied { .container = container->id(),
        .into = true,
        .path = plain_path(path),
        .entries = made,
        .bytes = spool->size() });
    call.engine.containers.publish_event(*container, "extract-to-dir");
    return reply_empty(call.exchange, 200);
}

Result<void> export_container(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto const place = TRY(find_place(call.engine, *container, "/", Purpose::Reading));
    auto const sent = TRY(send_archive(call, { { "Content-Type", "application/octet-stream" } }, *place.tree, "/", ""));
    call.engine.seams.publisher.publish(trace::ContainerExported { .container = container->id(), .bytes = sent.bytes });
    call.engine.containers.publish_event(*container, "export");
    return {};
}

}

std::span<Route const> file_routes()
{
    static constexpr Route routes[] {
        { "HEAD", "/containers/{}/archive", stat_path },
        { "GET", "/containers/{}/archive", get_archive },
        { "PUT", "/containers/{}/archive", put_archive },
        { "GET", "/containers/{}/export", export_container },
    };
    return routes;
}

}
