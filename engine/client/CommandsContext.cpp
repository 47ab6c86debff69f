// context create, update, use, ls, rm, inspect, show, export, import: names for daemons. No daemon is asked.

#include "engine/client/Contexts.h"
#include "engine/client/Format.h"
#include "engine/client/Invocation.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// "host=tcp://…,ca=FILE,cert=FILE,key=FILE"
Result<void> read_endpoint(std::string const& text, Context& context)
{
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        auto const equals = part.find('=');
        auto const key = part.substr(0, equals);
        auto const value = equals == std::string::npos ? "" : part.substr(equals + 1);
        if (key == "host")
            context.host = value;
        else if (key == "ca")
            context.tls.authority = value;
        else if (key == "cert")
            context.tls.certificate = value;
        else if (key == "key")
            context.tls.key = value;
        else
            return fail(ErrorKind::InvalidInput, "unrecognized config key: " + key);
    }
    if (context.host.empty())
        return fail(ErrorKind::InvalidInput, "docker endpoint configuration is required: --docker host=…");
    TRY(network::Endpoint::parse(context.host));
    return {};
}

// A new one, or with --from one like another.
Result<Context> described_context(Invocation const& in)
{
    Context context { .name = {}, .description = {}, .host = {} };
    if (in.arguments.has("from"))
        context = TRY(Contexts(in.files).find(in.arguments.text("from")));
    context.name = in.words().front();
    if (in.arguments.has("description"))
        context.description = in.arguments.text("description");
    if (in.arguments.has("docker") || context.host.empty())
        TRY(read_endpoint(in.arguments.text("docker"), context));
    return context;
}

int create_context(Invocation const& in)
{
    auto const context = described_context(in);
    auto const made = context ? Contexts(in.files).create(*context) : Result<void>(fail(context.error()));
    if (!made)
        return in.failed(made.error());
    in.out(context->name + "\n");
    in.err(fmt::format("Successfully created context \"{}\"\n", context->name));
    return 0;
}

Result<void> change_context(Invocation const& in)
{
    Contexts contexts(in.files);
    auto context = TRY(contexts.find(in.words().front()));
    if (in.arguments.has("description"))
        context.description = in.arguments.text("description");
    if (in.arguments.has("docker")) {
        context.host.clear();
        TRY(read_endpoint(in.arguments.text("docker"), context));
    }
    TRY(contexts.update(context));
    in.out(context.name + "\n");
    in.err(fmt::format("Successfully updated context \"{}\"\n", context.name));
    return {};
}

