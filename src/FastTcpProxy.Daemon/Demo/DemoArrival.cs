namespace FastTcpProxy.Daemon.Demo;

/// <summary>A connection as an upstream of the demo saw it. Immutable.</summary>
/// <param name="Upstream">Which upstream.</param>
/// <param name="Header">The bytes of the PROXY header that came first.</param>
/// <param name="Lines">The same, decoded, one fact a line.</param>
/// <param name="Summary">The same in one line.</param>
/// <param name="Client">The client that the header names.</param>
internal sealed record DemoArrival(string Upstream, byte[] Header, IReadOnlyList<string> Lines, string Summary, string Client);
