#include "engine/client/Contexts.h"

#include "engine/client/ConfigFile.h"
#include "engine/layer/TarReader.h"
#include "engine/layer/TarWriter.h"
#include "sim/oci/Digest.h"

#include <algorithm>
#include <array>
#include <map>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

constexpr std::size_t largest_archive = 1 << 20; // bytes; three certificates are a few thousand

constexpr std::array<std::pair<char const*, std::string TlsFiles::*>, 3> tls_files {
    { { "ca.pem", &TlsFiles::authority }, { "cert.pem", &TlsFiles::certificate }, { "key.pem", &TlsFiles::key } }
};

bool is_name(std::string_view name)
{
    auto const good = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.'
            || c == '+' || c == '-';
    };
    return name.size() > 1 && name.front() != '.' && name.front() != '-' && name.front() != '+'
        && std::all_of(name.begin(), name.end(), good);
}

std::string folder_of(std::string const& name)
{
    return oci::Digest::of(name).hex();
}

std::string meta_document(Context const& context)
{
    json metadata = json::object();
    if (!context.description.empty())
        metadata["Description"] = context.description;
    return json {
        { "Name", context.name }, { "Metadata", metadata },
        { "Endpoints", { { "docker", { { "Host", context.host }, { "SkipTLSVerify", false } } } } }
    }.dump();
}

tl::unexpected<Error> not_found(std::string const& name)
{
    return fail(ErrorKind::NotFound, "context \"" + name + "\": context not found");
}

}

std::string Contexts::meta(std::string const& name) const
{
    return m_files.config_directory() + "/contexts/meta/" + folder_of(name);
}

std::string Contexts::certificates(std::string const& name) const
{
    return m_files.config_directory() + "/contexts/tls/" + folder_of(name);
}

Result<Context> Contexts::read(std::string const& path) const
{
    auto const text = TRY(read_file(m_files, path + "/meta.json"));
    auto const document = json::parse(text, nullptr, false);
    auto const text_at = [&](char const* pointer) {
        auto const place = json::json_pointer(pointer);
        return document.is_object() && document.contains(place) && document[place].is_string()
            ? document[place].get<std::string>()
            : "";
    };
    Context context { .name = text_at("/Name"),
        .description = text_at("/Metadata/Description"),
        .host = text_at("/Endpoints/docker/Host") };
    if (!is_name(context.name))
        return fail(ErrorKind::Corrupt, path + "/meta.json is no context as docker writes it");
    for (auto const& [file, member] : tls_files) {
        auto const certificate = certificates(context.name) + "/docker/" + file;
        if (m_files.open(certificate))
            context.tls.*member = certificate;
    }
    return context;
}

