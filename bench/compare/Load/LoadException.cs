namespace FastTcpProxy.Compare.Load;

/// <summary>The load cannot be made, for a reason that a person can act on.</summary>
public sealed class LoadException(string message) : Exception(message);
