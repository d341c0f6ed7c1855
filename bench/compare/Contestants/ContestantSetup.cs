namespace FastTcpProxy.Compare.Contestants;

/// <summary>What all contestants of a measurement are set to alike. Immutable.</summary>
/// <param name="ListenPort">On 127.0.0.1.</param>
/// <param name="UpstreamPort">On 127.0.0.1.</param>
/// <param name="Connections">The most client connections at a time.</param>
public sealed record ContestantSetup(int ListenPort, int UpstreamPort, ProxyMode Mode, int Threads, int Connections);