int update_context(Invocation const& in)
{
    auto const done = change_context(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> write_context(Invocation const& in)
{
    auto const& name = in.words().front();
    auto const archive = TRY(Contexts(in.files).pack(name));
    auto const file = in.words().size() > 1 ? in.words()[1] : name + ".dockercontext";
    if (file == "-" && in.terminal.is_tty)
        return fail(ErrorKind::InvalidInput, "cowardly refusing to export to a terminal, specify a file path");
    if (file == "-") {
        in.out(archive);
        return {};
    }
    if (in.files.open(file))
        return fail(ErrorKind::Conflict, "open " + file + ": file exists");
    TRY(write_file(in.files, file, archive));
    in.err(fmt::format("Written file \"{}\"\n", file));
    return {};
}

int export_context(Invocation const& in)
{
    auto const done = write_context(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> take_context(Invocation const& in)
{
    auto const& name = in.words()[0];
    auto const archive = in.words()[1] == "-" ? all_input(in.terminal) : TRY(read_file(in.files, in.words()[1]));
    TRY(Contexts(in.files).unpack(name, archive));
    in.out(name + "\n");
    in.err(fmt::format("Successfully imported context \"{}\"\n", name));
    return {};
}

int import_context(Invocation const& in)
{
    auto const done = take_context(in);
    return done ? 0 : in.failed(done.error());
}

int use_context(Invocation const& in)
{
    auto const& name = in.words().front();
    if (auto const used = Contexts(in.files).use(name); !used)
        return in.failed(used.error());
    in.out(name + "\n");
    in.err(fmt::format("Current context is now \"{}\"\n", name));
    return 0;
}

int show_context(Invocation const& in)
{
    auto const name = Contexts(in.files).current();
    if (!name)
        return in.failed(name.error());
    in.out(*name + "\n");
    return 0;
}

Result<void> print_context_list(Invocation const& in)
{
    Contexts const contexts(in.files);
    auto const current = TRY(contexts.current());
    auto all = TRY(contexts.list());
    all.insert(
        all.begin(), { .name = std::string(default_context), .description = "What DOCKER_HOST says", .host = {} });
    std::vector<json> rows;
    for (auto const& context : all)
        rows.push_back({ { "Name", context.name + (context.name == current ? " *" : "") },
            { "Description", context.description }, { "DockerEndpoint", context.host }, { "Error", "" } });
    in.out(TRY(formatted(in, rows,
        { { "NAME", "Name" }, { "DESCRIPTION", "Description" }, { "DOCKER ENDPOINT", "DockerEndpoint" },
            { "ERROR", "Error" } })));
    return {};
}

int list_contexts(Invocation const& in)
{
    auto const done = print_context_list(in);
    return done ? 0 : in.failed(done.error());
}

int remove_contexts(Invocation const& in)
{
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        Contexts contexts(in.files);
        bool const force = in.arguments.is_set("force");
        if (force && name != default_context && TRY(contexts.current()) == name)
            TRY(contexts.use(std::string(default_context)));
        auto const gone = contexts.remove(name);
        return force && !gone && gone.error().kind() == ErrorKind::NotFound ? Result<void>() : gone;
    });
}

Result<void> print_contexts(Invocation const& in)
{
    json documents = json::array();
    std::string lines;
    auto const format = in.arguments.text("format");
    for (auto const& name : in.words()) {
        auto const context = TRY(Contexts(in.files).find(name));
        documents.push_back({ { "Name", context.name }, { "Metadata", { { "Description", context.description } } },
            { "Endpoints", { { "docker", { { "Host", context.host }, { "SkipTLSVerify", false } } } } },
            { "TLSMaterial",
                context.tls.complete() ? json { { "docker", { "ca.pem", "cert.pem", "key.pem" } } }
                                       : json::object() } });
    }
    for (auto const& document : documents)
        lines += TRY(apply_template(format == "json" ? "{{json .}}" : format, document)) + "\n";
    in.out(format.empty() ? documents.dump(4) + "\n" : lines);
    return {};
}

int inspect_contexts(Invocation const& in)
{
    auto const done = print_contexts(in);
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> context_commands()
{
    Flag const docker { "docker", 0, FlagKind::Text,
        "set the docker endpoint: host=ADDRESS[,ca=FILE,cert=FILE,key=FILE]" };
    std::vector<Command> commands {
        { "context create", "[OPTIONS] CONTEXT", "Create a context",
            { { "description", 0, FlagKind::Text, "Description of the context" }, docker,
                { "from", 0, FlagKind::Text, "Create the context from an existing context" } },
            1, 1, create_context },
        { "context update", "[OPTIONS] CONTEXT", "Update a context",
            { { "description", 0, FlagKind::Text, "Description of the context" }, docker }, 1, 1, update_context },
        { "context export", "CONTEXT [FILE|-]", "Export a context to a tar archive FILE or a tar stream on STDOUT", {},
            1, 2, export_context },
        { "context import", "CONTEXT FILE|-", "Import a context from a tar file", {}, 2, 2, import_context },
        { "context use", "CONTEXT", "Set the current docker context", {}, 1, 1, use_context },
        { "context show", "", "Print the name of the current context", {}, 0, 0, show_context },
        { "context ls", "[OPTIONS]", "List contexts",
            { { "format", 0, FlagKind::Text, "Format output using a Go template: 'table TEMPLATE' or 'TEMPLATE'" },
                { "quiet", 'q', FlagKind::Switch, "Only show context names" } },
            0, 0, list_contexts },
        { "context rm", "CONTEXT [CONTEXT...]", "Remove one or more contexts",
            { { "force", 'f', FlagKind::Switch, "Force the removal of a context in use" } }, 1, any_number,
            remove_contexts },
        { "context inspect", "CONTEXT [CONTEXT...]", "Display detailed information on one or more contexts",
            { { "format", 'f', FlagKind::Text, "\"json\", or a template such as '{{.Name}}'" } }, 1, any_number,
            inspect_contexts },
    };
    for (auto& command : commands)
        command.needs_daemon = false;
    return commands;
}

}
