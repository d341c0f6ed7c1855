using System.Net;

namespace FastTcpProxy.Testing.Peers;

/// <summary>What a receiver takes for the two ends of a connection. Immutable.</summary>
/// <param name="Client">The client's address and port.</param>
/// <param name="Server">The address and port that the client connected to; null from a receiver that does not tell them.</param>
/// <param name="Text">The receiver's whole answer or log line, with what else it tells.</param>
public sealed record ReceiverReport(IPEndPoint Client, IPEndPoint? Server, string Text);
