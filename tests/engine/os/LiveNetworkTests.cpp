#include "engine/os/LiveNetwork.h"
#include "engine/os/SocketAddress.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace drydock;
using namespace drydock::os;
using network::Endpoint;
using tests::TemporaryDirectory;

namespace {

Endpoint unix_endpoint(std::filesystem::path const& path)
{
    return { .kind = Endpoint::Kind::Unix, .path = path.string(), .host = {}, .port = 0 };
}

Endpoint tcp_endpoint(std::uint16_t port)
{
    return { .kind = Endpoint::Kind::Tcp, .path = {}, .host = "127.0.0.1", .port = port };
}

struct Connection {
    std::unique_ptr<network::Listener> listener;
    std::unique_ptr<network::ByteStream> client;
    std::unique_ptr<network::ByteStream> server;
};

Connection connect(LiveNetwork& network, Endpoint const& at)
{
    auto listener = REQUIRE_OK(network.listen({}, at));
    auto client = REQUIRE_OK(network.connect({}, listener->endpoint()));
    auto server = REQUIRE_OK(listener->accept());
    return { std::move(listener), std::move(client), std::move(server) };
}

std::string read_to_end(network::ByteStream& stream)
{
    std::string text;
    char buffer[16];
    while (auto const count = REQUIRE_OK(stream.read_some(buffer)))
        text.append(buffer, count);
    return text;
}

// What a crashed program leaves: a socket file that nobody listens on.
void leave_socket_file(std::filesystem::path const& path)
{
    int const socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::close(socket);
}

}

TEST_CASE("LiveNetwork: bytes pass both ways, and each way ends on its own", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const at = GENERATE_REF(unix_endpoint(directory.path() / "s"), tcp_endpoint(0));
    auto connection = connect(network, at);

    REQUIRE_OK(connection.client->write_all("question"));
    connection.client->shutdown_write();
    CHECK(read_to_end(*connection.server) == "question");
    REQUIRE_OK(connection.server->write_all("answer"));
    connection.server.reset();
    CHECK(read_to_end(*connection.client) == "answer");
}

TEST_CASE("LiveNetwork: a TCP listener on port 0 tells the port it was given", "[engine][os]")
{
    LiveNetwork network;
    auto const listener = REQUIRE_OK(network.listen({}, tcp_endpoint(0)));
    CHECK(listener->endpoint().port != 0);
    CHECK(listener->endpoint().host == "127.0.0.1");
}

TEST_CASE("LiveNetwork: every address of IPv6 leaves the port to those of IPv4", "[engine][os]")
{
    LiveNetwork network;
    auto const v4 = REQUIRE_OK(network.listen({}, { Endpoint::Kind::Tcp, {}, "0.0.0.0", 0 }));
    auto const port = v4->endpoint().port;
    auto const v6 = network.listen({}, { Endpoint::Kind::Tcp, {}, "::", port });
    if (!v6 && (v6.error().errno_code() == EAFNOSUPPORT || v6.error().errno_code() == EADDRNOTAVAIL))
        return; // a machine without IPv6
    REQUIRE(v6.has_value());
    auto const second = network.listen({}, { Endpoint::Kind::Tcp, {}, "::", port });
    REQUIRE_FALSE(second);
    CHECK(second.error().errno_code() == EADDRINUSE);
}

TEST_CASE("SocketAddress: an address is read, and a name is none", "[engine][os]")
{
    CHECK(REQUIRE_OK(numeric_address("127.0.0.1", 80)).to_string() == "127.0.0.1:80");
    CHECK(REQUIRE_OK(numeric_address("::1", 80)).to_string() == "[::1]:80");
    auto const wrong = GENERATE(as<std::string> {}, "", "localhost", "1.2.3", "::x", "[::1]");
    CHECK(numeric_address(wrong, 80).error().message() == "invalid IP address: " + wrong);
}

TEST_CASE("LiveNetwork: a unix socket tells who connected, TCP from where", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const by_unix = connect(network, unix_endpoint(directory.path() / "s"));
    CHECK(by_unix.server->peer().pid == ::getpid());
    CHECK(by_unix.server->peer().uid == ::getuid());
    CHECK(by_unix.server->peer().program == "test-engine-os");
    auto const by_tcp = connect(network, tcp_endpoint(0));
    CHECK(by_tcp.server->peer().address.starts_with("127.0.0.1:"));
    CHECK(by_tcp.server->peer().pid == 0);
}

