// save, load, import.

#include "engine/client/Format.h"
#include "engine/client/Invocation.h"
#include "engine/client/Pull.h"
#include "sim/oci/Reference.h"

#include <nlohmann/json.hpp>

#include <array>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// ---- save ----

Result<void> save_images(Invocation const& in)
{
    auto const path = in.arguments.text("output");
    if (path.empty() && in.terminal.is_tty)
        return fail(ErrorKind::InvalidInput, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    http::Query names;
    for (auto const& word : in.words())
        names.emplace_back("names", word);
    auto const response = TRY(in.api.open("GET", "/images/get" + query(names)));
    auto const file = path.empty() ? nullptr : TRY(in.files.create(path));
    std::array<char, 65536> buffer;
    while (auto const count = TRY(response.body->read_some(buffer))) {
        std::string_view const piece(buffer.data(), count);
        if (file)
            TRY(file->write(piece));
        else
            in.out(piece);
    }
    return file ? file->finish() : Result<void> {};
}

int save(Invocation const& in)
{
    auto const done = save_images(in);
    return done ? 0 : in.failed(done.error());
}

// ---- load, import ----

// The archive out of a file, or what is typed.
Result<LocalFiles::Reader> archive_of(Invocation const& in, std::string const& path)
{
    if (!path.empty() && path != "-")
        return in.files.open(path);
    if (!in.terminal.read)
        return fail(ErrorKind::InvalidInput, "requested load from stdin, but stdin is empty");
    return [&in]() -> Result<std::string> { return in.terminal.read(); };
}

Result<void> load_images(Invocation const& in)
{
    auto const archive = TRY(archive_of(in, in.arguments.text("input")));
    auto response = TRY(in.api.send_archive("POST", "/images/load?quiet=1", archive));
    return for_each_message(response, [&](json const& message) -> Result<void> {
        if (message.contains("error"))
            return fail(ErrorKind::Internal, message.value("error", ""));
        in.out(message.value("stream", ""));
        return {};
    });
}

int load(Invocation const& in)
{
    auto const done = load_images(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> import_archive(Invocation const& in)
{
    http::Query parameters { { "fromSrc", "-" } };
    if (in.words().size() > 1)
        parameters.emplace_back("repo", in.words()[1]);
    if (in.arguments.has("message"))
        parameters.emplace_back("message", in.arguments.text("message"));
    for (auto const& change : in.arguments.list("change"))
        parameters.emplace_back("changes", change);
    auto const archive = TRY(archive_of(in, in.words().front()));
    auto response = TRY(in.api.send_archive("POST", "/images/create" + query(parameters), archive));
    return for_each_message(
        response, [&](json const& message) { return print_progress(in, message, Progress::ToStdout); });
}

int import_image(Invocation const& in)
{
    auto const done = import_archive(in);
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> archive_commands()
{
    return {
        { "save", "[OPTIONS] IMAGE [IMAGE...]",
            "Save one or more images to a tar archive (streamed to STDOUT by default)",
            { { "output", 'o', FlagKind::Text, "Write to a file, instead of STDOUT" } }, 1, any_number, save },
        { "load", "[OPTIONS]", "Load an image from a tar archive or STDIN",
            { { "input", 'i', FlagKind::Text, "Read from tar archive file, instead of STDIN" },
                { "quiet", 'q', FlagKind::Switch, "Suppress the load output" } },
            0, 0, load },
        { "import", "[OPTIONS] file|- [REPOSITORY[:TAG]]",
            "Import the contents from a tarball to create a filesystem image",
            { { "change", 'c', FlagKind::List, "Apply Dockerfile instruction to the created image" },
                { "message", 'm', FlagKind::Text, "Set commit message for imported image" } },
            1, 2, import_image },
    };
}

}
