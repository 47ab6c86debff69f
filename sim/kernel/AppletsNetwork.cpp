// Applets that talk to others: wget, httpd, nc, ping, nslookup, ip. They speak as BusyBox's do.

#include "sim/kernel/Applet.h"
#include "sim/kernel/Sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace drydock::kernel {

namespace {

constexpr std::int64_t highest_port = 65535;

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    auto const number = parse_integer(text);
    return number && *number >= 1 && *number <= highest_port ? std::optional(static_cast<std::uint16_t>(*number))
                                                             : std::nullopt;
}

// Everything from one descriptor to the other, until the end or a failure.
void copy_all(System& system, int from, int to)
{
    std::array<char, 4096> buffer {};
    for (;;) {
        auto const size = system.read(from, buffer);
        if (!size || *size == 0 || !system.write(to, { buffer.data(), *size }))
            return;
    }
}

int cannot_connect(System& system, Args const& args, Address address, Error const& error)
{
    return complain(system, args,
        fmt::format("can't connect to remote host ({}): {}", network::to_text(address), reason_of(error)));
}

// ---- wget ----

struct Url {
    std::string host;
    std::uint16_t port { 80 };
    std::string path; // with its leading slash
};

std::optional<Url> parse_url(std::string_view text)
{
    constexpr std::string_view scheme = "http://";
    if (text.starts_with(scheme))
        text.remove_prefix(scheme.size());
    else if (text.find("://") != std::string_view::npos)
        return std::nullopt;
    auto const slash = std::min(text.find('/'), text.size());
    auto const place = text.substr(0, slash);
    auto const colon = place.find(':');
    Url url { .host = std::string(place.substr(0, colon)), .path = std::string(text.substr(slash)) };
    if (url.path.empty())
        url.path = "/";
    if (colon != std::string_view::npos) {
        auto const port = parse_port(place.substr(colon + 1));
        if (!port)
            return std::nullopt;
        url.port = *port;
    }
    return url.host.empty() ? std::nullopt : std::optional(url);
}

std::string file_name_of(Url const& url)
{
    auto const name = url.path.substr(url.path.rfind('/') + 1);
    return name.empty() ? "index.html" : name;
}