TEST_CASE("LiveNetwork: only the owner may use a unix socket, whatever the umask", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const mask = ::umask(0);
    auto const listener = network.listen({}, unix_endpoint(directory.path() / "s"));
    ::umask(mask);
    REQUIRE(listener);
    struct stat status { };
    REQUIRE(::lstat((directory.path() / "s").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("LiveNetwork: a socket file is replaced only where nobody answers", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const path = directory.path() / "s";
    leave_socket_file(path);
    auto const first = REQUIRE_OK(network.listen({}, unix_endpoint(path)));
    auto const second = network.listen({}, unix_endpoint(path));
    REQUIRE_FALSE(second);
    CHECK(second.error().kind() == ErrorKind::Conflict);
    REQUIRE_OK(network.connect({}, unix_endpoint(path)));
}

TEST_CASE("LiveNetwork: a file that is no socket is never replaced", "[engine][os]")
{
    TemporaryDirectory const directory;
    auto const path = directory.path() / "precious";
    std::ofstream(path) << "text";
    auto const listener = LiveNetwork().listen({}, unix_endpoint(path));
    REQUIRE_FALSE(listener);
    CHECK(listener.error().kind() == ErrorKind::Conflict);
    CHECK(std::filesystem::is_regular_file(path));
}

TEST_CASE("LiveNetwork: a listener that goes takes its socket file along", "[engine][os]")
{
    TemporaryDirectory const directory;
    auto const path = directory.path() / "s";
    REQUIRE_OK(LiveNetwork().listen({}, unix_endpoint(path)));
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("LiveNetwork: close wakes a task that reads, and one that accepts", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const at = GENERATE_REF(unix_endpoint(directory.path() / "s"), tcp_endpoint(0));
    auto connection = connect(network, at);
    Result<std::size_t> read = 1;
    Result<std::unique_ptr<network::ByteStream>> accepted = nullptr;
    std::thread reader([&] {
        char buffer[1];
        read = connection.server->read_some(buffer);
    });
    std::thread accepter([&] { accepted = connection.listener->accept(); });
    connection.server->close();
    connection.listener->close();
    reader.join();
    accepter.join();
    REQUIRE_FALSE(read);
    CHECK(read.error().kind() == ErrorKind::Cancelled);
    REQUIRE_FALSE(accepted);
    CHECK(accepted.error().kind() == ErrorKind::Cancelled);
}

TEST_CASE("LiveNetwork: a read gives up after its timeout, and the stream goes on", "[engine][os]")
{
    LiveNetwork network;
    auto connection = connect(network, tcp_endpoint(0));
    char buffer[8];
    connection.server->set_read_timeout(Duration(0));
    auto const nothing = connection.server->read_some(buffer);
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().kind() == ErrorKind::Unavailable);
    REQUIRE_OK(connection.client->write_all("late"));
    connection.server->set_read_timeout(std::nullopt);
    CHECK(REQUIRE_OK(connection.server->read_some(buffer)) == 4);
}

TEST_CASE("LiveNetwork: a refused connection and an unknown name say so", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const port = REQUIRE_OK(network.listen({}, tcp_endpoint(0)))->endpoint().port;
    auto const refused = network.connect({}, tcp_endpoint(port));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::Unavailable);
    CHECK(refused.error().message().ends_with("connect(2): Connection refused"));
    auto const absent = network.connect({}, unix_endpoint(directory.path() / "none"));
    REQUIRE_FALSE(absent);
    CHECK(absent.error().kind() == ErrorKind::NotFound);
}

TEST_CASE("LiveNetwork: a path too long for a unix socket is refused in words", "[engine][os]")
{
    auto const result = LiveNetwork().listen({}, unix_endpoint("/" + std::string(107, 'x')));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("LiveNetwork: writing to a peer that went away fails without a signal", "[engine][os]")
{
    LiveNetwork network;
    TemporaryDirectory const directory;
    auto connection = connect(network, unix_endpoint(directory.path() / "s"));
    connection.client.reset();
    auto const result = connection.server->write_all("anybody?");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::Unavailable);
}

TEST_CASE("LiveNetwork: whoever watches learns of a half-close, and of a hang-up, at once", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto const at = GENERATE_REF(unix_endpoint(directory.path() / "s"), tcp_endpoint(0));
    CAPTURE(at.to_string());
    auto connection = connect(network, at);
    REQUIRE_OK(connection.client->write_all("still to be read"));
    connection.client->shutdown_write();
    CHECK(connection.server->await_departure(network::Departure::SendsNoMore));
    if (at.kind == Endpoint::Kind::Unix) {
        connection.server->stop_watching();
        CHECK_FALSE(connection.server->await_departure(network::Departure::Gone)); // it still reads
        connection.client.reset();
    } else {
        connection.client.reset();
        // TCP tells by refusing.
        while (connection.server->write_all("are you there?")) { }
    }
    CHECK(connection.server->await_departure(network::Departure::Gone));
}

TEST_CASE("LiveNetwork: a watch is stopped, and ends with the connection", "[engine][os]")
{
    TemporaryDirectory const directory;
    LiveNetwork network;
    auto connection = connect(network, unix_endpoint(directory.path() / "s"));
    std::thread stopping([&] { connection.server->stop_watching(); });
    CHECK_FALSE(connection.server->await_departure(network::Departure::SendsNoMore));
    stopping.join();
    std::thread closing([&] { connection.server->close(); });
    CHECK_FALSE(connection.server->await_departure(network::Departure::Gone));
    closing.join();
}
