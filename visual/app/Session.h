#pragma once

// One run of Drydock: a lab in one of the two worlds, its event log, and where its output goes. It is the engine that
// scenarios are played on.

#include "engine/lab/Lab.h"
#include "sim/scenario/Player.h"

#include <filesystem>
#include <functional>

namespace drydock::app {

// Where the parts of an installation lie, found from the program's own path.
struct Installation {
    std::filesystem::path images; // OCI layout for the hub
    std::filesystem::path init_program;
    std::filesystem::path scenarios;
    std::filesystem::path languages;
    static Installation find();
};

struct SessionOptions {
    std::optional<lab::World> world; // nothing: live where the machine allows it, else simulated, and said so
    std::uint64_t seed { 1 };
    std::optional<daemon::StorageDriver> driver;
    std::filesystem::path data_root; // empty: a fresh one that goes with the session
    std::optional<network::Endpoint> listen;
    std::filesystem::path folder;          // that commands may read files below (a scenario's own); empty: none
    std::optional<tls::ServerOptions> tls; // for TCP
    scenario::Cast cast {};
    std::function<void(bool to_stderr, std::string_view)> terminal; // what commands print; null: nowhere
};

class Session final : public scenario::Engine {
public:
    static Result<std::unique_ptr<Session>> open(SessionOptions);
    ~Session() override;

    int run(std::string const& line) override;
    // "test$ docker ps" is typed on the host test; without a prompt, on the first.
    int run(std::string const& line, client::Terminal const&);
    trace::EventLog const& log() const override { return *m_log; }
    HostId host_called(std::string const& name) const override;
    Result<std::string> read_file(HostId const&, std::string const& container, std::string const& path) override;

    lab::World world() const { return m_lab->world(); }
    std::vector<HostId> hosts() const { return m_lab->hosts(); }
    network::Endpoint daemon_endpoint() const { return m_lab->daemon_endpoint(m_lab->hosts().front()); }
    // The pen of whoever plays scenarios on this session.
    trace::Publisher publisher() const;
    // Why the world is not the live one, if that was not asked for.
    std::string const& notice() const { return m_notice; }
    std::shared_ptr<trace::EventLog const> shared_log() const { return m_log; }
    // The data root that goes with the session; empty where it was given.
    std::filesystem::path const& own_data_root() const { return m_own_data_root; }

private:
    Session() = default;

    std::shared_ptr<trace::EventLog> m_log { std::make_shared<trace::EventLog>() };
    std::unique_ptr<lab::Lab> m_lab;
    std::filesystem::path m_own_data_root; // removed at the end, if not empty
    std::function<void(bool, std::string_view)> m_terminal;
    std::map<HostId, std::shared_ptr<client::LocalFiles>> m_files;
    std::string m_notice;
};

}