Result<std::vector<Context>> Contexts::list() const
{
    std::vector<Context> contexts;
    auto const folder = m_files.config_directory() + "/contexts/meta";
    for (auto const& name : TRY(m_files.names_in(folder)))
        contexts.push_back(TRY(read(folder + "/" + name)));
    std::sort(contexts.begin(), contexts.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    return contexts;
}

Result<Context> Contexts::find(std::string const& name) const
{
    auto context = read(meta(name));
    if (!context && context.error().kind() == ErrorKind::NotFound)
        return not_found(name);
    return context;
}

Result<void> Contexts::check_new(std::string const& name) const
{
    if (name == default_context)
        return fail(ErrorKind::InvalidInput, "\"default\" is a reserved context name");
    if (!is_name(name))
        return fail(ErrorKind::InvalidInput,
            "context name \"" + name
                + "\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"");
    if (find(name))
        return fail(ErrorKind::Conflict, "context \"" + name + "\" already exists");
    return {};
}

Result<void> Contexts::write(Context const& context)
{
    auto const place = certificates(context.name) + "/docker/";
    for (auto const& [file, member] : tls_files) {
        auto const& source = context.tls.*member;
        if (source.empty() || source == place + file)
            continue;
        auto const pem = TRY(read_file(m_files, source));
        TRY(write_file(m_files, place + file, pem));
    }
    return write_file(m_files, meta(context.name) + "/meta.json", meta_document(context));
}

Result<void> Contexts::create(Context const& context)
{
    TRY(check_new(context.name));
    return write(context);
}

Result<void> Contexts::update(Context const& context)
{
    TRY(find(context.name));
    return write(context);
}

Result<std::string> Contexts::pack(std::string const& name) const
{
    auto const context = TRY(find(name));
    layer::MemoryTar tar;
    auto const add
        = [&](std::string const& path, layer::FileType type, std::uint32_t mode, std::string const& content) {
              layer::Entry entry;
              entry.path = path;
              entry.type = type;
              entry.mode = mode;
              entry.size = content.size();
              tar.add(entry, content);
          };
    add("meta.json", layer::FileType::Regular, 0644, meta_document(context));
    add("tls", layer::FileType::Directory, 0700, {});
    if (context.tls.any())
        add("tls/docker", layer::FileType::Directory, 0700, {});
    for (auto const& [file, member] : tls_files) {
        if (!(context.tls.*member).empty())
            add(std::string("tls/docker/") + file, layer::FileType::Regular, 0600,
                TRY(read_file(m_files, context.tls.*member)));
    }
    return tar.finish();
}

// Only what a context holds: a tar from a stranger names no other files.
Result<void> Contexts::unpack(std::string const& name, std::string const& tar)
{
    TRY(check_new(name));
    if (tar.size() > largest_archive)
        return fail(ErrorKind::LimitExceeded, "an archive of a context is not so large");
    layer::TarReader reader;
    TRY(reader.write(tar));
    std::map<std::string, std::string> members;
    for (auto const& entry : TRY(reader.finish())) {
        if (entry.type == layer::FileType::Regular)
            members[entry.path] = tar.substr(entry.offset, entry.size);
    }
    auto document = json::parse(members["meta.json"], nullptr, false);
    if (!document.is_object() || !document.contains("Endpoints"))
        return fail(ErrorKind::InvalidInput, "the archive holds no context: there is no meta.json in it");
    document["Name"] = name;
    for (auto const& [file, member] : tls_files) {
        if (auto const found = members.find(std::string("tls/docker/") + file); found != members.end())
            TRY(write_file(m_files, certificates(name) + "/docker/" + file, found->second));
    }
    return write_file(m_files, meta(name) + "/meta.json", document.dump());
}

Result<void> Contexts::remove(std::string const& name)
{
    if (name == default_context)
        return fail(ErrorKind::InvalidInput, "context \"default\" cannot be removed");
    TRY(find(name));
    if (TRY(current()) == name)
        return fail(ErrorKind::Conflict, "context \"" + name + "\" is in use, use another one first");
    TRY(m_files.forget(certificates(name)));
    return m_files.forget(meta(name));
}

Result<std::string> Contexts::current() const
{
    auto const config = TRY(read_config_file(m_files));
    auto const found = config.find("currentContext");
    return found != config.end() && found->is_string() && !found->get<std::string>().empty()
        ? found->get<std::string>()
        : std::string(default_context);
}

Result<void> Contexts::use(std::string const& name)
{
    if (name != default_context)
        TRY(find(name));
    auto config = TRY(read_config_file(m_files));
    if (name == default_context)
        config.erase("currentContext");
    else
        config["currentContext"] = name;
    return write_config_file(m_files, config);
}

Result<std::optional<Context>> chosen_daemon(LocalFiles& files, DaemonChoice const& choice)
{
    if (!choice.host.empty() && !choice.context.empty())
        return fail(ErrorKind::InvalidInput, "conflicting options: either specify --host or --context, not both");
    Contexts const contexts(files);
    auto const by_host = [](std::string const& host) {
        return std::optional(Context { .name = std::string(default_context), .description = {}, .host = host });
    };
    if (!choice.host.empty())
        return by_host(choice.host);
    auto name = choice.context;
    if (name.empty() && !choice.environment_host.empty())
        return by_host(choice.environment_host);
    if (name.empty())
        name = choice.environment_context.empty() ? TRY(contexts.current()) : choice.environment_context;
    if (name != default_context)
        return std::optional(TRY(contexts.find(name)));
    return choice.environment_host.empty() ? std::nullopt : by_host(choice.environment_host);
}

}