int fetch(System& system, Args const& args, Url const& url, std::string const& output, bool quiet)
{
    auto const address = system.resolve_host(url.host);
    if (!address)
        return complain(system, args, fmt::format("bad address '{}'", url.host));
    if (!quiet)
        system.complain(fmt::format("Connecting to {} ({}:{})\n", url.host, network::to_text(*address), url.port));
    auto const socket = system.connect(*address, url.port);
    if (!socket)
        return cannot_connect(system, args, *address, socket.error());
    auto const host = url.port == 80 ? url.host : fmt::format("{}:{}", url.host, url.port);
    auto const asked = system.write(*socket,
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Wget\r\nConnection: close\r\n\r\n", url.path, host));
    auto const answer = asked ? system.read_all(*socket) : tl::unexpected(asked.error());
    system.close(*socket);
    if (!answer || answer->empty())
        return complain(system, args, "error getting response");
    auto const head = answer->find("\r\n\r\n");
    auto const status = answer->substr(0, answer->find("\r\n"));
    if (head == std::string::npos || !status.starts_with("HTTP/"))
        return complain(system, args, "bad response from server");
    if (status.substr(status.find(' ') + 1, 1) != "2")
        return complain(system, args, "server returned error: " + status);
    auto const body = answer->substr(head + 4);
    if (output == "-") {
        system.print(body);
        return 0;
    }
    auto const file = system.open(output, open_to_write);
    if (!file || !system.write(*file, body))
        return complain(
            system, args, fmt::format("can't open '{}': {}", output, file ? "write error" : reason_of(file.error())));
    system.close(*file);
    if (!quiet)
        system.complain(fmt::format("'{}' saved\n", output));
    return 0;
}

int wget(System& system, Args const& args)
{
    Options const options(args, "qSO:T:");
    if (options.unknown() || options.operands().size() != 1)
        return usage(system, args, "[-qS] [-O FILE] [-T SEC] URL");
    auto const url = parse_url(options.operands().front());
    if (!url)
        return complain(system, args, fmt::format("not an http or ftp url: {}", options.operands().front()));
    auto const output = options.has('O') ? options.value('O') : file_name_of(*url);
    return fetch(system, args, *url, output, options.has('q'));
}

// ---- httpd ----

std::string content_type(std::string_view path)
{
    auto const ends = [&](std::string_view end) { return path.ends_with(end); };
    return ends(".html") ? "text/html"
        : ends(".txt")   ? "text/plain"
        : ends(".json")  ? "application/json"
                         : "application/octet-stream";
}

void answer_request(System& system, int connection, std::string const& home)
{
    std::string request;
    std::array<char, 1024> buffer {};
    while (request.find("\r\n\r\n") == std::string::npos && request.size() < 8192) {
        auto const size = system.read(connection, buffer);
        if (!size || *size == 0)
            return;
        request.append(buffer.data(), *size);
    }
    auto const words = request.substr(0, request.find("\r\n"));
    auto const begin = words.find(' ');
    auto const end = words.find(' ', begin + 1);
    auto path = begin == std::string::npos ? "/" : words.substr(begin + 1, end - begin - 1);
    path = path.substr(0, path.find('?'));
    if (path.ends_with('/'))
        path += "index.html";
    bool const is_known = words.starts_with("GET ") && path.starts_with('/') && path.find("/..") == std::string::npos;
    auto const content = is_known ? system.read_file(home + path) : fail(Error::from_errno("open(2)", ENOENT));
    auto const reply = content
        ? fmt::format("HTTP/1.0 200 OK\r\nContent-type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
            content_type(path), content->size(), *content)
        : std::string("HTTP/1.0 404 Not Found\r\nContent-type: text/html\r\nConnection: close\r\n\r\n"
                      "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\n"
                      "The requested URL was not found\n</BODY></HTML>\n");
    (void)system.write(connection, reply); // whoever asked may be gone
}

int serve(System& system, int listener, std::string const& home)
{
    for (;;) {
        auto const connection = system.accept(listener);
        if (!connection)
            return 1;
        answer_request(system, *connection, home);
        system.close(*connection);
    }
}

int httpd(System& system, Args const& args)
{
    Options const options(args, "fvp:h:");
    auto port_text = options.value('p', "80");
    port_text = port_text.substr(port_text.rfind(':') + 1);
    auto const port = parse_port(port_text);
    if (options.unknown() || !port)
        return usage(system, args, "[-f] [-p [IP:]PORT] [-h HOME]");
    auto const home = options.has('h') ? options.value('h') : system.working_directory();
    auto const listener = system.listen(*port);
    if (!listener)
        return complain(system, args, "bind: " + reason_of(listener.error()));
    if (options.has('f'))
        return serve(system, *listener, home);
    auto const server
        = system.fork(args, [listener = *listener, home](System& child) { return serve(child, listener, home); });
    return server ? 0 : complain(system, args, "fork: " + reason_of(server.error()));
}

// ---- nc ----

// Our input to the other side and its words to our output, until it has said all.
void converse(System& system, Args const& args, int socket)
{
    auto const sender = system.fork(args, [socket](System& child) {
        copy_all(child, 0, socket);
        child.shutdown_write(socket);
        return 0;
    });
    copy_all(system, socket, 1);
    if (!sender)
        return;
    (void)system.kill(*sender, 9);
    (void)system.wait(*sender);
}

int run_with_socket(System& system, Args const& args, int socket, Args const& program)
{
    for (int const fd : { 0, 1, 2 })
        (void)system.duplicate(socket, fd);
    system.close(socket);
    auto const path = system.find_program(program.front());
    auto const status = path ? system.execute(*path, program) : tl::unexpected(path.error());
    return status ? *status : complain(system, args, fmt::format("can't execute '{}'", program.front()));
}

int nc(System& system, Args const& args)
{
    // -e takes all that follows it.
    auto const execute = std::find(args.begin(), args.end(), "-e");
    Args const program(execute == args.end() ? execute : execute + 1, args.end());
    Options const options(Args(args.begin(), execute), "lp:w:vn");
    auto const& operands = options.operands();
    bool const listens = options.has('l');
    auto const port = parse_port(listens ? options.value('p', operands.empty() ? "" : operands.back())
            : operands.size() == 2 ? operands[1]
                                         : "");
    if (options.unknown() || !port || (execute != args.end() && program.empty()))
        return usage(system, args, "[-l] [-p PORT] [-w SEC] HOST PORT [-e PROG]");
    int socket = -1;
    if (listens) {
        auto const listener = system.listen(*port);
        if (!listener)
            return complain(system, args, "bind: " + reason_of(listener.error()));
        auto const connection = system.accept(*listener);
        if (!connection)
            return 1;
        system.close(*listener);
        socket = *connection;
    } else {
        auto const address = system.resolve_host(operands[0]);
        if (!address)
            return complain(system, args, fmt::format("bad address '{}'", operands[0]));
        auto const connection = system.connect(*address, *port);
        if (!connection)
            return cannot_connect(system, args, *address, connection.error());
        socket = *connection;
    }
    if (!program.empty())
        return run_with_socket(system, args, socket, program);
    converse(system, args, socket);
    return 0;
}

// ---- ping, nslookup ----

int ping(System& system, Args const& args)
{
    Options const options(args, "c:W:w:q");
    if (options.unknown() || options.operands().size() != 1)
        return usage(system, args, "[-c COUNT] [-W SEC] HOST");
    auto const& host = options.operands().front();
    auto const count = parse_integer(options.value('c', "0")).value_or(0); // 0: until a signal ends it
    auto const address = system.resolve_host(host);
    if (!address)
        return complain(system, args, fmt::format("bad address '{}'", host));
    auto const number = network::to_text(*address);
    system.print(fmt::format("PING {} ({}): 56 data bytes\n", host, number));
    if (!system.open_ping_socket())
        return complain(system, args, "permission denied (are you root?)");
    std::int64_t received = 0;
    double least = 0, most = 0, sum = 0;
    std::int64_t sent = 0;
    for (; count == 0 || sent < count; ++sent) {
        if (auto const time = system.round_trip(*address)) {
            double const milliseconds = std::chrono::duration<double, std::milli>(*time).count();
            (void)system.sleep(*time);
            system.print(fmt::format("64 bytes from {}: seq={} ttl=64 time={:.3f} ms\n", number, sent, milliseconds));
            least = received == 0 ? milliseconds : std::min(least, milliseconds);
            most = std::max(most, milliseconds);
            sum += milliseconds;
            ++received;
        }
        system.flush();
        if (sent + 1 != count)
            (void)system.sleep(std::chrono::seconds(1));
    }
    system.print(
        fmt::format("\n--- {} ping statistics ---\n{} packets transmitted, {} packets received, {}% packet loss\n",
            host, sent, received, (sent - received) * 100 / sent));
    if (received > 0)
        system.print(fmt::format(
            "round-trip min/avg/max = {:.3f}/{:.3f}/{:.3f} ms\n", least, sum / static_cast<double>(received), most));
    return received > 0 ? 0 : 1;
}

int nslookup(System& system, Args const& args)
{
    if (args.size() < 2)
        return usage(system, args, "HOST");
    system.print("Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n");
    auto const address = system.resolve_host(args[1]);
    if (!address) {
        system.print(fmt::format("** server can't find {}: NXDOMAIN\n\n", args[1]));
        return 1;
    }
    system.print(
        fmt::format("Non-authoritative answer:\nName:\t{}\nAddress: {}\n\n", args[1], network::to_text(*address)));
    return 0;
}

// ---- ip ----

Address broadcast_of(Interface const& interface)
{
    return interface.address | ~(~Address { 0 } << static_cast<unsigned>(32 - interface.bits));
}

void show_addresses(System& system)
{
    system.print("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n"
                 "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
                 "    inet 127.0.0.1/8 scope host lo\n"
                 "       valid_lft forever preferred_lft forever\n");
    int number = 2;
    for (auto const& interface : system.interfaces()) {
        system.print(fmt::format("{}: {}@if{}: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue \n"
                                 "    link/ether {} brd ff:ff:ff:ff:ff:ff\n"
                                 "    inet {}/{} brd {} scope global {}\n"
                                 "       valid_lft forever preferred_lft forever\n",
            number, interface.name, number + 1, interface.hardware_address, network::to_text(interface.address),
            interface.bits, network::to_text(broadcast_of(interface)), interface.name));
        ++number;
    }
}

void show_routes(System& system)
{
    auto const interfaces = system.interfaces();
    auto const out = std::find_if(
        interfaces.begin(), interfaces.end(), [](auto const& interface) { return interface.gateway != 0; });
    if (out != interfaces.end())
        system.print(fmt::format("default via {} dev {} \n", network::to_text(out->gateway), out->name));
    for (auto const& interface : interfaces) {
        auto const mask = ~Address { 0 } << static_cast<unsigned>(32 - interface.bits);
        system.print(fmt::format("{}/{} dev {} scope link  src {} \n", network::to_text(interface.address & mask),
            interface.bits, interface.name, network::to_text(interface.address)));
    }
}

int ip(System& system, Args const& args)
{
    auto const object = args.size() > 1 ? std::string_view(args[1]) : std::string_view();
    bool const shows = args.size() <= 2 || std::string_view("show").starts_with(args[2]) || args[2] == "list";
    if (!object.empty() && shows && std::string_view("address").starts_with(object))
        show_addresses(system);
    else if (!object.empty() && shows && std::string_view("route").starts_with(object))
        show_routes(system);
    else
        return usage(system, args, "address | route");
    return 0;
}

}

void add_network_applets(ProgramTable& table)
{
    table.insert({ { "wget", wget }, { "httpd", httpd }, { "nc", nc }, { "ping", ping }, { "nslookup", nslookup },
        { "ip", ip } });
}

}
