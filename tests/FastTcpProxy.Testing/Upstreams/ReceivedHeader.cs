namespace FastTcpProxy.Testing.Upstreams;

/// <summary>A PROXY header as an upstream got it. Immutable.</summary>
/// <param name="Bytes">The header's bytes, all of them and no more.</param>
/// <param name="FirstReceive">
/// What the first receive of the connection brought: the header in one segment means that it is at least as long as
/// <paramref name="Bytes"/>.
/// </param>
public sealed record ReceivedHeader(byte[] Bytes, byte[] FirstReceive);
