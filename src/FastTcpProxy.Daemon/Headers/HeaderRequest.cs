namespace FastTcpProxy.Daemon.Headers;

/// <summary>A header as the command line asks for it, unchecked. Immutable.</summary>
internal sealed record HeaderRequest(int Version, string? Source, string? Destination, bool Local, bool Datagram, IReadOnlyList<string> Tlvs, bool Crc32C);
