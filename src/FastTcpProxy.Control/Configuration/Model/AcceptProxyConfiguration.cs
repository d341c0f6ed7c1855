using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>Which peers speak the PROXY protocol to a service, and what becomes of all others. Immutable, any thread.</summary>
public sealed record AcceptProxyConfiguration
{
    /// <summary>
    /// Networks from which a header is required and believed; at least one. IPv4 networks are never written as mapped IPv6.
    /// </summary>
    public required ImmutableArray<IPNetwork> From { get; init; }

    /// <summary>The absolute deadline for the whole header, counted from the accept. Never zero.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What becomes of a peer outside <see cref="From"/>.</summary>
    public required OthersSetting Others { get; init; }

    /// <summary>
    /// TLV types that go on to the upstream (PROXY protocol, section 2.2), ascending, each once; never 0x03 (CRC32C) or 0x04 (NOOP).
    /// </summary>
    public required ImmutableArray<byte> PassTlvs { get; init; }

    /// <summary>Whether the onward header gets a CRC32C of its own.</summary>
    public required bool Crc32c { get; init; }
}

/// <summary>What becomes of a peer that is not trusted to send a PROXY header.</summary>
public enum OthersSetting
{
    /// <summary>It is refused.</summary>
    Refuse,

    /// <summary>It is served as a plain client; bytes that look like a header are payload.</summary>
    Plain,
}
