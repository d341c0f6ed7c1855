using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>A file of networks, as it was when the configuration was read. Immutable, any thread.</summary>
/// <param name="Path">As the configuration has it.</param>
/// <param name="Entries">Each network once.</param>
public sealed record ConfiguredNetworkList(string Path, ReadOnlyMemory<NetworkEntry> Entries)
{
    public bool Equals(ConfiguredNetworkList? other) =>
        other is not null && Path == other.Path && Entries.Span.SequenceEqual(other.Entries.Span);

    public override int GetHashCode() => HashCode.Combine(Path, Entries.Length);
}
