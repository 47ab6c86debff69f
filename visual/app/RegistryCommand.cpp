// drydock registry: a registry by itself, for any client.

#include "engine/http/Http.h"
#include "engine/os/LiveNetwork.h"
#include "engine/registry/Location.h"
#include "engine/registry/RegistryServer.h"
#include "engine/tls/Tls.h"
#include "sim/time/LiveScheduler.h"
#include "visual/app/Commands.h"
#include "visual/app/Signals.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace drydock::app {

namespace {

Result<registry::Htpasswd> read_htpasswd(std::string const& path)
{
    std::ifstream file(path);
    if (!file)
        return fail(ErrorKind::NotFound, path + " cannot be read");
    std::string const text(std::istreambuf_iterator<char>(file), {});
    return TRY_WITH(path, registry::Htpasswd::parse(text));
}

// The key of the tokens lives as long as the program: after a restart clients fetch new ones.
Result<std::string> make_key()
{
    std::string key(32, '\0');
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
        return fail(Error::from_errno("getrandom(2)", errno));
    return key;
}

Result<std::unique_ptr<registry::Gate>> make_gate(RegistryOptions const& options, Clock const& clock)
{
    if (!options.htpasswd.empty())
        return registry::make_basic_gate(TRY(read_htpasswd(options.htpasswd)));
    if (options.token_htpasswd.empty())
        return nullptr;
    auto users = TRY(read_htpasswd(options.token_htpasswd));
    auto key = TRY(make_key());
    return registry::make_token_gate(std::move(users), std::move(key), clock, !options.certificate.empty());
}

Result<std::unique_ptr<content::Storage>> open_root(std::string const& root)
{
    if (root.empty())
        return content::make_memory_storage();
    std::error_code error;
    std::filesystem::create_directories(root, error);
    return content::open_directory_storage(root);
}

Result<trace::TlsEstablished> shake(network::ByteStream& stream)
{
    auto const session = TRY(tls::handshake(stream));
    return trace::TlsEstablished { {}, session.version, session.server, session.client };
}

Result<void> serve_registry(RegistryOptions const& options)
{
    auto const signals = block_ending_signals();
    auto const at = TRY(network::Endpoint::parse("tcp://" + options.address));
    bool const encrypted = !options.certificate.empty();
    LiveScheduler scheduler;
    os::LiveNetwork network;
    Random random(Random::seed_from_system());
    auto const storage = TRY(open_root(options.root));
    auto gate = TRY(make_gate(options, scheduler));
    registry::RegistryServer registry(
        *storage, random, {}, std::move(gate), options.sparse ? registry::Gaps::Allowed : registry::Gaps::Refused);
    http::ServerOptions server_options { .actor = { "registry" } };
    auto listener = TRY(network.listen({}, at));
    if (encrypted) {
        listener = TRY(tls::encrypting(std::move(listener), scheduler, { { options.certificate, options.key } }));
        server_options.secure = shake;
    } else if (!registry::is_loopback(at.host)) {
        fmt::print(stderr,
            "WARNING: {} is reachable from other machines and nothing is encrypted, passwords neither. Give --tls-cert "
            "and --tls-key.\n",
            options.address);
    }
    auto const server = http::Server::start(
        scheduler, std::move(listener), [&](http::Exchange& exchange) { registry.handle(exchange); }, {},
        std::move(server_options));
    fmt::print("REGISTRY={}://{}\n", encrypted ? "https" : "http", registry::host_and_port(server->endpoint()));
    std::fflush(stdout);
    sigwaitinfo(&signals, nullptr);
    return {};
}

}

int registry(RegistryOptions const& options)
{
    if (options.certificate.empty() != options.key.empty()) {
        fmt::print(stderr, "drydock registry: --tls-cert and --tls-key belong together\n");
        return 2;
    }
    auto const served = serve_registry(options);
    return served ? 0 : complain(served.error());
}

}
