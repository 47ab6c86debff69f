#include "engine/daemon/Spool.h"

#include <array>

namespace drydock::daemon {

Result<std::unique_ptr<Spool>> Spool::make(content::Storage& storage, Random& random)
{
    std::string key = "spool/" + random.hex(16);
    auto file = TRY(storage.append(key));
    return std::unique_ptr<Spool>(new Spool(storage, std::move(key), std::move(file)));
}

Result<void> Spool::sweep(content::Storage& storage)
{
    return storage.remove_tree("spool");
}

Spool::Spool(content::Storage& storage, std::string key, std::unique_ptr<content::AppendableFile> file)
    : m_storage(storage)
    , m_key(std::move(key))
    , m_file(std::move(file))
{
}

Spool::~Spool()
{
    m_tar.reset();
    m_file.reset();
    static_cast<void>(m_storage.remove(m_key)); // else the next start sweeps it
}

Result<void> Spool::write(std::string_view bytes)
{
    TRY(m_reader.write(bytes));
    return m_file->append(bytes);
}

Result<void> Spool::write_all(http::BodyReader& body)
{
    std::array<char, 65536> buffer; // NOLINT: filled by read_some
    while (auto const size = TRY(body.read_some(buffer)))
        TRY(write({ buffer.data(), size }));
    return {};
}

Result<std::vector<layer::Entry>> Spool::finish()
{
    auto entries = TRY(m_reader.finish());
    m_file.reset();
    m_tar = TRY(m_storage.open(m_key));
    return entries;
}

}
