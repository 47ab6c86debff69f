#include "engine/client/BuildContext.h"

#include "engine/layer/TarWriter.h"
#include "sim/core/PathPattern.h"
#include "sim/oci/Digest.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace drydock::client {

namespace {

constexpr std::uint64_t small_file = 4 << 20; // bytes of a Dockerfile or a .dockerignore

std::string joined(std::string const& directory, std::string const& name)
{
    return directory.empty() ? name : directory + "/" + name;
}

Result<std::optional<std::string>> read_small(LocalDirectory const& directory, std::string const& path)
{
    auto const slash = path.rfind('/');
    auto const entries = directory.list(slash == std::string::npos ? "" : path.substr(0, slash));
    if (!entries)
        return std::nullopt;
    auto const name = path.substr(slash + 1); // npos + 1 is 0
    auto const found
        = std::find_if(entries->begin(), entries->end(), [&](LocalEntry const& entry) { return entry.name == name; });
    if (found == entries->end() || found->type != LocalEntry::Type::File)
        return std::nullopt;
    if (found->size > small_file)
        return fail(ErrorKind::LimitExceeded, path + " is larger than " + std::to_string(small_file) + " bytes");
    auto const file = TRY(directory.open(path));
    std::string text(found->size, '\0');
    std::size_t at = 0;
    while (at < text.size()) {
        auto const count = TRY(file->read_some(std::span(text).subspan(at)));
        if (count == 0)
            break;
        at += count;
    }
    text.resize(at);
    return text;
}

layer::Entry in_tar(std::string path, LocalEntry const& file)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.mode = file.mode;
    entry.mtime = file.mtime / 1'000'000'000 * 1'000'000'000;
    switch (file.type) {
    case LocalEntry::Type::Directory: entry.type = layer::FileType::Directory; break;
    case LocalEntry::Type::Symlink:
        entry.type = layer::FileType::Symlink;
        entry.link = file.target;
        break;
    case LocalEntry::Type::File:
    case LocalEntry::Type::Other: entry.size = file.size; break;
    }
    return entry;
}

}

struct BuildContext::State {
    // Takes one entry off the list, puts it into the tar, and what a directory holds onto the list.
    Result<void> step()
    {
        auto const [path, entry] = std::move(pending.front());
        pending.pop_front();
        if (entry.type == LocalEntry::Type::Other)
            return {}; // sockets, devices, fifos: nothing to send
        bool const wanted = path == dockerfile || path == ".dockerignore" || !ignore.ignores(path);
        if (wanted)
            TRY(tar.begin(in_tar(path, entry)));
        if (wanted && entry.type == LocalEntry::Type::File && entry.size > 0) {
            file = TRY(directory->open(path));
            file_path = path;
            file_left = entry.size;
        }
        // Below an ignored directory an exception, or the Dockerfile, may be wanted.
        bool const look_inside = wanted || ignore.has_exceptions() || dockerfile.starts_with(path + "/");
        if (entry.type == LocalEntry::Type::Directory && look_inside) {
            auto const children = TRY(directory->list(path));
            for (auto child = children.rbegin(); child != children.rend(); ++child)
                pending.emplace_front(joined(path, child->name), *child);
        }
        return {};
    }

    // What the file grew by meanwhile is left out.
    Result<void> read_piece()
    {
        std::array<char, 65536> buffer;
        auto const count
            = TRY(file->read_some(std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), file_left))));
        if (count == 0)
            return fail(ErrorKind::Conflict, file_path + " became shorter while it was sent");
        file_left -= count;
        if (file_left == 0)
            file.reset();
        return tar.write({ buffer.data(), count });
    }

    // A Dockerfile from elsewhere travels under a name that no COPY will name, and that .dockerignore keeps out.
    Result<void> add_from_elsewhere(std::string const& text)
    {
        dockerfile = ".dockerfile." + oci::Digest::of(text).hex().substr(0, 20);
        layer::Entry entry;
        entry.path = dockerfile;
        entry.size = text.size();
        TRY(tar.add(entry, text));
        auto const ignored = ignore_text + "\n.dockerignore\n" + dockerfile + "\n";
        entry.path = ".dockerignore";
        entry.size = ignored.size();
        TRY(tar.add(entry, ignored));
        std::erase_if(pending, [](auto const& each) { return each.first == ".dockerignore"; });
        return {};
    }

    std::unique_ptr<LocalDirectory> directory;
    IgnoreList ignore;
    std::string ignore_text;
    std::string dockerfile;
    std::deque<std::pair<std::string, LocalEntry>> pending;
    std::unique_ptr<LocalFile> file; // being sent
    std::string file_path;
    std::uint64_t file_left { 0 };
    std::string made; // bytes of the tar that wait to be sent
    layer::TarWriter tar { [this](std::string_view bytes) -> Result<void> {
        made += bytes;
        return {};
    } };
    bool ended { false };
};

