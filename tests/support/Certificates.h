#pragma once

// An authority and certificates of it, made for one test by openssl(1).

#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace drydock::tests {

class Authority {
public:
    // Files `name`.crt and `name`.key in the directory, the authority itself under ca.crt.
    explicit Authority(std::filesystem::path directory)
        : m_directory(std::move(directory))
    {
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Test authority' -keyout "
            "ca.key -out ca.crt");
    }
    void issue(std::string const& name, std::string const& alternative_names)
    {
        run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name
            + ".key -out " + name + ".csr");
        run("x509 -req -in " + name
            + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo subjectAltName="
            + alternative_names + ") -out " + name + ".crt");
    }
    std::filesystem::path path(std::string const& file) const { return m_directory / file; }

private:
    void run(std::string const& arguments) const
    {
        std::string const command
            = "cd " + m_directory.string() + " && bash -c \"openssl " + arguments + "\" 2>/dev/null";
        REQUIRE(std::system(command.c_str()) == 0);
    }
    std::filesystem::path m_directory;
};

}
