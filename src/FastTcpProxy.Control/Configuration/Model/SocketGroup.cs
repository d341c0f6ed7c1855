namespace FastTcpProxy.Control.Configuration;

/// <summary>A group of this machine. Immutable, any thread.</summary>
/// <param name="Text">As the file writes it: a name or a number.</param>
/// <param name="Id">Its number.</param>
public sealed record SocketGroup(string Text, uint Id);
