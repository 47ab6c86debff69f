#pragma once

// A tar that has to be whole before anything is done with it: it is written aside while it streams in, its members are
// indexed and checked on the way, and it goes with the object. So a cut or hostile archive changes nothing.

#include "engine/content/Storage.h"
#include "engine/http/Http.h"
#include "engine/layer/TarReader.h"
#include "sim/core/Random.h"

namespace drydock::daemon {

class Spool {
public:
    static Result<std::unique_ptr<Spool>> make(content::Storage&, Random&);
    // What a crash left.
    static Result<void> sweep(content::Storage&);
    ~Spool();
    Spool(Spool const&) = delete;
    Spool& operator=(Spool const&) = delete;

    Result<void> write(std::string_view bytes);
    Result<void> write_all(http::BodyReader&); // to its end
    // To be called once, behind the last write; InvalidInput for what is no tar.
    Result<std::vector<layer::Entry>> finish();
    content::ReadableFile const& tar() const { return *m_tar; }
    std::uint64_t size() const { return m_reader.size(); }

private:
    Spool(content::Storage&, std::string key, std::unique_ptr<content::AppendableFile>);

    content::Storage& m_storage;
    std::string m_key;
    std::unique_ptr<content::AppendableFile> m_file;
    std::unique_ptr<content::ReadableFile> m_tar; // once it is finished
    layer::TarReader m_reader;
};

}
