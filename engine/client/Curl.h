#pragma once

// As much of curl(1) as it takes to speak to a daemon by hand, or to a container's published port:
// curl [-s] [-S] [-i] [-X METHOD] [-d BODY] [-H 'NAME: VALUE'] [--unix-socket PATH] URL

#include "engine/client/DockerClient.h"

namespace drydock::client {

// Where it is typed.
struct CurlPlace {
    network::Network& network;
    Scheduler& scheduler;
    HostId from;
    network::Endpoint daemon; // what /var/run/docker.sock is there, whatever it is really called
};

// `args` without the leading "curl". Prints the body; curl's exit status, which says nothing of the answer's.
int run_curl(std::vector<std::string> const& args, CurlPlace const&, Terminal const&);

}