namespace {

Error unprepared(std::string const& why)
{
    return Error(ErrorKind::InvalidInput, "unable to prepare context: " + why);
}

// "sub/Dockerfile" as seen from "sub": nothing where it lies elsewhere.
std::optional<std::string> inside(std::string const& directory, std::string const& file)
{
    auto const from = std::filesystem::path(directory.empty() ? "." : directory).lexically_normal();
    auto const relative = std::filesystem::path(file).lexically_normal().lexically_relative(from).string();
    if (relative.empty() || relative == "." || relative == ".." || relative.starts_with("../"))
        return std::nullopt;
    return relative;
}

Result<std::string> read_elsewhere(LocalFiles& files, std::string const& path)
{
    auto const file = std::filesystem::path(path);
    auto const directory = files.directory(file.has_parent_path() ? file.parent_path().string() : ".");
    auto const text = directory ? read_small(**directory, file.filename().string())
                                : Result<std::optional<std::string>>(fail(directory.error()));
    if (!text || !*text)
        return fail(unprepared(
            "unable to evaluate symlinks in Dockerfile path: lstat " + path + ": no such file or directory"));
    return **text;
}

}

Result<BuildContext> BuildContext::open(LocalFiles& files, ContextRequest const& request)
{
    auto state = std::make_shared<State>();
    auto directory = files.directory(request.directory);
    if (!directory && directory.error().errno_code() == 0)
        return fail(unprepared(directory.error().message()));
    if (!directory)
        return fail(unprepared("path \"" + request.directory + "\" not found"));
    state->directory = std::move(*directory);
    state->ignore_text = TRY(read_small(*state->directory, ".dockerignore")).value_or("");
    state->ignore = TRY(IgnoreList::parse(state->ignore_text));
    for (auto& entry : TRY(state->directory->list("")))
        state->pending.emplace_back(entry.name, entry);
    auto const own = request.dockerfile.empty() ? std::optional<std::string>("Dockerfile")
                                                : inside(request.directory, request.dockerfile);
    if (own) {
        state->dockerfile = *own;
        if (!TRY(read_small(*state->directory, *own)))
            return fail(unprepared("unable to evaluate symlinks in Dockerfile path: lstat "
                + joined(request.directory, *own) + ": no such file or directory"));
    } else {
        auto const text = TRY(read_elsewhere(files, request.dockerfile));
        TRY(state->add_from_elsewhere(text));
    }
    auto const dockerfile = state->dockerfile;
    return BuildContext(std::move(state), dockerfile);
}

Result<std::string> BuildContext::next()
{
    auto& state = *m_state;
    while (state.made.size() < 32768 && !state.ended) {
        if (state.file) {
            TRY(state.read_piece());
        } else if (!state.pending.empty()) {
            TRY(state.step());
        } else {
            TRY(state.tar.finish());
            state.ended = true;
        }
    }
    return std::exchange(state.made, {});
}

std::string context_of_input(std::string input)
{
    bool const packed = input.starts_with("\x1f\x8b") || input.starts_with("\x28\xb5\x2f\xfd")
        || input.starts_with("BZh")
        || input.starts_with(std::string_view("\xfd"
                                              "7zXZ\0",
            6));
    if (packed || (input.size() >= 512 && input.substr(257, 5) == "ustar"))
        return input; // a whole context
    layer::Entry entry;
    entry.path = "Dockerfile";
    entry.size = input.size();
    layer::MemoryTar tar;
    tar.add(entry, input);
    return tar.finish();
}

}
