#pragma once

// Sockets for the engine. A socket belongs to the network namespace in which it was made, and an engine with many
// threads, or without privilege, cannot go there; its monitor can, having made the namespace. So the engine connects
// to a container's ports and answers its questions for names without ever entering it.

#include "engine/init/Protocol.h"
#include "engine/os/Fd.h"

namespace drydock::init {

class Broker {
public:
    // `process`: a pidfd of the container. Without a socket it has nothing to do.
    Broker(os::Fd socket, int process)
        : m_socket(std::move(socket))
        , m_process(process)
    {
    }
    int socket() const { return m_socket.get(); } // -1: nobody asks
    void answer();                                // one request, or the end of them

private:
    os::Fd m_socket;
    int m_process;
    bool m_inside { false };
};

}
